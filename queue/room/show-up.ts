/** Owns how many of those whose turn it is come to the door, as it was measured: others are let in for those who don't. */

import { CLAIM_WINDOW_MS } from "./room-store.ts";

interface Sample {
  readonly atMs: number;
  /** People whose turn has come, and those of them who have come to the door, ever. */
  readonly called: number;
  readonly shown: number;
}

/** As much as these many people say, before anybody was counted: all come. */
const PRIOR = 5;

/** Nobody counts on fewer, or a single one would let in thousands. */
const SHARE_MIN = 0.02;

/** As far back as counts, in milliseconds. */
const HISTORY_MS = 5 * CLAIM_WINDOW_MS;

/** How long people take to come, about, in milliseconds. */
const WAY_MS = 10_000;

export class ShowUp {
  /** Oldest first, one a second at most. */
  #samples: Sample[] = [];

  note(called: number, shown: number, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs <= last.atMs) return;
    // A store that has lost the room counts those who come from nothing: how many were called before says nothing of them.
    if (last !== undefined && shown < last.shown) this.#samples = [];
    this.#samples.push({ atMs, called, shown });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - HISTORY_MS) this.#samples.shift();
  }

  /** The share of those called who come, from 0 to 1. */
  get share(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined) return 1;
    // Those who were called a moment ago are still on their way.
    const called = this.#at(last.atMs - WAY_MS).called - this.#at(first.atMs).called;
    const shown = last.shown - first.shown;
    return Math.min(1, Math.max(SHARE_MIN, (shown + PRIOR) / (Math.max(called, 0) + PRIOR)));
  }

  /** How many of those who were called within the time in which a place is claimed are still expected to come. */
  get expected(): number {
    const last = this.#samples.at(-1);
    if (last === undefined) return 0;
    const before = this.#at(last.atMs - CLAIM_WINDOW_MS);
    return Math.max(0, (last.called - before.called) * this.share - (last.shown - before.shown));
  }

  /** The latest sample that is not younger; the oldest of all if there is none. */
  #at(atMs: number): Sample {
    let found = this.#samples[0] ?? { atMs, called: 0, shown: 0 };
    for (const sample of this.#samples) {
      if (sample.atMs > atMs) break;
      found = sample;
    }
    return found;
  }
}
