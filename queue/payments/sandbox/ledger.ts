/**
 * Owns what may become of a payment at the sandbox: every change is one transaction together with the webhooks that tell of it. It is durable
 * when it ends a payment or moves money; one that was only created can be created again.
 */

import { present } from "../../../actors/assert.ts";
import type { Clock } from "../../../actors/clock.ts";
import { type Money, sameMoney } from "../../../actors/domain/money.ts";
import type { Entropy } from "../../../actors/entropy.ts";
import type { CreatePayment } from "../provider.ts";
import { amountOf, type Decision, isDecided, type SandboxDelays, type SandboxPayment } from "./model.ts";
import type { SandboxStore } from "./store.ts";

type EventType = "payment.captured" | "payment.failed" | "payment.cancelled" | "payment.pending" | "payment.refunded";

export type CreateResult = { readonly kind: "created" | "known" | "different"; readonly payment: SandboxPayment };
export type RefundResult =
  | { readonly kind: "refunded"; readonly payment: SandboxPayment }
  | { readonly kind: "unknown-attempt" | "not-captured" | "already-refunded" | "key-reused" };
export type DecideResult = { readonly kind: "decided" | "decided-before"; readonly payment: SandboxPayment };

export interface LedgerOptions {
  readonly store: SandboxStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly merchant: string;
  readonly delays: SandboxDelays;
}

export class Ledger {
  readonly #store: SandboxStore;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #merchant: string;
  readonly #delays: SandboxDelays;

  constructor({ store, clock, entropy, merchant, delays }: LedgerOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#merchant = merchant;
    this.#delays = delays;
  }

  find(attempt: string): SandboxPayment | null {
    return this.#store.byAttempt(attempt);
  }

  findByCheckout(checkout: string): SandboxPayment | null {
    return this.#store.byCheckout(checkout);
  }

  create(asked: CreatePayment): CreateResult {
    return this.#store.atomically((): CreateResult => {
      const known = this.#store.byAttempt(asked.attempt);
      if (known === null) return { kind: "created", payment: this.#save({ ...this.#blank(asked.attempt), asked }) };
      // It was cancelled before this create arrived: it stays so, and from now on the content is known.
      if (known.asked === null) return { kind: "known", payment: this.#save({ ...known, asked }) };
      return { kind: sameRequest(known.asked, asked) ? "known" : "different", payment: known };
    });
  }

