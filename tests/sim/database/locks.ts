/** Owns the locks of rows: shared or exclusive, kept until their transaction ends, given in the order in which they were asked for. */

import type { Key, LockMode } from "../sql/running.ts";

/** Whoever may hold locks. */
export interface Holder {
  readonly name: string;
}

interface Waiting {
  readonly holder: Holder;
  readonly mode: LockMode;
  readonly granted: () => void;
}

interface Lock {
  readonly holders: Map<Holder, LockMode>;
  readonly waiting: Waiting[];
}

/** A row that another transaction has. */
export class Blocked extends Error {
  override readonly name = "Blocked";
  readonly row: string;
  readonly mode: LockMode;

  constructor(row: string, mode: LockMode) {
    super(`waits for ${row}`);
    this.row = row;
    this.mode = mode;
  }
}

export class Locks {
  readonly #locks = new Map<string, Lock>();
  readonly #heldBy = new Map<Holder, Set<string>>();

  /** @throws Blocked */
  take(holder: Holder, table: string, key: Key, mode: LockMode): void {
    const row = `${table}/${key}`;
    const lock = this.#lock(row);
    const held = lock.holders.get(holder);
    if (held === "exclusive" || held === mode) return;
    // Nobody overtakes those who wait, but who has the row already goes first.
    const isFree = held !== undefined || lock.waiting.length === 0;
    if (!isFree || !isCompatible(lock, holder, mode)) throw new Blocked(row, mode);
    this.#give(row, lock, holder, mode);
  }

  isHeld(table: string, key: Key): boolean {
    return (this.#locks.get(`${table}/${key}`)?.holders.size ?? 0) > 0;
  }

  /** Calls back once the holder has the row. @returns gives up waiting */
  wait(holder: Holder, { row, mode }: Blocked, granted: () => void): () => void {
    const lock = this.#lock(row);
    const waiting = { holder, mode, granted };
    // Who has it already and wants more of it can't wait behind those who wait for it.
    if (lock.holders.has(holder)) lock.waiting.unshift(waiting);
    else lock.waiting.push(waiting);
    return () => {
      const at = lock.waiting.indexOf(waiting);
      if (at < 0) return;
      lock.waiting.splice(at, 1);
      this.#grant(row, lock);
    };
  }

  /** Whether the holder would wait for somebody who waits for it. */
  isDeadlock(holder: Holder, { row }: Blocked): boolean {
    const seen = new Set<Holder>();
    const waitsForHolder = (waiter: Holder, at: string): boolean => {
      for (const other of this.#locks.get(at)?.holders.keys() ?? []) {
        if (other === waiter || seen.has(other)) continue;
        if (other === holder) return true;
        seen.add(other);
        const next = this.#rowThatWaits(other);
        if (next !== null && waitsForHolder(other, next)) return true;
      }
      return false;
    };
    return waitsForHolder(holder, row);
  }

  releaseAll(holder: Holder): void {
    const held = this.#heldBy.get(holder);
    if (held === undefined) return;
    this.#heldBy.delete(holder);
    for (const row of held) {
      const lock = this.#lock(row);
      lock.holders.delete(holder);
      this.#grant(row, lock);
    }
  }

  #rowThatWaits(holder: Holder): string | null {
    for (const [row, { waiting }] of this.#locks) if (waiting.some((each) => each.holder === holder)) return row;
    return null;
  }

  #lock(row: string): Lock {
    let lock = this.#locks.get(row);
    if (lock === undefined) {
      lock = { holders: new Map(), waiting: [] };
      this.#locks.set(row, lock);
    }
    return lock;
  }

  #give(row: string, lock: Lock, holder: Holder, mode: LockMode): void {
    lock.holders.set(holder, mode);
    const held = this.#heldBy.get(holder);
    if (held === undefined) this.#heldBy.set(holder, new Set([row]));
    else held.add(row);
  }

  #grant(row: string, lock: Lock): void {
    for (let next = lock.waiting[0]; next !== undefined; next = lock.waiting[0]) {
      if (!isCompatible(lock, next.holder, next.mode)) return;
      lock.waiting.shift();
      this.#give(row, lock, next.holder, next.mode);
      next.granted();
    }
    if (lock.holders.size === 0) this.#locks.delete(row);
  }
}

function isCompatible({ holders }: Lock, holder: Holder, mode: LockMode): boolean {
  for (const [other, held] of holders) {
    if (other !== holder && (mode === "exclusive" || held === "exclusive")) return false;
  }
  return true;
}
