/** Goal: where the sandbox runs without an edge, what it has to say is heard in the same process; where there is no sandbox, nobody is. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { createOpsApp } from "../../http/ops/ops-app.ts";
import { Readiness } from "../../http/ops/readiness.ts";
import { prometheus } from "../../http/telemetry/prometheus.ts";
import type { PaymentDesk } from "../../queue/payments/payment-desk.ts";
import { entropy, GivenPayments } from "../support/given-payments.ts";

const HINTS = "http://localhost/api/v1/payments/webhooks/sandbox";

let given: GivenPayments;

beforeAll(async () => {
  given = await GivenPayments.open();
});
afterAll(() => given.close());

function workers(desk?: PaymentDesk) {
  const { clock, telemetry } = given;
  const settings = { isHttps: false, bodyBytesMax: 65_536, requestTimeoutMs: 15_000 };
  const { metrics } = prometheus(telemetry.log);
  const services = { ...settings, clock, entropy, telemetry, metrics, readiness: new Readiness(clock, []) };
  return createOpsApp(desk === undefined ? services : { ...services, desk });
}

async function say(app: ReturnType<typeof workers>, { headers, body }: { headers: Headers; body: string }) {
  headers.set("content-type", "application/json");
  return (await app.handle(new Request(HINTS, { method: "POST", headers, body }))).status;
}

test("a hint that was signed rightly gives the tickets", async () => {
  const reservation = await given.hold();
  const payment = await given.pay(reservation);
  await given.checkout(payment, { outcome: "approve", webhook: "none" });

  expect(await say(workers(given.desk()), given.webhook(payment.id))).toBe(204);

  expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
});

test("a hint that was not is refused", async () => {
  const forged = given.webhook("01970000-0000-7000-8000-000000000000", {
    secret: "whsec_bm90IHRoZSByaWdodCBzZWNyZXQgYXQgYWxs",
  });
  expect(await say(workers(given.desk()), forged)).toBe(401);
});

test("without a sandbox beside there is no such route", async () => {
  expect(await say(workers(), given.webhook("01970000-0000-7000-8000-000000000000"))).toBe(404);
});
