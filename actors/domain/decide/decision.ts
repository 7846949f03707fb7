/** Owns the form of a decision: the facts that follow from a command, and what is answered. */

import type { Command } from "../command.ts";
import type { FlightEvent } from "../event.ts";
import { type Reply, type Result, rejected } from "../reply.ts";
import type { Rules, Supply } from "../rules.ts";
import type { FlightState, Reservation } from "../state.ts";

/** What a decision is made from: nothing else may influence it. */
export interface Situation {
  readonly state: FlightState;
  readonly nowMs: number;
  readonly rules: Rules;
  readonly supply: Supply;
}

/** The facts, and the answer as worked out from the state that they lead to. */
export interface Decision {
  readonly events: readonly FlightEvent[];
  readonly reply: (state: FlightState) => Reply;
}

export function accept(events: readonly FlightEvent[], result: (state: FlightState) => Result): Decision {
  return { events, reply: (state) => ({ ok: true, result: result(state) }) };
}

export function reject(...args: Parameters<typeof rejected>): Decision {
  const reply = rejected(...args);
  return { events: [], reply: () => reply };
}

/** The reservation, if there is one that the asker may reach; somebody else's looks the same as one that does not exist. */
export function reachable(state: FlightState, command: Command, id: string): Reservation | null {
  const reservation = state.reservations.get(id);
  if (reservation === undefined) return null;
  return command.member === null || command.member === reservation.member ? reservation : null;
}

export function reservationNotFound(): Decision {
  return reject("RESERVATION_NOT_FOUND", "There is no such reservation.");
}

export function flightDeparted(): Decision {
  return reject("FLIGHT_DEPARTED", "The flight has departed.");
}
