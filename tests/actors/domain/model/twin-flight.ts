/** Owns two flights that are asked the same: one ends all holds that are over in the next turn, the other a few of them, and none may notice. */

import { expect } from "bun:test";
import type { Command } from "../../../../actors/domain/command.ts";
import type { Turn } from "../../../../actors/domain/flight-logic.ts";
import type { FlightPlan } from "../../../../actors/domain/plan.ts";
import type { Rules } from "../../../../actors/domain/rules.ts";
import type { FlightState, Reservation } from "../../../../actors/domain/state.ts";
import { FlightModel } from "./flight-model.ts";
import { RealFlight } from "./real-flight.ts";

/** What is forgotten, and when, hangs on when an end was told: neither flight forgets anything. */
export class UnforgettingModel extends FlightModel {
  override forget(): void {}
}

export class TwinFlight extends RealFlight {
  readonly slow: RealFlight;
  /** Turns after which the slow one had ends to tell. */
  turnsBehind = 0;

  /** @param endedRowsMax of a turn of the slow flight */
  constructor(plan: FlightPlan, rules: Rules, endedRowsMax: number) {
    super(plan, rules);
    this.forgetsEnded = false;
    this.slow = new RealFlight(plan, rules);
    this.slow.forgetsEnded = false;
    this.slow.endedRowsMax = endedRowsMax;
  }

  override take(command: Command): Turn {
    const turn = super.take(command);
    const slow = this.slow.take(command);
    expect(told(slow)).toEqual(told(turn));
    expect(asTold(this.slow.state)).toEqual(asTold(this.state));
    if (this.slow.state.holds.firstOver() !== null) this.turnsBehind += 1;
    return turn;
  }

  override advance(ms: number): void {
    super.advance(ms);
    this.slow.advance(ms);
  }

  override ship(): void {
    super.ship();
    this.slow.ship();
  }

  override keepSnapshot(): void {
    super.keepSnapshot();
    this.slow.keepSnapshot();
  }

  override checkLoads(): void {
    super.checkLoads();
    this.slow.checkLoads();
  }
}

/** Of a turn, all but what was recorded. */
function told(turn: Turn): object {
  return turn.kind === "refused"
    ? { code: turn.error.code, message: turn.error.message }
    : { reply: turn.reply, isReplay: turn.isReplay, key: turn.record?.key ?? null };
}

/** A state as everybody is told of it. */
function asTold(state: FlightState): object {
  const { seatPlan } = state.plan;
  const indices = seatPlan.seats.map((_, index) => index);
  return {
    seatVersion: state.seatVersion,
    seats: indices.map((index) => [state.seatState(index), state.isFree(index) ? null : state.holder(index)]),
    free: [Array.from(state.freeByCabin), state.freeSeats],
    seatsByMember: [...state.seatsByMember].toSorted(byName),
    persons: [...state.persons].filter(([person]) => state.sits(person)).toSorted(byName),
    reservations: Array.from(state.reservations.values(), (each) => [each.id, statusOf(each)] as const).toSorted(
      byName,
    ),
  };
}

function statusOf({ status, isOver }: Reservation): string {
  return isOver ? "EXPIRED" : status;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
