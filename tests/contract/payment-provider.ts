/** Owns what every payment provider must keep to, whatever stands behind it: run over each adapter of the port. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { CreatePayment, PaymentProvider } from "../../queue/payments/provider.ts";

/** A provider, and what the port can't do: be the member at the checkout, time, and the network. */
export interface ProviderUnderTest {
  readonly provider: PaymentProvider;
  approve(checkoutUrl: string): Promise<void>;
  decline(checkoutUrl: string): Promise<void>;
  /** The capture is made only after the payment has been cancelled. */
  approveLate(checkoutUrl: string): Promise<void>;
  /** Lets what approveLate() promised happen. */
  captureLate(): Promise<void>;
  /** The provider can't be reached from now on. */
  cutOff(): Promise<void>;
  /** The next webhook that was sent, as it was received. */
  webhook(): Promise<{ headers: Headers; body: string }>;
  advance(ms: number): void;
  nowMs(): number;
  stop(): Promise<void>;
}

const FIVE_MINUTES_MS = 300_000;

export function paymentProviderContract(name: string, open: () => Promise<ProviderUnderTest>): void {
  describe(`payment provider ${name}`, () => {
    let under: ProviderUnderTest;
    let provider: PaymentProvider;
    let request: CreatePayment;

    beforeEach(async () => {
      under = await open();
      provider = under.provider;
      request = {
        attempt: "a-1",
        amount: { amount: 120_000, currency: "KRW" },
        description: "Reservation ABC234",
        returnUrl: "https://pigonair.example/back",
        expiresAtMs: under.nowMs() + FIVE_MINUTES_MS,
      };
    });
    afterEach(() => under.stop());

    test("has a name that can stand in a path", () => {
      expect(provider.name).toMatch(/^[a-z]+$/);
    });

    describe("create()", () => {
      test("opens a payment of the amount asked, to our merchant", async () => {
        expect(await provider.create(request)).toEqual({
          attempt: "a-1",
          merchant: provider.merchant,
          status: "PENDING",
          amount: request.amount,
          refundedAmount: 0,
          checkoutUrl: expect.stringMatching(/^https?:/),
        });
      });

      test("gives the same payment again, also for two calls at once", async () => {
        const [one, two] = await Promise.all([provider.create(request), provider.create(request)]);
        expect(two).toEqual(one);
        expect(await provider.create(request)).toEqual(one);
      });

      test("gives what has become of the payment meanwhile", async () => {
        await under.approve((await provider.create(request)).checkoutUrl);
        expect((await provider.create(request)).status).toBe("CAPTURED");
      });

      test("refuses another amount under the same attempt, for ever", async () => {
        await provider.create(request);
        const other = provider.create({ ...request, amount: { amount: 1, currency: "KRW" } });
        await expect(other).rejects.toMatchObject({ name: "OperationalError", retryable: false });
        expect((await provider.fetch("a-1"))?.amount).toEqual(request.amount);
      });
    });

    describe("fetch()", () => {
      test("gives null for an attempt that was never seen", async () => {
        expect(await provider.fetch("never-seen")).toBeNull();
      });

      test("gives CAPTURED after an approval, with what was captured", async () => {
        await under.approve((await provider.create(request)).checkoutUrl);
        expect(await provider.fetch("a-1")).toMatchObject({
          status: "CAPTURED",
          amount: request.amount,
          merchant: provider.merchant,
          refundedAmount: 0,
        });
      });

      test("gives FAILED after a refusal", async () => {
        await under.decline((await provider.create(request)).checkoutUrl);
        expect((await provider.fetch("a-1"))?.status).toBe("FAILED");
      });
    });

    describe("cancel()", () => {
      test("closes a pending payment, as often as it is called", async () => {
        const { checkoutUrl } = await provider.create(request);
        expect((await provider.cancel("a-1")).status).toBe("CANCELLED");
        expect((await provider.cancel("a-1")).status).toBe("CANCELLED");
        await under.approve(checkoutUrl);
        expect((await provider.fetch("a-1"))?.status).toBe("CANCELLED");
      });

      test("leaves what was captured or has failed", async () => {
        await under.approve((await provider.create(request)).checkoutUrl);
        expect((await provider.cancel("a-1")).status).toBe("CAPTURED");
        await under.decline((await provider.create({ ...request, attempt: "a-2" })).checkoutUrl);
        expect((await provider.cancel("a-2")).status).toBe("FAILED");
      });

      test("of an attempt never seen lets a create that comes later open nothing", async () => {
        expect((await provider.cancel("a-1")).status).toBe("CANCELLED");
        const late = await provider.create(request);
        expect(late).toMatchObject({ status: "CANCELLED", amount: request.amount });
        await under.approve(late.checkoutUrl);
        expect((await provider.fetch("a-1"))?.status).toBe("CANCELLED");
      });

      test("doesn't stop a capture that was on its way", async () => {
        await under.approveLate((await provider.create(request)).checkoutUrl);
        expect((await provider.cancel("a-1")).status).toBe("CANCELLED");
        await under.captureLate();
        expect((await provider.fetch("a-1"))?.status).toBe("CAPTURED");
      });
    });

    describe("refund()", () => {
      test("gives the captured amount back once, also for two calls at once", async () => {
        await under.approve((await provider.create(request)).checkoutUrl);
        const refunds = await Promise.all([provider.refund("a-1", "refund:a-1"), provider.refund("a-1", "refund:a-1")]);
        refunds.push(await provider.refund("a-1", "refund:a-1"));
        for (const refund of refunds) expect(refund).toMatchObject({ status: "CAPTURED", refundedAmount: 120_000 });
      });

      test("gives nothing back twice under two keys", async () => {
        await under.approve((await provider.create(request)).checkoutUrl);
        await provider.refund("a-1", "refund:a-1");
        await expect(provider.refund("a-1", "another")).rejects.toMatchObject({ retryable: false });
        expect((await provider.fetch("a-1"))?.refundedAmount).toBe(120_000);
      });

      test("refuses where nothing was captured", async () => {
        await provider.create(request);
        await expect(provider.refund("a-1", "refund:a-1")).rejects.toBeInstanceOf(OperationalError);
        expect((await provider.fetch("a-1"))?.refundedAmount).toBe(0);
      });
    });

    test("every call throws PROVIDER_UNAVAILABLE when there is no answer", async () => {
      await under.cutOff();
      const calls = [
        provider.create(request),
        provider.fetch("a-1"),
        provider.cancel("a-1"),
        provider.refund("a-1", "refund:a-1"),
      ];
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ status: "rejected", reason: { code: "PROVIDER_UNAVAILABLE", retryable: true } });
      }
    });

    describe("readWebhook()", () => {
      let headers: Headers;
      let body: string;

      beforeEach(async () => {
        await under.approve((await provider.create(request)).checkoutUrl);
        ({ headers, body } = await under.webhook());
      });

      function changed(name: string, value: string | null): Headers {
        const copy = new Headers(headers);
        if (value === null) copy.delete(name);
        else copy.set(name, value);
        return copy;
      }

      test("hints at the attempt of a webhook that was really sent", () => {
        expect(provider.readWebhook(headers, body)).toEqual({ kind: "look", attempt: "a-1" });
      });

      test("refuses a body that was changed by a byte", () => {
        expect(provider.readWebhook(headers, `${body} `)).toEqual({ kind: "bad-signature" });
        expect(provider.readWebhook(headers, body.replace("a-1", "a-2"))).toEqual({ kind: "bad-signature" });
        expect(provider.readWebhook(headers, "")).toEqual({ kind: "bad-signature" });
      });

      test("refuses a header that is changed, missing or empty", () => {
        for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
          const value = present(headers.get(name), `a webhook has ${name}`);
          for (const other of [null, "", "x", `${value}x`, `${value}, ${value}`, `${value} ${value}, ${value}`]) {
            expect([name, other, provider.readWebhook(changed(name, other), body)]).toEqual([
              name,
              other,
              { kind: "bad-signature" },
            ]);
          }
        }
        expect(provider.readWebhook(new Headers(), body)).toEqual({ kind: "bad-signature" });
      });

      test("refuses a header that comes twice", () => {
        for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
          const doubled = new Headers(headers);
          doubled.append(name, present(headers.get(name), `a webhook has ${name}`));
          expect([name, provider.readWebhook(doubled, body)]).toEqual([name, { kind: "bad-signature" }]);
        }
      });

      test("refuses a webhook that is older than five minutes", () => {
        under.advance(FIVE_MINUTES_MS - 1_000);
        expect(provider.readWebhook(headers, body).kind).toBe("look");
        under.advance(2_001);
        expect(provider.readWebhook(headers, body).kind).toBe("bad-signature");
      });
    });
  });
}
