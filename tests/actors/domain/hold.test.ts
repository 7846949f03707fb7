/** Goal: a reader learns who may hold which seats, what a refused hold is told, and when a hold ends. */

import { describe, expect, test } from "bun:test";
import {
  DEPARTS_AT_MS,
  GivenFlight,
  givenAdults,
  givenCommand,
  givenHold,
  givenParty,
  givenPlan,
  NOW_MS,
  rejectionIn,
  reservationIn,
} from "../../support/given.ts";

const MINUTE_MS = 60_000;

describe("hold()", () => {
  test("holds the named seats for fifteen minutes, at the fare of their cabin", () => {
    const flight = new GivenFlight();
    const held = flight.hold(["4A", "4B"]);
    expect(held).toMatchObject({
      pnr: "PNR001",
      status: "HELD",
      member: "m1",
      total: { amount: 180_000, currency: "KRW" },
      expiresAtMs: NOW_MS + 15 * MINUTE_MS,
    });
    expect(flight.occupied()).toEqual(["4A:held", "4B:held"]);
  });

  test("keeps the names out of the events, and hands them on apart", () => {
    const flight = new GivenFlight();
    flight.hold([{ name: "Kim Yuna", type: "ADT", birthDate: "1990-09-05", person: "hash-of-kim", seat: "4A" }]);
    expect(JSON.stringify(flight.journal)).not.toContain("Kim");
    expect(JSON.stringify(flight.journal)).not.toContain("1990");
    expect(flight.changes.passengers).toEqual([
      { reservationId: "r1", ordinal: 0, name: "Kim Yuna", birthDate: "1990-09-05" },
    ]);
  });

  test("rejects a held seat, and offers others that are free", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    const rejection = rejectionIn(flight.tryHold(["4A"], { member: "m2" }));
    expect(rejection).toMatchObject({ code: "SEAT_TAKEN", seats: ["4A"] });
    expect(rejection.alternatives).toHaveLength(6);
    expect(rejection.alternatives).not.toContain("4A");
  });

  test("rejects a sold seat", () => {
    const flight = new GivenFlight();
    const { id, total } = flight.hold(["4A"]);
    flight.request("begin-payment", { reservationId: id });
    flight.request("settle-payment", { attempt: "a1", status: "CAPTURED", amount: total, ours: true });
    expect(flight.occupied()).toEqual(["4A:sold"]);
    expect(rejectionIn(flight.tryHold(["4A"], { member: "m2" })).code).toBe("SEAT_TAKEN");
  });

  test("takes all seats or none", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    expect(rejectionIn(flight.tryHold(["4B", "4A", "4C"], { member: "m2" }))).toMatchObject({
      code: "SEAT_TAKEN",
      seats: ["4A"],
    });
    expect(flight.occupied()).toEqual(["4A:held"]);
  });

  test("says that a flight without a free seat is sold out, whichever seat was named", () => {
    const flight = new GivenFlight(givenPlan({ cabins: [{ cabin: "Y", rows: 1, columns: "A C" }] }));
    flight.hold(["1A", "1C"]);
    expect(rejectionIn(flight.tryHold(["1A"], { member: "m2" })).code).toBe("SOLD_OUT");
    expect(rejectionIn(flight.tryHold(1, { member: "m2" })).code).toBe("SOLD_OUT");
  });

  test("rejects a seat that the aircraft does not have", () => {
    expect(rejectionIn(new GivenFlight().tryHold(["4A", "77Z"]))).toMatchObject({
      code: "SEAT_NOT_FOUND",
      seats: ["77Z"],
    });
  });

  test("offers no seat in place of a taken one that the party can't have: none that it named itself, and none at an exit for a child", () => {
    const flight = new GivenFlight(givenPlan({ cabins: [{ cabin: "Y", rows: 3, columns: "ABC", exitRows: [2] }] }));
    flight.hold(["1A"], { member: "m2" });
    const family = (type: "ADT" | "CHD") =>
      [
        { name: "One", type, seat: "1A" },
        { name: "Two", type: "ADT", seat: "1B" },
      ] as const;
    expect(rejectionIn(flight.tryHold(family("ADT"))).alternatives).toEqual(["1C", "2A", "2B", "2C", "3A", "3B"]);
    expect(rejectionIn(flight.tryHold(family("CHD"))).alternatives).toEqual(["1C", "3A", "3B", "3C"]);
    flight.hold(["1C", "3A", "3B", "3C"], { member: "m2" });
    expect(rejectionIn(flight.tryHold(family("CHD"))).alternatives).toEqual([]);
  });

  test("rejects a child in an exit row, and lets an adult sit there", () => {
    const flight = new GivenFlight(givenPlan({ cabins: [{ cabin: "Y", rows: 5, exitRows: [3] }] }));
    const family = [
      { name: "Parent", type: "ADT", seat: "3A" },
      { name: "Child", type: "CHD", seat: "3B" },
    ] as const;
    expect(rejectionIn(flight.tryHold(family))).toMatchObject({ code: "SEAT_NOT_ALLOWED", seats: ["3B"] });
    expect(flight.hold(["3A"]).passengers).toMatchObject([{ seat: "3A" }]);
  });

  test("rejects an infant on a lap in an exit row, and lets another adult of the party sit there", () => {
    const flight = new GivenFlight(givenPlan({ cabins: [{ cabin: "Y", rows: 5, exitRows: [3] }] }));
    const family = (first: string, second: string) =>
      [
        { name: "Parent", type: "ADT", seat: first },
        { name: "Other", type: "ADT", seat: second },
        { name: "Infant", type: "INF" },
      ] as const;
    expect(rejectionIn(flight.tryHold(family("3A", "2A")))).toMatchObject({ code: "SEAT_NOT_ALLOWED", seats: ["3A"] });
    expect(flight.hold(family("2A", "3A")).passengers).toMatchObject([{ seat: "2A" }, { seat: "3A" }, { seat: null }]);
  });

  test("gives an infant no seat, and charges none", () => {
    const held = new GivenFlight().hold(givenParty("ADT", "INF"));
    expect(held.passengers.map(({ type, seat }) => [type, seat !== null])).toEqual([
      ["ADT", true],
      ["INF", false],
    ]);
    expect(held.total.amount).toBe(90_000);
  });

  test.each([
    ["nobody", []],
    ["ten passengers", givenAdults(10)],
    ["more infants than adults", givenParty("ADT", "INF", "INF")],
    ["an infant with a seat", [...givenAdults(1), { name: "Baby", type: "INF" as const, seat: "4A" }]],
    ["one seat for two", givenAdults(["4A", "4A"])],
    ["one person twice", givenAdults(2).map((adult) => ({ ...adult, person: "same" }))],
  ])("rejects %s as a request that no flight could grant", (_, passengers) => {
    const flight = new GivenFlight(givenPlan(), { seatsPerMember: 100 });
    const reply = flight.ask(givenCommand("hold", { passengers }));
    expect(rejectionIn(reply).code).toBe("VALIDATION");
    expect(flight.occupied()).toEqual([]);
  });

  test("rejects more seats than a member may have in the flight, counting all of their reservations", () => {
    const flight = new GivenFlight(givenPlan(), { seatsPerMember: 3 });
    const first = flight.hold(2);
    expect(rejectionIn(flight.tryHold(2)).code).toBe("LIMIT_EXCEEDED");
    flight.hold(2, { member: "m2" });
    flight.request("release", { reservationId: first.id });
    expect(flight.tryHold(3).ok).toBe(true);
  });

  test("seats a person once in a flight, whoever asks, until that seat is given up", () => {
    const flight = new GivenFlight();
    const kim = [{ name: "Kim", type: "ADT", person: "hash-of-kim" }] as const;
    const first = flight.hold(kim, { member: "m1" });
    expect(rejectionIn(flight.tryHold(kim, { member: "m2" })).code).toBe("LIMIT_EXCEEDED");
    flight.request("release", { reservationId: first.id });
    expect(flight.tryHold(kim, { member: "m2" }).ok).toBe(true);
  });

  test("rejects a flight from the moment on which it leaves", () => {
    const flight = new GivenFlight();
    flight.advance(DEPARTS_AT_MS - NOW_MS - 1);
    expect(flight.tryHold(["4A"]).ok).toBe(true);
    flight.advance(1);
    expect(rejectionIn(flight.tryHold(["4B"])).code).toBe("FLIGHT_DEPARTED");
  });
});

