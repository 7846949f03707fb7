// Goal: in whatever order people, provider, webhooks, deadlines, outages and crashes come, once all is quiet each capture is
// exactly one of ticketed and refunded (I8), nothing is left open, and seats, rows and journal agree (I7).

import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { unreachable } from "../../actors/assert.ts";
import type { PaymentView, ReservationView } from "../../actors/domain/reply.ts";
import { OperationalError } from "../../actors/errors.ts";
import { examine } from "../../db/doctor/examine.ts";
import type { BookedPayment } from "../../queue/payments/payment-book.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { Crash } from "../support/crashes.ts";
import { failureOf } from "../support/failure-of.ts";
import { givenAdults, paymentIn } from "../support/given.ts";
import { GivenPayments } from "../support/given-payments.ts";
import { decide } from "../support/given-sandbox.ts";

const DAY_MS = 24 * 3_600_000;
/** A shrinking failure takes its time. */
const TEST_MS_MAX = 60_000;
const SEATS = ["1A", "1B", "2A"];
const RUNS = 40;
const ACTIONS = { minLength: 6, maxLength: 30, size: "max" } as const;

type Action =
  | { readonly do: "hold"; readonly member: number; readonly seat: number }
  | { readonly do: "pay"; readonly which: number; readonly isOpened: boolean }
  | { readonly do: "decide"; readonly which: number; readonly outcome: string; readonly isWrong: boolean }
  | { readonly do: "webhook" | "read" | "look-as-read" | "cancel"; readonly which: number }
  | { readonly do: "settle" }
  | { readonly do: "settle-and-die"; readonly step: number }
  | { readonly do: "outage"; readonly isOn: boolean }
  | { readonly do: "wait"; readonly ms: number };

const seldom = fc.nat(4).map((n) => n === 4);
const mostly = fc.nat(4).map((n) => n < 4);
const late = fc.constantFrom("approve", "decline", "approve-late", "approve-late", "charge-then-timeout");

const anAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("hold" as const), member: fc.nat(1), seat: fc.nat(2) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("pay" as const), which: fc.nat(), isOpened: mostly }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("decide" as const), which: fc.nat(), outcome: late, isWrong: seldom }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom("webhook" as const, "read" as const, "look-as-read" as const, "cancel" as const),
      which: fc.nat(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("settle-and-die" as const), step: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("outage" as const), isOn: fc.boolean() }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1_000, 30_000, 240_000, 601_000, 901_000),
    }),
  },
);

/** What has happened so far in one run, and what may happen next. */
class Play {
  readonly #given: GivenPayments;
  readonly reservations: ReservationView[] = [];
  readonly payments: PaymentView[] = [];
  readonly #read: BookedPayment[] = [];
  #isDown = false;

  constructor(given: GivenPayments) {
    this.#given = given;
  }

