/** Owns the one class of error that means "not now": what the callers may retry, and what they are told. */

/** Stable codes; the HTTP edge and bus replies use the same. */
export type OperationalCode =
  | "OVERLOADED"
  | "NOT_OWNER"
  | "DEADLINE_EXCEEDED"
  | "TOO_MANY_KEYS"
  | "UNAVAILABLE"
  | "PROVIDER_UNAVAILABLE"
  /** The caller may not ask this: no other try will do. */
  | "FORBIDDEN"
  | "INTERNAL";

export interface OperationalErrorOptions {
  /** Whether the same request, with the same idempotency key, may succeed later. @default true, but false for FORBIDDEN and INTERNAL */
  readonly retryable?: boolean;
  /** How long a caller does well to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A failure of the moment or of a dependency; never the domain's "no", which is a {@link Rejection} value. */
export class OperationalError extends Error {
  override readonly name = "OperationalError";
  readonly code: OperationalCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: OperationalCode, message: string, options: OperationalErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? (code !== "INTERNAL" && code !== "FORBIDDEN");
    this.retryAfterMs = options.retryAfterMs;
  }
}
