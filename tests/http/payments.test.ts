// Goal: a reservation is paid for over HTTP through one open attempt, whatever is repeated and whenever the provider is away.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { givenPlan } from "../support/given.ts";
import { WEBHOOK_SECRET } from "../support/given-sandbox.ts";
import { type Answered, type Caller, GivenShop, ORIGIN } from "../support/given-shop.ts";

const MINUTE_MS = 60_000;
const WEBHOOKS = "/api/v1/payments/webhooks/sandbox";

/** At least one for each test. */
const FLIGHTS = 40;

let shop: GivenShop;
let kim: Caller;
let held: Answered;
let flights = 0;

beforeAll(async () => {
  const plans = Array.from({ length: FLIGHTS }, (_, at) => givenPlan({ flightId: `PG-${at + 1}` }));
  shop = await GivenShop.open({ plans });
});

afterAll(() => shop.close());

beforeEach(async () => {
  flights += 1;
  kim = await shop.as(`kim-${flights}`);
  held = await kim.hold(["1A"], undefined, `PG-${flights}`);
});

function pay(key?: string, body: unknown = {}): Promise<Answered> {
  return kim.post(`/api/v1/reservations/${held.body.id}/payments`, body, key);
}

async function reservation() {
  return (await kim.get(`/api/v1/reservations/${held.body.id}`)).body;
}