  cancel(attempt: string): SandboxPayment {
    return this.#store.durably(() => {
      const known = this.#store.byAttempt(attempt);
      if (known === null) return this.#save({ ...this.#blank(attempt), status: "CANCELLED" });
      if (known.status !== "PENDING") return known;
      // A capture that was to come late still comes: that is what the late outcome is for.
      const payment = this.#save({ ...known, status: "CANCELLED" });
      this.#announce(payment, "payment.cancelled", this.#clock.nowMs());
      return payment;
    });
  }

  refund(attempt: string, key: string): RefundResult {
    return this.#store.durably((): RefundResult => {
      const payment = this.#store.byAttempt(attempt);
      if (payment === null) return { kind: "unknown-attempt" };
      const refunded = this.#store.refundedUnder(key);
      if (refunded !== null) return refunded === attempt ? { kind: "refunded", payment } : { kind: "key-reused" };
      if (payment.capture === null) return { kind: "not-captured" };
      if (payment.refundedAmount > 0) return { kind: "already-refunded" };
      const after = this.#save({ ...payment, refundedAmount: payment.capture.amount.amount });
      this.#store.saveRefund(key, attempt);
      this.#announce(after, "payment.refunded", this.#clock.nowMs());
      return { kind: "refunded", payment: after };
    });
  }

  /** Lets the payment of an existing checkout go as somebody there says; the first word counts. */
  decide(checkout: string, decision: Decision): DecideResult {
    return this.#store.durably((): DecideResult => {
      const payment = present(this.#store.byCheckout(checkout), "payments are never deleted");
      if (isDecided(payment)) return { kind: "decided-before", payment };
      return { kind: "decided", payment: this.#carryOut({ ...payment, decision }, decision) };
    });
  }

  /** Makes one late capture whose time has come; false when there is none. */
  captureNextDue(): boolean {
    return this.#store.durably(() => {
      const payment = this.#store.nextLateCapture(this.#clock.nowMs());
      if (payment === null) return false;
      this.#settle({ ...captured(payment, this.#merchant), captureDueMs: null });
      return true;
    });
  }

  #carryOut(payment: SandboxPayment, { outcome }: Decision): SandboxPayment {
    const nowMs = this.#clock.nowMs();
    switch (outcome) {
      case "approve":
        return this.#settle(captured(payment, this.#merchant));
      case "decline":
        return this.#settle({ ...payment, status: "FAILED" });
      case "approve-late": {
        const overMs = Math.max(present(payment.asked, "only what was created is PENDING").expiresAtMs, nowMs);
        return this.#save({ ...payment, captureDueMs: overMs + this.#delays.lateCaptureMs });
      }
      case "charge-then-timeout":
        return this.#settle({ ...captured(payment, this.#merchant), silentUntilMs: nowMs + this.#delays.silenceMs });
    }
  }

  /** Saves a payment that its outcome has just ended, and announces it as the checkout asked. */
  #settle(payment: SandboxPayment): SandboxPayment {
    const mode = payment.decision?.webhook ?? "once";
    const type = payment.status === "CAPTURED" ? "payment.captured" : "payment.failed";
    const nowMs = this.#clock.nowMs();
    const webhookId = this.#announce(payment, type, nowMs + (mode === "late" ? this.#delays.lateWebhookMs : 0));
    if (mode === "twice") this.#announce(payment, type, nowMs, webhookId);
    if (mode === "reversed") this.#announce(payment, "payment.pending", nowMs);
    return this.#save(payment);
  }

  #announce(
    payment: SandboxPayment,
    type: EventType,
    notBeforeMs: number,
    webhookId = `msg_${this.#entropy.uuid()}`,
  ): string {
    if (payment.decision?.webhook === "none") return webhookId;
    const isPending = type === "payment.pending";
    const body = JSON.stringify({
      type,
      timestamp: new Date(isPending ? payment.createdAtMs : this.#clock.nowMs()).toISOString(),
      data: {
        attempt: payment.attempt,
        status: isPending ? "PENDING" : payment.status,
        amount: isPending ? payment.asked?.amount : amountOf(payment),
        merchant: isPending ? this.#merchant : (payment.capture?.merchant ?? this.#merchant),
      },
    });
    this.#store.addWebhook({
      attempt: payment.attempt,
      webhookId,
      body,
      notBeforeMs: Math.max(notBeforeMs, payment.silentUntilMs),
    });
    return webhookId;
  }

  #blank(attempt: string): SandboxPayment {
    return {
      attempt,
      checkout: Buffer.from(this.#entropy.bytes(16)).toString("base64url"),
      asked: null,
      status: "PENDING",
      decision: null,
      capture: null,
      refundedAmount: 0,
      createdAtMs: this.#clock.nowMs(),
      captureDueMs: null,
      silentUntilMs: 0,
    };
  }

  #save(payment: SandboxPayment): SandboxPayment {
    this.#store.save(payment);
    return payment;
  }
}

function captured(payment: SandboxPayment, merchant: string): SandboxPayment {
  const asked = present(payment.asked, "only what was created is captured").amount;
  const amount: Money = {
    amount: payment.decision?.amount ?? asked.amount,
    currency: payment.decision?.currency ?? asked.currency,
  };
  return { ...payment, status: "CAPTURED", capture: { amount, merchant: payment.decision?.merchant ?? merchant } };
}

/** Where the browser goes afterwards is not what is paid: a repeated create may name another place, and the first one stays. */
function sameRequest(a: CreatePayment, b: CreatePayment): boolean {
  return sameMoney(a.amount, b.amount) && a.description === b.description && a.expiresAtMs === b.expiresAtMs;
}
