/** Goal: a reader learns what an idempotency key promises (I5), for how long, and what bounds the memory that it takes. */

import { fullGC, heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { Changes } from "../../../actors/domain/changes.ts";
import type { Command } from "../../../actors/domain/command.ts";
import { forgetEnded } from "../../../actors/domain/evolve.ts";
import { takeTurn } from "../../../actors/domain/flight-logic.ts";
import { Keys, keyName, REFUSAL_KEPT_MS } from "../../../actors/domain/keys.ts";
import { rejected } from "../../../actors/domain/reply.ts";
import { DEFAULT_RULES } from "../../../actors/domain/rules.ts";
import { restore, snapshotOf } from "../../../actors/domain/snapshot.ts";
import { FlightState } from "../../../actors/domain/state.ts";
import {
  GivenFlight,
  givenCommand,
  givenHold,
  givenPlan,
  givenSupply,
  NOW_MS,
  rejectionIn,
} from "../../support/given.ts";

const FAR = Number.MAX_SAFE_INTEGER;
const HOUR_MS = 3_600_000;
const PAID = { amount: 90_000, currency: "KRW" };

function keyed(key: string, seats: readonly string[], member = "m1"): Command<"hold"> {
  return givenHold(seats, { key, member, deadlineMs: FAR });
}

describe("the same key", () => {
  test("with the same request gives the same answer again, and says that it is one", () => {
    const flight = new GivenFlight();
    const first = flight.take(keyed("k", ["4A"]));
    const second = flight.take(keyed("k", ["4A"]));
    expect(first).toMatchObject({ kind: "answered", isReplay: false });
    expect(second).toMatchObject({ kind: "answered", isReplay: true, record: null });
    expect(JSON.stringify(second.kind === "answered" && second.reply)).toBe(
      JSON.stringify(first.kind === "answered" && first.reply),
    );
    expect(flight.state.reservations.size).toBe(1);
  });

  test("with another request is refused, and remembers the first", () => {
    const flight = new GivenFlight();
    flight.take(keyed("k", ["4A"]));
    const other = flight.take(keyed("k", ["4B"]));
    expect(other).toMatchObject({ kind: "answered", isReplay: false, record: null });
    expect(other.kind === "answered" && rejectionIn(other.reply).code).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(flight.take(keyed("k", ["4A"]))).toMatchObject({ isReplay: true });
  });

  test("of another member, or for another operation, is another key", () => {
    const flight = new GivenFlight();
    flight.take(keyed("k", ["4A"], "m1"));
    expect(flight.take(keyed("k", ["4B"], "m2"))).toMatchObject({ isReplay: false });
    const release = givenCommand("release", { reservationId: "r1" }, { key: "k", deadlineMs: FAR });
    expect(flight.take(release)).toMatchObject({ isReplay: false });
  });

  test("gives a refusal again even when the seat has become free since", () => {
    const flight = new GivenFlight();
    const { id } = flight.hold(["4A"], { member: "m1" });
    const refused = flight.take(keyed("k", ["4A"], "m2"));
    flight.request("release", { reservationId: id });
    const again = flight.take(keyed("k", ["4A"], "m2"));
    expect(again).toEqual({ ...refused, isReplay: true, record: null } as typeof again);
    expect(flight.take(keyed("k2", ["4A"], "m2"))).toMatchObject({ reply: { ok: true } });
  });

  test("gives what was answered then, not what is now", () => {
    const flight = new GivenFlight();
    flight.take(keyed("k", ["4A"]));
    flight.request("release", { reservationId: "r1" });
    expect(flight.take(keyed("k", ["4A"]))).toMatchObject({ reply: { result: { reservation: { status: "HELD" } } } });
  });

  test("gives it letter for letter after the flight was loaded anew, whatever became of the reservation", () => {
    const flight = new GivenFlight();
    const passengers = [{ type: "ADT", seat: "4A", person: "a person" }, { type: "ADT" }, { type: "INF" }] as const;
    const held = givenHold(
      passengers.map((each, at) => ({ ...each, name: `Passenger ${at}` })),
      { key: "k", deadlineMs: FAR },
    );
    const first = flight.take(held);
    const answer = first.kind === "answered" ? JSON.stringify(first.reply) : "";
    expect(answer).toContain('"status":"HELD"');
    const steps = [
      () => {},
      () => flight.request("begin-payment", { reservationId: "r1" }),
      () => flight.request("settle-payment", { attempt: "a1", status: "FAILED", amount: PAID, ours: true }),
      () => flight.request("release", { reservationId: "r1" }),
    ];
    for (const step of steps) {
      step();
      forgetEnded(flight.state, flight.takeChanges());
      const anew = restore(givenPlan(), JSON.parse(JSON.stringify(snapshotOf(flight.state, 1))));
      for (const { keys } of [flight.state, anew]) {
        expect(JSON.stringify(keys.find(keyName("m1", "hold", "k"), flight.nowMs)?.reply)).toBe(answer);
      }
    }
  });

  test("is looked up before the deadline and before any rule", () => {
    const flight = new GivenFlight(givenPlan(), { keysPerMember: 1 });
    flight.take(keyed("k", ["4A"]));
    flight.advance(HOUR_MS);
    const late = { ...keyed("k", ["4A"]), deadlineMs: flight.nowMs - 1 };
    expect(flight.take(late)).toMatchObject({ kind: "answered", isReplay: true });
  });
});

describe("a key is kept", () => {
  test("24 hours after a result", () => {
    const flight = new GivenFlight();
    flight.take(keyed("k", ["4A"]));
    flight.advance(24 * HOUR_MS - 1);
    expect(flight.take(keyed("k", ["4A"]))).toMatchObject({ isReplay: true });
    flight.advance(1);
    expect(flight.take(keyed("k", ["4B"]))).toMatchObject({ isReplay: false, reply: { ok: true } });
  });

  test("90 seconds after a refusal", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    flight.take(keyed("k", ["4A"], "m2"));
    flight.advance(89_999);
    expect(flight.take(keyed("k", ["4A"], "m2"))).toMatchObject({ isReplay: true });
    flight.advance(1);
    expect(flight.take(keyed("k", ["4B"], "m2"))).toMatchObject({ isReplay: false, reply: { ok: true } });
  });

  test("no longer than that, though it is not cleared away yet", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "m1" });
    for (let at = 0; at < 20; at++) flight.take(keyed(`k${at}`, ["4A"], "m2"));
    flight.advance(90_000);
    expect(flight.take(keyed("k19", ["4B"], "m2"))).toMatchObject({ isReplay: false, reply: { ok: true } });
  });

  test("not at all for what was not processed, or could not be granted by any flight", () => {
    const flight = new GivenFlight();
    expect(flight.take({ ...keyed("k", ["4A"]), deadlineMs: flight.nowMs - 1 }).kind).toBe("refused");
    expect(flight.take(keyed("k", ["4A", "4A"])).record).toBeNull();
    expect(flight.take(keyed("k", ["4A"]))).toMatchObject({ isReplay: false, reply: { ok: true } });
  });
});

