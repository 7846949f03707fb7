/** Owns telling the operators' view once a second what this process measures of its stages. */

import type { Bus } from "../../actors/bus/bus.ts";
import { type StageReport, stagesSubject } from "../../actors/bus/subjects.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { LoadRuns } from "./load-runs.ts";
import type { StageWindows } from "./stage-windows.ts";
import { threadLoad } from "./thread-load.ts";

const PERIOD_MS = 1_000;

export interface StageReporterOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  readonly windows: StageWindows;
  readonly runs: LoadRuns;
  /** Of this process and no other one: fresh at each start. */
  readonly process: string;
  /** For people: the machine, and the process on it. */
  readonly name: string;
  /** Whether it serves requests, and whether it owns flights. */
  readonly isEdge: boolean;
  readonly isHost: boolean;
  /** Commands that may wait on a host, and that fit into one batch. */
  readonly waitingMax: number;
  readonly batchMax: number;
}

export class StageReporter {
  readonly #options: StageReporterOptions;
  readonly #threadLoad: () => number;
  #tookMs = 0;
  #timer: Timer | null = null;

  constructor(options: StageReporterOptions) {
    this.#options = options;
    this.#threadLoad = threadLoad(options.clock);
  }

  start(): void {
    this.#tookMs = this.#options.clock.monotonicMs();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(PERIOD_MS, () => {
      this.#options.bus.publish(stagesSubject(this.#options.process), this.#report());
      this.#arm();
    });
  }

  #report(): StageReport {
    const { clock, windows, runs, process, name, isEdge, isHost, waitingMax, batchMax } = this.#options;
    const nowMs = clock.monotonicMs();
    const spanMs = Math.max(1, nowMs - this.#tookMs);
    this.#tookMs = nowMs;
    const about = { process, name, isEdge, isHost, waitingMax, batchMax };
    return { ...about, spanMs, threadShare: this.#threadLoad(), ...windows.take(), runs: runs.take() };
  }
}
