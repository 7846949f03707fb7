// Goal: what is to be given back is given back once, over crashes at every step, two workers, refusals and a provider that is down;
// and a crash at any step of a settlement loses and doubles nothing.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { PaymentView, ReservationView } from "../../actors/domain/reply.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { Crash } from "../support/crashes.ts";
import { failureOf } from "../support/failure-of.ts";
import { GivenPayments } from "../support/given-payments.ts";

const HOUR_MS = 3_600_000;

let given: GivenPayments;

beforeAll(async () => {
  given = await GivenPayments.open();
});
beforeEach(() => given.fresh());
afterAll(() => given.close());

const approved = { outcome: "approve", webhook: "none" };

async function ticketed(): Promise<{ reservation: ReservationView; payment: PaymentView }> {
  const reservation = await given.hold();
  const payment = await given.pay(reservation);
  await given.checkout(payment, approved);
  await given.hint(payment.id);
  return { reservation, payment };
}

/** How often the provider really gave money back, whatever it was asked. */
function countingRefunds(): { provider: PaymentProvider; given: () => number } {
  let times = 0;
  const provider: PaymentProvider = {
    ...given.provider,
    refund: async (attempt, key) => {
      const before = (await given.provider.fetch(attempt))?.refundedAmount ?? 0;
      const after = await given.provider.refund(attempt, key);
      if (after.refundedAmount > before) times += 1;
      return after;
    },
  };
  return { provider, given: () => times };
}

test("cancelling a paid reservation gives the money back once and lets the seats go at once", async () => {
  const { reservation, payment } = await ticketed();
  expect((await given.cancel(reservation)).payment?.status).toBe("REFUNDING");
  const counting = countingRefunds();
  await given.settleDue(given.settlement(counting.provider));
  expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
  await given.hint(payment.id, given.desk(counting.provider));
  await given.pass(HOUR_MS, given.settlement(counting.provider));
  expect(counting.given()).toBe(1);
  expect((await given.hold(["1A"], "m2")).status).toBe("HELD");
});

test("two workers that look at the same refund at once give it back once", async () => {
  const { reservation, payment } = await ticketed();
  await given.cancel(reservation);
  const due = await given.booked(payment.id);
  const counting = countingRefunds();
  const workers = [1, 2, 3].map(() => given.settlement(counting.provider));
  await Promise.all(workers.map((worker) => worker.look(due)));
  expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
  expect((await given.provider.fetch(payment.id))?.refundedAmount).toBe(90_000);
});

describe("a provider that can't be asked", () => {
  test("is asked again, ever more rarely, until it gives the money back", async () => {
    const { reservation, payment } = await ticketed();
    await given.cancel(reservation);
    const atMs: number[] = [];
    const startMs = given.clock.nowMs();
    const down: PaymentProvider = {
      ...given.provider,
      refund: () => {
        atMs.push(given.clock.nowMs() - startMs);
        return Promise.reject(new OperationalError("PROVIDER_UNAVAILABLE", "down"));
      },
    };
    await given.pass(HOUR_MS, given.settlement(down));
    expect(atMs.slice(0, 5)).toEqual([0, 5_000, 15_000, 35_000, 75_000]);
    expect(atMs.length).toBeLessThan(15);
    expect((await given.booked(payment.id)).status).toBe("REFUNDING");
    await given.pass(600_000);
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
  });

  test("is asked again when it has taken the refund but not given anything back yet", async () => {
    const { reservation } = await ticketed();
    await given.cancel(reservation);
    const slow: PaymentProvider = {
      ...given.provider,
      refund: async (attempt) => ({ ...(await given.provider.cancel(attempt)), refundedAmount: 0 }),
    };
    await given.settleDue(given.settlement(slow));
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDING");
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
  });
});

