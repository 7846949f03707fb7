// Goal: the reconciler looks at each attempt when its time has come, a bounded number at once, whatever fails meanwhile,
// and leaves nothing running when it is stopped.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { PaymentView, ReservationView } from "../../actors/domain/reply.ts";
import type { PaymentBook } from "../../queue/payments/payment-book.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import {
  LOOKS_AT_ONCE_MAX,
  POLL_INTERVAL_MS,
  Reconciler,
  STUCK_AFTER_MS,
  STUCK_COUNT_INTERVAL_MS,
} from "../../queue/payments/reconciler.ts";
import { GivenPayments } from "../support/given-payments.ts";
import { OwnTimers } from "../support/own-timers.ts";
import { until } from "../support/until.ts";

const SEATS_MAX = 60;

let given: GivenPayments;
let reconciler: Reconciler;
let timers: OwnTimers;

beforeAll(async () => {
  given = await GivenPayments.open({ rules: { seatsPerMember: SEATS_MAX } });
});
beforeEach(() => given.fresh());
afterEach(() => reconciler.stop());
afterAll(() => given.close());

function start(provider: PaymentProvider = given.provider, book: PaymentBook = given.book): void {
  timers = new OwnTimers(given.clock);
  const { telemetry } = given;
  reconciler = new Reconciler({ book, settlement: given.settlement(provider), clock: timers, telemetry });
  reconciler.start();
}

/** The reconciler has polled, and waits for its next time. */
async function idle(): Promise<void> {
  await until(() => timers.pending === 1, "the next poll");
}

/** Lets `ms` pass, and then one poll. */
async function pass(ms: number): Promise<void> {
  given.clock.advance(ms);
  await idle();
  given.clock.advance(POLL_INTERVAL_MS);
}

const outcome = (looks: string) => given.telemetry.count(`pigonair_payment_looks_total{outcome=${looks}}`);

async function paying(seat: string): Promise<{ reservation: ReservationView; payment: PaymentView }> {
  const reservation = await given.hold([seat]);
  return { reservation, payment: await given.begin(reservation) };
}

/** Begins as many payments, and lets their first look become due. */
async function manyDue(count: number): Promise<void> {
  for (let at = 0; at < count; at++) await paying(`${1 + Math.floor(at / 6)}${"ABCDEF"[at % 6]}`);
  given.clock.advance(10_000);
}

/** Answers only when the test says so, and then that it knows nothing yet. */
class HeldProvider {
  readonly asked: string[] = [];
  readonly #answers: (() => void)[] = [];
  readonly provider: PaymentProvider;

  constructor(provider: PaymentProvider) {
    this.provider = {
      ...provider,
      fetch: (attempt) => this.#hold(attempt, () => null),
      cancel: (attempt) => this.#hold(attempt, () => provider.create(given.sandbox.request(attempt))),
    };
  }

  #hold<T>(attempt: string, answer: () => T): Promise<Awaited<T>> {
    this.asked.push(attempt);
    const { promise, resolve } = Promise.withResolvers<T>();
    this.#answers.push(() => resolve(answer()));
    return promise as Promise<Awaited<T>>;
  }

  answer(count: number): void {
    for (const answer of this.#answers.splice(0, count)) answer();
  }
}

test("start() looks at what became due before it", async () => {
  await manyDue(3);
  start();
  await until(() => outcome("unchanged") === 3, "three looks");
});

test("the poll finds what becomes due, without a hint", async () => {
  const { payment } = await paying("1A");
  start();
  await idle();
  expect(outcome("unchanged")).toBe(0);
  await pass(10_000);
  await until(() => outcome("unchanged") === 1, "the look");
  expect((await given.booked(payment.id)).looks).toBe(1);
});

test("wake() looks at once, without any time passing", async () => {
  const { reservation } = await paying("1A");
  start();
  await idle();
  await given.cancel(reservation);
  reconciler.wake();
  await until(() => outcome("changed") === 1, "the settlement");
  expect(await given.outcome(reservation.id)).toBe("RELEASED CANCELLED");
});

test("a refund follows a settlement within a poll", async () => {
  const reservation = await given.hold();
  await given.checkout(await given.pay(reservation), { outcome: "approve", webhook: "none" });
  await given.cancel(reservation);
  start();
  await until(() => outcome("changed") === 1, "the settlement");
  await idle();
  given.clock.advance(POLL_INTERVAL_MS);
  await until(() => outcome("changed") === 2, "the refund");
  expect(await given.outcome(reservation.id)).toBe("CANCELLED REFUNDED");
});

