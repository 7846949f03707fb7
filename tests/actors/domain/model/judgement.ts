/** Owns the judgement of one answer: whether it is what the model says, seat by seat where the model leaves the choice. */

import { expect } from "bun:test";
import { assert } from "../../../../actors/assert.ts";
import type { Command, HoldArgs } from "../../../../actors/domain/command.ts";
import type { Turn } from "../../../../actors/domain/flight-logic.ts";
import { EXIT, fareOf } from "../../../../actors/domain/plan.ts";
import type { Reply } from "../../../../actors/domain/reply.ts";
import type { OperationalCode } from "../../../../actors/errors.ts";
import { paymentIn, rejectionIn, reservationIn } from "../../../support/given.ts";
import type { FlightModel, Verdict } from "./flight-model.ts";

/** Fails unless the turn is what the verdict says; tells the model what only the flight could choose. */
export function compare(model: FlightModel, command: Command, verdict: Verdict, turn: Turn): void {
  if (verdict.kind === "refused" || turn.kind === "refused") {
    expect(turn.kind === "refused" ? turn.error.code : turn.kind).toBe(
      verdict.kind === "refused" ? (verdict.code as OperationalCode) : "answered",
    );
    expect(turn.record?.key ?? null).toBeNull();
    return;
  }
  const { reply, isReplay, record } = turn;
  expect(isReplay).toBe(verdict.kind === "replay");
  switch (verdict.kind) {
    case "replay":
      expect(JSON.stringify(reply)).toBe(verdict.reply);
      expect(record).toBeNull();
      break;
    case "rejection":
      expect(rejectionIn(reply).code).toBe(verdict.code as never);
      if (command.op === "hold" && verdict.code === "SEAT_TAKEN") checkAlternatives(model, command, reply);
      break;
    case "hold":
      assert(command.op === "hold", "only a hold is judged as one");
      checkHold(model, command, reply);
      model.held(
        reservationIn(reply),
        command.args.passengers.flatMap(({ person }) => person ?? []),
      );
      break;
    case "reservation": {
      const { id, status } = reservationIn(reply);
      expect({ id, status }).toEqual({ id: verdict.reservation.id, status: verdict.reservation.status });
      break;
    }
    case "begun": {
      const open = verdict.reservation.attempts.find(({ status }) => status === "PENDING");
      const payment = paymentIn(reply);
      expect(reply).toMatchObject({ result: { isNew: open === undefined } });
      expect(payment).toMatchObject({ status: "PENDING", amount: { amount: verdict.reservation.total } });
      if (open !== undefined) expect(payment.id).toBe(open.id);
      else model.begun(verdict.reservation, payment.id);
      break;
    }
    case "payment": {
      const { id, status } = paymentIn(reply);
      expect({ id, status }).toEqual({ id: verdict.attempt.id, status: verdict.attempt.status });
      break;
    }
    case "done":
      expect(reply.ok).toBe(true);
      if (command.op === "seat-map") checkSeatMap(model, reply);
      break;
  }
  model.answered(command, reply, isReplay);
}

function checkHold(model: FlightModel, { args, member }: Command<"hold">, reply: Reply): void {
  const view = reservationIn(reply);
  const { plan } = model;
  const planned = new Map(plan.seatPlan.seats.map((each) => [each.seat, each]));
  const free = model.freeSeats;
  let total = 0;
  view.passengers.forEach(({ type, seat }, ordinal) => {
    const asked = args.passengers[ordinal];
    expect(type).toBe(asked?.type as never);
    if (type === "INF") {
      expect(seat).toBeNull();
      return;
    }
    assert(seat !== null, "everybody else has a seat");
    expect(free).toContain(seat);
    const at = planned.get(seat);
    assert(at !== undefined, `${seat} is a seat of the plan`);
    if (asked?.seat !== undefined) expect(seat).toBe(asked.seat);
    else if (args.prefer?.cabin !== undefined) expect(at.cabin).toBe(args.prefer.cabin);
    if (type === "CHD") expect(at.features).not.toContain(EXIT);
    total += fareOf(plan, at.cabin);
  });
  const seats = view.passengers.flatMap(({ seat }) => seat ?? []);
  expect(new Set(seats).size).toBe(seats.length);
  expect(view).toMatchObject({
    member: member as never,
    status: "HELD",
    total: { amount: total, currency: plan.currency },
    expiresAtMs: model.nowMs + model.rules.holdTtlMs,
  });
}

function checkAlternatives(model: FlightModel, { args }: Command<"hold">, reply: Reply): void {
  const { alternatives, seats } = rejectionIn(reply);
  const free = model.freeSeats;
  const cabinOf = new Map(model.plan.seatPlan.seats.map(({ seat, cabin }) => [seat, cabin]));
  const exits = new Set(
    model.plan.seatPlan.seats.flatMap(({ seat, features }) => (features.includes(EXIT) ? [seat] : [])),
  );
  const named = args.passengers.flatMap(({ seat }) => seat ?? []);
  const taken = named.filter((seat) => !free.includes(seat));
  expect(seats).toEqual(taken);
  assert(alternatives !== undefined, "a taken seat is answered with alternatives");
  expect(free).toEqual(expect.arrayContaining([...alternatives]));
  expect(new Set(alternatives).size).toBe(alternatives.length);
  const cabins = new Set(taken.map((seat) => cabinOf.get(seat)));
  const fit = free.filter((seat) => !named.includes(seat) && !(isForKept(args, taken) && exits.has(seat)));
  expect(fit).toEqual(expect.arrayContaining([...alternatives]));
  const inCabins = fit.filter((seat) => cabins.has(cabinOf.get(seat)));
  expect(alternatives).toHaveLength(Math.min(6, inCabins.length > 0 ? inCabins.length : fit.length));
  if (inCabins.length > 0) expect(inCabins).toEqual(expect.arrayContaining([...alternatives]));
}

/** Whether one of the seats was for a child, or for an adult with an infant on the lap: the first adults have them. */
function isForKept({ passengers }: HoldArgs, taken: readonly string[]): boolean {
  const of = (type: string) => passengers.filter((each) => each.type === type);
  const kept = [...of("CHD"), ...of("ADT").slice(0, of("INF").length)];
  return kept.some(({ seat }) => seat !== undefined && taken.includes(seat));
}

function checkSeatMap(model: FlightModel, reply: Reply): void {
  assert(reply.ok && reply.result.kind === "seat-map", "a seat map");
  const free = reply.result.seatMap.seats.filter(({ state }) => state === "free").map(({ seat }) => seat);
  expect(free).toEqual(model.freeSeats);
}
