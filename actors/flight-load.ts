/** Owns the figures of one flight's load between two of its signals: how long its commands waited, and how many were refused. */

/** Waits up to this are as good as none, in milliseconds; each step above it is a quarter of an octave: a wait is told 19 % too long at most. */
const FIRST_MS = 0.1;
const STEPS_PER_OCTAVE = 4;
const STEPS = 80;

export interface LoadFigures {
  /** 95 % of the waits were no longer, in milliseconds; 0 when nothing was decided. */
  readonly waitP95Ms: number;
  readonly overloaded: number;
}

export class FlightLoad {
  /** Made with the first wait: most flights in memory are asked for rarely. */
  #waits: Uint32Array | null = null;
  #waited = 0;
  #overloaded = 0;

  /** A command was decided after so many milliseconds. */
  waited(ms: number): void {
    this.#waits ??= new Uint32Array(STEPS);
    const step = ms <= FIRST_MS ? 0 : Math.min(STEPS - 1, Math.ceil(STEPS_PER_OCTAVE * Math.log2(ms / FIRST_MS)));
    this.#waits[step] = (this.#waits[step] ?? 0) + 1;
    this.#waited += 1;
  }

  /** A command was refused as OVERLOADED. */
  refused(): void {
    this.#overloaded += 1;
  }

  /** What there was since the last call. */
  take(): LoadFigures {
    const figures = { waitP95Ms: this.#waitP95Ms(), overloaded: this.#overloaded };
    this.#waits?.fill(0);
    this.#waited = 0;
    this.#overloaded = 0;
    return figures;
  }

  #waitP95Ms(): number {
    if (this.#waits === null || this.#waited === 0) return 0;
    let left = Math.ceil(0.95 * this.#waited);
    for (const [step, count] of this.#waits.entries()) {
      left -= count;
      if (left <= 0) return step === 0 ? 0 : FIRST_MS * 2 ** (step / STEPS_PER_OCTAVE);
    }
    return 0;
  }
}
