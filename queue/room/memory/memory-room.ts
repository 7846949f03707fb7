/** Owns one epoch of a waiting room in this process's memory, step by step as the scripts of Redis do it. */

import { pop, push } from "../../../actors/domain/heap.ts";
import type { MemberId } from "../../../actors/domain/ids.ts";
import { mergedGaps } from "../gaps.ts";
import {
  CLAIM_WINDOW_MS,
  type DoorAnswer,
  type DoorAsk,
  type DoorRules,
  type Gap,
  type Glance,
  GRACE_MS,
  type JoinAnswer,
  type JoinAsk,
  type Pace,
  type Pass,
  PRESENCE_MS,
  type Raise,
  RESTORED_SHUT_MS,
  type RevokedPass,
  ROOM_JOURNAL_MAX,
  type RoomRemains,
} from "../room-store.ts";
import { DoorLine } from "./door-line.ts";
import { PassRate } from "./pass-rate.ts";

interface Expiry {
  readonly atMs: number;
  readonly member: MemberId;
  readonly seq: number;
}

export class MemoryRoom {
  readonly #places = new Map<MemberId, number>();
  /** The highest place of each member that is over. */
  readonly #over = new Map<MemberId, number>();
  readonly #passes = new Map<MemberId, Pass>();
  readonly #expiries: Expiry[] = [];
  readonly #line = new DoorLine();
  readonly #rate = new PassRate();
  /** By rising threshold, and by time. */
  #raises: { readonly admitted: number; readonly atMs: number }[] = [];
  readonly #gaps: readonly Gap[];
  readonly #journal: string[] = [];
  #revoked: (RevokedPass & { readonly number: number })[] = [];
  #revocations: number;
  #rules: DoorRules;
  #nowMs: number;
  #seqHigh: number;
  #ceiling: number;
  #admitted: number;
  /** Places up to this were reached longer ago than anybody is waited for. */
  #expiredTo = 0;
  #shown = 0;
  #fence = 0;
  #pace: Pace | null = null;
  #frozen: number | null;
  readonly #shutUntilMs: number;

  constructor(remains: RoomRemains, nowMs: number) {
    const { seqHigh, seqCeiling, seqKnown, admitted, passes } = remains;
    this.#nowMs = nowMs;
    this.#rules = remains.rules;
    this.#frozen = remains.frozen;
    this.#admitted = admitted;
    this.#revocations = nowMs;
    // What was given out after the last note is unknown, but never above the ceiling: the counter starts twice as far above.
    const known = Math.max(seqHigh, seqKnown);
    this.#seqHigh = Math.max(known, seqHigh + 2 * Math.max(0, seqCeiling - seqHigh));
    const skipped = this.#seqHigh > known ? [{ from: known + 1, to: this.#seqHigh }] : [];
    this.#gaps = mergedGaps([...remains.gaps, ...skipped]);
    this.#ceiling = Math.max(this.#seqHigh, seqCeiling);
    // Whoever was let in stays in, and has the whole time again to come.
    if (admitted > 0) this.#raises.push({ admitted, atMs: nowMs });
    // Who stood at the door is not known any more: they have time to ask again before others are let in.
    this.#shutUntilMs = admitted > 0 ? nowMs + RESTORED_SHUT_MS : 0;
    this.#rate.allow(remains.rules.admitPerMinute);
    for (const pass of passes.toSorted((a, b) => a.issuedAtMs - b.issuedAtMs)) {
      const { member, seq, issuedAtMs, expiresAtMs, endedAtMs } = pass;
      this.#rate.recall(issuedAtMs, nowMs);
      if (endedAtMs !== null || expiresAtMs <= nowMs) this.#over.set(member, seq);
      else {
        this.#places.set(member, seq);
        this.#keep(member, { seq, issuedAtMs, expiresAtMs });
      }
    }
  }

