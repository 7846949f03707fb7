/** Owns the simulated payment provider: what became of each payment, and the webhooks that tell of it. It says what it did, and is late with it. */

import { Webhook } from "standardwebhooks";
import { present } from "../../../actors/assert.ts";
import type { Money } from "../../../actors/domain/money.ts";
import { sameMoney } from "../../../actors/domain/money.ts";
import { OperationalError } from "../../../actors/errors.ts";
import type {
  CreatePayment,
  PaymentProvider,
  ProviderPayment,
  ProviderStatus,
} from "../../../queue/payments/provider.ts";
import { SignatureCheck } from "../../../queue/payments/sandbox/signature.ts";

export const MERCHANT = "pigonair";
const SECRET = `whsec_${Buffer.from("a secret of the simulation alone").toString("base64")}`;
const CHECKOUT = "https://pay.example/";

/** What the member does at the checkout. `approve-late`: the money comes after the payment has been cancelled. */
export type Decision = "approve" | "decline" | "approve-late";

/** What is wrong with the money that comes. */
export type Wrong = "amount" | "merchant";

interface Payment {
  readonly attempt: string;
  merchant: string;
  asked: CreatePayment | null;
  status: ProviderStatus;
  captured: Money | null;
  /** Cancelled or not: the money is on its way. */
  isComingLate: boolean;
  /** By key; 0 while the money is on its way back. */
  readonly refunds: Map<string, number>;
}

export interface WebhookSent {
  readonly attempt: string;
  readonly id: string;
  readonly body: string;
}

export interface ProviderEvents {
  captured(attempt: string): void;
  refunded(attempt: string, key: string): void;
  /** To be sent to an edge, at least once. */
  webhook(webhook: WebhookSent): void;
}

/** The provider's own side. */
export class ProviderServer {
  readonly #payments = new Map<string, Payment>();
  readonly #events: ProviderEvents;
  readonly #signer = new Webhook(SECRET);
  #webhooks = 0;
  /** Whether the money of the next refund goes back later: {@link refundLate}. */
  isSlow: () => boolean = () => false;

  constructor(events: ProviderEvents) {
    this.#events = events;
  }

