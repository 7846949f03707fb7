/** Owns what the sandbox knows of a payment, how one can be told to go, and the bounds of both. */

import type { Money } from "../../../actors/domain/money.ts";
import type { CreatePayment, ProviderPayment, ProviderStatus } from "../provider.ts";

/**
 * How the person at the checkout lets the payment go.
 * - `approve`: captured at once. `decline`: failed at once.
 * - `approve-late`: stays PENDING, and is captured after it expired, even if it was cancelled meanwhile.
 * - `charge-then-timeout`: captured at once, but for a while the API answers 503 about it and no webhook leaves.
 */
export const OUTCOMES = ["approve", "decline", "approve-late", "charge-then-timeout"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * How the outcome is announced: `once`; `twice` under the same webhook-id; `late`; `none`: nothing is ever sent about the payment;
 * `reversed`: an older `payment.pending` comes after the outcome.
 */
export const WEBHOOK_MODES = ["once", "twice", "late", "none", "reversed"] as const;
export type WebhookMode = (typeof WEBHOOK_MODES)[number];

/** What is really captured; it differs from what was asked only if the checkout was told so. */
export interface Capture {
  readonly amount: Money;
  readonly merchant: string;
}

export interface Decision {
  readonly outcome: Outcome;
  readonly webhook: WebhookMode;
  /** Overrides of the capture, for trying what happens when the wrong amount, currency or merchant is captured. */
  readonly amount?: number;
  readonly currency?: string;
  readonly merchant?: string;
}

export interface SandboxPayment {
  readonly attempt: string;
  /** The last part of the checkout's path: random, so that knowing an attempt is not enough to pay it. */
  readonly checkout: string;
  /** null while nobody has created what was cancelled before it was seen. */
  readonly asked: CreatePayment | null;
  readonly status: ProviderStatus;
  /** null until somebody has decided at the checkout. */
  readonly decision: Decision | null;
  /** What was captured; null until then. */
  readonly capture: Capture | null;
  readonly refundedAmount: number;
  readonly createdAtMs: number;
  /** When it is captured although PENDING or CANCELLED; null if it isn't to be. */
  readonly captureDueMs: number | null;
  /** Until then the API says nothing about it. */
  readonly silentUntilMs: number;
}

/** How long the sandbox lets things take, in milliseconds. */
export interface SandboxDelays {
  /** From the expiry of a payment to its late capture. @default 2_000 */
  readonly lateCaptureMs: number;
  /** From the outcome to a `late` webhook. @default 10_000 */
  readonly lateWebhookMs: number;
  /** How long `charge-then-timeout` stays silent. @default 20_000 */
  readonly silenceMs: number;
  /** After this a webhook counts as unanswered. @default 5_000 */
  readonly webhookTimeoutMs: number;
}

export const DEFAULT_DELAYS: SandboxDelays = {
  lateCaptureMs: 2_000,
  lateWebhookMs: 10_000,
  silenceMs: 20_000,
  webhookTimeoutMs: 5_000,
};

/** An attempt stands in paths: it starts with a letter or digit, so that it is never `..`. */
export const ATTEMPT = /^[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}$/;
export const CHECKOUT = /^[A-Za-z0-9_-]{22}$/;
export const CURRENCY = /^[A-Z]{3}$/;
export const MERCHANT = /^[A-Za-z0-9_-]{1,64}$/;
export const REFUND_KEY = /^[\x21-\x7e]{1,255}$/;
export const DESCRIPTION_CHARS_MAX = 500;
export const RETURN_URL_CHARS_MAX = 2_048;
/** The end of the year 9999, the last that ISO 8601 writes in four digits. */
export const EXPIRES_AT_MS_MAX = 253_402_300_799_999;
export const BODY_BYTES_MAX = 16_384;

/** What a payment that nobody asked for amounts to; XXX is ISO 4217 for "no currency". */
const NOTHING: Money = { amount: 0, currency: "XXX" };

/** What was captured, or is to be. */
export function amountOf(payment: SandboxPayment): Money {
  return payment.capture?.amount ?? payment.asked?.amount ?? NOTHING;
}

/** What everybody may know of it. `merchant` is the sandbox's own, which only a wrong capture differs from. */
export function publicPayment(payment: SandboxPayment, merchant: string, checkoutUrl: string): ProviderPayment {
  return {
    attempt: payment.attempt,
    merchant: payment.capture?.merchant ?? merchant,
    status: payment.status,
    amount: amountOf(payment),
    refundedAmount: payment.refundedAmount,
    checkoutUrl,
  };
}

/** Whether another word at the checkout would change anything. */
export function isDecided(payment: SandboxPayment): boolean {
  return payment.decision !== null || payment.status !== "PENDING";
}