  join(asks: readonly JoinAsk[], seqKnown: number, ceiling: number): JoinAnswer[] {
    this.#seqHigh = Math.max(this.#seqHigh, seqKnown);
    this.#ceiling = Math.max(this.#ceiling, ceiling);
    return asks.map(({ member, seq: given }) => {
      const known = this.#places.get(member);
      const isOver = given !== null && given <= (this.#over.get(member) ?? 0);
      if (given !== null && !isOver && (known === undefined || given < known)) {
        this.#places.set(member, given);
        this.#seqHigh = Math.max(this.#seqHigh, given);
        return { kind: "place", seq: given, isNew: false };
      }
      if (known !== undefined) return { kind: "place", seq: known, isNew: false };
      if (isOver) return { kind: "over" };
      if (this.#seqHigh >= this.#ceiling) return { kind: "full", seqHigh: this.#seqHigh };
      this.#seqHigh += 1;
      this.#places.set(member, this.#seqHigh);
      return { kind: "place", seq: this.#seqHigh, isNew: true };
    });
  }

  door({ member, seq, place }: DoorAsk, rules: DoorRules, givenMs: number): DoorAnswer {
    const nowMs = this.#at(givenMs);
    this.#follow(rules);
    this.#sweep(nowMs);
    const pass = this.#passes.get(member);
    if (pass !== undefined) return { kind: "pass", pass, isNew: false };
    if (seq <= (this.#over.get(member) ?? 0)) return { kind: "over" };
    const known = this.#places.get(member);
    if (known !== undefined && known < seq) return { kind: "other", seq: known };
    this.#places.set(member, seq);
    this.#seqHigh = Math.max(this.#seqHigh, seq);
    if (place > this.#admitted) return { kind: "waiting", admitted: this.#admitted };

    if (!this.#line.has(member)) {
      const leftMs = this.#line.leftMs(member);
      const sinceMs = leftMs ?? (place > this.#expiredTo ? this.#reachedMs(place) : 0);
      if (nowMs > sinceMs + CLAIM_WINDOW_MS + GRACE_MS) {
        this.#line.leave(member);
        this.#finish(member, seq);
        return { kind: "over" };
      }
      if (leftMs === null) this.#shown += 1;
      this.#line.enter(member, place);
    } else this.#line.move(member, place);
    this.#line.asked(member, nowMs);
    const ahead = this.#line.ahead(member);
    const { ratePerMinute = 0, activeMax = 0, seatsLeft = null } = this.#pace ?? {};
    const { isPaused, admitPerMinute, maxActive } = this.#rules;
    if (isPaused || ratePerMinute === 0 || nowMs < this.#shutUntilMs) return { kind: "at-door", ahead };
    // Whose pass is kept has it whatever the pacer has decided since; what others may take is what is left beside those.
    const isKept = this.#line.isKept(member);
    const before = isKept ? 0 : ahead + this.#line.keptBehind(place);
    const pace = isKept ? admitPerMinute : ratePerMinute;
    const most = Math.min(isKept ? Number.POSITIVE_INFINITY : activeMax, maxActive ?? Number.POSITIVE_INFINITY);
    const inside = this.#passes.size;
    const isFree = before < most - inside && before < this.#rate.available(pace, nowMs);
    // A pass that is kept for somebody is worth nothing once those inside have bought the last seats.
    const isSeated = isKept || ahead === 0 || seatsLeft === null || inside + before < seatsLeft;
    if (!isFree || !isSeated) return { kind: "at-door", ahead };
    this.#line.keepBefore(member);
    this.#line.leave(member);
    this.#rate.take(pace, nowMs);
    const issued = { seq, issuedAtMs: nowMs, expiresAtMs: nowMs + this.#rules.passTtlMs };
    this.#keep(member, issued);
    return { kind: "pass", pass: issued, isNew: true };
  }

  end(member: MemberId, { seq, expiresAtMs }: RevokedPass, givenMs: number): boolean {
    const nowMs = this.#at(givenMs);
    const pass = this.#passes.get(member);
    if (pass?.seq === seq) this.#passes.delete(member);
    this.#finish(member, seq);
    this.#revocations += 1;
    this.#revoked = this.#revoked.filter((revoked) => revoked.expiresAtMs > nowMs && revoked.seq !== seq);
    this.#revoked.push({ seq, expiresAtMs, number: this.#revocations });
    return pass?.seq === seq && pass.expiresAtMs > nowMs;
  }

  takeBack({ member, seq, place }: DoorAsk, givenMs: number): boolean {
    const nowMs = this.#at(givenMs);
    if (this.#passes.get(member)?.seq !== seq) return false;
    this.#passes.delete(member);
    this.#line.enter(member, place);
    this.#line.asked(member, nowMs);
    return true;
  }

  raise(fence: number, { admitted, rules, note, ...pace }: Raise, givenMs: number): boolean {
    if (fence < this.#fence) return false;
    const nowMs = this.#at(givenMs);
    this.#fence = fence;
    this.#follow(rules);
    this.#pace = pace;
    // Nobody is let in before they have come.
    const raised = Math.min(admitted, this.#seqHigh);
    if (raised > this.#admitted) {
      this.#admitted = raised;
      this.#raises.push({ admitted: raised, atMs: nowMs });
    }
    const oldestMs = nowMs - CLAIM_WINDOW_MS - GRACE_MS;
    const kept = this.#raises.filter(({ atMs }) => atMs >= oldestMs);
    this.#expiredTo = this.#raises[this.#raises.length - kept.length - 1]?.admitted ?? this.#expiredTo;
    this.#raises = kept;
    if (note !== null) {
      this.#journal.unshift(note);
      this.#journal.splice(ROOM_JOURNAL_MAX);
    }
    return true;
  }

  glance(cursor: number, givenMs: number): Glance {
    this.#sweep(this.#at(givenMs));
    const revoked = this.#revoked.filter(({ number }) => number > cursor);
    return {
      seqHigh: this.#seqHigh,
      seqCeiling: this.#ceiling,
      gaps: this.#gaps,
      admitted: this.#admitted,
      frozen: this.#frozen,
      active: this.#passes.size,
      atDoor: this.#line.size,
      shown: this.#shown,
      pace: this.#pace,
      revoked: revoked.map(({ seq, expiresAtMs }) => ({ seq, expiresAtMs })),
      cursor: revoked.at(-1)?.number ?? cursor,
    };
  }

  freeze(): number {
    this.#frozen ??= this.#seqHigh;
    return this.#frozen;
  }

  places(): { readonly member: MemberId; readonly seq: number }[] {
    return Array.from(this.#places, ([member, seq]) => ({ member, seq }));
  }

  journal(limit: number): string[] {
    return this.#journal.slice(0, limit);
  }

  /** Time that never runs backwards, whoever's clock is behind. */
  #at(givenMs: number): number {
    this.#nowMs = Math.max(this.#nowMs, givenMs);
    return this.#nowMs;
  }

  #follow(rules: DoorRules): void {
    if (rules.changedAtMs <= this.#rules.changedAtMs) return;
    this.#rules = rules;
    this.#rate.allow(rules.admitPerMinute);
  }

  #sweep(nowMs: number): void {
    for (let first = this.#expiries[0]; first !== undefined && first.atMs <= nowMs; first = this.#expiries[0]) {
      pop(this.#expiries);
      const pass = this.#passes.get(first.member);
      // One that was taken back may have been given again, for longer.
      if (pass?.seq !== first.seq || pass.expiresAtMs !== first.atMs) continue;
      this.#passes.delete(first.member);
      this.#finish(first.member, first.seq);
    }
    this.#line.sweep(nowMs - PRESENCE_MS, nowMs - 2 * GRACE_MS);
  }

  #reachedMs(place: number): number {
    return this.#raises.find(({ admitted }) => admitted >= place)?.atMs ?? this.#nowMs;
  }

  #keep(member: MemberId, pass: Pass): void {
    this.#passes.set(member, pass);
    push(this.#expiries, { atMs: pass.expiresAtMs, member, seq: pass.seq });
  }

  /** The place was used, or nobody came for it. */
  #finish(member: MemberId, seq: number): void {
    if ((this.#places.get(member) ?? seq) <= seq) this.#places.delete(member);
    if ((this.#over.get(member) ?? 0) < seq) this.#over.set(member, seq);
  }
}
