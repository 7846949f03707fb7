/** Owns the checks of the waiting room, where its store stands: places, the threshold, who gets a pass before whom, and who may decide it. */

import type { FlightId, MemberId } from "../../../actors/domain/ids.ts";
import {
  type DoorAnswer,
  type DoorAsk,
  type DoorRules,
  type JoinAnswer,
  type JoinAsk,
  PRESENCE_MS,
  type Raise,
  type RevokedPass,
  type RoomId,
  type RoomRemains,
} from "../../../queue/room/room-store.ts";
import type { Server } from "../database/server.ts";
import { SCHEMA } from "../sql/schema.ts";
import type { Findings } from "../world/findings.ts";
import type { Trace } from "../world/trace.ts";

const MINUTE_MS = 60_000;

/** Places that one loss may skip: twice as many as few people can be allowed to take before the next note. */
const SKIPPED_MAX = 10_000;

interface Standing {
  readonly place: number;
  readonly askedMs: number;
  /** A pass is kept for them, since somebody behind them was given one under the rules that were made then; null: none is. */
  readonly keptUnderMs: number | null;
}

/** One epoch of one room. */
class Seen {
  /** Whose each place is. */
  readonly places = new Map<number, MemberId>();
  /** The highest that was given out as a new one. */
  placeMax = 0;
  /** How often it was brought back. */
  returns = 0;
  admitted = 0;
  activeMax = 0;
  ratePerMinute = 0;
  /** The latest that the store was told of. */
  rules: DoorRules | null = null;
  fence = 0;
  /** Those at the door, when they asked last. */
  readonly door = new Map<MemberId, Standing>();
  /** By member, the pass that is valid. */
  readonly active = new Map<MemberId, RevokedPass>();
  /** When passes were given out. */
  readonly issuedMs: number[] = [];
  nowMs = 0;
}

export class RoomChecks {
  readonly #findings: Findings;
  readonly #trace: Trace;
  readonly #server: Server;
  readonly #rooms = new Map<string, Seen>();
  readonly #nowMs: () => number;
  /** When somebody's decision was taken last, in simulated time. */
  readonly #decidedMs = new Map<FlightId, number>();

  constructor(findings: Findings, trace: Trace, server: Server, nowMs: () => number) {
    this.#findings = findings;
    this.#trace = trace;
    this.#server = server;
    this.#nowMs = nowMs;
  }

  /** Whether somebody paces the room. */
  isPaced(flightId: FlightId): boolean {
    return this.#nowMs() - (this.#decidedMs.get(flightId) ?? Number.NEGATIVE_INFINITY) < 5_000;
  }

  /** The store has lost everything. */
  lost(): void {
    for (const seen of this.#rooms.values()) {
      seen.door.clear();
      seen.activeMax = 0;
      seen.ratePerMinute = 0;
      seen.fence = 0;
    }
  }

