// Goal: a webhook is delivered at least once whatever the receiver does and whenever the sandbox dies, is retried with
// growing waits up to a bound, and is signed as the Standard Webhooks specification says.

import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { present } from "../../actors/assert.ts";
import { RETRY_MS } from "../../queue/payments/sandbox/alarm.ts";
import { TRIES_MAX, waitAfterMs } from "../../queue/payments/sandbox/courier.ts";
import { DEFAULT_DELAYS } from "../../queue/payments/sandbox/model.ts";
import { decide, type GivenSandbox, givenSandbox, HOLD_MS, WEBHOOK_SECRET } from "../support/given-sandbox.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 5_000;

/** SQLite waits for a lock in earnest, whatever the clock of the tests says. */
const LOCKED_TEST_MS_MAX = 30_000;

let given: GivenSandbox;
let startMs: number;

beforeEach(() => {
  given = givenSandbox({ delays: { webhookTimeoutMs: TIMEOUT_MS } });
  startMs = given.clock.nowMs();
});
afterEach(() => given.stop());

async function approve(attempt: string, webhook = "once"): Promise<void> {
  await decide(await given.open(attempt), { outcome: "approve", webhook });
}

/** Until the sandbox waits for its next try, which is `waitMs` away. */
function waiting(waitMs: number): Promise<void> {
  return until(() => given.clock.nextDueMs === given.clock.nowMs() + waitMs, `a try in ${waitMs} ms`);
}

test("a webhook is signed over id, time-stamp and body, and holds what the payment is", async () => {
  await approve("a-1");
  await given.inbox.count(1);
  const { headers, body, event } = present(given.inbox.received[0], "counted before");
  const timestamp = String(startMs / 1_000);
  const key = Buffer.from(WEBHOOK_SECRET.slice("whsec_".length), "base64");
  const mac = createHmac("sha256", key)
    .update(`${headers.get("webhook-id")}.${timestamp}.${body}`)
    .digest("base64");
  expect(headers.get("webhook-id")).toMatch(/^msg_/);
  expect(headers.get("webhook-timestamp")).toBe(timestamp);
  expect(headers.get("webhook-signature")).toBe(`v1,${mac}`);
  expect(headers.get("content-type")).toBe("application/json");
  expect(event).toEqual({
    type: "payment.captured",
    timestamp: new Date(startMs).toISOString(),
    data: {
      attempt: "a-1",
      status: "CAPTURED",
      amount: { amount: 120_000, currency: "KRW" },
      merchant: "pigonair",
    },
  });
});

test("a webhook that isn't taken is sent again after growing waits, under its id, and signed anew", async () => {
  given.inbox.answer = (count) => [500, 404, 302, 204][count - 1] ?? 204;
  await approve("a-1");
  for (const tries of [1, 2, 3]) {
    await given.inbox.count(tries);
    await waiting(waitAfterMs(tries));
    given.clock.advance(waitAfterMs(tries));
  }
  await given.inbox.count(4);
  await until(() => given.clock.nextDueMs === null, "the end of the tries");

  const received = given.inbox.received;
  expect(received.map(({ atMs }) => atMs - startMs)).toEqual([0, 1_000, 3_000, 7_000]);
  expect(new Set(received.map(({ id, body }) => id + body)).size).toBe(1);
  for (const { headers, body, atMs } of received) {
    expect(Number(headers.get("webhook-timestamp"))).toBe(Math.floor(atMs / 1_000));
    expect(given.provider.readWebhook(headers, body).kind).toBe("look");
  }
});

test("a webhook is given up after the last try, and the next one of the payment leaves", async () => {
  given.inbox.answer = (count) => (count <= TRIES_MAX ? 500 : 204);
  await approve("a-1");
  await given.provider.refund("a-1", "refund:a-1");
  for (let tries = 1; tries < TRIES_MAX; tries++) {
    await given.inbox.count(tries);
    await waiting(waitAfterMs(tries));
    given.clock.advance(waitAfterMs(tries));
  }
  await given.inbox.count(TRIES_MAX + 1);
  await until(() => given.clock.nextDueMs === null, "the end of the tries");
  expect(given.inbox.types).toEqual([...Array(TRIES_MAX).fill("payment.captured"), "payment.refunded"]);
});

