/** Owns who may hold which seats: 1–9 passengers, all seats or none. */

import { nearestFree } from "../alternatives.ts";
import type { Command, HoldPassenger } from "../command.ts";
import type { SeatedPassenger } from "../event.ts";
import { keptFromExits } from "../exit-rows.ts";
import { EXIT, fareOf, type SeatPlan } from "../plan.ts";
import type { Reply } from "../reply.ts";
import { rejected } from "../reply.ts";
import { PASSENGERS_MAX } from "../rules.ts";
import { chooseSeats } from "../seat-choice.ts";
import type { FlightState } from "../state.ts";
import { reservationView } from "../views.ts";
import { accept, type Decision, flightDeparted, reject, type Situation } from "./decision.ts";

export function hold({ state, nowMs, rules, supply }: Situation, command: Command<"hold">): Decision {
  const { args, member } = command;
  const malformed = checkPassengers(args.passengers);
  if (malformed !== null) return reject("VALIDATION", malformed.detail, { field: malformed.field });
  if (member === null) return reject("VALIDATION", "A reservation belongs to a member.", { field: "member" });
  const { plan } = state;
  if (nowMs >= plan.departsAtMs) return flightDeparted();

  let seated = 0;
  for (const { type } of args.passengers) if (type !== "INF") seated += 1;
  const has = state.seatsByMember.of(member);
  if (has + seated > rules.seatsPerMember) {
    return reject("LIMIT_EXCEEDED", `A member may have ${rules.seatsPerMember} seats in a flight, and has ${has}.`);
  }
  if (args.passengers.some(({ person }) => person !== undefined && state.sits(person))) {
    return reject("LIMIT_EXCEEDED", "One of the passengers already has a seat in this flight.");
  }

  const named = namedSeats(state, args.passengers);
  if (!named.ok) return { events: [], reply: () => named.reply };
  const seats = chooseSeats(state, args, named.seats);
  if (seats === null) return reject("SOLD_OUT", soldOut(args.prefer?.cabin));

  let total = 0;
  const passengers = args.passengers.map(({ type, person }, ordinal): SeatedPassenger => {
    const index = seats[ordinal] ?? null;
    const planned = index === null ? null : plan.seatPlan.at(index);
    if (planned !== null) total += fareOf(plan, planned.cabin);
    const seat = planned?.seat ?? null;
    return person === undefined ? { type, seat } : { type, seat, person };
  });
  const id = supply.reservationId();
  const expiresAtMs = nowMs + rules.holdTtlMs;
  return accept([{ type: "held", id, pnr: supply.pnr(), member, passengers, total, expiresAtMs }], (after) => ({
    kind: "reservation",
    reservation: reservationView(after, after.reservation(id)),
  }));
}

/** What is wrong with the passengers whatever the flight is, or null. The edge asks too, before a command is made. */
export function checkPassengers(passengers: readonly HoldPassenger[]): { field: string; detail: string } | null {
  if (passengers.length < 1 || passengers.length > PASSENGERS_MAX) {
    return { field: "passengers", detail: `A reservation has 1 to ${PASSENGERS_MAX} passengers.` };
  }
  let spareLaps = 0;
  for (const [ordinal, { type, seat, person }] of passengers.entries()) {
    if (seat !== undefined) {
      if (type === "INF") return { field: `passengers[${ordinal}].seat`, detail: "An infant has no seat of its own." };
      // Of so few, cheaper than a set of those before.
      if (passengers.findIndex((other) => other.seat === seat) < ordinal)
        return { field: `passengers[${ordinal}].seat`, detail: `Seat ${seat} is asked for twice.` };
    }
    if (person !== undefined && passengers.findIndex((other) => other.person === person) < ordinal)
      return { field: `passengers[${ordinal}]`, detail: "The same person is named twice." };
    if (type === "ADT") spareLaps += 1;
    else if (type === "INF") spareLaps -= 1;
  }
  if (spareLaps < 0) return { field: "passengers", detail: "Each infant needs an adult whose lap it sits on." };
  return null;
}

type NamedSeats =
  /** For each passenger the index of the seat that they named, or null. */
  { readonly ok: true; readonly seats: readonly (number | null)[] } | { readonly ok: false; readonly reply: Reply };

function namedSeats(state: FlightState, passengers: readonly HoldPassenger[]): NamedSeats {
  const { seatPlan } = state.plan;
  const seats = passengers.map(({ seat }) => (seat === undefined ? null : (seatPlan.indexOf(seat) ?? -1)));
  const kept = keptFromExits(passengers);
  const mayHave = (index: number, ordinal: number): boolean => kept[ordinal] !== true || !isExit(seatPlan, index);
  const isFine = seats.every(
    (index, ordinal) => index === null || (index >= 0 && state.isFree(index) && mayHave(index, ordinal)),
  );
  if (isFine) return { ok: true, seats };

  const namesWhere = (test: (index: number, ordinal: number) => boolean): string[] =>
    passengers.flatMap(({ seat }, ordinal) => {
      const index = seats[ordinal] ?? null;
      return index !== null && seat !== undefined && test(index, ordinal) ? [seat] : [];
    });
  const unknown = namesWhere((index) => index === -1);
  if (unknown.length > 0) {
    return no(rejected("SEAT_NOT_FOUND", `The flight has no seat ${unknown.join(", ")}.`, { seats: unknown }));
  }
  const forbidden = namesWhere((index, ordinal) => !mayHave(index, ordinal));
  if (forbidden.length > 0) {
    const detail = `A child can't sit in an exit row, nor an infant on a lap: ${forbidden.join(", ")}.`;
    return no(rejected("SEAT_NOT_ALLOWED", detail, { seats: forbidden }));
  }
  if (state.freeSeats === 0) return no(rejected("SOLD_OUT", soldOut()));
  const taken = namesWhere((index) => !state.isFree(index));
  const alternatives = nearestFree(state, taken, {
    named: namesWhere((index) => state.isFree(index)),
    exits: namesWhere((index, ordinal) => !state.isFree(index) && kept[ordinal] === true).length > 0,
  });
  return no(rejected("SEAT_TAKEN", `Taken: ${taken.join(", ")}.`, { seats: taken, alternatives }));
}

function isExit(seatPlan: SeatPlan, index: number): boolean {
  return seatPlan.at(index).features.includes(EXIT);
}

function no(reply: Reply): NamedSeats {
  return { ok: false, reply };
}

function soldOut(cabin?: string): string {
  return cabin === undefined ? "Not enough seats are free." : `Not enough seats are free in cabin ${cabin}.`;
}
