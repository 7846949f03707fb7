/** Goal: a reader learns how a reservation ends when its member gives it up, in whatever state it is. */

import { describe, expect, test } from "bun:test";
import { DEPARTS_AT_MS, GivenFlight, NOW_MS, rejectionIn, reservationIn } from "../../support/given.ts";

const PAID = { amount: 90_000, currency: "KRW" };

function givenPaying(): GivenFlight {
  const flight = new GivenFlight();
  flight.hold(["4A"]);
  flight.request("begin-payment", { reservationId: "r1" });
  return flight;
}

function givenTicketed(): GivenFlight {
  const flight = givenPaying();
  flight.request("settle-payment", { attempt: "a1", status: "CAPTURED", amount: PAID, ours: true }, { member: null });
  return flight;
}

describe("release", () => {
  test("frees the seats of a hold, and changes nothing the second time", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    expect(reservationIn(flight.request("release", { reservationId: "r1" })).status).toBe("RELEASED");
    expect(flight.occupied()).toEqual([]);
    expect(reservationIn(flight.request("release", { reservationId: "r1" })).status).toBe("RELEASED");
    expect(flight.journal).toHaveLength(2);
  });

  test("is not for what is being paid or is paid", () => {
    expect(rejectionIn(givenPaying().request("release", { reservationId: "r1" })).code).toBe("NOT_RELEASABLE");
    expect(rejectionIn(givenTicketed().request("release", { reservationId: "r1" })).code).toBe("NOT_RELEASABLE");
  });
});

describe("cancel", () => {
  test("releases a hold", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    expect(reservationIn(flight.request("cancel", { reservationId: "r1" })).status).toBe("RELEASED");
  });

  test("waits for an open payment, with the seats still held", () => {
    const flight = givenPaying();
    expect(reservationIn(flight.request("cancel", { reservationId: "r1" })).status).toBe("CANCELLING");
    expect(flight.occupied()).toEqual(["4A:held"]);
    flight.advance(24 * 3_600_000);
    flight.request("seat-map", {});
    expect(flight.occupied()).toEqual(["4A:held"]);
  });

  test("ends RELEASED when the open payment turns out not to have been captured", () => {
    const flight = givenPaying();
    flight.request("cancel", { reservationId: "r1" });
    flight.request("settle-payment", { attempt: "a1", status: "CANCELLED", amount: PAID, ours: true });
    expect(flight.state.reservation("r1").status).toBe("RELEASED");
    expect(flight.occupied()).toEqual([]);
  });

  test("ends CANCELLED, with the money on its way back, when it was captured after all", () => {
    const flight = givenPaying();
    flight.request("cancel", { reservationId: "r1" });
    flight.request("settle-payment", { attempt: "a1", status: "CAPTURED", amount: PAID, ours: true });
    expect(flight.state.reservation("r1").status).toBe("CANCELLED");
    expect(flight.state.attempt("a1")).toMatchObject({ status: "REFUNDING", refundReason: "CANCELLED" });
    expect(flight.occupied()).toEqual([]);
  });

  test("refuses tickets of a flight that has left", () => {
    const flight = givenTicketed();
    flight.advance(DEPARTS_AT_MS - NOW_MS);
    expect(rejectionIn(flight.request("cancel", { reservationId: "r1" })).code).toBe("FLIGHT_DEPARTED");
    expect(flight.occupied()).toEqual(["4A:sold"]);
  });

  test("finds nothing of somebody else's, and the system finds everything", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    const theirs = flight.request("cancel", { reservationId: "r1" }, { member: "m2" });
    expect(theirs).toEqual(flight.request("cancel", { reservationId: "none" }, { member: "m2" }));
    expect(rejectionIn(theirs).code).toBe("RESERVATION_NOT_FOUND");
    expect(reservationIn(flight.request("cancel", { reservationId: "r1" }, { member: null })).status).toBe("RELEASED");
  });
});
