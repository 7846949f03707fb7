/** Goal: the bench believes no number that the database does not bear out: each acknowledged hold is there, with its seat. */
import { expect, test } from "bun:test";
import { Acks } from "../../bench/load/acks.ts";
import { seatOf, TAKEN_SEATS, type VisitOptions, visitOf } from "../../bench/load/visits.ts";
import { compare } from "../../bench/proof/durable.ts";

const visits: VisitOptions = { flights: ["F1", "F2"], seats: ["1A", "1B", "1C"], order: "in-turn" };
const acks = [
  { sequence: 0, id: "r0" },
  { sequence: 4, id: "r4" },
];

test("compare() confirms what is there with its seat", () => {
  const stored = new Map([
    ["r0", "F1 1A"],
    ["r4", "F2 1B"],
    ["r9", "F2 1C"],
  ]);
  expect(compare(acks, visits, stored)).toEqual({ acknowledged: 2, confirmed: 2, wrong: [] });
});

test("compare() finds a hold that is missing, one with another seat, and a seat that was acknowledged twice", () => {
  const missing = compare(acks, visits, new Map([["r0", "F1 1A"]]));
  expect(missing.confirmed).toBe(1);
  expect(missing.wrong[0]).toContain("r4");
  const other = compare(
    acks,
    visits,
    new Map([
      ["r0", "F1 1A"],
      ["r4", "F2 1C"],
    ]),
  );
  expect(other.confirmed).toBe(1);
  expect(other.wrong[0]).toContain("F2 1C");
  const again = compare(
    [...acks, { sequence: 6, id: "r6" }],
    visits,
    new Map([
      ["r0", "F1 1A"],
      ["r4", "F2 1B"],
      ["r6", "F1 1A"],
    ]),
  );
  expect(again.wrong[0]).toContain("twice");
});

test("Acks takes 201s that name their reservation, and counts those that don't", () => {
  const taken = new Acks();
  taken.record(0, 201, Buffer.from('{"id":"r0","pnr":"ABC234"'));
  taken.record(1, 409, Buffer.from('{"code":"SEAT_TAKEN"'));
  taken.record(2, 201, Buffer.from('{"pnr":"ABC234"}'));
  expect([taken.count, taken.unreadable]).toEqual([1, 1]);
});

test("visitOf() asks for each free seat once, whatever the order, and refuses nineteen of twenty where it is to", () => {
  const seats = Array.from({ length: 2_000 }, (_, at) => `S${at}`);
  for (const order of ["spread", "in-turn"] as const) {
    const options: VisitOptions = { flights: ["F1", "F2", "F3"], seats, order };
    const asked = Array.from({ length: 6_000 }, (_, sequence) => Object.values(seatOf(options, sequence)).join(" "));
    expect(new Set(asked).size).toBe(6_000);
  }
  const later: VisitOptions = { flights: ["F1", "F2"], seats, order: "spread", visitsBefore: 10 };
  expect(visitOf(later, 0)).toEqual({ flight: 0, visit: 10, seat: 10 });
  const refused: VisitOptions = { flights: ["F1"], seats, order: "refused" };
  const asked = Array.from({ length: 20_000 }, (_, at) => visitOf(refused, TAKEN_SEATS + at).seat);
  const fresh = asked.filter((seat) => seat >= TAKEN_SEATS);
  expect(fresh.length).toBe(1_000);
  expect(new Set(fresh).size).toBe(1_000);
});