test("after minutes in which very many were refused, another one costs no more than the first", () => {
  const keys = new Keys(givenPlan(), 0);
  const refused = rejected("SEAT_TAKEN", "Taken: 4A.");
  const perSecond = 2_000;
  const spentMs: number[] = [];
  for (let second = 0; second < 180; second++) {
    const startMs = performance.now();
    for (let at = 0; at < perSecond; at++) {
      const nowMs = 1_000 * second + (1_000 * at) / perSecond;
      keys.sweep(nowMs);
      const name = keyName(`m${at}`, "hold", `k${second}`);
      keys.record({ name, fingerprint: "", keptUntilMs: nowMs + REFUSAL_KEPT_MS, reply: refused });
    }
    spentMs.push(performance.now() - startMs);
  }
  expect(keys.size).toBe((perSecond * REFUSAL_KEPT_MS) / 1_000);
  // Where each turn passes all that was cleared away before it, these seconds take five.
  const last = spentMs.slice(-60).reduce((sum, ms) => sum + ms, 0);
  expect(last).toBeLessThan(2_000);
});

test("a hold and the answer under its key are in memory once", () => {
  const holds = 6_000;
  const plan = givenPlan({ cabins: [{ cabin: "Y", rows: holds / 6 }] });
  const state = new FlightState(plan);
  const supply = givenSupply();
  const before = cells();
  for (const [at, { seat }] of plan.seatPlan.seats.entries()) {
    const turn = takeTurn(state, keyed(`k${at}`, [seat], `m${at}`), NOW_MS, DEFAULT_RULES, supply, new Changes(), 0);
    expect(turn.kind === "answered" && turn.reply.ok).toBe(true);
  }
  expect(state.keys.size).toBe(holds);
  // The reservation with its passengers and seats, its deadline, its key, and their names. An answer kept apart is eight more.
  expect((cells() - before) / holds).toBeLessThan(16);
});

