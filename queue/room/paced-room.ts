/** Owns the pacing of one room: how many are called next, from how many come, how full it is inside, and how the flight keeps up. */

import type { KnownRoom } from "./known-room.ts";
import { type LoadReading, Pace, type PaceReason } from "./pace.ts";
import { calledOf, joinedOf, raisedBy } from "./positions.ts";
import { isOpening } from "./room.ts";
import type { Glance, Raise } from "./room-store.ts";
import { ShowUp } from "./show-up.ts";

/** Without a limit of the operator's, so many passes for each seat left: not everybody who looks buys. */
const ACTIVE_PER_SEAT = 2.5;

/** People are called for the passes of so many seconds: somebody called needs a moment to come. */
const AHEAD_S = 10;

/** The ceiling is kept above the line by as much as may join within so many seconds, at the rate of the last one. */
const CEILING_AHEAD_S = 4;
const CEILING_AHEAD_MIN = 2_000;

/** A place whose estimate is compared with when its turn came. */
interface Probe {
  readonly position: number;
  readonly toldMs: number;
  readonly waitS: number;
}

export type CallReason =
  | PaceReason
  | "paused"
  | "not open"
  | "seats unknown"
  | "sold out"
  | "nobody waits"
  | "full"
  | "people at the door";

export class PacedRoom {
  readonly #known: KnownRoom;
  readonly #pace = new Pace();
  readonly #showUp = new ShowUp();
  /** What was written down last; null before. */
  #noted: { readonly admitted: number; readonly seqHigh: number; readonly joined: number } | null = null;
  #probe: Probe | null = null;
  #errorsS: number[] = [];
  #lastNote = "";
  #lastLoad: LoadReading | null = null;
  /** Null while nobody knows. */
  seatsLeft: number | null = null;
  /** The flight is being looked at. */
  isAsking = false;
  /** Why the last decision was made. */
  reason: CallReason = "steady";
  /** How many the last one called. */
  called = 0;

  constructor(known: KnownRoom) {
    this.#known = known;
  }

  /**
   * The next decision; null while too little is known for one.
   * @param load the latest signal; null: the flight is silent
   */
  decide(load: LoadReading | null, nowMs: number): Raise | null {
    const { glance, room } = this.#known;
    if (glance === null) return null;
    const called = calledOf(glance);
    this.#showUp.note(called, glance.shown, nowMs);
    this.#compare(called, nowMs);

    const { maxActive, admitPerMinute } = room.settings;
    const seatsLeft = this.seatsLeft ?? glance.pace?.seatsLeft ?? null;
    const byOperator = maxActive ?? Number.POSITIVE_INFINITY;
    const bySeats = seatsLeft === null ? 0 : Math.ceil(seatsLeft * ACTIVE_PER_SEAT);
    const activeMax = Math.min(byOperator, bySeats);
    const shut = this.#shut(seatsLeft, nowMs);
    // A room that lets nobody in learns nothing of how fast it may, and nobody learns twice from one signal.
    const isNews = load === null || load !== this.#lastLoad;
    this.#lastLoad = load;
    const pace = shut === null && isNews ? this.#pace.next(admitPerMinute, load) : null;
    const perMinute = pace?.perMinute ?? this.#pace.current(admitPerMinute);
    const [people, why] = shut === null ? this.#people(glance, activeMax, perMinute) : [0, shut];
    this.reason = why ?? pace?.reason ?? "steady";
    const admitted = Math.min(glance.seqHigh, people === 0 ? glance.admitted : raisedBy(people, glance));
    this.called = admitted - glance.admitted;
    return {
      admitted,
      ratePerMinute: Math.round(perMinute * 100) / 100,
      activeMax,
      seatsLeft,
      rules: this.#known.rules,
      note: this.#note(glance, activeMax, perMinute, seatsLeft, load, nowMs),
    };
  }

