/** Goal: a flight is made again from what its journal and its snapshot hold, and the rows that people read follow from the same events. */

import { describe, expect, test } from "bun:test";
import { Changes } from "../../../actors/domain/changes.ts";
import { forgetEnded } from "../../../actors/domain/evolve.ts";
import { replayTurn } from "../../../actors/domain/flight-logic.ts";
import { cabinSummaries, projectionOf, seatChanges } from "../../../actors/domain/projection.ts";
import { restore, snapshotOf } from "../../../actors/domain/snapshot.ts";
import { FlightState } from "../../../actors/domain/state.ts";
import { GivenFlight, givenAdults, givenHold, givenPlan, NOW_MS } from "../../support/given.ts";

const PAID = { amount: 90_000, currency: "KRW" };

function givenTicketed(): GivenFlight {
  const flight = new GivenFlight();
  flight.hold(["4A"]);
  flight.request("begin-payment", { reservationId: "r1" });
  flight.request("settle-payment", { attempt: "a1", status: "CAPTURED", amount: PAID, ours: true }, { member: null });
  return flight;
}

describe("projectionOf()", () => {
  test("tells a batch's new reservation once, as it is at the batch's end", () => {
    const flight = givenTicketed();
    const { reservations, payments, tickets, passengers, claims } = projectionOf(flight.state, flight.takeChanges());
    expect(reservations.update).toEqual([]);
    expect(reservations.insert).toEqual([
      {
        id: "r1",
        flightId: flight.state.plan.flightId,
        memberId: "m1",
        pnr: "PNR001",
        status: "TICKETED",
        passengers: [{ type: "ADT", seat: "4A" }],
        totalAmount: 90_000,
        currency: "KRW",
        createdAtMs: NOW_MS,
        expiresAtMs: NOW_MS + 900_000,
      },
    ]);
    expect(payments.insert).toMatchObject([{ id: "a1", status: "CAPTURED", capturedAmount: 90_000 }]);
    expect(tickets.insert).toEqual([{ reservationId: "r1", ordinal: 0, number: "1800000000001", status: "ISSUED" }]);
    expect(passengers).toEqual([{ reservationId: "r1", ordinal: 0, name: "Adult 1", birthDate: null }]);
    expect(claims).toEqual({ remove: [], add: [{ seat: "4A", reservationId: "r1" }] });
  });

  test("updates what an earlier batch has told", () => {
    const flight = givenTicketed();
    flight.takeChanges();
    flight.request("cancel", { reservationId: "r1" });
    const { reservations, payments, tickets, claims } = projectionOf(flight.state, flight.takeChanges());
    expect(reservations).toMatchObject({ insert: [], update: [{ id: "r1", status: "CANCELLED" }] });
    expect(payments).toMatchObject({
      insert: [],
      update: [{ id: "a1", status: "REFUNDING", refundReason: "CANCELLED" }],
    });
    expect(tickets).toMatchObject({ insert: [], update: [{ number: "1800000000001", status: "CANCELLED" }] });
    expect(claims).toEqual({ remove: [{ seat: "4A", reservationId: "r1" }], add: [] });
  });

  test("leaves the claim on a seat alone that is held and then sold to the same reservation", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    flight.request("begin-payment", { reservationId: "r1" });
    flight.takeChanges();
    flight.request("settle-payment", { attempt: "a1", status: "CAPTURED", amount: PAID, ours: true });
    expect(projectionOf(flight.state, flight.takeChanges()).claims).toEqual({ remove: [], add: [] });
  });

  test("hands a seat that changed hands within a batch from one to the other", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    flight.takeChanges();
    flight.request("release", { reservationId: "r1" });
    flight.hold(["4A"], { member: "m2" });
    expect(projectionOf(flight.state, flight.takeChanges()).claims).toEqual({
      remove: [{ seat: "4A", reservationId: "r1" }],
      add: [{ seat: "4A", reservationId: "r2" }],
    });
  });

  test("claims nothing for a hold that came and went within a batch", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    flight.request("release", { reservationId: "r1" });
    const changes = flight.takeChanges();
    expect(projectionOf(flight.state, changes).claims).toEqual({ remove: [], add: [] });
    expect(seatChanges(flight.state, changes)).toEqual([{ seat: "4A", state: "free" }]);
  });
});