  async act(action: Action): Promise<void> {
    const given = this.#given;
    switch (action.do) {
      case "hold":
        return this.#hold(`m${action.member}`, SEATS[action.seat] ?? "1A");
      case "pay":
        return this.#pay(pick(this.reservations, action.which), action.isOpened);
      case "decide":
        return this.#decide(pick(this.payments, action.which), action.outcome, action.isWrong);
      case "webhook": {
        const payment = pick(this.payments, action.which);
        if (payment !== undefined) await given.hint(payment.id, given.desk(this.#provider()));
        return;
      }
      case "read": {
        const payment = pick(this.payments, action.which);
        if (payment !== undefined) this.#read.push(await given.booked(payment.id));
        return;
      }
      case "look-as-read": {
        const read = pick(this.#read, action.which);
        if (read !== undefined) await given.settlement(this.#provider()).look(read);
        return;
      }
      case "cancel": {
        const reservation = pick(this.reservations, action.which);
        if (reservation === undefined) return;
        await given.ask("cancel", { reservationId: reservation.id }, reservation.member);
        return;
      }
      case "settle":
        return given.settleDue(given.settlement(this.#provider()));
      case "settle-and-die":
        return this.#settleAndDie(action.step);
      case "outage":
        this.#isDown = action.isOn;
        return;
      case "wait":
        given.clock.advance(action.ms);
        return;
      default:
        unreachable(action);
    }
  }

  /** Everything works again, and time passes until nothing can come any more. */
  async quieten(): Promise<void> {
    this.#isDown = false;
    this.#given.clock.advance(901_000);
    await this.#given.pass(3 * DAY_MS);
    // Whatever is asked of the flight ends the holds that are over.
    await this.#given.ask("seat-map", {});
  }

  async #hold(member: string, seat: string): Promise<void> {
    const reply = await this.#given.ask("hold", { passengers: givenAdults([seat]) }, member);
    if (reply.ok && reply.result.kind === "reservation") this.reservations.push(reply.result.reservation);
  }

  async #pay(reservation: ReservationView | undefined, isOpened: boolean): Promise<void> {
    if (reservation === undefined) return;
    const given = this.#given;
    const reply = await given.ask("begin-payment", { reservationId: reservation.id }, reservation.member);
    if (!reply.ok) return;
    const payment = paymentIn(reply);
    if (!this.payments.some(({ id }) => id === payment.id)) this.payments.push(payment);
    if (isOpened) await failureOf(given.openAt(given.desk(this.#provider()), reservation, payment));
  }

  async #decide(payment: PaymentView | undefined, outcome: string, isWrong: boolean): Promise<void> {
    const found = payment === undefined ? null : await this.#given.provider.fetch(payment.id).catch(() => null);
    if (found === null) return;
    await decide(found.checkoutUrl, { outcome, webhook: "none", ...(isWrong ? { amount: 1 } : {}) });
  }

  async #settleAndDie(step: number): Promise<void> {
    const { crashes } = this.#given;
    crashes.arm(step);
    const failure = await failureOf(this.#given.settleDue(this.#given.settlement(this.#provider())));
    expect(failure === undefined || failure instanceof Crash).toBe(true);
    crashes.disarm();
    await this.#given.restartHost();
  }

  #provider(): PaymentProvider {
    if (!this.#isDown) return this.#given.provider;
    const down = () => Promise.reject(new OperationalError("PROVIDER_UNAVAILABLE", "down"));
    return { ...this.#given.provider, create: down, fetch: down, cancel: down, refund: down };
  }
}

function pick<T>(from: readonly T[], which: number): T | undefined {
  return from[which % Math.max(1, from.length)];
}

/** What became of the money of one attempt, once all is quiet. */
async function moneyOf(given: GivenPayments, id: string): Promise<string> {
  const { status, reservationId, nextLookMs } = await given.booked(id);
  const isTicketed = (await given.reservation(reservationId)).status === "TICKETED" && status === "CAPTURED";
  const at = await given.provider.fetch(id);
  const says = at === null ? "nothing" : at.status;
  const back = at === null || at.refundedAmount === 0 ? "kept" : at.refundedAmount === at.amount.amount ? "back" : "?";
  return [status, isTicketed ? "ticketed" : "no ticket", says, back, nextLookMs ?? "quiet"].join(", ");
}

const SETTLED = new Set([
  "CAPTURED, ticketed, CAPTURED, kept, quiet",
  "REFUNDED, no ticket, CAPTURED, back, quiet",
  "FAILED, no ticket, FAILED, kept, quiet",
  "CANCELLED, no ticket, CANCELLED, kept, quiet",
]);

/** Every reservation has come to an end, and those that are ticketed, and no others, have their seats. */
async function seatsAreTheTicketed(given: GivenPayments): Promise<void> {
  const { read } = given.database;
  const reservations = read.selectFrom("reservation").select(["id", "status"]).where("flight_id", "=", given.flightId);
  const claims = read.selectFrom("seat_claim").select("reservation_id").where("flight_id", "=", given.flightId);
  const holders = new Set((await claims.execute()).map(({ reservation_id }) => reservation_id));
  for (const { id, status } of await reservations.execute()) {
    expect(["TICKETED", "CANCELLED", "RELEASED", "EXPIRED"]).toContain(status);
    expect(holders.has(id)).toBe(status === "TICKETED");
  }
}

let given: GivenPayments;

beforeAll(async () => {
  given = await GivenPayments.open();
});
afterAll(() => given.close());

test(
  "every order of events ends with each capture ticketed or refunded",
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(anAction, ACTIONS), async (actions) => {
        await given.fresh();
        const play = new Play(given);
        await play.act({ do: "hold", member: 0, seat: 0 });
        await play.act({ do: "pay", which: 0, isOpened: true });
        for (const action of actions) await play.act(action);
        await play.quieten();
        for (const { id } of play.payments) {
          const money = await moneyOf(given, id);
          expect(SETTLED).toContain(money);
          seen.add(money);
        }
        await seatsAreTheTicketed(given);
      }),
      { numRuns: RUNS },
    );
    // The runs have really come to every end.
    expect(seen).toEqual(SETTLED);
    // Journals, rows, I7 and I8, of all flights of all runs.
    expect((await examine(given.database.read)).findings).toEqual([]);
  },
  TEST_MS_MAX,
);
