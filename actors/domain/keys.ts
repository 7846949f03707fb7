/** Owns a flight's idempotency keys; guards I5: within its retention a key has one answer, and a live key is never evicted. */

import type { Op } from "./command.ts";
import { DEADLINE_AHEAD_MS_MAX } from "./command.ts";
import type { KeyRecord } from "./event.ts";
import { Fifo } from "./fifo.ts";
import type { MemberId } from "./ids.ts";

/** How long a result is answered again. */
export const SUCCESS_KEPT_MS = 24 * 3_600_000;

/** Three times the longest deadline: a late duplicate can't turn a "no" that somebody was told into a "yes". */
export const REFUSAL_KEPT_MS = 3 * DEADLINE_AHEAD_MS_MAX;

/** How many outdated keys of a kind one turn clears away, as long as no bound is reached. */
const SWEPT_PER_TURN = 8;

/** The system's own commands are nobody's: they count for no member. */
export const SYSTEM = "-";

export function keyName(member: MemberId | null, op: Op, key: string): string {
  return `${member ?? SYSTEM}/${op}/${key}`;
}

export class Keys {
  readonly #records = new Map<string, KeyRecord>();
  /** Within one kind all are kept equally long, so that the order of coming is the order of ending. Some were replaced since. */
  readonly #successes = new Fifo<KeyRecord>();
  readonly #refusals = new Fifo<KeyRecord>();
  readonly #liveByMember = new Map<string, number>();

  get size(): number {
    return this.#records.size;
  }

  /** How many of them are results; some may have been replaced. */
  get successCount(): number {
    return this.#successes.size;
  }

  /** What the key answered, or undefined if it is new or its retention is over. */
  find(name: string, nowMs: number): KeyRecord | undefined {
    const record = this.#records.get(name);
    return record !== undefined && record.keptUntilMs > nowMs ? record : undefined;
  }

  has(name: string): boolean {
    return this.#records.has(name);
  }

  /** How many keys of the member are remembered; some may have ended since the last full {@link sweep}. */
  liveOf(member: MemberId): number {
    return this.#liveByMember.get(member) ?? 0;
  }

  /** @param member whose key it is; a caller that has it at hand saves the reading of it from the name */
  record(record: KeyRecord, member: string = memberOf(record.name)): void {
    const before = this.#records.size;
    this.#records.set(record.name, record);
    (record.reply.ok ? this.#successes : this.#refusals).put(record);
    if (this.#records.size > before) this.#liveByMember.set(member, this.liveOf(member) + 1);
  }

  /** Clears away keys whose retention is over: some of them, or, where a bound would refuse somebody, all. */
  sweep(nowMs: number, max = SWEPT_PER_TURN): void {
    for (const kept of [this.#successes, this.#refusals]) {
      let swept = 0;
      for (let first = kept.first; first !== undefined && first.keptUntilMs <= nowMs; first = kept.first) {
        if (swept++ === max) break;
        kept.take();
        this.#forget(first);
      }
    }
  }

  /** The results, oldest first. Refusals are not part of a snapshot: they are read back from the journal's last 90 s. */
  *successes(): Generator<KeyRecord> {
    for (const record of this.#successes) if (this.#records.get(record.name) === record) yield record;
  }

  #forget(record: KeyRecord): void {
    // Otherwise the key has been given another answer after this one had ended.
    if (this.#records.get(record.name) !== record) return;
    this.#records.delete(record.name);
    const member = memberOf(record.name);
    const live = this.liveOf(member) - 1;
    if (live === 0) this.#liveByMember.delete(member);
    else this.#liveByMember.set(member, live);
  }
}

function memberOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}
