/** Owns the alarms about money: what no retry mends and a person must see, as a log line and a metric. */

import type { Counter, Log, Telemetry } from "../../actors/telemetry.ts";

export type AlarmKind =
  /** Another amount, currency or merchant was captured than was asked. */
  | "wrong-payment"
  /** A webhook with our signature speaks of an attempt that we never made. */
  | "foreign-webhook"
  /** The provider refuses a refund, or has given back less than the whole. */
  | "refund-refused"
  /** The flight refuses what the provider says: it was told something else before, or does not know the attempt. */
  | "settlement-refused";

export class PaymentAlarms {
  readonly #log: Log;
  readonly #count: Counter;

  constructor(telemetry: Telemetry) {
    this.#log = telemetry.log;
    this.#count = telemetry.counter("pigonair_payment_alarms_total", "What about a payment a person must see.", [
      "kind",
    ]);
  }

  raise(kind: AlarmKind, fields: object, message: string): void {
    this.#count.add(1, { kind });
    this.#log.error({ alarm: kind, ...fields }, message);
  }
}