function cells(): number {
  fullGC();
  return heapStats().objectCount;
}

describe("living keys are bounded", () => {
  test("for a member, who is told so; others go on", () => {
    const flight = new GivenFlight(givenPlan(), { keysPerMember: 2 });
    flight.take(keyed("k1", ["4A"]));
    flight.take(keyed("k2", ["4A"]));
    expect(flight.take(keyed("k3", ["4B"]))).toMatchObject({ kind: "refused", error: { code: "TOO_MANY_KEYS" } });
    expect(flight.take(keyed("k2", ["4A"]))).toMatchObject({ isReplay: true });
    expect(flight.take(keyed("k3", ["4B"], "m2"))).toMatchObject({ kind: "answered" });
  });

  test("for a flight, as overload; what the system tells of payments is never refused", () => {
    const flight = new GivenFlight(givenPlan(), { keysPerFlight: 2 });
    flight.take(keyed("k1", ["4A"], "m1"));
    flight.take(keyed("k2", ["4B"], "m2"));
    expect(flight.take(keyed("k3", ["4C"], "m3"))).toMatchObject({ kind: "refused", error: { code: "OVERLOADED" } });
    const amount = { amount: 1, currency: "KRW" };
    const args = { attempt: "none", status: "CAPTURED", amount, ours: true } as const;
    const settle = givenCommand("settle-payment", args, { member: null, key: "pay:none:CAPTURED", deadlineMs: FAR });
    expect(flight.take(settle)).toMatchObject({ kind: "answered" });
  });

  test("for a flight, but an eighth of its keys is for those who hold: no flood of holds keeps them from paying", () => {
    const flight = new GivenFlight(givenPlan(), { keysPerFlight: 16 });
    const held = flight.hold(["4A"], { member: "m0", key: "k0" });
    for (let at = 1; at < 14; at++) flight.take(keyed(`k${at}`, ["4A"], `m${at}`));
    expect(flight.take(keyed("k14", ["4B"], "m14"))).toMatchObject({ kind: "refused", error: { code: "OVERLOADED" } });
    const pay = (key: string) =>
      flight.take(givenCommand("begin-payment", { reservationId: held.id }, { member: "m0", key, deadlineMs: FAR }));
    for (const key of ["p1", "p2"]) expect(pay(key)).toMatchObject({ kind: "answered", reply: { ok: true } });
    expect(pay("p3")).toMatchObject({ kind: "refused", error: { code: "OVERLOADED" } });
  });

  test("by those that live: the many that ended while nobody asked make room at once", () => {
    const flight = new GivenFlight(givenPlan(), { keysPerMember: 42, keysPerFlight: 96 });
    flight.hold(["4A"], { member: "other" });
    for (const member of ["m1", "m2"]) {
      for (let at = 0; at < 42; at++) flight.take(keyed(`k${at}`, ["4A"], member));
    }
    expect(flight.state.keys.size).toBe(84);
    flight.advance(90_000);
    expect(flight.take(keyed("new", ["4B"], "m2"))).toMatchObject({ kind: "answered", reply: { ok: true } });
    expect(flight.state.keys.size).toBe(1);
  });

  test("a few of those that ended are cleared away at each turn", () => {
    const flight = new GivenFlight();
    flight.hold(["4A"], { member: "other" });
    for (let at = 0; at < 20; at++) flight.take(keyed(`k${at}`, ["4A"]));
    flight.advance(90_000);
    for (let turn = 0; turn < 3; turn++) flight.request("seat-map", {});
    expect(flight.state.keys.size).toBe(0);
    expect(flight.state.keys.liveOf("m1")).toBe(0);
  });
});
