/** Owns one flight in memory: its mailbox, its state, and what it has decided but not yet shipped. Only its host's lane touches it. */

import { assert, present } from "./assert.ts";
import type { Answer } from "./bus/bus.ts";
import type { SeatDelta } from "./bus/subjects.ts";
import { Changes } from "./domain/changes.ts";
import { JOURNAL_SCHEMA, type TurnRecord } from "./domain/event.ts";
import { forgetEnded } from "./domain/evolve.ts";
import { takeTurn } from "./domain/flight-logic.ts";
import type { FlightId } from "./domain/ids.ts";
import { cabinSummaries, projectionOf, seatChanges } from "./domain/projection.ts";
import type { Rules, Supply } from "./domain/rules.ts";
import { type Snapshot, snapshotOf } from "./domain/snapshot.ts";
import type { FlightState } from "./domain/state.ts";
import { FlightLoad } from "./flight-load.ts";
import type { FlightWrite } from "./journal.ts";
import type { HostLimits } from "./limits.ts";
import { type Mail, Mailbox } from "./mailbox.ts";

export interface Decided {
  readonly mail: Mail;
  readonly answer: Answer;
}

/** What one batch does for one flight: immutable, so that a retry sends the same. */
export interface Part {
  readonly actor: FlightActor;
  readonly write: FlightWrite;
  readonly decided: readonly Decided[];
  readonly delta: SeatDelta | null;
  readonly nextDeadlineMs: number | null;
  /** Taken at this version, and kept once it is committed. */
  readonly snapshot: Snapshot | null;
  /** Traces of its commands that are kept, for those who follow the journal: some of them at most. */
  traces?: string[];
}

type SnapshotLimits = Pick<HostLimits, "snapshotTurnsMin" | "snapshotTurnsPerItem">;

export class FlightActor {
  readonly flightId: FlightId;
  readonly shard: number;
  readonly mailbox = new Mailbox();
  readonly load = new FlightLoad();
  /** null while it is being loaded. */
  #state: FlightState | null = null;
  #changes = new Changes();
  #turns: TurnRecord[] = [];
  #decided: Decided[] = [];
  #seatVersionBefore = 0;
  /** Of what is committed. */
  seatVersion = 0;
  #turnsSinceSnapshot = 0;
  /** Parts of it that were shipped and are not definite yet. */
  partsInFlight = 0;
  /** Another actor may stand in its place by now: nothing that it decided and did not ship counts. */
  isDropped = false;
  isQuarantined = false;
  /** Whether it stands in the lane's line. */
  isReady = false;
  /** When it was last asked for, by the monotonic clock. */
  usedMs = Number.NEGATIVE_INFINITY;

  constructor(flightId: FlightId, shard: number) {
    this.flightId = flightId;
    this.shard = shard;
  }

  get isLoaded(): boolean {
    return this.#state !== null;
  }

  /** Commands that it decided and that were not shipped. */
  get decidedCount(): number {
    return this.#decided.length;
  }

  /** Nothing waits, nothing is decided, nothing is on its way: it may leave memory. */
  get isIdle(): boolean {
    return this.mailbox.size === 0 && this.decidedCount === 0 && this.partsInFlight === 0;
  }

  /** The earliest hold that is over and still to be told of, if the flight is loaded and has one. */
  dueHold(nowMs: number): { readonly id: string; readonly generation: number } | null {
    const holds = this.#state?.holds;
    return holds?.firstOver() ?? holds?.firstDue(nowMs) ?? null;
  }

  /** Seats that are free; null while it is being loaded. */
  get seatsLeft(): number | null {
    return this.#state?.freeSeats ?? null;
  }

  get nextDeadlineMs(): number | null {
    return this.#state?.nextDeadlineMs() ?? null;
  }

  begin(state: FlightState, turnsSinceSnapshot: number): void {
    assert(this.decidedCount === 0, "a state begins with nothing decided");
    this.#state = state;
    this.#turnsSinceSnapshot = turnsSinceSnapshot;
    this.#seatVersionBefore = state.seatVersion;
    this.seatVersion = state.seatVersion;
  }

  /**
   * Decides one command on the state as it will be.
   * @param endedRowsMax see {@link takeTurn}
   * @returns how many rows tell of holds that were over
   * @throws whatever our own bug throws: then {@link forget}
   */
  decide(mail: Mail, nowMs: number, rules: Rules, supply: Supply, endedRowsMax: number): number {
    const state = present(this.#state, "an actor decides once it is loaded");
    const { endedRows } = this.#changes;
    const turn = takeTurn(state, mail.command, nowMs, rules, supply, this.#changes, endedRowsMax);
    if (turn.record !== null) this.#turns.push(turn.record);
    const answer: Answer =
      turn.kind === "answered"
        ? { ok: true, reply: turn.reply, isReplay: turn.isReplay }
        : { ok: false, error: turn.error };
    this.#decided.push({ mail, answer });
    return this.#changes.endedRows - endedRows;
  }

  /** Closes what was decided since the last part, and goes on from there. */
  ship(limits: SnapshotLimits): Part {
    const state = present(this.#state, "an actor ships what it decided");
    const changes = this.#changes;
    const base = state.version;
    const hasChanged = this.#turns.length > 0;
    let snapshot: Snapshot | null = null;
    let write: FlightWrite = { flightId: this.flightId, shard: this.shard, base, change: null };
    let delta: SeatDelta | null = null;
    if (hasChanged) {
      state.version = base + 1;
      const change = {
        entry: { schema: JOURNAL_SCHEMA, turns: this.#turns },
        projection: projectionOf(state, changes),
        logicalMs: state.logicalMs,
        nextDeadlineMs: state.nextDeadlineMs(),
        cabins: cabinSummaries(state),
      };
      write = { ...write, change };
      if (state.seatVersion !== this.#seatVersionBefore) {
        delta = {
          flightId: this.flightId,
          from: this.#seatVersionBefore,
          to: state.seatVersion,
          changes: seatChanges(state, changes),
        };
      }
      forgetEnded(state, changes);
      this.#turnsSinceSnapshot += this.#turns.length;
      if (this.#turnsSinceSnapshot >= snapshotDue(state, limits)) snapshot = this.snapshot();
    }
    const part: Part = {
      actor: this,
      write,
      decided: this.#decided,
      delta,
      nextDeadlineMs: state.nextDeadlineMs(),
      snapshot,
    };
    this.#reset();
    this.#seatVersionBefore = state.seatVersion;
    this.partsInFlight += 1;
    return part;
  }

  /** The state as it is now; only when nothing is decided that was not shipped. */
  snapshot(): Snapshot {
    this.#turnsSinceSnapshot = 0;
    const state = present(this.#state, "a snapshot is of a state");
    return snapshotOf(state, state.version);
  }

  /** Whether the journal holds anything that the last snapshot does not. */
  get isAheadOfSnapshot(): boolean {
    return this.#turnsSinceSnapshot > 0;
  }

  /** Forgets the state and all that was decided on it; gives back the commands, in their order, to be decided anew. */
  forget(): Mail[] {
    const undecided = this.#decided.map(({ mail }) => mail);
    this.#reset();
    this.#state = null;
    return undecided;
  }

  #reset(): void {
    this.#changes = new Changes();
    this.#turns = [];
    this.#decided = [];
  }
}

function snapshotDue({ reservations, keys }: FlightState, limits: SnapshotLimits): number {
  return limits.snapshotTurnsMin + limits.snapshotTurnsPerItem * (reservations.size + keys.successCount);
}