describe("a hold", () => {
  test("ends when its time is over, at the first turn after that, whatever the turn is about", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    flight.advance(15 * MINUTE_MS - 1);
    expect(flight.tryHold(["4A"], { member: "m2" }).ok).toBe(false);
    flight.advance(1);
    expect(reservationIn(flight.tryHold(["4A"], { member: "m2" })).id).toBe("r2");
  });

  test("ends at a turn that was refused for its deadline, too", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"]);
    flight.advance(15 * MINUTE_MS);
    const turn = flight.take(givenHold(["4B"], { deadlineMs: flight.nowMs - 1 }));
    expect(turn).toMatchObject({ kind: "refused", error: { code: "DEADLINE_EXCEEDED" } });
    expect(turn.record?.events).toEqual([{ type: "expired", id: "r1", overUntilMs: flight.nowMs }]);
    expect(flight.occupied()).toEqual([]);
  });

  test("is not ended by a timer that fires early", () => {
    const flight = new GivenFlight();
    const { id } = flight.hold(["4A"]);
    flight.advance(15 * MINUTE_MS - 1);
    flight.request("expire", { reservationId: id, generation: 1 }, { member: null });
    expect(flight.occupied()).toEqual(["4A:held"]);
  });

  test("gets a new generation when a failed payment gives it back, and still ends at its first deadline", () => {
    const flight = new GivenFlight();
    const { id, total } = flight.hold(["4A"]);
    flight.request("begin-payment", { reservationId: id });
    expect(flight.state.nextDeadlineMs()).toBeNull();
    flight.advance(MINUTE_MS);
    flight.request("settle-payment", { attempt: "a1", status: "FAILED", amount: total, ours: true });
    expect(flight.state.reservation(id)).toMatchObject({ status: "HELD", generation: 2 });
    expect(flight.state.nextDeadlineMs()).toBe(NOW_MS + 15 * MINUTE_MS);
    flight.advance(14 * MINUTE_MS);
    flight.request("seat-map", {});
    expect(flight.state.reservation(id).status).toBe("EXPIRED");
  });

  test("tells the earliest deadline of all holds", () => {
    const flight = new GivenFlight();
    const first = flight.hold(["4A"]);
    flight.advance(MINUTE_MS);
    flight.hold(["4B"]);
    expect(flight.state.nextDeadlineMs()).toBe(NOW_MS + 15 * MINUTE_MS);
    flight.request("release", { reservationId: first.id });
    expect(flight.state.nextDeadlineMs()).toBe(NOW_MS + 16 * MINUTE_MS);
  });
});
