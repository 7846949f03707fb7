/** Owns which traces are kept, and the ids of all: drawn at the beginning, and once more at the end, for what failed or was slow. */

import type { Entropy } from "../../../actors/entropy.ts";
import { isSampled, type Span, TRACEPARENT, type Traces, traceIdOf, traceparent } from "../../../actors/tracing.ts";

const TRACE_ID_LENGTH = 32;
const SPAN_ID_LENGTH = 16;

/** Random bytes that are drawn at once: ids are cut out of them. */
const DRAWN_BYTES = 6_144;

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
  /** Hexadecimal. */
  #drawn = "";
  #used = 0;

  constructor(entropy: Entropy, sampling: Sampling, keep: (span: Span) => void) {
    this.#entropy = entropy;
    this.#sampling = sampling;
    this.#keep = keep;
  }

  begin(given: string | null): string {
    const { followsParent, ratio } = this.#sampling;
    const isGiven = given !== null && TRACEPARENT.test(given);
    const traceId = isGiven ? traceIdOf(given) : this.#id(TRACE_ID_LENGTH);
    const isKept = isGiven && followsParent ? isSampled(given) : isWithin(traceId, ratio);
    return traceparent(traceId, this.#id(SPAN_ID_LENGTH), isKept);
  }

  child(trace: string): string {
    return `${trace.slice(0, 36)}${this.#id(SPAN_ID_LENGTH)}${trace.slice(52)}`;
  }

  keeps(trace: string, isFailure: boolean, tookMs: number): boolean {
    return isFailure || tookMs >= this.#sampling.slowMs || isSampled(trace);
  }

  record(span: Span): void {
    this.#keep(span);
  }

  #id(length: number): string {
    if (this.#used + length > this.#drawn.length) {
      this.#drawn = this.#entropy.bytes(DRAWN_BYTES).toHex();
      this.#used = 0;
    }
    this.#used += length;
    return this.#drawn.slice(this.#used - length, this.#used);
  }
}

/** By the trace's id, so that all who keep the same share keep the same traces. */
function isWithin(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;
}
