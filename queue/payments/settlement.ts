/**
 * Owns the one way in which money is decided: a look at the provider by our own attempt id, and the command that follows from what it said.
 * Guards I8: an attempt that is open always has a next look; each step may be repeated, so a crash between any two of them does no harm.
 */

import { present } from "../../actors/assert.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { type Money, sameMoney } from "../../actors/domain/money.ts";
import type { PaymentStatus, Reply } from "../../actors/domain/reply.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { RequestScope } from "../../actors/request-scope.ts";
import type { Counter, Log, Telemetry } from "../../actors/telemetry.ts";
import { PaymentAlarms } from "./alarms.ts";
import { nextLookMs } from "./look-times.ts";
import type { BookedPayment, PaymentBook } from "./payment-book.ts";
import type { PaymentProvider, ProviderPayment } from "./provider.ts";

export interface SettlementOptions {
  readonly book: PaymentBook;
  readonly provider: PaymentProvider;
  readonly flights: FlightClient;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** Whether the flight's sale has been closed. Missing where no flight has a waiting room. */
  readonly isSaleClosed?: (flightId: FlightId) => boolean;
}

/** `changed`: the flight knows more than the book did when it was read. Its commit sets the next look. */
type Outcome = "changed" | "unchanged" | "no-answer";

type Definite = ProviderPayment & { readonly status: "CAPTURED" | "FAILED" | "CANCELLED" };

export class Settlement {
  readonly #book: PaymentBook;
  readonly #provider: PaymentProvider;
  readonly #flights: FlightClient;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #log: Log;
  readonly #alarms: PaymentAlarms;
  readonly #looks: Counter;
  readonly #isSaleClosed: (flightId: FlightId) => boolean;

