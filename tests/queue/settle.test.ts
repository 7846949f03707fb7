// Goal: whatever order looks, deadlines and captures come in, a payment is decided once, by what the provider says of our own
// attempt, and each capture ends as a ticket or as a refund.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { PaymentStatus } from "../../actors/domain/reply.ts";
import { OperationalError } from "../../actors/errors.ts";
import { LATE_WATCH_MS, nextLookMs } from "../../queue/payments/look-times.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { DEFAULT_DELAYS } from "../../queue/payments/sandbox/model.ts";
import { GivenPayments } from "../support/given-payments.ts";
import { until } from "../support/until.ts";

const MINUTE_MS = 60_000;
const PAYMENT_MS = 10 * MINUTE_MS;
const HOLD_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

let given: GivenPayments;

beforeAll(async () => {
  given = await GivenPayments.open();
});
beforeEach(() => given.fresh());
afterAll(() => given.close());

/** A reservation whose payment outlives its hold: nothing is left when the payment is cancelled at its deadline. */
async function paidAtTheLastMinute(seats: string[] = ["1A"]) {
  const reservation = await given.hold(seats);
  given.clock.advance(HOLD_MS - MINUTE_MS);
  return { reservation, payment: await given.pay(reservation) };
}

const whileSilent = { outcome: "approve-late", webhook: "none" };
const approved = { outcome: "approve", webhook: "none" };
const declined = { outcome: "decline", webhook: "none" };