  restored(room: RoomId, { admitted, passes }: RoomRemains): void {
    const seen = this.#seen(room);
    this.#trace.note("rooms", () => `${nameOf(room)} is brought back: admitted ${admitted}, ${passes.length} passes`);
    this.#findings.expect(
      admitted >= seen.admitted,
      "order of admission",
      () => `${nameOf(room)} falls back from ${seen.admitted} to ${admitted}`,
    );
    seen.admitted = Math.max(seen.admitted, admitted);
    seen.returns += 1;
    seen.active.clear();
    for (const { member, seq, expiresAtMs, endedAtMs } of passes) {
      if (endedAtMs === null) seen.active.set(member, { seq, expiresAtMs });
    }
  }

  joined(room: RoomId, asks: readonly JoinAsk[], answers: readonly JoinAnswer[] | null) {
    const seen = this.#seen(room);
    for (const [at, answer] of (answers ?? []).entries()) {
      const member = asks[at]?.member ?? "";
      if (answer.kind !== "place") continue;
      const { seq, isNew } = answer;
      const whose = seen.places.get(seq);
      const isAlone = whose === undefined || whose === member;
      this.#findings.expect(
        isAlone,
        "order of admission",
        () => `place ${seq} of ${nameOf(room)} is ${whose}'s and ${member}'s`,
      );
      const isLast = !isNew || seq > seen.placeMax;
      this.#findings.expect(
        isLast,
        "order of admission",
        () => `${member} gets place ${seq} of ${nameOf(room)} after ${seen.placeMax}`,
      );
      seen.places.set(seq, member);
      this.#findings.expect(
        seq <= seen.places.size + seen.returns * SKIPPED_MAX,
        "order of admission",
        () => `${member} gets place ${seq} of ${nameOf(room)} of ${seen.places.size}, after ${seen.returns} losses`,
      );
      if (isNew) seen.placeMax = seq;
      this.#trace.note("rooms", () => `${member} has place ${seq} of ${nameOf(room)}${isNew ? "" : ", as before"}`);
    }
    return answers;
  }

  /** A room's time is the latest that anybody has told it. */
  tick(room: RoomId, nowMs: number): void {
    const seen = this.#seen(room);
    seen.nowMs = Math.max(seen.nowMs, nowMs);
  }

  asked(room: RoomId, ask: DoorAsk, rules: DoorRules, answer: DoorAnswer | null) {
    const seen = this.#seen(room);
    const { member, place } = ask;
    if (answer === null) return null;
    seen.rules = laterOf(seen.rules, rules);
    this.#trace.note(
      "rooms",
      () => `${member} at the door of ${nameOf(room)} with ${ask.seq} (${place}): ${answer.kind}`,
    );
    if (answer.kind === "pass" && answer.isNew) {
      this.#passed(room, seen, ask, rules);
      seen.active.set(member, answer.pass);
    }
    if (answer.kind === "at-door") this.#stays(room, seen, ask);
    else seen.door.delete(member);
    return answer;
  }

  /** @param isEnded false: there was nothing to end any more */
  ended(room: RoomId, member: MemberId, { seq }: RevokedPass, isEnded: boolean | null) {
    const seen = this.#seen(room);
    if (isEnded !== null && seen.active.get(member)?.seq === seq) seen.active.delete(member);
    return isEnded;
  }

  /** @param isTaken false: there was no such pass any more */
  tookBack(room: RoomId, { member, place }: DoorAsk, isTaken: boolean | null) {
    if (isTaken !== true) return isTaken;
    const seen = this.#seen(room);
    this.#trace.note("rooms", () => `${member} with ${place} stands at the door of ${nameOf(room)} again`);
    seen.active.delete(member);
    seen.door.set(member, { place, askedMs: seen.nowMs, keptUnderMs: null });
    return isTaken;
  }

  raised(room: RoomId, fence: number, raise: Raise, isTaken: boolean | null) {
    if (isTaken !== true) return isTaken;
    const seen = this.#seen(room);
    this.#findings.expect(
      fence >= seen.fence,
      "pacer",
      () => `${nameOf(room)} is paced under ${fence} after ${seen.fence}`,
    );
    if (raise.admitted > seen.admitted)
      this.#trace.note("rooms", () => `${nameOf(room)} admits up to ${raise.admitted}`);
    seen.fence = fence;
    seen.admitted = Math.max(seen.admitted, raise.admitted);
    seen.activeMax = raise.activeMax;
    seen.ratePerMinute = raise.ratePerMinute;
    seen.rules = laterOf(seen.rules, raise.rules);
    this.#decidedMs.set(room.flightId, this.#nowMs());
    return isTaken;
  }

  /** Somebody was given a pass: then it is written down. */
  handedOut(flightId: FlightId, member: MemberId, expiresAtMs: number): void {
    const schema = SCHEMA.tables.get("room_pass");
    if (schema === undefined) return;
    const at = (column: string): number => schema.placeOf(column);
    const rows = [...this.#server.tables.rows("room_pass").values()];
    const isKept = rows.some(
      (row) =>
        row[at("flight_id")] === flightId &&
        row[at("member_id")] === member &&
        row[at("expires_at_ms")] === expiresAtMs,
    );
    this.#findings.expect(isKept, "acknowledged", () => `${member} has a pass of ${flightId} that is written nowhere`);
  }

  /** Whoever stood there when somebody behind them passed has a pass kept for them: only an operator can come between. */
  #stays(room: RoomId, seen: Seen, { member, place }: DoorAsk): void {
    const { rules, ratePerMinute, active, nowMs } = seen;
    const keptUnderMs = keptFor(seen, member);
    const isOpen = rules !== null && !rules.isPaused && ratePerMinute > 0 && rules.changedAtMs === keptUnderMs;
    this.#findings.expect(
      !isOpen || active.size >= (rules.maxActive ?? Number.POSITIVE_INFINITY),
      "order of admission",
      () => `${member} with ${place} stays at the door of ${nameOf(room)}, though somebody behind them has passed`,
    );
    seen.door.set(member, { place, askedMs: nowMs, keptUnderMs });
  }

  /** Of those present the lower place gets its pass first; and no more than may be inside, or come in a minute. */
  #passed(room: RoomId, seen: Seen, { member, place }: DoorAsk, rules: DoorRules): void {
    const expect = (isSo: boolean, what: () => string): void =>
      this.#findings.expect(
        isSo,
        "order of admission",
        () => `${member} with ${place} passes ${nameOf(room)}: ${what()}`,
      );
    expect(place <= seen.admitted, () => `only ${seen.admitted} are admitted`);
    const before = [...seen.door].filter(
      ([other, standing]) => other !== member && standing.place < place && seen.nowMs - standing.askedMs < PRESENCE_MS,
    );
    for (const [other, { expiresAtMs }] of seen.active) if (expiresAtMs <= seen.nowMs) seen.active.delete(other);
    // There is one for each of those who stand before them, whenever they ask next.
    const isKept = keptFor(seen, member) !== null;
    expect(isKept || before.length + seen.active.size < seen.activeMax, () => {
      return `${seen.active.size} of ${seen.activeMax} are inside, and ${before.map(([other]) => other).join(", ")} before them`;
    });
    const keptUnderMs = seen.rules?.changedAtMs ?? null;
    for (const [other, standing] of before) seen.door.set(other, { ...standing, keptUnderMs });
    seen.issuedMs.push(seen.nowMs);
    const young = seen.issuedMs.filter((atMs) => atMs > seen.nowMs - MINUTE_MS).length;
    expect(young <= rules.admitPerMinute, () => `${young} in a minute, of ${rules.admitPerMinute}`);
  }

  #seen(room: RoomId): Seen {
    const name = nameOf(room);
    const seen = this.#rooms.get(name) ?? new Seen();
    this.#rooms.set(name, seen);
    return seen;
  }
}

function keptFor({ door, nowMs }: Seen, member: MemberId): number | null {
  const standing = door.get(member);
  return standing !== undefined && nowMs - standing.askedMs < PRESENCE_MS ? standing.keptUnderMs : null;
}

function laterOf(known: DoorRules | null, told: DoorRules): DoorRules {
  return known === null || told.changedAtMs > known.changedAtMs ? told : known;
}

function nameOf({ flightId, epoch }: RoomId): string {
  return `${flightId}#${epoch}`;
}
