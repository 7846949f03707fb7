/**
 * Goal: what a journal's row holds says all that its turns said, answers included, and an answer that repeats its event is not written
 * twice. That any turns of any flight come back whole, the model of a flight tests with its own entries.
 */

import { expect, test } from "bun:test";
import { JOURNAL_SCHEMA, type TurnRecord } from "../../actors/domain/event.ts";
import { DEFAULT_RULES } from "../../actors/domain/rules.ts";
import { tailEntry } from "../../db/stores/flight-loader.ts";
import { readTurns, writeTurns } from "../../db/turns-text.ts";
import { GivenFlight, givenCommand, givenPlan } from "../support/given.ts";

const plan = givenPlan();
const { flightId } = plan;

function turnsOfAFamily(): readonly TurnRecord[] {
  const flight = new GivenFlight(plan, DEFAULT_RULES);
  const passengers = [
    { name: "Kim Minji", type: "ADT", seat: "1A", birthDate: "1990-01-01", person: "a person" },
    { name: "Kim Haru", type: "INF" },
  ] as const;
  flight.take(givenCommand("hold", { passengers }, { key: "one" }));
  flight.take(givenCommand("hold", { passengers: [{ name: "Lee", type: "ADT", seat: "1A" }] }, { key: "another" }));
  return flight.journal;
}

test("turns come back as they were, results and refusals", () => {
  const turns = turnsOfAFamily();
  expect(turns.map(({ key }) => key?.reply.ok)).toEqual([true, false]);
  expect(readTurns(flightId, writeTurns(turns))).toEqual([...turns]);
});

test("byte for byte: a program that reads them in full gives the same answers", () => {
  const turns = turnsOfAFamily();
  expect(JSON.stringify(readTurns(flightId, writeTurns(turns)))).toBe(JSON.stringify(turns));
});

test("a hold is written once: its answer is a word", () => {
  const [held] = turnsOfAFamily();
  const [event] = held?.events ?? [];
  const id = event?.type === "held" ? event.id : "";
  expect(writeTurns(held === undefined ? [] : [held]).split(id)).toHaveLength(2);
});

test("an answer that says anything else than its event is written in full", () => {
  const [held] = turnsOfAFamily();
  const reply = held?.key?.reply;
  if (held === undefined || held.key === null || !reply?.ok || reply.result.kind !== "reservation") throw new Error();
  const { reservation } = reply.result;
  const others = [
    { ...reservation, id: "another" },
    { ...reservation, pnr: "ABC234" },
    { ...reservation, member: "another" },
    { ...reservation, status: "PAYING" as const },
    { ...reservation, expiresAtMs: reservation.expiresAtMs + 1 },
    { ...reservation, total: { ...reservation.total, amount: 1 } },
    { ...reservation, total: { ...reservation.total, currency: "USD" } },
    { ...reservation, passengers: reservation.passengers.slice(1) },
    { ...reservation, passengers: reservation.passengers.map((each) => ({ ...each, ticket: "9990000000001" })) },
    { ...reservation, passengers: reservation.passengers.map((each) => ({ ...each, seat: "2C" })) },
  ];
  for (const other of others) {
    const turn = {
      ...held,
      key: { ...held.key, reply: { ok: true, result: { kind: "reservation", reservation: other } } },
    };
    expect(readTurns(flightId, writeTurns([turn as TurnRecord]))).toEqual([turn as TurnRecord]);
  }
});

test("what a program of before has written in full is read as it stands", () => {
  const turns = turnsOfAFamily();
  expect(readTurns(flightId, JSON.stringify(turns))).toEqual([...turns]);
});

test("a word where nothing was held is a loud failure", () => {
  const text = writeTurns(turnsOfAFamily()).replace('"type":"held"', '"type":"released"');
  expect(() => readTurns(flightId, text)).toThrow(flightId);
});

test("an entry of a newer program is refused loudly", () => {
  const row = { version: 7, schema_version: JOURNAL_SCHEMA + 1, turns: "[]" };
  expect(() => tailEntry(flightId, row)).toThrow("version 7 of");
});