describe("POST /reservations/{id}/payments", () => {
  test("opens a payment over what the reservation costs", async () => {
    const { status, headers, body } = await pay();
    expect(status).toBe(201);
    expect(body as unknown).toEqual({
      id: expect.any(String),
      status: "PENDING",
      amount: { amount: 90_000, currency: "KRW" },
      checkoutUrl: expect.stringContaining("/checkout/"),
      expiresAt: new Date(shop.clock.nowMs() + 10 * MINUTE_MS).toISOString(),
    });
    expect(headers.get("idempotency-replayed")).toBeNull();
    expect((await reservation()).payment.checkoutUrl).toBe(body.checkoutUrl);
  });

  test("answers the same key again, byte for byte, also when the payment has ended", async () => {
    const first = await pay("pay");
    await shop.checkout(first.body.checkoutUrl, { outcome: "approve" });
    await shop.settle(first.body.id);
    const second = await pay("pay");
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect((await reservation()).status).toBe("TICKETED");
  });

  test("needs no body, since it has no field that must be given", async () => {
    const bare = await kim.post(`/api/v1/reservations/${held.body.id}/payments`, undefined, "pay");
    expect(bare.status).toBe(201);
    expect((await pay("pay", {})).text).toBe(bare.text);
  });

  test("gives the open attempt to another key", async () => {
    const first = await pay();
    const second = await pay("other");
    const third = await pay("other");
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect([third.status, third.text, third.headers.get("idempotency-replayed")]).toEqual([200, first.text, "true"]);
  });

  test("gives two tabs that pay at once one attempt", async () => {
    const answers = await Promise.all([pay("left"), pay("right"), pay("left")]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 201]);
  });

  test("refuses a key that stands for another request", async () => {
    await pay("used");
    const { status, body } = await pay("used", { returnUrl: `${ORIGIN}/thanks` });
    expect([status, body.code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
  });

  test("begins a new attempt after the old one has failed", async () => {
    const first = await pay("first");
    await shop.checkout(first.body.checkoutUrl, { outcome: "decline" });
    await shop.settle(first.body.id);
    const second = await pay("second");
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
    expect((await pay("first")).text).toBe(first.text);
  });

  test("needs a key, and takes no amount from a browser", async () => {
    const keyless = await kim.send("POST", `/api/v1/reservations/${held.body.id}/payments`, {});
    const priced = await pay("priced", { amount: { amount: 1, currency: "KRW" } });
    expect([keyless.status, keyless.body.code]).toEqual([400, "IDEMPOTENCY_KEY_MISSING"]);
    expect([priced.status, priced.body.code, priced.body.field]).toEqual([400, "VALIDATION", "amount"]);
    expect((await reservation()).status).toBe("HELD");
  });

  test.each([
    "https://elsewhere.example/",
    "javascript:alert(1)",
    "//elsewhere.example",
    "nothing",
    "http://localhost:4000/",
    "",
  ])("sends nobody to %p", async (returnUrl) => {
    const { status, body } = await pay(undefined, { returnUrl });
    expect([status, body.code, body.field]).toEqual([400, "VALIDATION", "returnUrl"]);
    expect((await reservation()).status).toBe("HELD");
  });

  test("takes no address that is too long once it is written out in letters of an address", async () => {
    const { status, body } = await pay(undefined, { returnUrl: `${ORIGIN}/${"가".repeat(400)}` });
    expect([status, body.code, body.field]).toEqual([400, "VALIDATION", "returnUrl"]);
    expect((await reservation()).status).toBe("HELD");
  });

  test("lets the checkout send the member back here", async () => {
    const { status, body } = await pay(undefined, { returnUrl: `${ORIGIN}/thanks?for=all` });
    const form = new URLSearchParams({ outcome: "approve" });
    const paid = await fetch(body.checkoutUrl, { method: "POST", body: form, redirect: "manual" });
    expect(status).toBe(201);
    expect(`${paid.headers.get("location")} ${await paid.text()}`).toContain(`${ORIGIN}/thanks?for=all`);
  });
});

describe("a reservation that can't be paid for", () => {
  test("is one whose hold is over, also when its flight has forgotten it", async () => {
    shop.clock.advance(15 * MINUTE_MS);
    while ((await reservation()).status !== "EXPIRED") await Bun.sleep(1);
    const first = await pay("late");
    const second = await pay("late");
    expect([first.status, first.body.code]).toEqual([409, "HOLD_EXPIRED"]);
    expect([second.status, second.text]).toEqual([409, first.text]);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
  });

  test("is one that was given up", async () => {
    await kim.delete(`/api/v1/reservations/${held.body.id}`);
    const { status, body } = await pay();
    expect([status, body.code]).toEqual([409, "NOT_PAYABLE"]);
  });

  test("is one that is paid, or being cancelled", async () => {
    const first = await pay();
    await shop.checkout(first.body.checkoutUrl, { outcome: "approve" });
    await shop.settle(first.body.id);
    const paid = await pay();
    await kim.delete(`/api/v1/reservations/${held.body.id}`);
    const cancelled = await pay();
    expect([paid.status, paid.body.code]).toEqual([409, "ALREADY_PAID"]);
    expect([cancelled.status, cancelled.body.code]).toEqual([409, "NOT_PAYABLE"]);
  });
});

describe("while the provider is away", () => {
  test("a first try is 503, and the same key completes it later", async () => {
    await shop.sandbox.sandbox.stop();
    const away = await pay("later");
    expect([away.status, away.body.code, away.body.retryable]).toEqual([503, "PROVIDER_UNAVAILABLE", true]);
    expect(Number(away.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await reservation()).status).toBe("PAYING");

    shop.sandbox.start();
    const done = await pay("later");
    expect(done.status).toBe(201);
    expect(done.headers.get("idempotency-replayed")).toBeNull();
    expect((await reservation()).payment).toMatchObject({ id: done.body.id, checkoutUrl: done.body.checkoutUrl });
  });

  test("what was answered is answered again", async () => {
    const first = await pay("known");
    await shop.sandbox.sandbox.stop();
    const second = await pay("known");
    const third = await pay("another");
    shop.sandbox.start();
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect([third.status, third.text]).toEqual([200, first.text]);
  });

  test("a tab that asks while another one opens the payment is answered with what that one has made durable", async () => {
    let meanwhile: (() => Promise<unknown>) | null = null;
    const own = await GivenShop.open({
      plans: [givenPlan({ flightId: "PG-TWO" })],
      around: (client) => ({
        async call(request) {
          const answer = await client.call(request);
          const between = request.op === "begin-payment" && request.key === "second" ? meanwhile : null;
          meanwhile = between === null ? meanwhile : null;
          await between?.();
          return answer;
        },
      }),
    });
    try {
      const lee = await own.as("lee");
      const { body } = await lee.hold(["1A"], undefined, "PG-TWO");
      const path = `/api/v1/reservations/${body.id}/payments`;
      await own.sandbox.sandbox.stop();
      expect((await lee.post(path, {}, "first")).status).toBe(503);
      let opened: Answered | null = null;
      meanwhile = async () => {
        own.sandbox.start();
        opened = await lee.post(path, {}, "first");
        await own.sandbox.sandbox.stop();
      };
      const second = await lee.post(path, {}, "second");
      own.sandbox.start();
      expect(opened).toMatchObject({ status: 201 });
      expect(second).toMatchObject({ status: 200, body: { checkoutUrl: expect.stringContaining("/checkout/") } });
    } finally {
      await own.close();
    }
  });

  test("an attempt that ended before it was opened is not opened any more", async () => {
    await shop.sandbox.sandbox.stop();
    await pay("never");
    const { payment } = await reservation();
    shop.sandbox.start();
    await kim.delete(`/api/v1/reservations/${held.body.id}`);
    await shop.settle(payment.id);
    const { status, body } = await pay("never");
    expect([status, body.code]).toEqual([409, "NOT_PAYABLE"]);
    expect(await reservation()).toMatchObject({
      status: "RELEASED",
      payment: { status: "CANCELLED", checkoutUrl: null },
    });
  });
});

describe("POST /payments/webhooks/{provider}", () => {
  function signed(body: string, secret = WEBHOOK_SECRET): Record<string, string> {
    const id = `msg_${Bun.randomUUIDv7()}`;
    const at = new Date(shop.clock.nowMs());
    return {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret).sign(id, at, body),
    };
  }

  test("makes the server look at the payment, and believes nothing of what it says", async () => {
    const { body: payment } = await pay();
    const claim = JSON.stringify({ type: "payment.captured", data: { attempt: payment.id, status: "CAPTURED" } });
    const lie = await shop.nobody().send("POST", WEBHOOKS, claim, signed(claim));
    expect([lie.status, (await reservation()).status]).toEqual([204, "PAYING"]);

    await shop.checkout(payment.checkoutUrl, { outcome: "approve" });
    // Spaces, to show that the signature is over the bytes and not over what they mean.
    const spaced = ` ${claim}\n`;
    const hint = await shop.nobody().send("POST", WEBHOOKS, spaced, signed(spaced));
    expect([hint.status, hint.text, (await reservation()).status]).toEqual([204, "", "TICKETED"]);
  });

  test("refuses a signature that is not the provider's, and a provider that nobody knows", async () => {
    const claim = JSON.stringify({ type: "payment.captured", data: { attempt: "a", status: "CAPTURED" } });
    const forged = signed(claim, `whsec_${Buffer.from("somebody else's secret").toString("base64")}`);
    const answers = [
      await shop.nobody().send("POST", WEBHOOKS, claim, forged),
      await shop.nobody().send("POST", WEBHOOKS, claim, { "content-type": "application/json" }),
      await shop.nobody().send("POST", WEBHOOKS, "not json", signed("not json")),
      await shop.nobody().send("POST", WEBHOOKS),
      await shop.nobody().send("POST", "/api/v1/payments/webhooks/unknown", claim, signed(claim)),
      await shop.nobody().send("POST", WEBHOOKS, "x".repeat(70_000), signed("x")),
    ];
    expect(answers.map(({ status, body }) => `${status} ${body.code ?? ""}`)).toEqual([
      "401 BAD_SIGNATURE",
      "401 BAD_SIGNATURE",
      "204 ",
      "401 BAD_SIGNATURE",
      "404 PROVIDER_NOT_FOUND",
      "413 BODY_TOO_LARGE",
    ]);
  });

  test("asks for another try while the provider can't be asked", async () => {
    const { body: payment } = await pay();
    const claim = JSON.stringify({ type: "payment.captured", data: { attempt: payment.id } });
    await shop.sandbox.sandbox.stop();
    const { status } = await shop.nobody().send("POST", WEBHOOKS, claim, signed(claim));
    shop.sandbox.start();
    // A time to look again is durable: nothing is lost, and nothing has to be sent again.
    const row = await shop.host.db.read
      .selectFrom("payment")
      .select("next_look_ms")
      .where("id", "=", payment.id)
      .executeTakeFirstOrThrow();
    expect(status).toBe(204);
    expect(row.next_look_ms).not.toBeNull();
  });
});