describe("many that are due", () => {
  test("are looked at a bounded number at once, and each end makes room for another", async () => {
    const held = new HeldProvider(given.provider);
    await manyDue(LOOKS_AT_ONCE_MAX + 5);
    start(held.provider);
    await until(() => held.asked.length === LOOKS_AT_ONCE_MAX, "as many looks as may run");
    await idle();
    expect(held.asked.length).toBe(LOOKS_AT_ONCE_MAX);
    held.answer(2);
    await until(() => held.asked.length === LOOKS_AT_ONCE_MAX + 2, "two more");
    held.answer(LOOKS_AT_ONCE_MAX + 2);
    await until(() => held.asked.length === LOOKS_AT_ONCE_MAX + 5, "the rest");
    held.answer(LOOKS_AT_ONCE_MAX);
    await until(() => outcome("unchanged") === LOOKS_AT_ONCE_MAX + 5, "all looks");
    expect(new Set(held.asked).size).toBe(LOOKS_AT_ONCE_MAX + 5);
  });

  test("are not held up by one that gets no answer, nor is that one asked twice at once", async () => {
    await manyDue(3);
    const [slow] = await given.book.due(given.clock.nowMs(), 1);
    const held = new HeldProvider(given.provider);
    start({
      ...given.provider,
      fetch: (attempt) => (attempt === slow?.id ? held.provider : given.provider).fetch(attempt),
    });
    await until(() => outcome("unchanged") === 2, "the others");
    given.clock.advance(POLL_INTERVAL_MS);
    await idle();
    expect(held.asked).toHaveLength(1);
    held.answer(1);
    await until(() => outcome("unchanged") === 3, "the slow one");
  });
});

test("as many rows as may be looked at, all behind their flights, keep no refund waiting", async () => {
  const settled: string[] = [];
  for (let at = 0; at < LOOKS_AT_ONCE_MAX; at++) {
    const payment = await given.pay(await given.hold([`${1 + Math.floor(at / 6)}${"ABCDEF"[at % 6]}`]));
    await given.checkout(payment, { outcome: "approve", webhook: "none" });
    await given.hint(payment.id);
    settled.push(payment.id);
  }
  const asTheyWere = { status: "PENDING", captured_amount: null, captured_currency: null };
  const due = { ...asTheyWere, next_look_ms: given.clock.nowMs() };
  await given.database.write.updateTable("payment").set(due).where("id", "in", settled).execute();
  given.clock.advance(1_000);
  const reservation = await given.hold(["9A"]);
  const payment = await given.pay(reservation);
  await given.checkout(payment, { outcome: "approve", webhook: "none" });
  await given.hint(payment.id);
  await given.cancel(reservation);
  start();
  await until(async () => (await given.outcome(reservation.id)) === "CANCELLED REFUNDED", "the refund");
});

describe("a database that fails", () => {
  test("is asked again with the next poll, and not before", async () => {
    await manyDue(1);
    let failures = 0;
    const failing: PaymentBook = {
      due: (nowMs, limit) => {
        if (failures < 2) return Promise.reject(new Error(`gone ${++failures}`));
        return given.book.due(nowMs, limit);
      },
      find: (attempt) => given.book.find(attempt),
      lookAgain: (seen, atMs) => given.book.lookAgain(seen, atMs),
      countPendingSince: (beforeMs) => given.book.countPendingSince(beforeMs),
    };
    start(given.provider, failing);
    await until(() => failures === 1, "the first failure");
    await idle();
    expect(failures).toBe(1);
    given.clock.advance(POLL_INTERVAL_MS);
    await until(() => failures === 2, "the second failure");
    await idle();
    given.clock.advance(POLL_INTERVAL_MS);
    await until(() => outcome("unchanged") === 1, "the look");
  });

  test("that could not take the time of the next look leaves the attempt due, for the next poll", async () => {
    await manyDue(1);
    given.crashes.arm(3);
    start();
    await until(() => given.telemetry.messages.includes("a look at a payment was not recorded"), "the failure");
    given.crashes.disarm();
    await idle();
    given.clock.advance(POLL_INTERVAL_MS);
    await until(() => outcome("unchanged") === 1, "the look again");
  });
});

test("stop() waits for the looks that run, and begins no other", async () => {
  const held = new HeldProvider(given.provider);
  await manyDue(LOOKS_AT_ONCE_MAX + 1);
  start(held.provider);
  await until(() => held.asked.length === LOOKS_AT_ONCE_MAX, "the looks");
  let hasStopped = false;
  const stopping = reconciler.stop().then(() => {
    hasStopped = true;
  });
  held.answer(LOOKS_AT_ONCE_MAX - 1);
  await until(() => outcome("unchanged") === LOOKS_AT_ONCE_MAX - 1, "all but one");
  expect(hasStopped).toBe(false);
  held.answer(1);
  await stopping;
  expect(held.asked).toHaveLength(LOOKS_AT_ONCE_MAX);
  given.clock.advance(10 * POLL_INTERVAL_MS);
  expect(held.asked).toHaveLength(LOOKS_AT_ONCE_MAX);
});

test("payment_stuck counts what is still open well after its deadline", async () => {
  const { payment } = await paying("1A");
  const held = new HeldProvider(given.provider);
  const stuck = () => given.telemetry.read("pigonair_payment_stuck");
  given.clock.advance(payment.expiresAtMs - given.clock.nowMs() + STUCK_AFTER_MS - 1);
  start(held.provider);
  await idle();
  expect(stuck()).toBe(0);
  await pass(STUCK_COUNT_INTERVAL_MS);
  await until(() => stuck() === 1, "it is counted");
  held.answer(1);
  await idle();
});
