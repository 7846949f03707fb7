/** Owns looking after what this process depends on: metrics and log name what is down within seconds, and that it is back. */

import type { Clock, Timer } from "../../actors/clock.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { Readiness } from "./readiness.ts";

/** How long after a look the next one follows, in milliseconds; each ends in time, whatever hangs. */
const PERIOD_MS = 2_000;

export class DependencyWatch {
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #readiness: Readiness;
  /** What was down at the latest look. */
  #down = new Map<string, string>();
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(clock: Clock, telemetry: Telemetry, readiness: Readiness) {
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#readiness = readiness;
    telemetry.gauge(
      "pigonair_dependency_up",
      "Whether this process reaches what it depends on: 1 or 0.",
      () => readiness.dependencies.map(({ name, dependency }) => ({ labels: { dependency }, value: this.#isUp(name) })),
      ["dependency"],
    );
    telemetry.gauge("pigonair_ready", "Whether this process wants requests, as /readyz says: 1 or 0.", () =>
      this.#down.size > 0 || readiness.isStopping ? 0 : 1,
    );
  }

  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const down = new Map((await this.#readiness.checked()).map(({ name, reason }) => [name, reason]));
    const before = this.#down;
    this.#down = down;
    const { log } = this.#telemetry;
    for (const [check, reason] of down) if (!before.has(check)) log.warn({ check, reason }, "a part is down");
    for (const check of before.keys()) if (!down.has(check)) log.info({ check }, "a part is back");
    if (!this.#isStopped) this.#timer = this.#clock.after(PERIOD_MS, () => void this.#look());
  }

  #isUp(name: string): 0 | 1 {
    return this.#down.has(name) ? 0 : 1;
  }
}
