// Goal: each way in which a payment can be told to go at the sandbox goes exactly so, is announced exactly so,
// and survives a stop or a kill between the decision and everything that follows it.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { OUTCOMES, type Outcome, WEBHOOK_MODES, type WebhookMode } from "../../queue/payments/sandbox/model.ts";
import { decide, type GivenSandbox, givenSandbox, HOLD_MS, type Received } from "../support/given-sandbox.ts";

const HOUR_MS = 3_600_000;
/** Never reached here: only shorter waits are skipped, so that a webhook under way may take its time. */
const WEBHOOK_TIMEOUT_MS = 10 * HOUR_MS;
const SKIPPED_MS_MAX = HOUR_MS / 2;

let given: GivenSandbox;
let startMs: number;

beforeEach(() => {
  given = givenSandbox({ webhooks: "held", delays: { webhookTimeoutMs: WEBHOOK_TIMEOUT_MS } });
  startMs = given.clock.nowMs();
});
afterEach(() => given.stop());

/** Lets time pass until `count` webhooks have come and nothing more is planned. */
async function run(count: number): Promise<void> {
  const { clock, inbox } = given;
  for (let polls = 0; polls < 3_000; polls++) {
    if (inbox.received.length >= count && clock.nextDueMs === null) return;
    const waitMs = (clock.nextDueMs ?? Number.POSITIVE_INFINITY) - clock.nowMs();
    if (waitMs <= SKIPPED_MS_MAX) clock.advance(waitMs);
    else await Bun.sleep(1);
  }
  throw new Error(`${count} webhooks never came, only: ${inbox.types.join(", ")}`);
}

/** All webhooks about `attempt` that are ever sent. Another payment's is waited for, so that "none" can be told from "not yet". */
async function allWebhooks(attempt: string, count: number): Promise<Received[]> {
  given.sandbox.deliverTo(given.inbox.url);
  await run(count);
  await decide(await given.open("fence"), { outcome: "approve" });
  await run(count + 1);
  return given.inbox.received.filter(({ event }) => event.data.attempt === attempt);
}

const ENDS: Record<Outcome, { type: string; status: string; afterMs: number }> = {
  approve: { type: "payment.captured", status: "CAPTURED", afterMs: 0 },
  decline: { type: "payment.failed", status: "FAILED", afterMs: 0 },
  "approve-late": { type: "payment.captured", status: "CAPTURED", afterMs: HOLD_MS + 2_000 },
  "charge-then-timeout": { type: "payment.captured", status: "CAPTURED", afterMs: 20_000 },
};

function expectedTypes(mode: WebhookMode, type: string): string[] {
  return { once: [type], twice: [type, type], late: [type], none: [], reversed: [type, "payment.pending"] }[mode];
}

function expectedDelayMs(outcome: Outcome, mode: WebhookMode): number {
  const { afterMs } = ENDS[outcome];
  if (mode !== "late") return afterMs;
  return outcome === "charge-then-timeout" ? Math.max(afterMs, 10_000) : afterMs + 10_000;
}

const INTERRUPTIONS = {
  "without interruption": async () => {},
  "over a restart": () => given.restart(),
  "over a kill": () => given.kill(),
};

for (const [interruption, interrupt] of Object.entries(INTERRUPTIONS)) {
  describe(interruption, () => {
    for (const outcome of OUTCOMES) {
      for (const mode of WEBHOOK_MODES) {
        test(`${outcome} ends and is announced "${mode}"`, async () => {
          await decide(await given.open("a-1"), { outcome, webhook: mode });
          await interrupt();
          const types = expectedTypes(mode, ENDS[outcome].type);
          const received = await allWebhooks("a-1", types.length);

          expect(received.map(({ type }) => type)).toEqual(types);
          if (mode !== "none") expect((received[0]?.atMs ?? 0) - startMs).toBe(expectedDelayMs(outcome, mode));
          if (mode === "twice") expect(received[1]?.id).toBe(received[0]?.id);
          if (mode === "reversed") {
            expect(received[1]?.id).not.toBe(received[0]?.id);
            expect(received[1]?.event.data.status).toBe("PENDING");
          }
          given.clock.advance(HOUR_MS);
          expect((await given.provider.fetch("a-1"))?.status).toBe(ENDS[outcome].status as "CAPTURED");
        });
      }
    }
  });
}

describe("approve-late", () => {
  test("stays PENDING until the hold is over, then captures", async () => {
    await decide(await given.open("a-1"), { outcome: "approve-late" });
    given.clock.advance(HOLD_MS + 1_999);
    expect((await given.provider.fetch("a-1"))?.status).toBe("PENDING");
    given.clock.advance(1);
    expect((await given.provider.fetch("a-1"))?.status).toBe("CAPTURED");
  });

  test("captures although it was cancelled meanwhile, and the capture can be refunded", async () => {
    await decide(await given.open("a-1"), { outcome: "approve-late" });
    expect((await given.provider.cancel("a-1")).status).toBe("CANCELLED");
    await given.kill();
    given.clock.advance(HOLD_MS + 2_000);
    expect((await given.provider.fetch("a-1"))?.status).toBe("CAPTURED");
    expect((await given.provider.refund("a-1", "refund:a-1")).refundedAmount).toBe(120_000);
    const received = await allWebhooks("a-1", 3);
    expect(received.map(({ type }) => type)).toEqual(["payment.cancelled", "payment.captured", "payment.refunded"]);
  });

  test("decided after the hold is over waits only its own delay", async () => {
    const checkout = await given.open("a-1");
    given.clock.advance(HOLD_MS + 60_000);
    await decide(checkout, { outcome: "approve-late" });
    given.clock.advance(1_999);
    expect((await given.provider.fetch("a-1"))?.status).toBe("PENDING");
    given.clock.advance(1);
    expect((await given.provider.fetch("a-1"))?.status).toBe("CAPTURED");
  });

  test("captures whatever became due while the sandbox was down", async () => {
    await decide(await given.open("a-1"), { outcome: "approve-late" });
    await given.sandbox.stop();
    given.clock.advance(2 * HOLD_MS);
    given.start();
    expect((await allWebhooks("a-1", 1)).map(({ type }) => type)).toEqual(["payment.captured"]);
  });
});

