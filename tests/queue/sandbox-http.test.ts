// Goal: the sandbox's own HTTP surface: who may call it, what it says to what is wrong, and the checkout as a browser sees it.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { API_KEY, decide, type GivenSandbox, givenSandbox } from "../support/given-sandbox.ts";

let given: GivenSandbox;
let serial = 0;

beforeAll(() => {
  given = givenSandbox();
});
afterAll(() => given.stop());

const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

function api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${given.sandbox.url}/v1/payments${path}`, {
    method,
    headers: { authorization: `Bearer ${API_KEY}`, ...JSON_TYPE, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

function newAttempt(): string {
  serial += 1;
  return `attempt-${serial}`;
}

async function problemOf(response: Response): Promise<{ status: number; code: string; fields: string[] }> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = (await response.json()) as { status: number; code: string; errors?: { field: string }[] };
  expect(body).toMatchObject({ status: response.status, title: expect.any(String), detail: expect.any(String) });
  return { status: body.status, code: body.code, fields: (body.errors ?? []).map(({ field }) => field) };
}

describe("the API", () => {
  test("answers 201 for a new payment and 200 for the same again", async () => {
    const request = given.request(newAttempt());
    const first = await api("POST", "", request);
    const second = await api("POST", "", { ...request, returnUrl: "https://elsewhere.example/" });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await second.json()).toEqual(await first.json());
  });

  test("answers 409 for other content under the same attempt", async () => {
    const request = given.request(newAttempt());
    await api("POST", "", request);
    for (const change of [
      { amount: { amount: 120_000, currency: "USD" } },
      { expiresAtMs: request.expiresAtMs + 1 },
      { description: "" },
    ]) {
      const response = await api("POST", "", { ...request, ...change });
      expect(await problemOf(response)).toMatchObject({ status: 409, code: "ATTEMPT_REUSED" });
    }
  });

  test("wants its key, and tells nothing without it", async () => {
    const attempt = newAttempt();
    await given.open(attempt);
    for (const authorization of ["", "Bearer", "Bearer x", `Basic ${API_KEY}`, `Bearer ${API_KEY}x`]) {
      const response = await api("GET", `/${attempt}`, undefined, { authorization });
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await problemOf(response)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    }
  });

  test("names each field that is wrong, missing or unknown, and changes nothing", async () => {
    const attempt = newAttempt();
    const good = given.request(attempt);
    const bad: [object | string, string[]][] = [
      ["{}", ["attempt", "amount", "description", "returnUrl", "expiresAtMs"]],
      ["[]", [""]],
      ["null", [""]],
      [{ ...good, extra: 1 }, ["extra"]],
      [{ ...good, amount: { amount: -1, currency: "KRW" } }, ["amount"]],
      [{ ...good, amount: { amount: 1.5, currency: "KRW" } }, ["amount"]],
      [{ ...good, amount: { amount: 1, currency: "won" } }, ["amount"]],
      [{ ...good, amount: 120_000, expiresAtMs: "soon" }, ["amount", "expiresAtMs"]],
      [{ ...good, expiresAtMs: Number.MAX_SAFE_INTEGER }, ["expiresAtMs"]],
      [{ ...good, description: "x".repeat(501) }, ["description"]],
      [{ ...good, attempt: "../etc" }, ["attempt"]],
    ];
    for (const [body, fields] of bad) {
      expect(await problemOf(await api("POST", "", body))).toEqual({ status: 400, code: "VALIDATION", fields });
    }
    const refund = await api("POST", `/${attempt}/refunds`, { key: "with space" });
    expect(await problemOf(refund)).toEqual({ status: 400, code: "VALIDATION", fields: ["key"] });
    expect(await given.provider.fetch(attempt)).toBeNull();
  });

  test("refuses what is not JSON, too large, under another method or nowhere", async () => {
    const attempt = newAttempt();
    const refused: [Promise<Response>, number, string][] = [
      [api("POST", "", "{"), 400, "BAD_BODY"],
      [api("POST", "", "{}", { "content-type": "text/plain" }), 415, "UNSUPPORTED_MEDIA_TYPE"],
      [api("POST", "", JSON.stringify({ x: "x".repeat(20_000) })), 413, "BODY_TOO_LARGE"],
      [api("POST", "", " ".repeat(5_000_000)), 413, "BODY_TOO_LARGE"],
      [api("PUT", "", "{}"), 405, "METHOD_NOT_ALLOWED"],
      [api("DELETE", `/${attempt}`), 405, "METHOD_NOT_ALLOWED"],
      [api("GET", `/${attempt}`), 404, "PAYMENT_NOT_FOUND"],
      [api("GET", `/${attempt}/nothing`), 404, "PAYMENT_NOT_FOUND"],
      [api("POST", `/${attempt}/refunds`, { key: "k" }), 404, "PAYMENT_NOT_FOUND"],
      [api("POST", "/%ZZ/cancel"), 404, "PAYMENT_NOT_FOUND"],
      [fetch(`${given.sandbox.url}/`), 404, "NOT_FOUND"],
      [fetch(`${given.sandbox.url}/checkout`), 404, "CHECKOUT_NOT_FOUND"],
      [fetch(`${given.sandbox.url}/checkout/AAAAAAAAAAAAAAAAAAAAAA`), 404, "CHECKOUT_NOT_FOUND"],
    ];
    for (const [response, status, code] of refused) {
      expect(await problemOf(await response)).toEqual({ status, code, fields: [] });
    }
  });

  test("refunds two payments only under two keys", async () => {
    const [one, two] = [newAttempt(), newAttempt()];
    for (const attempt of [one, two]) await decide(await given.open(attempt), { outcome: "approve" });
    expect((await api("POST", `/${one}/refunds`, { key: "same" })).status).toBe(200);
    const other = await api("POST", `/${two}/refunds`, { key: "same" });
    expect(await problemOf(other)).toMatchObject({ status: 409, code: "KEY_REUSED" });
    expect((await given.provider.fetch(two))?.refundedAmount).toBe(0);
  });
});

describe("the checkout", () => {
  function post(url: string, body: string | FormData, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(url, { method: "POST", body, headers, redirect: "manual" });
  }

  test("shows amount, description and every choice on a page that runs no scripts and escapes what it is given", async () => {
    const url = await given.open(newAttempt(), {
      amount: { amount: 1_234_567, currency: "USD" },
      description: `<script>alert("1")</script>`,
    });
    const response = await fetch(url);
    const page = await response.text();
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' https://pigonair.example;");
    expect(policy).not.toContain("unsafe");
    expect(page).toContain("12,345.67");
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain("<script");
    for (const value of ["approve", "decline", "approve-late", "charge-then-timeout", "once", "twice", "none"]) {
      expect(page).toContain(`value="${value}"`);
    }
    const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? "";
    expect(policy).toContain(`'sha256-${new Bun.CryptoHasher("sha256").update(style).digest("base64")}'`);
  });

  test("shows what has become of the payment, and no form any more", async () => {
    const cases: [object, string][] = [
      [{ outcome: "approve" }, "Paid."],
      [{ outcome: "decline" }, "Declined."],
      [{ outcome: "approve-late" }, "Approved: it is captured at"],
    ];
    for (const [choice, words] of cases) {
      const url = await given.open(newAttempt());
      await decide(url, choice);
      const page = await (await fetch(url)).text();
      expect(page).toContain(words);
      expect(page).toContain(`href="https://pigonair.example/reservations/1"`);
      expect(page).not.toContain("<form");
    }
    const attempt = newAttempt();
    const cancelled = (await given.provider.cancel(attempt)).checkoutUrl;
    expect(await (await fetch(cancelled)).text()).toContain("Cancelled.");
  });

  test("takes a browser's form, with what was left empty, and sends it back to the merchant", async () => {
    const attempt = newAttempt();
    const url = await given.open(attempt, { returnUrl: "https://pigonair.example/back?x=1" });
    const response = await post(url, "outcome=approve&webhook=once&amount=&currency=&merchant=", FORM_TYPE);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("https://pigonair.example/back?x=1&outcome=approve");
    expect(await given.provider.fetch(attempt)).toMatchObject({ status: "CAPTURED", amount: { amount: 120_000 } });
    const again = await post(url, "outcome=decline", FORM_TYPE);
    expect(again.headers.get("location")).toBe("https://pigonair.example/back?x=1&outcome=approve");
  });

  test("takes a multipart form with a wrong amount", async () => {
    const attempt = newAttempt();
    const form = new FormData();
    form.set("outcome", "approve");
    form.set("amount", "7");
    expect((await post(await given.open(attempt), form)).status).toBe(303);
    expect((await given.provider.fetch(attempt))?.amount).toEqual({ amount: 7, currency: "KRW" });
  });

  test("goes to no address that a browser shouldn't follow, but shows its own page", async () => {
    for (const returnUrl of ["", "javascript:alert(1)", "/relative", "https://a;b/", "data:text/html,x"]) {
      const url = await given.open(newAttempt(), { returnUrl });
      expect((await fetch(url)).headers.get("content-security-policy")).toContain("form-action 'self';");
      expect((await post(url, "outcome=approve", FORM_TYPE)).headers.get("location")).toBe(url);
    }
  });

  test("answers JSON with what the payment is", async () => {
    const attempt = newAttempt();
    const { status, body } = await decide(await given.open(attempt), { outcome: "approve-late", webhook: "none" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ attempt, status: "PENDING", changed: true, outcome: "approve-late", webhook: "none" });
    expect(body).toMatchObject({ merchant: "pigonair", amount: { amount: 120_000, currency: "KRW" } });
    expect(Date.parse(String(body.capturesAt))).toBeGreaterThan(given.clock.nowMs());
  });

  test("names what it doesn't know, and leaves the payment undecided", async () => {
    const attempt = newAttempt();
    const url = await given.open(attempt);
    const bad: [string, Record<string, string>, string[]][] = [
      ["{}", JSON_TYPE, ["outcome"]],
      [`{"outcome":"APPROVE"}`, JSON_TYPE, ["outcome"]],
      [`{"outcome":"approve","webhook":"never"}`, JSON_TYPE, ["webhook"]],
      [`{"outcome":"approve","webhook":null}`, JSON_TYPE, ["webhook"]],
      [`{"outcome":"approve","amount":"1"}`, JSON_TYPE, ["amount"]],
      [`{"outcome":"approve","currency":"krw","merchant":""}`, JSON_TYPE, ["currency", "merchant"]],
      [`{"outcome":"approve","__proto__":{},"x":1}`, JSON_TYPE, ["__proto__", "x"]],
      ["outcome=approve&outcome=decline", FORM_TYPE, ["outcome"]],
      ["outcome=approve&amount=1e3", FORM_TYPE, ["amount"]],
      ["webhook=once", FORM_TYPE, ["outcome"]],
    ];
    for (const [body, headers, fields] of bad) {
      expect(await problemOf(await post(url, body, headers))).toEqual({ status: 400, code: "VALIDATION", fields });
    }
    expect(await problemOf(await post(url, "{", JSON_TYPE))).toMatchObject({ status: 400, code: "BAD_BODY" });
    const garbled = await post(url, "x", { "content-type": "multipart/form-data" });
    expect(await problemOf(garbled)).toMatchObject({ status: 400, code: "BAD_BODY" });
    expect((await given.provider.fetch(attempt))?.status).toBe("PENDING");
  });
});

test("garbage of any kind never gives a 5xx, and never decides a payment", async () => {
  const attempt = newAttempt();
  const checkout = new URL(await given.open(attempt)).pathname;
  const paths = fc.oneof(
    fc.constantFrom(checkout, "/v1/payments", `/v1/payments/${attempt}`, `/v1/payments/${attempt}/refunds`),
    fc.webPath().map((path) => `/v1/payments${path}`),
    fc.webPath(),
  );
  const types = fc.constantFrom(
    ...["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", ""],
  );
  const bodies = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }),
    fc.constant(`--b\r\n\r\n`),
    fc.webQueryParameters(),
  );
  const methods = fc.constantFrom("POST", "PUT", "PATCH");
  await fc.assert(
    fc.asyncProperty(methods, paths, types, bodies, async (method, path, type, body) => {
      const response = await fetch(given.sandbox.url + path, {
        method,
        body,
        headers: { authorization: `Bearer ${API_KEY}`, "content-type": type },
        redirect: "manual",
      });
      await response.body?.cancel();
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 200 },
  );
  expect((await given.provider.fetch(attempt))?.status).toBe("PENDING");
});
