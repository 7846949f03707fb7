/** Owns what the edge asks of payments: to open an attempt at the provider, and to take a provider's hint that something happened. */

import { present } from "../../actors/assert.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { AttemptId, FlightId, ReservationId } from "../../actors/domain/ids.ts";
import type { Money } from "../../actors/domain/money.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { RequestScope } from "../../actors/request-scope.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { WEB_ADDRESS } from "../../actors/text-forms.ts";
import { PaymentAlarms } from "./alarms.ts";
import type { PaymentBook } from "./payment-book.ts";
import type { PaymentProvider } from "./provider.ts";
import type { Settlement } from "./settlement.ts";

const CHECKOUT_URL = new RegExp(WEB_ADDRESS);

/** An attempt that the flight has begun. */
export interface AttemptToOpen {
  readonly id: AttemptId;
  readonly flightId: FlightId;
  readonly reservationId: ReservationId;
  readonly amount: Money;
  readonly pnr: string;
  readonly expiresAtMs: number;
  /** Where the member wants to be sent afterwards; null for the desk's own place. */
  readonly returnUrl: string | null;
}

/**
 * `settled`: all that follows from the webhook is durable, also when nothing does (204).
 * `bad-signature`: it is not from the provider (401). `unknown-provider`: nobody of that name takes our money (404).
 */
export type HintOutcome = "settled" | "bad-signature" | "unknown-provider";

export interface PaymentDeskOptions {
  readonly provider: PaymentProvider;
  readonly book: PaymentBook;
  readonly settlement: Settlement;
  readonly flights: FlightClient;
  /** Where the checkout sends a member who named no other place. */
  readonly returnUrl: string;
  readonly telemetry: Telemetry;
}

export class PaymentDesk {
  readonly #provider: PaymentProvider;
  readonly #book: PaymentBook;
  readonly #settlement: Settlement;
  readonly #flights: FlightClient;
  readonly #returnUrl: string;
  readonly #alarms: PaymentAlarms;

  constructor({ provider, book, settlement, flights, returnUrl, telemetry }: PaymentDeskOptions) {
    this.#provider = provider;
    this.#book = book;
    this.#settlement = settlement;
    this.#flights = flights;
    this.#returnUrl = returnUrl;
    this.#alarms = new PaymentAlarms(telemetry);
  }

  /**
   * Opens the attempt at the provider and keeps where the member pays. May be called again, also at the same time: there is one payment and one URL.
   * @throws OperationalError PROVIDER_UNAVAILABLE, or what {@link FlightClient.call} throws; the attempt is then settled by its deadline, or opened by another call
   */
  async open(attempt: AttemptToOpen, scope: RequestScope | null = null): Promise<{ readonly checkoutUrl: string }> {
    const opened = await this.#provider.create({
      attempt: attempt.id,
      amount: attempt.amount,
      description: `Reservation ${attempt.pnr}`,
      returnUrl: attempt.returnUrl ?? this.#returnUrl,
      expiresAtMs: attempt.expiresAtMs,
    });
    if (!CHECKOUT_URL.test(opened.checkoutUrl))
      throw new OperationalError("PROVIDER_UNAVAILABLE", "The payment provider gave an address that can't be kept.");
    const key = `open:${attempt.id}`;
    const open = {
      flightId: attempt.flightId,
      op: "open-payment" as const,
      member: null,
      key,
      // Not the URL: whichever call comes first says where the member pays.
      fingerprint: key,
      args: { attempt: attempt.id, checkoutUrl: opened.checkoutUrl },
    };
    const { reply } = await this.#flights.call(open, scope);
    const payment = reply.ok && reply.result.kind === "payment" ? reply.result.payment : null;
    return { checkoutUrl: present(payment?.checkoutUrl, `attempt ${attempt.id}, which has begun, is open`) };
  }

  /**
   * Takes a webhook, which is only a hint to look: what it claims is not believed.
   * @param headers as received, with every `webhook-*` header
   * @param rawBody the body's text before any parsing
   * @throws when neither the settlement nor the time of the next look could be made durable: the provider is to send it again
   */
  async hint(
    providerName: string,
    headers: Headers,
    rawBody: string,
    scope: RequestScope | null = null,
  ): Promise<HintOutcome> {
    if (providerName !== this.#provider.name) return "unknown-provider";
    const hint = this.#provider.readWebhook(headers, rawBody);
    if (hint.kind === "bad-signature") return "bad-signature";
    if (hint.kind === "unrelated") return "settled";
    const payment = await this.#book.find(hint.attempt);
    if (payment === null) {
      this.#alarms.raise(
        "foreign-webhook",
        { attempt: hint.attempt },
        "a webhook speaks of an attempt that is not ours",
      );
      return "settled";
    }
    await this.#settlement.look(payment, scope);
    return "settled";
  }
}
