/** Owns a flight's idempotency keys; guards I5: within its retention a key has one answer, and a live key is never evicted. */

import { type HeldIn, replyAsHeld, reservationIn, saysAsHeld } from "./as-held.ts";
import type { Op } from "./command.ts";
import { DEADLINE_AHEAD_MS_MAX } from "./command.ts";
import type { Held, KeyRecord } from "./event.ts";
import { Fifo } from "./fifo.ts";
import type { MemberId } from "./ids.ts";
import { PiecedMap } from "./pieced-map.ts";
import type { Reply } from "./reply.ts";
import { Tally } from "./tally.ts";

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

/** A key as it is kept: most answers are those to holds, and each of these is there already, as what was held. */
interface Kept extends Omit<KeyRecord, "reply"> {
  readonly answer: Reply | Held;
}

export class Keys {
  readonly #flight: HeldIn;
  readonly #kept: PiecedMap<Kept>;
  /** Within one kind all are kept equally long, so that the order of coming is the order of ending. Some were replaced since. */
  readonly #successes = new Fifo<Kept>();
  readonly #refusals = new Fifo<Kept>();
  readonly #liveByMember: Tally;

  /** @param expected about so many keys will come */
  constructor(flight: HeldIn, expected: number) {
    this.#flight = flight;
    this.#kept = new PiecedMap(expected);
    this.#liveByMember = new Tally(expected);
  }

  get size(): number {
    return this.#kept.size;
  }

  /** How many of them are results; some may have been replaced. */
  get successCount(): number {
    return this.#successes.size;
  }

  /** What the key answered, or undefined if it is new or its retention is over. */
  find(name: string, nowMs: number): KeyRecord | undefined {
    const kept = this.#kept.get(name);
    return kept !== undefined && kept.keptUntilMs > nowMs ? this.#recordOf(kept) : undefined;
  }

  has(name: string): boolean {
    return this.#kept.has(name);
  }

  /** How many keys of the member are remembered; some may have ended since the last full {@link sweep}. */
  liveOf(member: MemberId): number {
    return this.#liveByMember.of(member);
  }

  /**
   * @param held what was held, as the flight keeps it, where the answer shows a reservation
   * @param member whose key it is; a caller that has it at hand saves the reading of it from the name
   */
  record(record: KeyRecord, held?: Held, member: string = memberOf(record.name)): void {
    const { name, fingerprint, keptUntilMs, reply } = record;
    const kept = { name, fingerprint, keptUntilMs, answer: this.#isSaidBy(held, reply) ? held : reply };
    const isNew = this.#kept.set(name, kept);
    (reply.ok ? this.#successes : this.#refusals).put(kept);
    if (isNew) this.#liveByMember.add(member, 1);
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
    for (const kept of this.#successes) if (this.#kept.get(kept.name) === kept) yield this.#recordOf(kept);
  }

  #isSaidBy(held: Held | undefined, reply: Reply): held is Held {
    const view = reservationIn(reply);
    if (held === undefined || view === null || !saysAsHeld(view, held)) return false;
    return view.flightId === this.#flight.flightId && view.total.currency === this.#flight.currency;
  }

  #recordOf({ name, fingerprint, keptUntilMs, answer }: Kept): KeyRecord {
    const reply = "ok" in answer ? answer : replyAsHeld(this.#flight, answer);
    return { name, fingerprint, keptUntilMs, reply };
  }

  #forget(kept: Kept): void {
    // Otherwise the key has been given another answer after this one had ended.
    if (this.#kept.get(kept.name) !== kept) return;
    this.#kept.delete(kept.name);
    this.#liveByMember.add(memberOf(kept.name), -1);
  }
}

function memberOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}
