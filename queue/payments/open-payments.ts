/** Owns how money is taken: by the provider that is named, or by the sandbox beside, and settled the same way. */

import type { FlightClient } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { PaymentBook } from "./payment-book.ts";
import { PaymentDesk } from "./payment-desk.ts";
import type { PaymentProvider } from "./provider.ts";
import { sandboxProvider } from "./sandbox/adapter.ts";
import { SANDBOX_WEBHOOK_PATH, startSandbox } from "./sandbox/server.ts";
import { Settlement } from "./settlement.ts";

const MERCHANT = "pigonair";

export interface PaymentsOptions {
  readonly book: PaymentBook;
  readonly flights: FlightClient;
  readonly isSaleClosed: (flightId: FlightId) => boolean;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** What the provider knows us by, and signs its webhooks with. */
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** Where the checkout sends a member who named no other place. */
  readonly returnUrl: string;
  /** The provider's address; null for the sandbox beside. */
  readonly url: string | null;
  /** Null: it doesn't run. */
  readonly sandbox: { readonly host: string; readonly port: number; readonly file: string } | null;
}

export interface Payments {
  readonly provider: PaymentProvider;
  readonly settlement: Settlement;
  readonly desk: PaymentDesk;
  /** Where the sandbox listens; null when it doesn't run. */
  readonly sandboxUrl: string | null;
  /** Where the sandbox sends its webhooks: the origin of the process that it runs in. */
  deliverTo(origin: string): void;
  stop(): Promise<void>;
}

export function openPayments(options: PaymentsOptions): Payments {
  const { apiKey, webhookSecret, clock, entropy, telemetry } = options;
  const common = { apiKey, webhookSecret, merchant: MERCHANT, clock };
  const sandbox =
    options.sandbox === null ? null : startSandbox({ ...options.sandbox, ...common, entropy, log: telemetry.log });
  const provider = sandboxProvider({ baseUrl: options.url ?? sandbox?.url ?? "", ...common });
  const settlement = new Settlement({ ...options, provider });
  return {
    provider,
    settlement,
    desk: new PaymentDesk({ ...options, provider, settlement }),
    sandboxUrl: sandbox?.url ?? null,
    deliverTo: (origin) => sandbox?.deliverTo(origin + SANDBOX_WEBHOOK_PATH),
    stop: async () => sandbox?.stop(),
  };
}
