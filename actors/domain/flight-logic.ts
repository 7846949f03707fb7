/** Owns one turn of a flight: (state, command, now) → reply and events, with no I/O, clock or randomness; guards I5. */

import { OperationalError } from "../errors.ts";
import type { Changes } from "./changes.ts";
import type { Command } from "./command.ts";
import { accept, type Decision, type Situation } from "./decide/decision.ts";
import { cancel, expire, release, showReservation } from "./decide/ending.ts";
import { hold } from "./decide/hold.ts";
import { beginPayment, openPayment, settlePayment, settleRefund } from "./decide/payment.ts";
import type { FlightEvent, KeyRecord, TurnRecord } from "./event.ts";
import { evolve } from "./evolve.ts";
import { keyName, REFUSAL_KEPT_MS, SUCCESS_KEPT_MS, SYSTEM } from "./keys.ts";
import { endBefore, endNamed, endShare } from "./over.ts";
import { type Reply, rejected } from "./reply.ts";
import type { Rules, Supply } from "./rules.ts";
import type { FlightState } from "./state.ts";
import { seatMapView } from "./views.ts";

/** Of a flight's keys holds leave so many to those who hold already: no flood of people who find no seat keeps them from paying. */
const LEFT_BY_HOLDS = 1 / 8;

export type Turn =
  /** A final answer. `record` is what the journal must hold before it may leave; null when nothing happened. */
  | { readonly kind: "answered"; readonly reply: Reply; readonly isReplay: boolean; readonly record: TurnRecord | null }
  /** Not processed: not a result, not recorded. Some holds that were over by then have still ended: `record`. */
  | { readonly kind: "refused"; readonly error: OperationalError; readonly record: TurnRecord | null };

/**
 * Takes one command and applies it to `state`, noting in `changes` what the projections must be told.
 * A throw is our bug and leaves the state unusable: its actor is dropped and loaded anew.
 *
 * @param endedRowsMax so many rows may tell of holds that are over, beside those that the command needs; no answer depends on it
 */
export function takeTurn(
  state: FlightState,
  command: Command,
  nowMs: number,
  rules: Rules,
  supply: Supply,
  changes: Changes,
  endedRowsMax: number,
): Turn {
  // Deadlines go by cluster time, also where that was set back. Only the flight's own events, and what is kept with them, stay in order.
  const atMs = Math.max(nowMs, state.logicalMs);
  changes.nowMs = nowMs;
  state.keys.sweep(atMs);
  const name = command.key === null ? null : keyName(command.member, command.op, command.key);
  const known = name === null ? undefined : state.keys.find(name, atMs);
  if (known !== undefined) return replay(known, command);
  if (command.replayOnly === true) return unanswered();

  const events: FlightEvent[] = [];
  const tell = (event: FlightEvent): void => {
    evolve(state, event, atMs, changes);
    events.push(event);
  };
  endShare(state, nowMs, endedRowsMax, tell);
  const refusal = refuse(state, command, name, nowMs, atMs, rules);
  if (refusal !== null) return { kind: "refused", error: refusal, record: recordOf(atMs, events, null) };

  endNamed(state, command, tell);
  const decision = decide({ state, nowMs, rules, supply }, command);
  for (const event of decision.events) {
    endBefore(state, event, tell);
    tell(event);
  }
  const reply = decision.reply(state);
  if (command.op === "hold" && reply.ok && reply.result.kind === "reservation") {
    changes.namePassengers(reply.result.reservation.id, command.args.passengers);
  }
  const key = name === null || !isFinal(reply) ? null : keyRecord(name, command, reply, atMs);
  if (key !== null) {
    state.remember(key, command.member ?? SYSTEM);
    // What was only answered counts as well: living refusals are found by the time of the entry that they stand in.
    state.logicalMs = atMs;
  }
  return { kind: "answered", reply, isReplay: false, record: recordOf(atMs, events, key) };
}

function decide(situation: Situation, command: Command): Decision {
  switch (command.op) {
    case "hold":
      return hold(situation, command);
    case "release":
      return release(situation, command);
    case "cancel":
      return cancel(situation, command);
    case "begin-payment":
      return beginPayment(situation, command);
    case "open-payment":
      return openPayment(situation, command);
    case "settle-payment":
      return settlePayment(situation, command);
    case "settle-refund":
      return settleRefund(situation, command);
    case "expire":
      return expire();
    case "reservation":
      return showReservation(situation, command);
    case "seat-map":
      return accept([], (state) => ({ kind: "seat-map", seatMap: seatMapView(state) }));
  }
}

function replay(known: KeyRecord, command: Command): Turn {
  const isSame = known.fingerprint === command.fingerprint;
  const reply = isSame
    ? known.reply
    : rejected("IDEMPOTENCY_KEY_REUSED", "This idempotency key stands for another request.", {
        field: "Idempotency-Key",
      });
  return { kind: "answered", reply, isReplay: isSame, record: null };
}

/** Whoever asks here has no admission; with one the same key may still do what it says. */
function unanswered(): Turn {
  const reply = rejected("ADMISSION_REQUIRED", "The flight has a waiting room, and this needs a pass of it.");
  return { kind: "answered", reply, isReplay: false, record: null };
}

function refuse(
  state: FlightState,
  command: Command,
  name: string | null,
  nowMs: number,
  atMs: number,
  rules: Rules,
): OperationalError | null {
  if (nowMs > command.deadlineMs)
    return new OperationalError("DEADLINE_EXCEEDED", "The request's deadline had passed.");
  if (name === null || command.member === null) return null;
  const { keys } = state;
  const { keysPerFlight } = rules;
  const keysMax = command.op === "hold" ? keysPerFlight - Math.floor(keysPerFlight * LEFT_BY_HOLDS) : keysPerFlight;
  if (keys.liveOf(command.member) < rules.keysPerMember && keys.size < keysMax) return null;
  // A bound counts living keys only. Each key is cleared away once, so that this costs no more than the turns that made them.
  keys.sweep(atMs, keys.size);
  if (keys.liveOf(command.member) >= rules.keysPerMember) {
    return new OperationalError(
      "TOO_MANY_KEYS",
      `A member may have ${rules.keysPerMember} live idempotency keys in a flight.`,
    );
  }
  if (keys.size >= keysMax) {
    return new OperationalError("OVERLOADED", "The flight can remember no further idempotency key for now.");
  }
  return null;
}

/** What is wrong with the request itself is told anew each time; all else is the answer that its key stands for (DESIGN §7). */
function isFinal(reply: Reply): boolean {
  return reply.ok || reply.rejection.code !== "VALIDATION";
}

function keyRecord(name: string, command: Command, reply: Reply, atMs: number): KeyRecord {
  const keptUntilMs = atMs + (reply.ok ? SUCCESS_KEPT_MS : REFUSAL_KEPT_MS);
  return { name, fingerprint: command.fingerprint, keptUntilMs, reply };
}

function recordOf(atMs: number, events: readonly FlightEvent[], key: KeyRecord | null): TurnRecord | null {
  return events.length === 0 && key === null ? null : { atMs, events, key };
}

/** Applies what a journal row says happened: the way in which a flight is loaded, and the doctor replays it. */
export function replayTurn(state: FlightState, turn: TurnRecord, changes: Changes): void {
  for (const event of turn.events) evolve(state, event, turn.atMs, changes);
  if (turn.key !== null) {
    state.remember(turn.key);
    state.logicalMs = Math.max(state.logicalMs, turn.atMs);
  }
}
