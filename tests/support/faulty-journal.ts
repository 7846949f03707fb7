/** Owns a journal whose commits go wrong as a test says, around a real one. */

import type { Batch, CommitOutcome, Journal } from "../../actors/journal.ts";

/** What happens to one try of one batch; `commit` is the real one. */
export type Fault = (batch: Batch, isRepeat: boolean, commit: () => Promise<CommitOutcome>) => Promise<CommitOutcome>;

export class FaultyJournal implements Journal {
  readonly #journal: Journal;
  /** Faults for the next tries, first to last; then the real journal again. */
  readonly faults: Fault[] = [];
  /** Every batch that was tried, and whether as a repeat. */
  readonly tried: { readonly batch: Batch; readonly isRepeat: boolean }[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  commit(batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
    this.tried.push({ batch, isRepeat });
    const commit = (): Promise<CommitOutcome> => this.#journal.commit(batch, isRepeat);
    const fault = this.faults.shift();
    return fault === undefined ? commit() : fault(batch, isRepeat, commit);
  }

  load(...args: Parameters<Journal["load"]>) {
    return this.#journal.load(...args);
  }

  saveSnapshot(...args: Parameters<Journal["saveSnapshot"]>) {
    return this.#journal.saveSnapshot(...args);
  }

  deadlines(...args: Parameters<Journal["deadlines"]>) {
    return this.#journal.deadlines(...args);
  }
}

export const fails =
  (kind: "passing" | "unknown"): Fault =>
  () =>
    Promise.resolve({ kind, cause: "as the test says" });

/** The transaction commits, and its answer is lost. */
export const commitsUnheard: Fault = async (_batch, _isRepeat, commit) => {
  await commit();
  return { kind: "unknown", cause: "the answer was lost" };
};
