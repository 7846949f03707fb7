/** Owns the port to whoever takes the money; what it says counts only when we fetched it by our own attempt id. */

import type { Money } from "../../actors/domain/money.ts";

/** What a provider may say of a payment. CAPTURED, FAILED and CANCELLED are definite; a capture can still follow the latter two. */
export type ProviderStatus = "PENDING" | "CAPTURED" | "FAILED" | "CANCELLED";

export interface ProviderPayment {
  /** Our id of the attempt, and the only name that we ever ask by. */
  readonly attempt: string;
  readonly merchant: string;
  readonly status: ProviderStatus;
  readonly amount: Money;
  /** What has been given back so far, in minor units of `amount.currency`. */
  readonly refundedAmount: number;
  /** Where the member pays. */
  readonly checkoutUrl: string;
}

export interface CreatePayment {
  readonly attempt: string;
  readonly amount: Money;
  /** What the member reads at the checkout, such as the record locator. */
  readonly description: string;
  /** Where the checkout sends the browser afterwards. */
  readonly returnUrl: string;
  /** When we intend to cancel it, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/**
 * Every call is idempotent by attempt id, and none is a transaction with us: each may have happened although its answer was lost.
 * A call that gets no answer in time, or a 5xx, throws `OperationalError` PROVIDER_UNAVAILABLE: nothing is known then.
 * Deliberately not here: listing payments (we know our attempts) and partial refunds (a reservation is refunded whole).
 */
export interface PaymentProvider {
  /** The last part of its webhook's path; `[a-z]+`. */
  readonly name: string;

  /** The merchant that our payments must name; any other is a payment that is not ours. */
  readonly merchant: string;

  /** Opens the payment, or gives the one that this attempt opened before, whatever has become of it. */
  create(request: CreatePayment): Promise<ProviderPayment>;

  /** The payment as it is now, or null if the provider never saw this attempt. */
  fetch(attempt: string): Promise<ProviderPayment | null>;

  /**
   * Closes a payment that is PENDING and gives what it is afterwards: CANCELLED, or what it had already become.
   * An attempt never seen becomes CANCELLED too, so that a create that is still on its way opens nothing.
   */
  cancel(attempt: string): Promise<ProviderPayment>;

  /** Gives the captured amount back, once for each `key` (`refund:<attempt>`), and gives the payment as it is afterwards. */
  refund(attempt: string, key: string): Promise<ProviderPayment>;

  /**
   * Checks a webhook's signature over its raw body, and its time-stamp to ± 5 minutes.
   * Gives the attempt that it hints at, "unrelated" when it speaks of none, or "bad-signature".
   */
  readWebhook(headers: Headers, rawBody: string): WebhookHint;
}

export type WebhookHint =
  | { readonly kind: "look"; readonly attempt: string }
  | { readonly kind: "unrelated" }
  | { readonly kind: "bad-signature" };
