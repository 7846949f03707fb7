/** Goal: a flight goes on by cluster time when that was set back, and only the order of its own events goes by its latest one. */

import { expect, test } from "bun:test";
import { GivenFlight, givenHold, reservationIn } from "../../support/given.ts";

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
