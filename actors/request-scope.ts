/**
 * Owns what a request carries from stage to stage: when it came to each. It is handed on in plain sight, as an argument, since
 * AsyncLocalStorage loses its context in chains of `.then()` [Bun 1.4].
 */
export class RequestScope {
  /** When it first asked a flight, and when that had answered last, by the monotonic clock; null: it has not. */
  askedMs: number | null = null;
  answeredMs: number | null = null;
  /** How long the flight's host had the latest command, in milliseconds; 0 where nobody said. */
  hostMs = 0;
  /** The traceparent that the request came with, and that of its own span; null: nobody traces. */
  parent: string | null = null;
  trace: string | null = null;
  /** The traceparent that goes with the next command. */
  sent: string | null = null;
}
