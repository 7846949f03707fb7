/** Owns the delivery of webhooks: signed after the Standard Webhooks specification, at least once, in order for each attempt. */

import { Webhook } from "standardwebhooks";
import type { Clock } from "../../../actors/clock.ts";
import type { Log } from "../../../actors/telemetry.ts";
import type { DueWebhook, SandboxStore } from "./store.ts";

/** With the waits below a webhook is given up after about two minutes; whoever waits for it must be able to ask instead. */
export const TRIES_MAX = 8;
const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 60_000;
const IN_FLIGHT_MAX = 16;

/** How long to wait after so many tries that failed. */
export function waitAfterMs(tries: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), WAIT_MS_MAX);
}

export interface CourierOptions {
  readonly store: SandboxStore;
  readonly clock: Clock;
  readonly log: Log;
  /** `whsec_` and the base64 of the key. */
  readonly webhookSecret: string;
  readonly timeoutMs: number;
  /** Called when a delivery has ended, since another may be due now. */
  readonly onEnded: () => void;
}

export class Courier {
  readonly #options: CourierOptions;
  readonly #signer: Webhook;
  readonly #inFlight = new Map<Promise<void>, AbortController>();
  #url: string | null = null;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#signer = new Webhook(options.webhookSecret);
  }

  /** Where webhooks go from now on; until it is told they wait. */
  deliverTo(url: string): void {
    this.#url = url;
  }

  /** When it next has something to do, or null: nothing waits, or it is busy and will say when a delivery has ended. */
  get nextDueMs(): number | null {
    return this.#isFree ? this.#options.store.nextWebhookDueMs() : null;
  }

  sendDue(): void {
    const { store, clock, log, timeoutMs } = this.#options;
    while (this.#url !== null && this.#isFree) {
      const webhook = store.dueWebhook(clock.nowMs());
      if (webhook === null) return;
      const tries = webhook.tries + 1;
      // Before it is sent: should we die now, the next start tries again.
      store.postponeWebhook(webhook.seq, clock.nowMs() + timeoutMs + waitAfterMs(tries), tries);
      const abort = new AbortController();
      const delivery = this.#deliver(this.#url, { ...webhook, tries }, abort)
        // It stands as postponed above, and is sent again.
        .catch((error: unknown) => log.error({ err: error }, "what became of a webhook could not be noted"))
        .finally(() => {
          this.#inFlight.delete(delivery);
          this.#options.onEnded();
        });
      this.#inFlight.set(delivery, abort);
    }
  }

  /** Ends what is in flight; it is sent again after the next start. */
  async stop(): Promise<void> {
    this.#url = null;
    for (const abort of this.#inFlight.values()) abort.abort();
    await Promise.all(this.#inFlight.keys());
  }

  get #isFree(): boolean {
    return this.#url !== null && this.#inFlight.size < IN_FLIGHT_MAX;
  }

  async #deliver(url: string, webhook: DueWebhook, abort: AbortController): Promise<void> {
    const { store, clock, log } = this.#options;
    if (await this.#post(url, webhook, abort)) {
      store.removeWebhook(webhook);
    } else if (webhook.tries >= TRIES_MAX) {
      log.warn({ attempt: webhook.attempt, webhookId: webhook.webhookId }, "webhook given up");
      store.removeWebhook(webhook);
    } else {
      store.postponeWebhook(webhook.seq, clock.nowMs() + waitAfterMs(webhook.tries), webhook.tries);
    }
  }

  /** Whether it was taken. */
  async #post(url: string, { webhookId, body }: DueWebhook, abort: AbortController): Promise<boolean> {
    const { clock, timeoutMs } = this.#options;
    const nowMs = clock.nowMs();
    const timer = clock.after(timeoutMs, () => abort.abort());
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "webhook-id": webhookId,
          // Of this try, not of the event: the receiver refuses what is older than five minutes.
          "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
          "webhook-signature": this.#signer.sign(webhookId, new Date(nowMs), body),
        },
        body,
        redirect: "manual",
        signal: abort.signal,
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    } finally {
      timer.cancel();
    }
  }
}
