/** Goal: a reader learns what becomes of money: one open attempt a reservation, and one end for every capture (I8). */

import { describe, expect, test } from "bun:test";
import type { SettlePaymentArgs } from "../../../actors/domain/command.ts";
import { money } from "../../../actors/domain/money.ts";
import {
  DEPARTS_AT_MS,
  GivenFlight,
  givenParty,
  NOW_MS,
  paymentIn,
  rejectionIn,
  reservationIn,
} from "../../support/given.ts";

const MINUTE_MS = 60_000;

/** A flight with one reservation of seat 4A, whose payment has begun: reservation r1, attempt a1. */
function givenPaying(): GivenFlight {
  const flight = new GivenFlight();
  flight.hold(["4A"]);
  flight.request("begin-payment", { reservationId: "r1" });
  return flight;
}

function settle(
  flight: GivenFlight,
  status: SettlePaymentArgs["status"],
  { attempt = "a1", amount = 90_000, currency = "KRW", ours = true } = {},
): void {
  const args = { attempt, status, amount: { amount, currency }, ours };
  paymentIn(flight.request("settle-payment", args, { member: null }));
}

/** What the reservation and its attempts are by now: `TICKETED a1:CAPTURED`. */
function standing({ state }: GivenFlight, id = "r1"): string {
  const { status, attempts } = state.reservation(id);
  return [status, ...attempts.map((attempt) => `${attempt.id}:${attempt.status}`)].join(" ");
}

describe("begin-payment", () => {
  test("opens one attempt, and gives the same one again while it is open", () => {
    const flight = new GivenFlight();
    const { id, total } = flight.hold(["4A"]);
    const first = flight.request("begin-payment", { reservationId: id });
    expect(first).toMatchObject({ result: { isNew: true } });
    expect(paymentIn(first)).toEqual({
      id: "a1",
      status: "PENDING",
      amount: total,
      checkoutUrl: null,
      expiresAtMs: NOW_MS + 10 * MINUTE_MS,
    });
    const second = flight.request("begin-payment", { reservationId: id });
    expect(second).toMatchObject({ result: { isNew: false, payment: { id: "a1" } } });
  });

  test("opens a new attempt after the old one has definitely failed", () => {
    const flight = givenPaying();
    settle(flight, "FAILED");
    expect(paymentIn(flight.request("begin-payment", { reservationId: "r1" })).id).toBe("a2");
    expect(standing(flight)).toBe("PAYING a1:FAILED a2:PENDING");
  });

  test("is too late once the hold has ended", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    flight.advance(15 * MINUTE_MS);
    expect(rejectionIn(flight.request("begin-payment", { reservationId: "r1" })).code).toBe("HOLD_EXPIRED");
  });

  test("is refused for a reservation that is paid, cancelled or given up", () => {
    const paid = givenPaying();
    settle(paid, "CAPTURED");
    expect(rejectionIn(paid.request("begin-payment", { reservationId: "r1" })).code).toBe("ALREADY_PAID");
    paid.request("cancel", { reservationId: "r1" });
    expect(rejectionIn(paid.request("begin-payment", { reservationId: "r1" })).code).toBe("NOT_PAYABLE");
  });

  test("finds nothing of somebody else's", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    const theirs = flight.request("begin-payment", { reservationId: "r1" }, { member: "m2" });
    const none = flight.request("begin-payment", { reservationId: "r99" }, { member: "m2" });
    expect(rejectionIn(theirs).code).toBe("RESERVATION_NOT_FOUND");
    expect(theirs).toEqual(none);
  });

  test("keeps the page where the member pays", () => {
    const flight = givenPaying();
    flight.request("open-payment", { attempt: "a1", checkoutUrl: "https://pay.example/1" }, { member: null });
    flight.request("open-payment", { attempt: "a1", checkoutUrl: "https://pay.example/2" }, { member: null });
    expect(paymentIn(flight.request("begin-payment", { reservationId: "r1" })).checkoutUrl).toBe(
      "https://pay.example/1",
    );
  });
});

