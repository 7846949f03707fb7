/** Owns the checks of the waiting room, where its store stands: places, the threshold, who gets a pass before whom, and who may decide it. */

import { present } from "../../../actors/assert.ts";
import type { FlightId, MemberId } from "../../../actors/domain/ids.ts";
import { finalOf, Ranks } from "../../../queue/room/draw/draw.ts";
import {
  CLAIM_WINDOW_MS,
  type DoorAnswer,
  type DoorAsk,
  type DoorRules,
  type Glance,
  GRACE_MS,
  type JoinAnswer,
  type JoinAsk,
  type Lease,
  PRESENCE_MS,
  type Raise,
  RESTORED_SHUT_MS,
  type RevokedPass,
  type RoomId,
  type RoomRemains,
} from "../../../queue/room/room-store.ts";
import type { Server } from "../database/server.ts";
import { SCHEMA } from "../sql/schema.ts";
import type { Value } from "../sql/syntax.ts";
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
  /** When the threshold reached what, in the order of both. */
  readonly raises: { readonly admitted: number; readonly atMs: number }[] = [];
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
  /** By member, the highest place for which they ever had a pass. */
  readonly passedWith = new Map<MemberId, number>();
  /** By the number in the order of admission, whose it is. */
  readonly seqAt = new Map<number, number>();
  /** After a loss the door waits until then for those who stood at it. */
  shutUntilMs = 0;
  /** The latest that anybody has told since the last loss. */
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
  #lease = { holder: "", untilMs: 0, fence: 0 };

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

  /** Whether it is on, as the database has it. */
  isOn(flightId: FlightId): boolean {
    const schema = present(SCHEMA.tables.get("room_state"), "a table of rooms");
    return this.#server.tables.rows("room_state").get(flightId)?.[schema.placeOf("mode")] === "on";
  }

  /** The store has lost everything. */
  lost(): void {
    this.#lease = { holder: "", untilMs: 0, fence: 0 };
    for (const seen of this.#rooms.values()) {
      seen.door.clear();
      seen.activeMax = 0;
      seen.ratePerMinute = 0;
      seen.fence = 0;
    }
  }

  /** One paces at a time, and each under a higher fence. */
  leased(holder: string, ttlMs: number, nowMs: number, lease: Lease | null): Lease | null {
    if (lease === null) return null;
    const { holder: before, untilMs, fence } = this.#lease;
    const isSame = holder === before;
    this.#findings.expect(
      isSame || before === "" || untilMs <= nowMs,
      "pacer",
      () => `${holder} paces while ${before} does, for ${untilMs - nowMs} ms more`,
    );
    this.#findings.expect(
      isSame ? lease.fence === fence : lease.fence > fence,
      "pacer",
      () => `${holder} paces under ${lease.fence} after ${before} under ${fence}`,
    );
    this.#lease = { holder, untilMs: nowMs + ttlMs, fence: lease.fence };
    return lease;
  }

  released(holder: string): void {
    if (this.#lease.holder === holder) this.#lease = { ...this.#lease, holder: "" };
  }

  glanced(room: RoomId, glance: Glance | null): Glance | null {
    const { admitted, active, nowMs } = this.#seen(room);
    const inside = [...active.values()].filter(({ expiresAtMs }) => expiresAtMs > nowMs).length;
    this.#findings.expect(
      glance === null || (glance.admitted >= admitted && glance.active === inside),
      "order of admission",
      () =>
        `${nameOf(room)} has ${glance?.admitted} admitted of ${admitted}, and ${glance?.active} of ${inside} inside`,
    );
    return glance;
  }

  restored(room: RoomId, { admitted, passes }: RoomRemains, nowMs: number): void {
    const seen = this.#seen(room);
    // By the clock of whoever brings it back, which may be behind others.
    seen.nowMs = nowMs;
    seen.shutUntilMs = admitted > 0 ? nowMs + RESTORED_SHUT_MS : 0;
    this.#trace.note("rooms", () => `${nameOf(room)} is brought back: admitted ${admitted}, ${passes.length} passes`);
    this.#findings.expect(
      admitted >= seen.admitted,
      "order of admission",
      () => `${nameOf(room)} falls back from ${seen.admitted} to ${admitted}`,
    );
    seen.admitted = Math.max(seen.admitted, admitted);
    // Claim windows begin anew.
    seen.raises.splice(0, seen.raises.length, { admitted: seen.admitted, atMs: nowMs });
    seen.returns += 1;
    seen.active.clear();
    for (const { member, seq, expiresAtMs, endedAtMs } of passes) {
      seen.passedWith.set(member, Math.max(seq, seen.passedWith.get(member) ?? 0));
      if (endedAtMs === null) seen.active.set(member, { seq, expiresAtMs });
    }
  }

  joined(room: RoomId, asks: readonly JoinAsk[], answers: readonly JoinAnswer[] | null) {
    const seen = this.#seen(room);
    for (const [at, answer] of (answers ?? []).entries()) {
      const member = asks[at]?.member ?? "";
      if (answer.kind !== "place") continue;
      const { seq, isNew } = answer;
      const given = asks[at]?.seq ?? Number.POSITIVE_INFINITY;
      // Once it is over a ticket says no more than that they come again.
      const isOver = given <= (seen.passedWith.get(member) ?? 0);
      this.#findings.expect(
        seq <= given || isOver,
        "order of admission",
        () => `${member} has place ${given} of ${nameOf(room)}, and gets ${seq} for it`,
      );
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
      if (isNew) {
        seen.placeMax = seq;
        const ceiling = Number(this.#row(room)?.("seq_ceiling") ?? Number.POSITIVE_INFINITY);
        this.#findings.expect(
          seq <= ceiling,
          "order of admission",
          () => `${member} gets place ${seq} of ${nameOf(room)} above ${ceiling}, which is durable`,
        );
      }
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
    this.#isTheirs(room, seen, ask);
    seen.rules = laterOf(seen.rules, rules);
    this.#trace.note(
      "rooms",
      () => `${member} at the door of ${nameOf(room)} with ${ask.seq} (${place}): ${answer.kind}`,
    );
    if (answer.kind === "pass" && answer.isNew) {
      this.#passed(room, seen, ask, rules);
      seen.active.set(member, answer.pass);
      seen.passedWith.set(member, Math.max(answer.pass.seq, seen.passedWith.get(member) ?? 0));
    }
    if (answer.kind === "over") this.#mustBeOver(room, seen, ask);
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
    // As far as it was open before it stays so, also where time was set back since.
    if (raise.admitted > seen.admitted) {
      const row = this.#row(room);
      const isOpen = row === null || (row("drawn_at_ms") !== null && Number(row("opens_at_ms")) <= seen.nowMs);
      this.#findings.expect(isOpen, "order of admission", () => `${nameOf(room)} lets in before it is open and drawn`);
      this.#trace.note("rooms", () => `${nameOf(room)} admits up to ${raise.admitted}`);
      seen.raises.push({ admitted: raise.admitted, atMs: seen.nowMs });
      seen.admitted = raise.admitted;
    }
    seen.fence = fence;
    seen.activeMax = raise.activeMax;
    seen.ratePerMinute = raise.ratePerMinute;
    seen.rules = laterOf(seen.rules, raise.rules);
    this.#decidedMs.set(room.flightId, this.#nowMs());
    return isTaken;
  }

  /** A pass was let through the gate of a process that knows this epoch, and whose clock says this. */
  letThrough(room: RoomId, member: MemberId, pass: string | null, nowMs: number): void {
    const payload = Buffer.from(pass?.split(".")[0] ?? "", "base64url").toString();
    const claims = JSON.parse(payload || "{}") as Partial<Record<"room" | "member" | "epoch" | "exp", unknown>>;
    const isGood =
      claims.room === room.flightId &&
      claims.member === member &&
      claims.epoch === room.epoch &&
      Number(claims.exp) * 1_000 > nowMs;
    this.#findings.expect(isGood, "order of admission", () => `${member} is let into ${nameOf(room)} by ${payload}`);
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

  /** Each place has one number in the order, as drawn or as it came. */
  #isTheirs(room: RoomId, seen: Seen, { member, seq, place }: DoorAsk): void {
    const whose = seen.places.get(seq);
    this.#findings.expect(
      whose === member,
      "order of admission",
      () => `${member} asks with place ${seq} of ${nameOf(room)}, which is ${whose}'s`,
    );
    if (seen.seqAt.get(place) === seq) return;
    const row = this.#row(room);
    const n = Number(row?.("frozen_n") ?? 0);
    const isDrawn = row !== null && seq <= n;
    const expected = row === null ? place : isDrawn ? rankOf(seq, n, row) : seq;
    this.#findings.expect(
      place === expected && !seen.seqAt.has(place),
      "order of admission",
      () => `${member} with place ${seq} of ${nameOf(room)} is number ${place}, not ${expected}`,
    );
    seen.seqAt.set(place, seq);
  }

  /** A place is over once its pass has been given out, and counts no more; or long after its turn. */
  #mustBeOver(room: RoomId, seen: Seen, { member, seq, place }: DoorAsk): void {
    const reachedMs = seen.raises.find(({ admitted }) => admitted >= place)?.atMs ?? Number.POSITIVE_INFINITY;
    if (seen.nowMs > reachedMs + CLAIM_WINDOW_MS + GRACE_MS) return;
    const pass = seen.active.get(member);
    const isInside = pass !== undefined && pass.expiresAtMs > seen.nowMs;
    this.#findings.expect(
      !isInside && seq <= (seen.passedWith.get(member) ?? 0),
      "order of admission",
      () => `place ${seq} of ${nameOf(room)} is over, and ${member} ${isInside ? "is inside" : "never was inside"}`,
    );
  }

  /** The room as the database has it, by column; null once it has a later epoch. */
  #row({ flightId, epoch }: RoomId): ((column: string) => Value) | null {
    const schema = present(SCHEMA.tables.get("room_state"), "a table of rooms");
    const row = this.#server.tables.rows("room_state").get(flightId);
    return row?.[schema.placeOf("epoch")] === epoch ? (column) => row[schema.placeOf(column)] ?? null : null;
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
    expect(seen.nowMs >= seen.shutUntilMs, () => "those who stood there before the loss have had no time to come back");
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
    const young = seen.issuedMs.filter((atMs) => atMs > seen.nowMs - MINUTE_MS && atMs <= seen.nowMs).length;
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

function rankOf(seq: number, n: number, row: (column: string) => Value): number {
  const [seed, root] = [row("seed"), row("frozen_root")].map((hex) => Uint8Array.fromHex(String(hex)));
  return new Ranks(n, finalOf(present(seed, "a seed"), present(root, "a root"), null)).rank(seq);
}

function laterOf(known: DoorRules | null, told: DoorRules): DoorRules {
  return known === null || told.changedAtMs > known.changedAtMs ? told : known;
}

function nameOf({ flightId, epoch }: RoomId): string {
  return `${flightId}#${epoch}`;
}
