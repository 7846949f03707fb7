// Goal: the adapter believes nothing that is malformed, waits for nothing longer than it was told, and takes no hint that isn't signed.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { OperationalError } from "../../actors/errors.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { sandboxProvider } from "../../queue/payments/sandbox/adapter.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { API_KEY, MERCHANT, WEBHOOK_SECRET } from "../support/given-sandbox.ts";
import { until } from "../support/until.ts";

const TIMEOUT_MS = 3_000;
const PAYMENT = {
  attempt: "a-1",
  merchant: MERCHANT,
  status: "CAPTURED",
  amount: { amount: 1, currency: "KRW" },
  refundedAmount: 0,
  checkoutUrl: "http://localhost/checkout/x",
};

let clock: FakeClock;
let provider: PaymentProvider;
let server: ReturnType<typeof Bun.serve>;
let answer: (request: Request) => Response | Promise<Response>;
let requests: number;

beforeEach(() => {
  clock = new FakeClock();
  requests = 0;
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      requests += 1;
      return answer(request);
    },
  });
  provider = sandboxProvider({
    baseUrl: server.url.origin,
    apiKey: API_KEY,
    merchant: MERCHANT,
    webhookSecret: WEBHOOK_SECRET,
    timeoutMs: TIMEOUT_MS,
    clock,
  });
});
afterEach(() => server.stop(true));

async function fetchFails(): Promise<string> {
  const failure = await provider.fetch("a-1").catch((error: unknown) => error);
  if (!(failure instanceof OperationalError)) throw new Error(`no OperationalError: ${JSON.stringify(failure)}`);
  expect(failure.retryable).toBe(failure.code === "PROVIDER_UNAVAILABLE");
  expect(clock.pending).toBe(0);
  return failure.code;
}

test("gives what a well-formed answer says, and asks with its key for the attempt alone", async () => {
  answer = (request) => {
    expect(request.headers.get("authorization")).toBe(`Bearer ${API_KEY}`);
    expect(new URL(request.url).pathname).toBe("/v1/payments/a%3A1");
    return Response.json({ ...PAYMENT, attempt: "a:1" });
  };
  expect(await provider.fetch("a:1")).toEqual({ ...PAYMENT, attempt: "a:1", status: "CAPTURED" });
  expect(clock.pending).toBe(0);
});

test("takes a malformed answer for none", async () => {
  const bodies = [
    "",
    "null",
    "[]",
    "{",
    JSON.stringify({ ...PAYMENT, attempt: "a-2" }),
    JSON.stringify({ ...PAYMENT, status: "PAID" }),
    JSON.stringify({ ...PAYMENT, amount: { amount: "1", currency: "KRW" } }),
    JSON.stringify({ ...PAYMENT, amount: { amount: 1.5, currency: "KRW" } }),
    JSON.stringify({ ...PAYMENT, merchant: undefined }),
    JSON.stringify({ ...PAYMENT, refundedAmount: -1 }),
    JSON.stringify({ ...PAYMENT, checkoutUrl: "javascript:alert(1)" }),
    JSON.stringify({ ...PAYMENT, padding: "x".repeat(70_000) }),
  ];
  for (const body of bodies) {
    answer = () => new Response(body);
    expect([body.slice(0, 80), await fetchFails()]).toEqual([body.slice(0, 80), "PROVIDER_UNAVAILABLE"]);
  }
});

test("takes 5xx, 429, a redirect and a 404 of anybody else for no answer", async () => {
  const headers = { location: "http://127.0.0.1:1/" };
  for (const status of [500, 502, 503, 429, 302, 307, 204, 404]) {
    answer = () => new Response(status === 204 ? null : "nothing here", { status, headers });
    expect([status, await fetchFails()]).toEqual([status, "PROVIDER_UNAVAILABLE"]);
  }
});

test("takes any other refusal for our own mistake", async () => {
  for (const status of [400, 401, 403, 409, 422]) {
    answer = () => new Response("{}", { status });
    expect([status, await fetchFails()]).toEqual([status, "INTERNAL"]);
  }
});

test("gives null for the 404 that the API itself answers", async () => {
  answer = () => Response.json({ code: "PAYMENT_NOT_FOUND" }, { status: 404 });
  expect(await provider.fetch("a-1")).toBeNull();
});

test("waits for an answer, and for the rest of one, only as long as it was told", async () => {
  const never = new Promise<Response>(() => {});
  const half = (): Response =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          controller.enqueue(new TextEncoder().encode("{"));
          await never;
        },
      }),
    );
  for (const slow of [() => never, half]) {
    answer = slow;
    requests = 0;
    let hasEnded = false;
    const failure = fetchFails().finally(() => {
      hasEnded = true;
    });
    await until(() => requests === 1, "the request");
    clock.advance(TIMEOUT_MS - 1);
    expect(hasEnded).toBe(false);
    clock.advance(1);
    expect(await failure).toBe("PROVIDER_UNAVAILABLE");
  }
});

describe("readWebhook()", () => {
  const signer = new Webhook(WEBHOOK_SECRET);

  function signed(body: string, atMs = clock.nowMs()): Headers {
    return new Headers({
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(atMs / 1_000)),
      "webhook-signature": signer.sign("msg_1", new Date(atMs), body),
    });
  }

  test("hints at an attempt only where a signed body names one", () => {
    const good = JSON.stringify({ type: "payment.captured", data: { attempt: "a-1" } });
    expect(provider.readWebhook(signed(good), good)).toEqual({ kind: "look", attempt: "a-1" });
    for (const body of [
      "",
      "x",
      "null",
      "[]",
      "{}",
      `{"data":null}`,
      `{"data":{"attempt":7}}`,
      `{"data":{"attempt":"../x"}}`,
    ]) {
      expect([body, provider.readWebhook(signed(body), body)]).toEqual([body, { kind: "unrelated" }]);
    }
  });

  test("takes a time-stamp up to five minutes to either side", () => {
    const minutes = (count: number): string => {
      const atMs = clock.nowMs() + count * 60_000;
      return provider.readWebhook(signed("{}", atMs), "{}").kind;
    };
    expect([-5, 5].map(minutes)).toEqual(["unrelated", "unrelated"]);
    expect([-5.1, 5.1].map(minutes)).toEqual(["bad-signature", "bad-signature"]);
  });

  test("takes one good signature among several, as while keys are rotated", () => {
    const headers = signed("{}");
    const good = headers.get("webhook-signature") ?? "";
    const other = new Webhook(`whsec_${Buffer.from("another secret").toString("base64")}`);
    const bad = other.sign("msg_1", new Date(clock.nowMs()), "{}");
    headers.set("webhook-signature", `v1a,AAAA ${bad} ${good}`);
    expect(provider.readWebhook(headers, "{}").kind).toBe("unrelated");
    headers.set("webhook-signature", `v1a,AAAA ${bad} ${good.replace("v1,", "v1a,")}`);
    expect(provider.readWebhook(headers, "{}").kind).toBe("bad-signature");
  });

  test("refuses a signature over another spelling of the time-stamp", () => {
    const headers = signed("{}");
    headers.set("webhook-timestamp", `0${headers.get("webhook-timestamp")}x`);
    expect(provider.readWebhook(headers, "{}").kind).toBe("bad-signature");
  });
});