  /** Why nobody is let in, whoever waits; null where somebody may be. */
  #shut(seatsLeft: number | null, nowMs: number): CallReason | null {
    const { room } = this.#known;
    if (room.mode === "paused") return "paused";
    if (!isOpening(room, nowMs)) return "not open";
    if (seatsLeft === null) return "seats unknown";
    return seatsLeft === 0 ? "sold out" : null;
  }

  /** How many are called now, and why none are. */
  #people(glance: Glance, activeMax: number, perMinute: number): [number, CallReason | null] {
    if (glance.seqHigh <= glance.admitted) return [0, "nobody waits"];
    // Those who stand at the door come before those who have not been called.
    if (glance.atDoor > 0) return [0, "people at the door"];
    const slots = activeMax - glance.active;
    if (slots <= 0) return [0, "full"];
    const share = this.#showUp.share;
    const wanted = Math.min(slots, (perMinute * AHEAD_S) / 60) - this.#showUp.expected;
    return [Math.max(0, Math.ceil(wanted / share)), null];
  }

  /** Compares what was estimated for one place with when its turn came, and estimates for the next. */
  #compare(called: number, nowMs: number): void {
    const probe = this.#probe;
    if (probe !== null && called < probe.position) return;
    if (probe !== null) this.#errorsS.push(Math.abs((nowMs - probe.toldMs) / 1_000 - probe.waitS));
    const { glance, rate, turnover } = this.#known;
    const perMinute = glance?.pace?.ratePerMinute ?? 0;
    const ahead = Math.ceil(perMinute);
    const estimate =
      perMinute > 0 && this.#known.joined - called > ahead ? rate.estimate(ahead, perMinute, turnover) : null;
    this.#probe = estimate === null ? null : { position: called + ahead, toldMs: nowMs, waitS: estimate.p50 };
  }

  /** How many seconds estimates were wrong since this was asked last. */
  takeErrors(): readonly number[] {
    return this.#errorsS.splice(0);
  }

  /** One line for the room's journal, when anything changed. */
  #note(
    glance: Glance,
    activeMax: number,
    perMinute: number,
    seatsLeft: number | null,
    load: LoadReading | null,
    nowMs: number,
  ): string | null {
    const decision = {
      reason: this.reason,
      called: this.called,
      admitted: glance.admitted + this.called,
      ratePerMinute: Math.round(perMinute),
      activeMax,
      active: glance.active,
      atDoor: glance.atDoor,
      seatsLeft,
      showUp: Math.round(this.#showUp.share * 100) / 100,
      waitP95Ms: load?.waitP95Ms ?? null,
    };
    const text = JSON.stringify(decision);
    if (text === this.#lastNote) return null;
    this.#lastNote = text;
    return JSON.stringify({ at: new Date(nowMs).toISOString(), ...decision });
  }

  needsCeiling(glance: Glance): boolean {
    const joined = this.#joinedSince(glance);
    return joined > 0 && this.#known.ceiling - glance.seqHigh < aheadOf(joined) / 2;
  }

  ceilingFor(glance: Glance): number {
    return glance.seqHigh + aheadOf(this.#joinedSince(glance));
  }

  isToBeNoted(admitted: number, { seqHigh }: Glance): boolean {
    return admitted !== this.#noted?.admitted || seqHigh !== this.#noted.seqHigh;
  }

  noted(admitted: number, glance: Glance): void {
    this.#noted = { admitted, seqHigh: glance.seqHigh, joined: joinedOf(glance) };
  }

  /** People, and no places that a loss has skipped: the next one would skip some for each of these. */
  #joinedSince(glance: Glance): number {
    const joined = joinedOf(glance);
    return joined - (this.#noted?.joined ?? joined);
  }
}

/** How far the ceiling is kept above the line when so many have joined since the last note. */
function aheadOf(joined: number): number {
  return Math.max(CEILING_AHEAD_MIN, joined * CEILING_AHEAD_S);
}
