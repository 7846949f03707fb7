/** Owns the line of those at a room's door: in the order of their places, who of them has not asked for a while, and for whom a pass is kept. */

import { assert } from "../../../actors/assert.ts";
import type { MemberId } from "../../../actors/domain/ids.ts";
import { OldestFirst } from "../../../actors/oldest-first.ts";

interface Standing {
  readonly member: MemberId;
  readonly place: number;
}

export class DoorLine {
  /** By place. */
  readonly #line: Standing[] = [];
  readonly #placeOf = new Map<MemberId, number>();
  /** When each asked last: the one whose last question is oldest comes first. */
  readonly #askedMs = new OldestFirst<MemberId, number>();
  /** Those who left, and when they asked last. */
  readonly #away = new OldestFirst<MemberId, number>();
  /** Those who stood there when somebody behind them was given a pass: there is one for each of them. */
  readonly #kept = new Set<MemberId>();

  get size(): number {
    return this.#line.length;
  }

  has(member: MemberId): boolean {
    return this.#placeOf.has(member);
  }

  /** When somebody who has left asked last; null for one who never came. */
  leftMs(member: MemberId): number | null {
    return this.#away.get(member) ?? null;
  }

  enter(member: MemberId, place: number): void {
    this.#away.delete(member);
    this.#line.splice(this.#indexOf(place), 0, { member, place });
    this.#placeOf.set(member, place);
  }

  /** An earlier ticket, which a loss had taken, has come back: they stand at its place. */
  move(member: MemberId, place: number): void {
    const before = this.#placeOf.get(member);
    assert(before !== undefined, "they stand in the line");
    if (before === place) return;
    this.#line.splice(this.#indexOf(before), 1);
    this.#line.splice(this.#indexOf(place), 0, { member, place });
    this.#placeOf.set(member, place);
  }

  asked(member: MemberId, nowMs: number): void {
    this.#askedMs.set(member, nowMs);
  }

  /** How many stand before them. */
  ahead(member: MemberId): number {
    const place = this.#placeOf.get(member);
    assert(place !== undefined, "they stand in the line");
    return this.#indexOf(place);
  }

  isKept(member: MemberId): boolean {
    return this.#kept.has(member);
  }

  /** For how many who stand behind this place a pass is kept. */
  keptBehind(place: number): number {
    return [...this.#kept].filter((member) => (this.#placeOf.get(member) ?? 0) > place).length;
  }

  /** Keeps a pass for each who stands before them. */
  keepBefore(member: MemberId): void {
    for (const before of this.#line.slice(0, this.ahead(member))) this.#kept.add(before.member);
  }

  leave(member: MemberId): void {
    this.#away.delete(member);
    this.#askedMs.delete(member);
    this.#kept.delete(member);
    const place = this.#placeOf.get(member);
    if (place === undefined) return;
    this.#placeOf.delete(member);
    this.#line.splice(this.#indexOf(place), 1);
  }

  /** Those who asked last at `beforeMs` or earlier stand there no longer; those who left before `forgetMs` are forgotten. */
  sweep(beforeMs: number, forgetMs: number): void {
    for (const [member, askedMs] of this.#askedMs.deleteOldest((each) => each <= beforeMs)) {
      this.leave(member);
      this.#away.set(member, askedMs);
    }
    this.#away.deleteOldest((askedMs) => askedMs < forgetMs);
  }

  /** Where a place stands in the line, or would. */
  #indexOf(place: number): number {
    let low = 0;
    let high = this.#line.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#line[middle];
      if (at !== undefined && at.place < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