test("the waits are bounded", () => {
  expect(waitAfterMs(1)).toBe(1_000);
  expect(waitAfterMs(TRIES_MAX)).toBe(60_000);
});

test("a webhook that gets no answer in time is sent again", async () => {
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  given.inbox.answer = (count) => (count === 1 ? answered : 204);
  await approve("a-1");
  await given.inbox.count(1);
  given.clock.advance(TIMEOUT_MS);
  await waiting(waitAfterMs(1));
  given.clock.advance(waitAfterMs(1));
  await given.inbox.count(2);
  resolve(204);
});

test("a receiver that hangs on one payment doesn't hold up the others", async () => {
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  given.inbox.answer = (count) => (count === 1 ? answered : 204);
  await approve("a-1");
  await given.inbox.count(1);
  await approve("a-2");
  await given.inbox.count(2);
  expect(given.inbox.received[1]?.event.data.attempt).toBe("a-2");
  resolve(204);
});

test("more payments than may be on their way at once are all announced", async () => {
  const attempts = Array.from({ length: 40 }, (_, i) => `a-${i}`);
  await Promise.all(attempts.map((attempt) => approve(attempt)));
  await given.inbox.count(40);
  expect(new Set(given.inbox.received.map(({ event }) => event.data.attempt))).toEqual(new Set(attempts));
});

test("a webhook that is on its way when the sandbox is killed is sent again", async () => {
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  given.inbox.answer = (count) => (count === 1 ? answered : 204);
  await approve("a-1", "twice");
  await given.inbox.count(1);
  await given.kill();
  resolve(204);
  given.clock.advance(TIMEOUT_MS + waitAfterMs(1));
  await given.inbox.count(3);
  await until(() => given.clock.nextDueMs === null, "the end of the tries");
  expect(new Set(given.inbox.received.map(({ id }) => id)).size).toBe(1);
  expect(given.inbox.received).toHaveLength(3);
});

test("a webhook on its way when the sandbox stops is sent again after the next start", async () => {
  const { promise: answered, resolve } = Promise.withResolvers<number>();
  given.inbox.answer = (count) => (count === 1 ? answered : 204);
  await approve("a-1");
  await given.inbox.count(1);
  await given.restart();
  resolve(204);
  given.clock.advance(waitAfterMs(1));
  await given.inbox.count(2);
});

test("a cancellation and a refund are announced, each once however often it is asked for", async () => {
  await given.open("a-1");
  await Promise.all([given.provider.cancel("a-1"), given.provider.cancel("a-1")]);
  await given.inbox.count(1);
  await approve("a-2");
  await Promise.all([given.provider.refund("a-2", "refund:a-2"), given.provider.refund("a-2", "refund:a-2")]);
  await given.inbox.count(3);
  await until(() => given.clock.nextDueMs === null, "the end of the tries");
  expect(given.inbox.types).toEqual(["payment.cancelled", "payment.captured", "payment.refunded"]);
});

test(
  "what is due while the file is locked, by whoever looks into it with a tool, is done when it is free again",
  async () => {
    const tool = new Database(given.file);
    await decide(await given.open("a-1"), { outcome: "approve-late", webhook: "once" });
    given.clock.advance(HOLD_MS);
    tool.run("BEGIN IMMEDIATE");
    given.clock.advance(DEFAULT_DELAYS.lateCaptureMs);
    expect((await given.provider.fetch("a-1"))?.status).toBe("PENDING");
    tool.run("ROLLBACK");
    given.inbox.answer = (count) => {
      if (count === 1) tool.run("BEGIN IMMEDIATE");
      return 204;
    };
    given.clock.advance(RETRY_MS);
    await given.inbox.count(1);
    // That it was delivered can't be noted: it is sent once more.
    await waiting(TIMEOUT_MS + waitAfterMs(1));
    tool.run("ROLLBACK");
    given.clock.advance(TIMEOUT_MS + waitAfterMs(1));
    await given.inbox.count(2);
    await until(() => given.clock.nextDueMs === null, "the end of the tries");
    expect(given.inbox.types).toEqual(["payment.captured", "payment.captured"]);
    tool.close();
  },
  LOCKED_TEST_MS_MAX,
);
