/** Owns a payment provider that outlives the server: the real sandbox in the test's own process, whose people and machines are quicker. */

import { join } from "node:path";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { sandboxProvider } from "../../queue/payments/sandbox/adapter.ts";
import type { SandboxDelays } from "../../queue/payments/sandbox/model.ts";
import { SANDBOX_WEBHOOK_PATH, type Sandbox, startSandbox } from "../../queue/payments/sandbox/server.ts";
import type { Settings } from "../support/given-program.ts";

const MERCHANT = "pigonair";
const API_KEY = "an-api-key-for-tests";
const WEBHOOK_SECRET = `whsec_${Buffer.from("a webhook secret of 32 bytes.....").toString("base64")}`;

export class OwnSandbox {
  readonly #sandbox: Sandbox;
  /** What the provider itself says of payments. */
  readonly provider: PaymentProvider;

  constructor(folder: string, delays: Partial<SandboxDelays>) {
    const clock = systemClock();
    this.#sandbox = startSandbox({
      host: "127.0.0.1",
      port: 0,
      file: join(folder, "own-sandbox.sqlite"),
      apiKey: API_KEY,
      webhookSecret: WEBHOOK_SECRET,
      merchant: MERCHANT,
      delays,
      clock,
      entropy: systemEntropy(),
      log: silent.log,
    });
    const { url } = this.#sandbox;
    this.provider = sandboxProvider({
      baseUrl: url,
      apiKey: API_KEY,
      merchant: MERCHANT,
      webhookSecret: WEBHOOK_SECRET,
      clock,
    });
  }

  /** What makes a server use it. */
  get settings(): Settings {
    return { PAYMENT_URL: this.#sandbox.url, PAYMENT_API_KEY: API_KEY, PAYMENT_WEBHOOK_SECRET: WEBHOOK_SECRET };
  }

  /** Sends its webhooks to the server at this address from now on. */
  tell(serverUrl: string): void {
    this.#sandbox.deliverTo(serverUrl + SANDBOX_WEBHOOK_PATH);
  }

  stop(): Promise<void> {
    return this.#sandbox.stop();
  }
}