describe("an approved payment", () => {
  test("is ticketed by a look, without any webhook, and never looked at again", async () => {
    const reservation = await given.hold(["1A", "1B"]);
    const payment = await given.pay(reservation);
    await given.checkout(payment, approved);
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
    expect((await given.booked(payment.id)).nextLookMs).toBeNull();
  });

  test("is found although the provider answered nothing for a while after it had charged", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.checkout(payment, { outcome: "charge-then-timeout", webhook: "none" });
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("PAYING PENDING");
    await given.pass(MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
  });

  test("is ticketed although the silence outlasts deadline and hold: PAYING never ends without a definite answer", async () => {
    const { reservation, payment } = await paidAtTheLastMinute();
    given.clock.advance(PAYMENT_MS - 5_000);
    await given.checkout(payment, { outcome: "charge-then-timeout", webhook: "none" });
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("PAYING PENDING");
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
  });

  test("is refunded when the flight has left meanwhile", async () => {
    await given.fresh({ departsAtMs: given.clock.nowMs() + MINUTE_MS });
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    given.clock.advance(MINUTE_MS);
    await given.checkout(payment, approved);
    await given.pass(MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("HELD REFUNDED");
  });
});

describe("a declined payment", () => {
  test("leaves the reservation held, and the next attempt buys it", async () => {
    const reservation = await given.hold();
    await given.checkout(await given.pay(reservation), declined);
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("HELD FAILED");
    await given.checkout(await given.pay(reservation), approved);
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("TICKETED FAILED CAPTURED");
  });

  test("ends the reservation when its hold is over", async () => {
    const { reservation, payment } = await paidAtTheLastMinute();
    given.clock.advance(2 * MINUTE_MS);
    await given.checkout(payment, declined);
    await given.pass(MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED FAILED");
  });
});

describe("a payment that nobody makes", () => {
  test("is closed at the provider at its deadline, and can't be made any more", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.pass(PAYMENT_MS - 1);
    expect(await given.outcome(reservation.id)).toBe("PAYING PENDING");
    await given.pass(1);
    expect(await given.outcome(reservation.id)).toBe("HELD CANCELLED");
    expect((await given.provider.fetch(payment.id))?.status).toBe("CANCELLED");
    await given.checkout(payment, approved);
    await given.pass(DAY_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED CANCELLED");
  });

  test("stays PAYING past every deadline while the provider can't be asked to close it", async () => {
    const { reservation, payment } = await paidAtTheLastMinute();
    const down = {
      ...given.provider,
      cancel: () => Promise.reject(new OperationalError("PROVIDER_UNAVAILABLE", "down")),
    };
    await given.pass(2 * HOLD_MS, given.settlement(down));
    expect(await given.outcome(reservation.id)).toBe("PAYING PENDING");
    await given.checkout(payment, approved);
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
  });

  test("is settled although the provider never heard of it, and a late create opens nothing", async () => {
    const reservation = await given.hold();
    const payment = await given.begin(reservation);
    await given.pass(PAYMENT_MS + 10_000);
    expect(await given.outcome(reservation.id)).toBe("HELD CANCELLED");
    await given.openAt(given.desk(), reservation, payment);
    expect((await given.provider.fetch(payment.id))?.status).toBe("CANCELLED");
  });
});

describe("a capture that comes after its attempt was cancelled", () => {
  test("takes the expired reservation's seats again when they are free, without any webhook", async () => {
    const { reservation, payment } = await paidAtTheLastMinute(["1A", "1B"]);
    await given.checkout(payment, whileSilent);
    await given.pass(PAYMENT_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED CANCELLED");
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
  });

  test("is refunded when one of the seats is somebody else's by then", async () => {
    const { reservation, payment } = await paidAtTheLastMinute(["1A", "1B"]);
    await given.checkout(payment, whileSilent);
    await given.pass(PAYMENT_MS);
    const other = await given.hold(["1B"], "m2");
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED REFUNDED");
    expect(await given.outcome(other.id)).toBe("HELD");
  });

  test("is refunded when the reservation was released", async () => {
    const reservation = await given.hold();
    await given.checkout(await given.pay(reservation), whileSilent);
    await given.pass(PAYMENT_MS);
    await given.cancel(reservation);
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("RELEASED REFUNDED");
  });

  test("is refunded while the reservation is held for another attempt, which goes on", async () => {
    const reservation = await given.hold();
    await given.checkout(await given.pay(reservation), whileSilent);
    await given.pass(PAYMENT_MS);
    const second = await given.pay(reservation);
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("PAYING REFUNDED PENDING");
    await given.checkout(second, approved);
    await given.pass(MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("TICKETED REFUNDED CAPTURED");
  });

  test("is refunded when another attempt has bought the tickets, which stay", async () => {
    const reservation = await given.hold();
    await given.checkout(await given.pay(reservation), whileSilent);
    await given.pass(PAYMENT_MS);
    await given.checkout(await given.pay(reservation), approved);
    await given.pass(HOLD_MS);
    expect(await given.outcome(reservation.id)).toBe("TICKETED REFUNDED CAPTURED");
  });

  test("buys nothing in a sale that was closed, and what came in time still does", async () => {
    const inTime = await given.hold(["1B"]);
    const { reservation: late, payment } = await paidAtTheLastMinute();
    await given.checkout(payment, whileSilent);
    await given.checkout(await given.pay(inTime), approved);
    given.closedSales.add(given.flightId);
    await given.pass(PAYMENT_MS + 2 * MINUTE_MS);
    expect(await given.outcome(inTime.id)).toBe("TICKETED CAPTURED");
    expect(await given.outcome(late.id)).toBe("EXPIRED REFUNDED");
  });

  test("is looked for during a day, then no more; a webhook still finds it", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    const cancelledAtMs = payment.expiresAtMs;
    await given.pass(PAYMENT_MS);
    let lastLookMs = 0;
    let looks = 0;
    const watched = {
      ...given.provider,
      fetch: (attempt: string) => {
        lastLookMs = given.clock.nowMs();
        looks += 1;
        return given.provider.fetch(attempt);
      },
    };
    await given.pass(7 * DAY_MS, given.settlement(watched));
    expect(looks).toBeWithin(9, 13);
    expect(lastLookMs - cancelledAtMs).toBeWithin(LATE_WATCH_MS, LATE_WATCH_MS + 8 * 60 * MINUTE_MS);
    expect((await given.booked(payment.id)).nextLookMs).toBeNull();

    const late = { ...(await given.provider.cancel(payment.id)), status: "CAPTURED" as const };
    const capturing = { ...given.provider, fetch: () => Promise.resolve(late) };
    expect(await given.hint(payment.id, given.desk(capturing))).toBe("settled");
    expect((await given.booked(payment.id)).status).toBe("CAPTURED");
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
  });
});

describe("a member who cancels while paying", () => {
  test("has nothing to pay any more: the attempt is closed at the provider at once", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    expect((await given.cancel(reservation)).status).toBe("CANCELLING");
    await given.settleDue();
    expect(await given.outcome(reservation.id)).toBe("RELEASED CANCELLED");
    expect((await given.provider.fetch(payment.id))?.status).toBe("CANCELLED");
  });

  test("gets the money back when it had been taken already", async () => {
    const reservation = await given.hold();
    await given.checkout(await given.pay(reservation), approved);
    await given.cancel(reservation);
    await given.settleDue();
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
  });

  test("is cancelled at once also when a look was under way that found nothing yet", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    const slow = {
      ...given.provider,
      fetch: async (attempt: string) => {
        const found = await given.provider.fetch(attempt);
        await given.cancel(reservation);
        return found;
      },
    };
    await given.settlement(slow).look(await given.booked(payment.id));
    expect((await given.booked(payment.id)).nextLookMs).toBeLessThanOrEqual(given.clock.nowMs());
    await given.settleDue();
    expect(await given.outcome(reservation.id)).toBe("RELEASED CANCELLED");
  });
});

describe("a wrong capture", () => {
  const alarm = "pigonair_payment_alarms_total{kind=wrong-payment}";
  const wrongs = {
    "too little": { amount: 1 },
    "too much": { amount: 90_001 },
    "of another currency": { currency: "USD" },
    "to another merchant": { merchant: "someone-else" },
  };
  for (const [what, wrong] of Object.entries(wrongs)) {
    test(`${what} is given back whole, raises an alarm, and buys nothing`, async () => {
      const reservation = await given.hold();
      const payment = await given.pay(reservation);
      await given.checkout(payment, { ...approved, ...wrong });
      await given.pass(10_000);
      expect(await given.outcome(reservation.id)).toBe("HELD REFUNDED");
      const at = await given.provider.fetch(payment.id);
      expect(at?.refundedAmount).toBe(at?.amount.amount ?? -1);
      expect(given.telemetry.count(alarm)).toBe(1);
    });
  }

  test("comes late and finds its seats free, but is given back all the same", async () => {
    const { reservation, payment } = await paidAtTheLastMinute();
    await given.checkout(payment, { ...whileSilent, amount: 1 });
    await given.pass(PAYMENT_MS + 2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED REFUNDED");
  });
});

test("an end without money is the same end whatever amount the provider names: it may not have heard of the attempt at first", async () => {
  const reservation = await given.hold();
  const asRead = await given.booked((await given.pay(reservation)).id);
  const cancelled = await given.provider.cancel(asRead.id);
  for (const amount of [0, 90_000]) {
    const found = { ...cancelled, amount: { amount, currency: "KRW" } };
    const saying = () => Promise.resolve(found);
    await given.settlement({ ...given.provider, fetch: saying, cancel: saying }).look(asRead);
  }
  expect(await given.outcome(reservation.id)).toBe("HELD CANCELLED");
  expect(given.telemetry.messages).toEqual([]);
});

describe("a capture that was given back at the provider before anybody looked", () => {
  const alarms = () => given.telemetry.count("pigonair_payment_alarms_total{kind=wrong-payment}");

  test("buys nothing, and is not refunded again", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.checkout(payment, approved);
    await given.provider.refund(payment.id, `by-hand:${payment.id}`);
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("HELD REFUNDED");
    expect((await given.provider.fetch(payment.id))?.refundedAmount).toBe(90_000);
    expect(alarms()).toBe(0);
  });

  test("buys nothing either when only a part was, and the rest is given back", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.checkout(payment, approved);
    const partly: PaymentProvider = {
      ...given.provider,
      fetch: async (attempt) => ({ ...(await given.provider.cancel(attempt)), refundedAmount: 1 }),
    };
    await given.pass(10_000, given.settlement(partly));
    expect(await given.outcome(reservation.id)).toBe("HELD REFUNDED");
  });

  test("comes late and leaves the seats to others", async () => {
    const { reservation, payment } = await paidAtTheLastMinute();
    await given.checkout(payment, whileSilent);
    await given.pass(PAYMENT_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED CANCELLED");
    given.clock.advance(DEFAULT_DELAYS.lateCaptureMs);
    await until(async () => (await given.provider.fetch(payment.id))?.status === "CAPTURED", "the late capture");
    await given.provider.refund(payment.id, `by-hand:${payment.id}`);
    await given.pass(2 * MINUTE_MS);
    expect(await given.outcome(reservation.id)).toBe("EXPIRED REFUNDED");
    expect((await given.hold(["1A"], "m2")).status).toBe("HELD");
  });

  test("changes nothing when it was settled before, which is no reason for an alarm", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    const asRead = await given.booked(payment.id);
    await given.checkout(payment, approved);
    await given.hint(payment.id);
    await given.cancel(reservation);
    await given.settleDue();
    await given.settlement().look(asRead);
    expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
    expect(given.telemetry.messages).toEqual([]);
  });
});