  constructor({ book, provider, flights, clock, entropy, telemetry, isSaleClosed = () => false }: SettlementOptions) {
    this.#book = book;
    this.#provider = provider;
    this.#flights = flights;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#log = telemetry.log;
    this.#isSaleClosed = isSaleClosed;
    this.#alarms = new PaymentAlarms(telemetry);
    this.#looks = telemetry.counter("pigonair_payment_looks_total", "Looks at the provider, by what they led to.", [
      "outcome",
    ]);
  }

  /**
   * Asks the provider about an attempt and does what follows. When it resolves, the settlement or the time of the next look is durable.
   * @throws what the book threw, and then an attempt that has not been settled stays due
   */
  async look(payment: BookedPayment, scope: RequestScope | null = null): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = await this.#step(payment, scope);
    } catch (error) {
      outcome = "no-answer";
      this.#note(payment, error);
    }
    // The book takes it only if the row is still as it was seen. One that is behind its flight is: no commit would ever move it, and it stayed due.
    if (outcome !== "changed" || payment.nextLookMs !== null) {
      const hasAnswered = outcome !== "no-answer";
      const atMs = nextLookMs(payment, hasAnswered, this.#clock.nowMs(), this.#entropy.fraction());
      await this.#book.lookAgain(payment, atMs);
    }
    this.#looks.add(1, { outcome });
  }

  #step(payment: BookedPayment, scope: RequestScope | null): Promise<Outcome> {
    switch (payment.status) {
      case "PENDING":
        return this.#decide(payment, scope);
      case "FAILED":
      case "CANCELLED":
        return this.#findLateCapture(payment, scope);
      case "REFUNDING":
        return this.#refund(payment, scope);
      case "CAPTURED":
      case "REFUNDED":
        return Promise.resolve("changed");
    }
  }

  /** An attempt is over only when the provider says so: at its deadline, or when the member cancels, it is closed there first. */
  async #decide(payment: BookedPayment, scope: RequestScope | null): Promise<Outcome> {
    const isOver = payment.isCancelling || this.#clock.nowMs() >= payment.expiresAtMs;
    const found = isOver ? await this.#provider.cancel(payment.id) : await this.#provider.fetch(payment.id);
    return found !== null && isDefinite(found) ? this.#settle(payment, found, scope) : "unchanged";
  }

  async #findLateCapture(payment: BookedPayment, scope: RequestScope | null): Promise<Outcome> {
    const found = await this.#provider.fetch(payment.id);
    return found !== null && isDefinite(found) && found.status === "CAPTURED"
      ? this.#settle(payment, found, scope)
      : "unchanged";
  }

  async #settle(payment: BookedPayment, found: Definite, scope: RequestScope | null): Promise<Outcome> {
    const { status, amount } = found;
    const isForUs = found.merchant === this.#provider.merchant;
    // Money that has gone back, by hand or because its bank has called it back, buys nothing; a part of it buys nothing either.
    const ours = isForUs && found.refundedAmount === 0;
    if (status === "CAPTURED" && !(isForUs && sameMoney(amount, payment.amount))) {
      const fields = { attempt: payment.id, asked: payment.amount, captured: amount, merchant: found.merchant };
      this.#alarms.raise("wrong-payment", fields, "the provider captured what nobody asked for; it is refunded");
    }
    const whose = isForUs ? "ours" : "foreign";
    const settle = {
      flightId: payment.flightId,
      op: "settle-payment" as const,
      member: null,
      // The terminal state is part of the key, so that money which comes after an end without money is not taken for its repeat.
      key: `pay:${payment.id}:${status}`,
      // What was given back is no part of it: somebody who looks once more after the refund repeats the settlement, and contradicts nothing.
      // Nor is the amount of what came to nothing, which the provider may not know at first.
      fingerprint:
        status === "CAPTURED" ? `${status} ${amount.amount} ${amount.currency} ${whose}` : `${status} ${whose}`,
      args: {
        attempt: payment.id,
        status,
        amount,
        ours,
        // Said only where it is so: a host of before knows nothing of it.
        ...(this.#isSaleClosed(payment.flightId) ? { saleClosed: true as const } : {}),
      },
    };
    const { reply } = await this.#flights.call(settle, scope);
    return this.#taken(payment, reply);
  }

  async #refund(payment: BookedPayment, scope: RequestScope | null): Promise<Outcome> {
    const key = `refund:${payment.id}`;
    const captured = present(payment.captured, `what was captured of attempt ${payment.id}`);
    const found = await this.#giveBack(payment, captured, key);
    if (found.refundedAmount < captured.amount) {
      // It may take its time, but we ask for the whole: a part is what somebody else has given back.
      if (found.refundedAmount > 0) {
        const fields = { attempt: payment.id, captured, refundedAmount: found.refundedAmount };
        this.#alarms.raise("refund-refused", fields, "the provider has given back only a part");
      }
      return "unchanged";
    }
    const settle = {
      flightId: payment.flightId,
      op: "settle-refund" as const,
      member: null,
      key,
      fingerprint: key,
      args: { attempt: payment.id },
    };
    const { reply } = await this.#flights.call(settle, scope);
    return this.#taken(payment, reply);
  }

  async #giveBack(payment: BookedPayment, captured: Money, key: string): Promise<ProviderPayment> {
    try {
      return await this.#provider.refund(payment.id, key);
    } catch (error) {
      if (!(error instanceof OperationalError) || error.retryable) throw error;
      // Somebody may have given it back by hand: a provider then refuses ours, and the payment tells.
      const found = await this.#provider.fetch(payment.id);
      if (found !== null && found.refundedAmount >= captured.amount) return found;
      this.#alarms.raise("refund-refused", { attempt: payment.id, err: error }, "the provider refuses a refund");
      throw error;
    }
  }

  /** Whether the attempt is another in the flight than it was in the book. */
  #taken(payment: BookedPayment, reply: Reply): Outcome {
    if (reply.ok) return statusIn(reply) === payment.status ? "unchanged" : "changed";
    const { code } = reply.rejection;
    this.#alarms.raise("settlement-refused", { attempt: payment.id, code }, "the flight refuses a settlement");
    return "unchanged";
  }

  #note({ id, status, looks }: BookedPayment, error: unknown): void {
    const fields = { attempt: id, status, looks, err: error };
    if (error instanceof OperationalError && error.retryable)
      this.#log.warn(fields, "a payment could not be looked at");
    else this.#log.error(fields, "a look at a payment failed");
  }
}

function isDefinite(found: ProviderPayment): found is Definite {
  return found.status !== "PENDING";
}

function statusIn(reply: Reply & { readonly ok: true }): PaymentStatus | null {
  return reply.result.kind === "payment" ? reply.result.payment.status : null;
}