describe("a refund that the provider refuses", () => {
  const alarm = "pigonair_payment_alarms_total{kind=refund-refused}";

  test("is settled when somebody has given the money back by hand", async () => {
    const { reservation, payment } = await ticketed();
    await given.cancel(reservation);
    await given.provider.refund(payment.id, "by-hand");
    await given.settleDue();
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
    expect(given.telemetry.count(alarm)).toBe(0);
  });

  /** Somebody has given a part back by hand, and the provider says so whatever it is asked. */
  function partly(refund: PaymentProvider["refund"]): PaymentProvider {
    const fetch = async (attempt: string) => ({ ...(await given.provider.cancel(attempt)), refundedAmount: 1 });
    return { ...given.provider, fetch, refund };
  }

  for (const [how, refund] of [
    ["refuses the rest", () => Promise.reject(new OperationalError("INTERNAL", "given back under another key"))],
    ["takes the refund", async (attempt) => ({ ...(await given.provider.cancel(attempt)), refundedAmount: 1 })],
  ] as const satisfies readonly (readonly [string, PaymentProvider["refund"]])[]) {
    test(`raises an alarm and stays open when only a part was given back by hand and the provider ${how}`, async () => {
      const { reservation } = await ticketed();
      await given.cancel(reservation);
      await given.settleDue(given.settlement(partly(refund)));
      expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDING");
      expect(given.telemetry.count(alarm)).toBe(1);
    });
  }

  test("raises an alarm and stays open otherwise", async () => {
    const { reservation } = await ticketed();
    await given.cancel(reservation);
    const refusing: PaymentProvider = {
      ...given.provider,
      refund: () => Promise.reject(new OperationalError("INTERNAL", "no refunds here")),
    };
    await given.settleDue(given.settlement(refusing));
    expect(given.telemetry.count(alarm)).toBe(1);
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
  });
});

describe("a crash at any step", () => {
  /** Plays a scenario for each step at which it can die: up to there, then from a new start on to its end. */
  async function dieAtEachStep(setUp: () => Promise<{ provider: PaymentProvider; check: () => Promise<void> }>) {
    for (let step = 1; ; step++) {
      await given.fresh();
      const { provider, check } = await setUp();
      given.crashes.arm(step);
      const failure = await failureOf(given.settleDue(given.settlement(provider)));
      const hasDied = given.crashes.isDown;
      expect(failure instanceof Crash).toBe(hasDied);
      given.crashes.disarm();
      await given.restartHost();
      await given.settleDue(given.settlement(provider));
      await check();
      if (!hasDied) return step - 1;
    }
  }

  test("of a refund gives the money back once", async () => {
    const steps = await dieAtEachStep(async () => {
      const { reservation } = await ticketed();
      await given.cancel(reservation);
      const counting = countingRefunds();
      const check = async () => {
        expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
        expect(counting.given()).toBe(1);
      };
      return { provider: counting.provider, check };
    });
    // Before and after the provider's refund, the flight's command, and the book's next look.
    expect(steps).toBe(6);
  });

  test("of a settlement tickets once, with the numbers that were committed first", async () => {
    const steps = await dieAtEachStep(async () => {
      const reservation = await given.hold(["1A", "1B"]);
      await given.checkout(await given.pay(reservation), approved);
      given.clock.advance(10_000);
      const check = async () => {
        const { status, passengers } = await given.reservation(reservation.id);
        expect(status).toBe("TICKETED");
        const tickets = given.database.read.selectFrom("ticket").where("reservation_id", "=", reservation.id);
        const rows = await tickets.select("number").orderBy("ordinal").execute();
        expect(rows.map(({ number }) => number)).toEqual(passengers.map(({ ticket }) => ticket ?? "none"));
      };
      return { provider: given.provider, check };
    });
    expect(steps).toBe(6);
  });

  test("of the cancellation of an open payment that was charged gives the money back once", async () => {
    const steps = await dieAtEachStep(async () => {
      const reservation = await given.hold();
      await given.checkout(await given.pay(reservation), approved);
      await given.cancel(reservation);
      const counting = countingRefunds();
      const check = async () => {
        expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
        expect(counting.given()).toBe(1);
      };
      return { provider: counting.provider, check };
    });
    expect(steps).toBe(12);
  });

  test("of the closing at the deadline leaves no attempt open", async () => {
    const steps = await dieAtEachStep(async () => {
      const reservation = await given.hold();
      const payment = await given.pay(reservation);
      given.clock.advance(payment.expiresAtMs - given.clock.nowMs());
      const check = async () => expect(await given.outcome(reservation.id)).toBe("HELD CANCELLED");
      return { provider: given.provider, check };
    });
    expect(steps).toBe(6);
  });

  test("of a look that finds nothing yet leaves the attempt due", async () => {
    const steps = await dieAtEachStep(async () => {
      const reservation = await given.hold();
      const payment = await given.pay(reservation);
      given.clock.advance(10_000);
      const check = async () => {
        const booked = await given.booked(payment.id);
        expect(booked.status).toBe("PENDING");
        expect(booked.nextLookMs).toBeGreaterThan(given.clock.nowMs());
      };
      return { provider: given.provider, check };
    });
    // The provider's fetch, and the book's next look.
    expect(steps).toBe(4);
  });
});