describe("a row that is behind its flight, as one from an older copy of the table", () => {
  /** The attempt is CAPTURED, and the book says something else of it that is due now. */
  async function behind(status: PaymentStatus) {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.checkout(payment, approved);
    await given.hint(payment.id);
    const row = { status, next_look_ms: given.clock.nowMs() };
    await given.database.write.updateTable("payment").set(row).where("id", "=", payment.id).execute();
    return payment;
  }

  test("is looked at again only after a while, although its flight answers each time that it has changed", async () => {
    const payment = await behind("PENDING");
    await given.settleDue();
    expect((await given.booked(payment.id)).nextLookMs).toBe(given.clock.nowMs() + 10_000);
  });

  test("is never looked at again when it says itself that nothing is open", async () => {
    const payment = await behind("CAPTURED");
    await given.settleDue();
    expect((await given.booked(payment.id)).nextLookMs).toBeNull();
  });
});

test("a flight that does not know an attempt of the book raises an alarm", async () => {
  const payment = await given.pay(await given.hold());
  const unknown = { ...(await given.booked(payment.id)), id: "never-begun" };
  await given.provider.cancel(unknown.id);
  await given.settlement().look(unknown);
  expect(given.telemetry.count("pigonair_payment_alarms_total{kind=settlement-refused}")).toBe(1);
});