describe("charge-then-timeout", () => {
  test("answers nothing about the payment until the silence is over, also after a kill", async () => {
    await decide(await given.open("a-1"), { outcome: "charge-then-timeout" });
    given.clock.advance(19_000);
    await given.kill();
    const silent = { code: "PROVIDER_UNAVAILABLE", retryable: true };
    await expect(given.provider.fetch("a-1")).rejects.toMatchObject(silent);
    await expect(given.provider.cancel("a-1")).rejects.toMatchObject(silent);
    await expect(given.provider.create(given.request("a-1"))).rejects.toMatchObject(silent);
    await expect(given.provider.refund("a-1", "refund:a-1")).rejects.toMatchObject(silent);
    expect(await given.provider.fetch("a-2")).toBeNull();

    given.clock.advance(1_000);
    expect(await given.provider.fetch("a-1")).toMatchObject({ status: "CAPTURED", refundedAmount: 0 });
    expect((await given.provider.cancel("a-1")).status).toBe("CAPTURED");
  });
});

describe("a wrong capture", () => {
  test("differs from what was asked as the checkout was told", async () => {
    await decide(await given.open("a-1"), { outcome: "approve", amount: 1, currency: "USD", merchant: "someone-else" });
    const wrong = { amount: { amount: 1, currency: "USD" }, merchant: "someone-else" };
    expect(await given.provider.fetch("a-1")).toMatchObject({ status: "CAPTURED", ...wrong });
    expect((await allWebhooks("a-1", 1))[0]?.event.data).toEqual({ attempt: "a-1", status: "CAPTURED", ...wrong });
    expect((await given.provider.refund("a-1", "refund:a-1")).refundedAmount).toBe(1);
  });

  test("is made by a late capture too, and leaves what was asked comparable", async () => {
    await decide(await given.open("a-1"), { outcome: "approve-late", amount: 999 });
    const again = given.request("a-1");
    expect((await given.provider.create(again)).amount.amount).toBe(120_000);
    given.clock.advance(2 * HOLD_MS);
    expect((await given.provider.create(again)).amount.amount).toBe(999);
  });
});

describe("two words at the checkout", () => {
  test("the first one counts, whichever it is and however the later one comes", async () => {
    const checkout = await given.open("a-1");
    const first = await decide(checkout, { outcome: "decline" });
    expect(first.body).toMatchObject({ status: "FAILED", outcome: "decline", changed: true });
    await given.kill();
    const path = new URL(checkout).pathname;
    const second = await decide(`${given.sandbox.url}${path}`, { outcome: "approve", amount: 5 });
    expect(second).toMatchObject({ status: 200, body: { status: "FAILED", outcome: "decline", changed: false } });
    expect((await allWebhooks("a-1", 1)).map(({ type }) => type)).toEqual(["payment.failed"]);
  });

  test("of many at once exactly one counts", async () => {
    const checkout = await given.open("a-1");
    const said = await Promise.all(
      Array.from({ length: 20 }, (_, i) => decide(checkout, { outcome: i % 2 === 0 ? "approve" : "decline" })),
    );
    expect(said.filter(({ body }) => body.changed === true)).toHaveLength(1);
    expect(new Set(said.map(({ body }) => body.status)).size).toBe(1);
    expect(await allWebhooks("a-1", 1)).toHaveLength(1);
  });

  test("after a cancellation none counts", async () => {
    const checkout = await given.open("a-1");
    await given.provider.cancel("a-1");
    expect((await decide(checkout, { outcome: "approve" })).body).toMatchObject({
      status: "CANCELLED",
      changed: false,
    });
  });
});

test("a kill loses no payment, cancellation or refund, nor what they were asked under", async () => {
  await decide(await given.open("paid"), { outcome: "approve", webhook: "none" });
  await given.provider.refund("paid", "refund:paid");
  await given.provider.cancel("tombstone");
  await given.open("pending");
  await given.kill();

  expect(await given.provider.fetch("paid")).toMatchObject({ status: "CAPTURED", refundedAmount: 120_000 });
  expect((await given.provider.refund("paid", "refund:paid")).refundedAmount).toBe(120_000);
  await expect(given.provider.refund("paid", "another")).rejects.toMatchObject({ code: "INTERNAL" });
  expect((await given.provider.create(given.request("tombstone"))).status).toBe("CANCELLED");
  expect((await given.provider.fetch("pending"))?.status).toBe("PENDING");
});
