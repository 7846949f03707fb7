/** Owns the numbers that a flight's decisions depend on; the configuration sets them, events carry what was decided. */

export interface Rules {
  /** How long a hold lasts, in milliseconds. @default 900_000 */
  readonly holdTtlMs: number;
  /** How long a payment attempt may stay open, in milliseconds. @default 600_000 */
  readonly paymentTtlMs: number;
  /** Seats that one member may hold or own in one flight. @default 9 */
  readonly seatsPerMember: number;
  /** Live idempotency keys of one member in one flight. @default 64 */
  readonly keysPerMember: number;
  /** Live idempotency keys of one flight; holds may have seven eighths of them. @default 262_144 */
  readonly keysPerFlight: number;
}

export const DEFAULT_RULES: Rules = {
  holdTtlMs: 15 * 60_000,
  paymentTtlMs: 10 * 60_000,
  seatsPerMember: 9,
  keysPerMember: 64,
  keysPerFlight: 262_144,
};

/** Passengers of one reservation. */
export const PASSENGERS_MAX = 9;

/** What the host draws for a decision that makes something new; drawn only when it is used. */
export interface Supply {
  reservationId(): string;
  attemptId(): string;
  pnr(): string;
  ticketNumber(): string;
}