describe("nextLookMs()", () => {
  const pending = { status: "PENDING", expiresAtMs: 100_000, looks: 0 } as const;

  test("comes to the deadline of an open attempt, and not past it", () => {
    expect(nextLookMs(pending, true, 0, 0.5)).toBe(10_000);
    expect(nextLookMs({ ...pending, looks: 9 }, true, 0, 0.5)).toBe(60_000);
    expect(nextLookMs({ ...pending, looks: 9 }, true, 60_000, 0.5)).toBe(100_000);
    expect(nextLookMs({ ...pending, looks: 9 }, true, 100_000, 0.5)).toBe(160_000);
  });

  test("spreads looks by a quarter to either side", () => {
    expect(nextLookMs(pending, true, 0, 0)).toBe(7_500);
    expect(nextLookMs(pending, true, 0, 0.999)).toBe(12_495);
  });

  test("ends the late looks only after an answer", () => {
    const last = { ...pending, status: "FAILED", looks: 9 } as const;
    const overMs = pending.expiresAtMs + LATE_WATCH_MS;
    expect(nextLookMs(last, true, overMs - 1, 0.5)).toBe(overMs - 1 + 6 * 60 * MINUTE_MS);
    expect(nextLookMs(last, true, overMs, 0.5)).toBeNull();
    expect(nextLookMs(last, false, overMs, 0.5)).toBe(overMs + 10 * MINUTE_MS);
    expect(nextLookMs({ ...last, looks: 1_000_000 }, false, 0, 0.5)).toBe(10 * MINUTE_MS);
  });

  test("comes soon after a look in vain, however long ago the attempt has ended: what was found may be money", () => {
    const ended = { ...pending, status: "CANCELLED", looks: 2 } as const;
    expect(nextLookMs(ended, true, 0, 0.5)).toBe(9 * MINUTE_MS);
    expect(nextLookMs(ended, false, 0, 0.5)).toBe(20_000);
  });
});
