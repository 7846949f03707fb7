/** Owns the sandbox provider for tests: a real one on a file of its own, under a fake clock, with an inbox for its webhooks. */

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entropy } from "../../actors/entropy.ts";
import { silent } from "../../actors/telemetry.ts";
import type { CreatePayment, PaymentProvider } from "../../queue/payments/provider.ts";
import { sandboxProvider } from "../../queue/payments/sandbox/adapter.ts";
import type { SandboxDelays } from "../../queue/payments/sandbox/model.ts";
import { type Sandbox, startSandbox } from "../../queue/payments/sandbox/server.ts";
import { FakeClock } from "./fake-clock.ts";
import { until } from "./until.ts";

export const API_KEY = "test-key";
export const MERCHANT = "pigonair";
export const WEBHOOK_SECRET = `whsec_${Buffer.from("a webhook secret of 32 bytes.....").toString("base64")}`;

export const HOLD_MS = 900_000;

const entropy: Entropy = {
  uuid: () => Bun.randomUUIDv7(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => 0.5,
};

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly atMs: number;
  readonly headers: Headers;
  readonly body: string;
  readonly event: {
    type: string;
    timestamp: string;
    data: { attempt: string; status: string; amount: object; merchant: string };
  };
}

/** What the merchant's server would be: it notes each webhook and answers what `answer` says. */
export class Inbox {
  readonly received: Received[] = [];
  answer: (count: number) => number | Promise<number> = () => 204;
  readonly #server: ReturnType<typeof Bun.serve>;

  constructor(clock: FakeClock) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        // Who follows a redirect is told that all is well, although nothing was taken.
        if (new URL(request.url).pathname !== "/hook") return new Response(null, { status: 204 });
        const body = await request.text();
        const event = JSON.parse(body);
        const id = request.headers.get("webhook-id") ?? "";
        this.received.push({ id, type: event.type, atMs: clock.nowMs(), headers: request.headers, body, event });
        const status = await this.answer(this.received.length);
        return new Response(null, { status, headers: { location: "/elsewhere" } });
      },
    });
  }

  get url(): string {
    return `${this.#server.url}hook`;
  }

  get types(): string[] {
    return this.received.map(({ type }) => type);
  }

  async count(count: number): Promise<void> {
    await until(() => this.received.length >= count, `webhook ${count} (there are: ${this.types.join(", ")})`);
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }
}

export interface GivenSandbox {
  readonly clock: FakeClock;
  readonly inbox: Inbox;
  /** Path of its SQLite file. */
  readonly file: string;
  sandbox: Sandbox;
  provider: PaymentProvider;
  /** What a merchant asks for; `attempt` and anything else as wanted. */
  request(attempt: string, change?: Partial<CreatePayment>): CreatePayment;
  /** Creates a payment and gives where it is paid. */
  open(attempt: string, change?: Partial<CreatePayment>): Promise<string>;
  /** Starts a sandbox on the same file, after the old one was stopped. */
  start(): void;
  restart(): Promise<void>;
  /** As after a kill -9: the next one starts on what was on disk at this instant, whatever the old one would still have written. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface GivenOptions {
  /** `held` leaves each sandbox that is started without an address for webhooks, until a test calls deliverTo(). @default "delivered" */
  readonly webhooks?: "delivered" | "held";
  readonly delays?: Partial<SandboxDelays>;
}

export function givenSandbox({ webhooks = "delivered", delays = {} }: GivenOptions = {}): GivenSandbox {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
  const clock = new FakeClock();
  const inbox = new Inbox(clock);
  const start = (file: string): Sandbox =>
    startSandbox({
      host: "127.0.0.1",
      port: 0,
      file,
      apiKey: API_KEY,
      webhookSecret: WEBHOOK_SECRET,
      merchant: MERCHANT,
      ...(webhooks === "delivered" ? { webhookUrl: inbox.url } : {}),
      delays,
      clock,
      entropy,
      log: silent.log,
    });
  const speakTo = (sandbox: Sandbox): PaymentProvider =>
    sandboxProvider({
      baseUrl: sandbox.url,
      apiKey: API_KEY,
      merchant: MERCHANT,
      webhookSecret: WEBHOOK_SECRET,
      clock,
    });
  let file = join(directory, "sandbox.sqlite");
  const sandbox = start(file);
  const given: GivenSandbox = {
    clock,
    inbox,
    get file() {
      return file;
    },
    sandbox,
    provider: speakTo(sandbox),
    request: (attempt, change = {}) => ({
      attempt,
      amount: { amount: 120_000, currency: "KRW" },
      description: "Reservation ABC234",
      returnUrl: "https://pigonair.example/reservations/1",
      expiresAtMs: clock.nowMs() + HOLD_MS,
      ...change,
    }),
    open: async (attempt, change) => (await given.provider.create(given.request(attempt, change))).checkoutUrl,
    start: () => {
      given.sandbox = start(file);
      given.provider = speakTo(given.sandbox);
    },
    restart: async () => {
      await given.sandbox.stop();
      given.start();
    },
    kill: async () => {
      const copy = join(directory, `${Bun.randomUUIDv7()}.sqlite`);
      for (const suffix of ["", "-wal"]) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
      await given.sandbox.stop();
      file = copy;
      given.start();
    },
    stop: async () => {
      await given.sandbox.stop();
      await inbox.stop();
      rmSync(directory, { recursive: true });
    },
  };
  return given;
}

/** What somebody at the checkout says, as JSON. */
export async function decide(
  checkoutUrl: string,
  choice: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(checkoutUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(choice),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
