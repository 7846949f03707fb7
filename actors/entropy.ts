/** Owns the port through which everything draws ids and randomness. */

export interface Entropy {
  /** A UUID version 7 (RFC 9562 §5.7): rises with time, so that tables keyed by it are appended to. */
  uuid(): string;

  /** `length` bytes fit for secrets. */
  bytes(length: number): Uint8Array;

  /** A number in [0, 1), for jitter and nothing that must be secret. */
  fraction(): number;
}
