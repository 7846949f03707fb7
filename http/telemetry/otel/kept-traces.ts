/** Owns which traces are kept, and the ids of all: drawn at the beginning, and once more at the end, for what failed or was slow. */

import type { Entropy } from "../../../actors/entropy.ts";
import { isSampled, type Span, TRACEPARENT, type Traces, traceIdOf, traceparent } from "../../../actors/tracing.ts";

/** Hexadecimal digits that are drawn at once. */
const DIGITS = 8;
const TRACE_ID_DRAWS = 4;
const SPAN_ID_DRAWS = 2;

export interface Sampling {
  /** The share of traces that are kept whole, 0 to 1. */
  readonly ratio: number;
  /** Whether a trace that somebody else began is kept if they keep it. */
  readonly followsParent: boolean;
  /** From here a request is slow, in milliseconds. */
  readonly slowMs: number;
}

export class KeptTraces implements Traces {
  readonly isOn = true;
  readonly #entropy: Entropy;
  readonly #sampling: Sampling;
  readonly #keep: (span: Span) => void;

  constructor(entropy: Entropy, sampling: Sampling, keep: (span: Span) => void) {
    this.#entropy = entropy;
    this.#sampling = sampling;
    this.#keep = keep;
  }

  begin(given: string | null): string {
    const { followsParent, ratio } = this.#sampling;
    const isGiven = given !== null && TRACEPARENT.test(given);
    const traceId = isGiven ? traceIdOf(given) : this.#id(TRACE_ID_DRAWS);
    const isKept = isGiven && followsParent ? isSampled(given) : isWithin(traceId, ratio);
    return traceparent(traceId, this.#id(SPAN_ID_DRAWS), isKept);
  }

  child(trace: string): string {
    return `${trace.slice(0, 36)}${this.#id(SPAN_ID_DRAWS)}${trace.slice(52)}`;
  }

  keeps(trace: string, isFailure: boolean, tookMs: number): boolean {
    return isFailure || tookMs >= this.#sampling.slowMs || isSampled(trace);
  }

  record(span: Span): void {
    this.#keep(span);
  }

  /** Not of {@link Entropy.bytes}, which cost 3 µs a request, and need not be: an id is no secret, only no other's. */
  #id(draws: number): string {
    let id = "";
    for (let draw = 0; draw < draws; draw++) {
      id += Math.floor(this.#entropy.fraction() * 2 ** 32)
        .toString(16)
        .padStart(DIGITS, "0");
    }
    return id;
  }
}

/** By the trace's id, so that all who keep the same share keep the same traces. */
function isWithin(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;
}