describe("seatVersion", () => {
  test("rises when the public sees a seat change, and only then", () => {
    const flight = new GivenFlight();
    const versionAfter = (act: () => void): number => {
      act();
      return flight.state.seatVersion;
    };
    expect(versionAfter(() => flight.hold(["4A", "4B"]))).toBe(1);
    expect(seatChanges(flight.state, flight.takeChanges())).toEqual([
      { seat: "4A", state: "held" },
      { seat: "4B", state: "held" },
    ]);
    expect(versionAfter(() => flight.request("begin-payment", { reservationId: "r1" }))).toBe(1);
    const amount = { amount: 180_000, currency: "KRW" };
    const settle = { attempt: "a1", status: "CAPTURED", amount, ours: true } as const;
    expect(versionAfter(() => flight.request("settle-payment", settle))).toBe(2);
    expect(versionAfter(() => flight.tryHold(["4A"], { member: "m2" }))).toBe(2);
    expect(versionAfter(() => flight.request("cancel", { reservationId: "r1" }))).toBe(3);
  });
});

describe("cabinSummaries()", () => {
  test("counts what is free in each cabin, in the order of the aircraft", () => {
    const flight = new GivenFlight(
      givenPlan({
        cabins: [
          { cabin: "J", rows: 1, columns: "A DG K" },
          { cabin: "Y", rows: 2 },
        ],
      }),
    );
    flight.hold(["1A", "2A", "2B"]);
    expect(cabinSummaries(flight.state)).toEqual([
      { cabin: "J", capacity: 4, free: 3, lowestFare: 300_000 },
      { cabin: "Y", capacity: 12, free: 10, lowestFare: 90_000 },
    ]);
  });
});

describe("forgetEnded()", () => {
  test("lets go of what ended without ever being paid for, and keeps what a late capture may still concern", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    flight.hold(["4B"]);
    flight.hold(["4C"]);
    flight.request("begin-payment", { reservationId: "r2" });
    flight.request("settle-payment", { attempt: "a1", status: "FAILED", amount: PAID, ours: true });
    flight.request("release", { reservationId: "r1" });
    flight.request("release", { reservationId: "r2" });
    forgetEnded(flight.state, flight.takeChanges());
    expect(Array.from(flight.state.reservations, ([id]) => id)).toEqual(["r2", "r3"]);
  });
});

describe("a snapshot", () => {
  test("is plain JSON, from which the same flight comes back with its keys", () => {
    const flight = givenTicketed();
    flight.take(givenHold(["5A"], { key: "k" }));
    flight.hold(["6A"], { member: "m2" });
    flight.request("begin-payment", { reservationId: "r3" }, { member: "m2" });
    const kept = JSON.stringify(snapshotOf(flight.state, 7));
    const state = restore(flight.state.plan, JSON.parse(kept));
    expect(JSON.stringify(snapshotOf(state, 7))).toBe(kept);
    expect(state.version).toBe(7);
    expect(state.nextDeadlineMs()).toBe(flight.state.nextDeadlineMs());
    const loaded = new GivenFlight(flight.state.plan, {}, state);
    expect(loaded.occupied()).toEqual(["4A:sold", "5A:held", "6A:held"]);
    expect(loaded.take(givenHold(["5A"], { key: "k" }))).toMatchObject({ isReplay: true });
  });

  test("of a newer program is refused loudly", () => {
    const snapshot = { ...snapshotOf(new GivenFlight().state, 1), schema: 99 };
    expect(() => restore(givenPlan(), snapshot)).toThrow("newer than this program");
  });
});

describe("replayTurn()", () => {
  test("tells the same state without deciding anything anew", () => {
    const flight = givenTicketed();
    flight.take(givenHold(["4A"], { key: "refused", member: "m2" }));
    const again = new FlightState(flight.state.plan);
    for (const turn of flight.journal) replayTurn(again, turn, new Changes());
    expect(snapshotOf(again, 0)).toEqual(snapshotOf(flight.state, 0));
    expect(again.keys.size).toBe(flight.state.keys.size);
  });

  test("fails loudly where the journal contradicts itself", () => {
    const flight = new GivenFlight();
    flight.hold(givenAdults(["4A"]));
    const state = new FlightState(flight.state.plan);
    const [turn] = flight.journal;
    if (turn === undefined) throw new Error("a turn was recorded");
    replayTurn(state, turn, new Changes());
    expect(() => replayTurn(state, turn, new Changes())).toThrow("r1 is made once");
    const other = { ...turn, events: turn.events.map((event) => ({ ...event, id: "r2" })) };
    expect(() => replayTurn(state, other, new Changes())).toThrow("seat 4A is held, not free");
  });
});