describe("a capture", () => {
  test("buys the seats: one ticket for each passenger, infants too", () => {
    const flight = new GivenFlight();
    const { id, total } = flight.hold(givenParty("ADT", "INF"));
    flight.request("begin-payment", { reservationId: id });
    flight.request("settle-payment", { attempt: "a1", status: "CAPTURED", amount: total, ours: true });
    const { status, passengers } = reservationIn(flight.request("reservation", { reservationId: id }));
    expect(status).toBe("TICKETED");
    expect(passengers.map(({ ticket }) => ticket)).toEqual(["1800000000001", "1800000000002"]);
  });

  test("that comes while paying counts, even after the hold's own time", () => {
    const flight = givenPaying();
    flight.advance(60 * MINUTE_MS);
    expect(flight.tryHold(["4A"], { member: "m2" }).ok).toBe(false);
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("TICKETED a1:CAPTURED");
  });

  test("told twice is one capture", () => {
    const flight = givenPaying();
    settle(flight, "CAPTURED");
    settle(flight, "CAPTURED");
    settle(flight, "FAILED");
    expect(standing(flight)).toBe("TICKETED a1:CAPTURED");
    expect(flight.journal.flatMap(({ events }) => events).filter(({ type }) => type === "captured")).toHaveLength(1);
  });

  test.each([
    ["too little", { amount: 89_999 }],
    ["too much", { amount: 90_001 }],
    ["another currency", { currency: "USD" }],
    ["another merchant", { ours: false }],
  ])("of %s buys nothing and goes back", (_, wrong) => {
    const flight = givenPaying();
    settle(flight, "CAPTURED", wrong);
    expect(standing(flight)).toBe("HELD a1:REFUNDING");
    expect(flight.state.attempt("a1").refundReason).toBe("WRONG_PAYMENT");
    flight.advance(15 * MINUTE_MS);
    flight.request("seat-map", {});
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
    expect(flight.occupied()).toEqual([]);
  });

  test("of the wrong amount after the hold's time ends the hold at once", () => {
    const flight = givenPaying();
    flight.advance(15 * MINUTE_MS);
    settle(flight, "CAPTURED", { amount: 1 });
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
  });

  test("of an earlier attempt goes back while the newer one is open", () => {
    const flight = givenPaying();
    settle(flight, "FAILED");
    flight.request("begin-payment", { reservationId: "r1" });
    settle(flight, "CAPTURED", { attempt: "a1" });
    expect(standing(flight)).toBe("PAYING a1:REFUNDING a2:PENDING");
    expect(flight.state.attempt("a1").refundReason).toBe("NOT_THE_TICKETING_ATTEMPT");
    settle(flight, "CAPTURED", { attempt: "a2" });
    expect(standing(flight)).toBe("TICKETED a1:REFUNDING a2:CAPTURED");
  });

  test("of both attempts is ticketed once and goes back once", () => {
    const flight = givenPaying();
    settle(flight, "FAILED");
    flight.request("begin-payment", { reservationId: "r1" });
    settle(flight, "CAPTURED", { attempt: "a2" });
    settle(flight, "CAPTURED", { attempt: "a1" });
    expect(standing(flight)).toBe("TICKETED a1:REFUNDING a2:CAPTURED");
  });

  test("after a failure, while the hold still runs, goes back: the member was told to pay again", () => {
    const flight = givenPaying();
    settle(flight, "FAILED");
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("HELD a1:REFUNDING");
  });

  test("after the flight has left goes back", () => {
    const flight = new GivenFlight();
    flight.advance(DEPARTS_AT_MS - NOW_MS - 1);
    flight.hold(["4A"]);
    flight.request("begin-payment", { reservationId: "r1" });
    flight.advance(1);
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("HELD a1:REFUNDING");
    expect(flight.state.attempt("a1").refundReason).toBe("SEATS_GONE");
  });
});