  get payments(): readonly Payment[] {
    return [...this.#payments.values()];
  }

  find(attempt: string): ProviderPayment | null {
    const payment = this.#payments.get(attempt);
    return payment === undefined ? null : viewOf(payment);
  }

  create(asked: CreatePayment): ProviderPayment {
    const known = this.#payment(asked.attempt);
    if (known.asked !== null && !sameMoney(known.asked.amount, asked.amount)) {
      throw new OperationalError("INTERNAL", "the provider knows this attempt with another amount");
    }
    known.asked ??= asked;
    return viewOf(known);
  }

  cancel(attempt: string): ProviderPayment {
    const payment = this.#payment(attempt);
    if (payment.status === "PENDING") {
      payment.status = "CANCELLED";
      this.#tell(payment, "payment.cancelled");
    }
    return viewOf(payment);
  }

  refund(attempt: string, key: string): ProviderPayment {
    const payment = this.#payment(attempt);
    const { captured, refunds } = payment;
    if (captured === null) throw new OperationalError("INTERNAL", "nothing was captured", { retryable: false });
    if (!refunds.has(key)) {
      if (refunds.size > 0) throw new OperationalError("INTERNAL", "it was given back under another key");
      const isSlow = this.isSlow();
      refunds.set(key, isSlow ? 0 : captured.amount);
      this.#events.refunded(attempt, key);
      if (!isSlow) this.#tell(payment, "payment.refunded");
    }
    return viewOf(payment);
  }

  /** The member's bank has called the money back as soon as it came. */
  callBack(attempt: string): void {
    const { captured, refunds } = present(this.#payments.get(attempt), "a payment of ours");
    refunds.set("called back", present(captured, "what was captured").amount);
  }

  /** Money that was on its way back has arrived. */
  refundLate(attempt: string): void {
    const payment = present(this.#payments.get(attempt), "a payment of ours");
    for (const key of payment.refunds.keys()) payment.refunds.set(key, payment.captured?.amount ?? 0);
    this.#tell(payment, "payment.refunded");
  }

  /** The member decides at the checkout; the first word counts. @returns whether the money has come by that */
  decide(checkoutUrl: string, decision: Decision, wrong: Wrong | null = null): boolean {
    const payment = present(this.#payments.get(checkoutUrl.slice(CHECKOUT.length)), "a checkout of ours");
    if (payment.status !== "PENDING" || payment.isComingLate) return false;
    if (decision === "approve-late") payment.isComingLate = true;
    else if (decision === "approve") this.#capture(payment, wrong);
    else {
      payment.status = "FAILED";
      this.#tell(payment, "payment.failed");
    }
    return decision === "approve";
  }

  /** The money that was on its way has come. */
  captureLate(attempt: string): void {
    const payment = present(this.#payments.get(attempt), "a payment of ours");
    if (payment.isComingLate && payment.captured === null) this.#capture(payment);
  }

  /** A webhook as it goes over the wire now. */
  signed({ id, body }: WebhookSent, nowMs: number): { readonly headers: Headers; readonly body: string } {
    const headers = new Headers({
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
      "webhook-signature": this.#signer.sign(id, new Date(nowMs), body),
    });
    return { headers, body };
  }

  #capture(payment: Payment, wrong: Wrong | null = null): void {
    const asked = present(payment.asked, "what was created").amount;
    payment.status = "CAPTURED";
    payment.captured = wrong === "amount" ? { ...asked, amount: 1 } : asked;
    if (wrong === "merchant") payment.merchant = "somebody else";
    payment.isComingLate = false;
    this.#events.captured(payment.attempt);
    this.#tell(payment, "payment.captured");
  }

  #tell({ attempt, status }: Payment, type: string): void {
    const body = JSON.stringify({ type, data: { attempt, status } });
    this.#events.webhook({ attempt, id: `msg_${++this.#webhooks}`, body });
  }

  #payment(attempt: string): Payment {
    const known = this.#payments.get(attempt);
    if (known !== undefined) return known;
    const made: Payment = {
      attempt,
      merchant: MERCHANT,
      asked: null,
      status: "PENDING",
      captured: null,
      isComingLate: false,
      refunds: new Map(),
    };
    this.#payments.set(attempt, made);
    return made;
  }
}

function viewOf({ attempt, merchant, asked, status, captured, refunds }: Payment): ProviderPayment {
  return {
    attempt,
    merchant,
    status,
    amount: captured ?? asked?.amount ?? { amount: 0, currency: "KRW" },
    refundedAmount: [...refunds.values()].reduce((sum, amount) => sum + amount, 0),
    checkoutUrl: CHECKOUT + attempt,
  };
}

/** Carries a call to the provider and its answer back, or throws PROVIDER_UNAVAILABLE: it may have been done then. */
export type ProviderReach = <T>(name: string, call: (server: ProviderServer) => T) => Promise<T>;

/** The provider as a process reaches it. */
export function simulatedProvider(reach: ProviderReach, nowMs: () => number): PaymentProvider {
  const check = new SignatureCheck(SECRET);
  return {
    name: "simulated",
    merchant: MERCHANT,
    create: (request) => reach(`create ${request.attempt}`, (server) => server.create(request)),
    fetch: (attempt) => reach(`fetch ${attempt}`, (server) => server.find(attempt)),
    cancel: (attempt) => reach(`cancel ${attempt}`, (server) => server.cancel(attempt)),
    refund: (attempt, key) => reach(`refund ${attempt} ${key}`, (server) => server.refund(attempt, key)),
    readWebhook(headers, rawBody) {
      if (!check.holds(headers, rawBody, nowMs())) return { kind: "bad-signature" };
      return { kind: "look", attempt: (JSON.parse(rawBody) as { data: { attempt: string } }).data.attempt };
    },
  };
}
