/**
 * Owns the sandbox payment provider: a server of its own that behaves as well, and as badly, as providers do. Never for production.
 *
 * The merchant's API is in `api.ts`, the checkout where one decides how a payment goes in `checkout.ts`, webhooks in `courier.ts`.
 * Everything that it knows is in its file, so that it may be killed at any moment.
 */

import { assert } from "../../../actors/assert.ts";
import type { Clock } from "../../../actors/clock.ts";
import type { Entropy } from "../../../actors/entropy.ts";
import { usedAs } from "../../../actors/settings.ts";
import type { Log } from "../../../actors/telemetry.ts";
import { originOf } from "../../../actors/web-origin.ts";
import { Alarm } from "./alarm.ts";
import { Api } from "./api.ts";
import { Checkout } from "./checkout.ts";
import { Courier } from "./courier.ts";
import { Ledger } from "./ledger.ts";
import { DEFAULT_DELAYS, MERCHANT, type SandboxDelays, type SandboxPayment } from "./model.ts";
import { problem } from "./problem.ts";
import { SandboxStore } from "./store.ts";

/** Where the server takes the sandbox's webhooks, below its own address. */
export const SANDBOX_WEBHOOK_PATH = "/api/v1/payments/webhooks/sandbox";

/** Late captures made in one go; more of them wait until requests have had their turn. */
const CAPTURES_PER_RING_MAX = 64;

export interface SandboxOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Path of its SQLite file, made when missing; one server a file. */
  readonly file: string;
  /** What callers of the API must show as bearer. */
  readonly apiKey: string;
  /** Signs the webhooks: `whsec_` and the base64 of the key, as Standard Webhooks writes it. */
  readonly webhookSecret: string;
  /** The id that its payments name. */
  readonly merchant: string;
  /** Where webhooks go. @default none: they wait until `deliverTo` names one */
  readonly webhookUrl?: string;
  readonly delays?: Partial<SandboxDelays>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

export interface Sandbox {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Sends webhooks there from now on: for a server that learns its own address only after the sandbox has started. */
  deliverTo(webhookUrl: string): void;
  /** Ends at once what is under way; nothing that was answered is lost. */
  stop(): Promise<void>;
}

export function startSandbox(options: SandboxOptions): Sandbox {
  const { host, port, file, apiKey, webhookSecret, merchant, webhookUrl, clock, entropy, log } = options;
  assert(apiKey.length > 0 && MERCHANT.test(merchant), "the sandbox has an API key and a merchant");
  const delays = { ...DEFAULT_DELAYS, ...options.delays };

  const store = new SandboxStore(file);
  const ledger = new Ledger({ store, clock, entropy, merchant, delays });
  const courier = new Courier({
    store,
    clock,
    log,
    webhookSecret,
    timeoutMs: delays.webhookTimeoutMs,
    onEnded: () => alarm.set(),
  });
  const alarm = new Alarm(
    clock,
    log,
    () => earlier(store.nextCaptureDueMs(), courier.nextDueMs),
    () => {
      for (let made = 0; made < CAPTURES_PER_RING_MAX && ledger.captureNextDue(); made++);
      courier.sendDue();
    },
  );

  const checkoutUrl = (payment: SandboxPayment): string => `${url}/checkout/${payment.checkout}`;
  const api = new Api({ ledger, clock, apiKey, merchant, checkoutUrl });
  const checkout = new Checkout({ ledger, merchant, checkoutUrl });

  const answer = (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const [, area, rest] = /^\/(v1\/payments|checkout)(\/.*)?$/.exec(pathname) ?? [];
    if (area === "v1/payments") return api.handle(request, rest ?? "");
    if (area === "checkout") return checkout.handle(request, (rest ?? "").slice(1));
    return Promise.resolve(problem(404, "NOT_FOUND", "the sandbox has /v1/payments and /checkout/{checkout}"));
  };

  const server = usedAs("SANDBOX_PORT", () =>
    Bun.serve({
      hostname: host,
      port,
      fetch: async (request) => {
        const response = await answer(request);
        alarm.set();
        return response;
      },
      error: (error) => {
        log.error({ err: error }, "the sandbox failed");
        return problem(500, "INTERNAL", "the sandbox failed");
      },
    }),
  );
  const url = originOf(host, server.port ?? port);

  const deliverTo = (target: string): void => {
    courier.deliverTo(target);
    alarm.set();
  };
  if (webhookUrl === undefined) alarm.set();
  else deliverTo(webhookUrl);

  return {
    url,
    deliverTo,
    stop: async () => {
      alarm.stop();
      await server.stop(true);
      await courier.stop();
      store.close();
    },
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