describe("a late capture", () => {
  /** The hold has run out after its payment was cancelled at the provider: EXPIRED, a1:CANCELLED. */
  function givenExpired(): GivenFlight {
    const flight = givenPaying();
    flight.advance(15 * MINUTE_MS);
    settle(flight, "CANCELLED");
    expect(standing(flight)).toBe("EXPIRED a1:CANCELLED");
    return flight;
  }

  test("takes the same seats again if they are free", () => {
    const flight = givenExpired();
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("TICKETED a1:CAPTURED");
    expect(flight.occupied()).toEqual(["4A:sold"]);
  });

  test("goes back if a seat has been resold", () => {
    const flight = givenExpired();
    flight.hold(["4A"], { member: "m2" });
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
    expect(flight.state.attempt("a1").refundReason).toBe("SEATS_GONE");
    expect(flight.state.holder(flight.state.plan.seatPlan.indexOf("4A") ?? -1)).toBe("r2");
  });

  test("goes back if a passenger sits elsewhere in the flight by now", () => {
    const flight = new GivenFlight();
    const kim = { name: "Kim", type: "ADT", person: "hash-of-kim" } as const;
    flight.hold([{ ...kim, seat: "4A" }]);
    flight.request("begin-payment", { reservationId: "r1" });
    flight.advance(15 * MINUTE_MS);
    settle(flight, "CANCELLED");
    flight.hold([{ ...kim, seat: "9F" }], { member: "m2" });
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
  });

  test("goes back if the flight has left", () => {
    const flight = givenExpired();
    flight.advance(DEPARTS_AT_MS - NOW_MS);
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
  });

  test("goes back if the sale has been closed", () => {
    const flight = givenExpired();
    const amount = { amount: 90_000, currency: "KRW" };
    const args = { attempt: "a1", status: "CAPTURED", amount, ours: true, saleClosed: true } as const;
    flight.request("settle-payment", args, { member: null });
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
    expect(flight.occupied()).toEqual([]);
  });

  test("goes back if the member had given the seats up", () => {
    const flight = givenPaying();
    settle(flight, "FAILED");
    flight.request("release", { reservationId: "r1" });
    settle(flight, "CAPTURED");
    expect(standing(flight)).toBe("RELEASED a1:REFUNDING");
    expect(flight.occupied()).toEqual([]);
  });

  test("of the wrong amount goes back, though the seats are free", () => {
    const flight = givenExpired();
    settle(flight, "CAPTURED", { amount: 1 });
    expect(standing(flight)).toBe("EXPIRED a1:REFUNDING");
    expect(flight.state.attempt("a1").refundReason).toBe("WRONG_PAYMENT");
  });
});

describe("a refund", () => {
  test("is due once when tickets are cancelled, and over when the provider has paid", () => {
    const flight = givenPaying();
    settle(flight, "CAPTURED");
    expect(reservationIn(flight.request("cancel", { reservationId: "r1" }))).toMatchObject({
      status: "CANCELLED",
      payment: { status: "REFUNDING" },
    });
    flight.request("cancel", { reservationId: "r1" });
    expect(flight.journal.flatMap(({ events }) => events).filter(({ type }) => type === "refund-due")).toHaveLength(1);
    expect(flight.occupied()).toEqual([]);
    flight.request("settle-refund", { attempt: "a1" }, { member: null });
    flight.request("settle-refund", { attempt: "a1" }, { member: null });
    expect(standing(flight)).toBe("CANCELLED a1:REFUNDED");
  });

  test("is not settled where none is due", () => {
    const flight = givenPaying();
    settle(flight, "CAPTURED");
    flight.request("settle-refund", { attempt: "a1" }, { member: null });
    expect(standing(flight)).toBe("TICKETED a1:CAPTURED");
  });
});

describe("money", () => {
  test("is whole", () => {
    expect(money(3, "KRW")).toEqual({ amount: 3, currency: "KRW" });
    expect(() => money(0.5, "KRW")).toThrow("safe integer");
  });
});
