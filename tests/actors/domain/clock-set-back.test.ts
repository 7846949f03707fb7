/** Goal: a flight goes on by cluster time when that was set back, and only the order of its own events goes by its latest one. */

import { expect, test } from "bun:test";
import { projectionOf } from "../../../actors/domain/projection.ts";
import { GivenFlight, givenHold, paymentIn, reservationIn } from "../../support/given.ts";

const HOUR_MS = 3_600_000;

function setBack(): GivenFlight {
  const flight = new GivenFlight();
  flight.hold(["1A"], { member: "m1" });
  flight.advance(-HOUR_MS);
  return flight;
}

test("a request whose deadline lies ahead is decided, though the flight's latest event lies beyond it", () => {
  const flight = setBack();
  const turn = flight.take(givenHold(["1B"], { member: "m2", deadlineMs: flight.nowMs + 10_000 }));
  expect(turn.kind).toBe("answered");
  const late = flight.take(givenHold(["1C"], { member: "m3", deadlineMs: flight.nowMs - 1 }));
  expect(late.kind).toBe("refused");
});

test("a hold lasts as long as ever, from now on", () => {
  const flight = setBack();
  const held = reservationIn(flight.tryHold(["1B"], { member: "m2" }));
  expect(held.expiresAtMs).toBe(flight.nowMs + flight.rules.holdTtlMs);
  flight.advance(flight.rules.holdTtlMs);
  expect(flight.hold(["1B"], { member: "m3" }).passengers).toEqual([{ type: "ADT", seat: "1B" }]);
});

test("events stay in order", () => {
  const flight = setBack();
  flight.hold(["1B"], { member: "m2" });
  const times = flight.journal.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("the provider is asked when cluster time says so", () => {
  const flight = setBack();
  const { id: reservationId } = flight.hold(["1B"], { member: "m2" });
  const { id: attempt } = paymentIn(flight.request("begin-payment", { reservationId }, { member: "m2" }));
  const opened = projectionOf(flight.state, flight.takeChanges()).payments.insert;
  expect(opened.map(({ nextLookMs }) => nextLookMs)).toEqual([flight.nowMs + 10_000]);

  flight.request("cancel", { reservationId }, { member: "m2" });
  const cancelling = projectionOf(flight.state, flight.takeChanges()).payments.update;
  expect(cancelling.map(({ nextLookMs }) => nextLookMs)).toEqual([flight.nowMs]);

  const amount = { amount: 90_000, currency: "KRW" };
  flight.request("settle-payment", { attempt, status: "CAPTURED", amount, ours: true }, { member: null });
  const refunding = projectionOf(flight.state, flight.takeChanges()).payments.update;
  expect(refunding.map(({ status, nextLookMs }) => [status, nextLookMs])).toEqual([["REFUNDING", flight.nowMs]]);
});

test("of a reservation's attempts the later one ends later, by which whoever reads them tells their order", () => {
  const flight = new GivenFlight();
  const { id: reservationId } = flight.hold(["1A"]);
  const first = paymentIn(flight.request("begin-payment", { reservationId }));
  const { id: attempt, amount } = first;
  flight.request("settle-payment", { attempt, status: "FAILED", amount, ours: true }, { member: null });
  flight.advance(-HOUR_MS);
  const second = paymentIn(flight.request("begin-payment", { reservationId }));
  expect(second.expiresAtMs).toBeGreaterThan(first.expiresAtMs);
});
