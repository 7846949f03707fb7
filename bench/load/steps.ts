/** Owns how the steps went that people take one after another: of each, how many went well and how long they took. */
import { Histogram } from "./histogram.ts";
import { quantiles } from "./recorder.ts";
import type { Quantiles } from "./result.ts";

export interface StepResult {
  readonly step: string;
  readonly ok: number;
  /** By status and code of those that went otherwise. */
  readonly others: Readonly<Record<string, number>>;
  /** Of those that went well. */
  readonly latency: Quantiles;
}

interface Step {
  readonly latencies: Histogram;
  readonly others: Map<string, number>;
}

export class Steps {
  readonly #steps = new Map<string, Step>();

  ok(step: string, latencyMs: number): void {
    this.#of(step).latencies.record(latencyMs * 1_000);
  }

  /** @param how such as `409 SOLD_OUT` */
  otherwise(step: string, how: string): void {
    const { others } = this.#of(step);
    others.set(how, (others.get(how) ?? 0) + 1);
  }

  results(): StepResult[] {
    return Array.from(this.#steps, ([step, { latencies, others }]) => ({
      step,
      ok: latencies.total,
      others: Object.fromEntries(others),
      latency: quantiles(latencies),
    }));
  }

  #of(step: string): Step {
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    const made = { latencies: new Histogram(), others: new Map<string, number>() };
    this.#steps.set(step, made);
    return made;
  }
}
