/** Owns the CPU and memory of each process over a run: sampled from outside, twice a second. */
import { readFileSync } from "node:fs";
import { cpuTimeOf } from "../load/cpu.ts";

const SAMPLE_MS = 500;
/** Linux tells resident memory in pages of 4 KiB (proc_pid_statm(5)). */
const PAGE_BYTES = 4_096;

export interface ProcessSeries {
  readonly name: string;
  /** Cores, by sample: 1 is one core for all of the time since the sample before. Null while it did not run. */
  readonly cores: readonly (number | null)[];
  /** MiB, by sample. */
  readonly memoryMiB: readonly (number | null)[];
}

export interface Resources {
  /** Seconds since the begin of the run, one for each sample. */
  readonly atS: readonly number[];
  readonly processes: readonly ProcessSeries[];
}

interface Watched {
  readonly pid: number;
  usedMs: number | null;
  readonly cores: (number | null)[];
  readonly memoryMiB: (number | null)[];
}

export class Sampler {
  readonly #startedMs = performance.now();
  readonly #atS: number[] = [];
  readonly #watched = new Map<string, Watched>();
  readonly #timer: ReturnType<typeof setInterval>;
  #lastMs = this.#startedMs;

  constructor() {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** From now on; a process that is named again (it was started anew) goes on in the same series. */
  watch(pids: Readonly<Record<string, number>>): void {
    for (const [name, pid] of Object.entries(pids)) {
      const known = this.#watched.get(name);
      const before = Array<null>(this.#atS.length).fill(null);
      const { cores = [...before], memoryMiB = [...before] } = known ?? {};
      this.#watched.set(name, { pid, usedMs: usedMs(pid), cores, memoryMiB });
    }
  }

  /** Seconds since the begin. */
  get nowS(): number {
    return (performance.now() - this.#startedMs) / 1_000;
  }

  stop(): Resources {
    clearInterval(this.#timer);
    const processes = Array.from(this.#watched, ([name, { cores, memoryMiB }]) => ({ name, cores, memoryMiB }));
    return { atS: this.#atS, processes };
  }

  #sample(): void {
    const nowMs = performance.now();
    const spanMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#atS.push(round((nowMs - this.#startedMs) / 1_000));
    for (const watched of this.#watched.values()) {
      const now = usedMs(watched.pid);
      const cores = now === null || watched.usedMs === null ? null : (now - watched.usedMs) / spanMs;
      watched.usedMs = now;
      watched.cores.push(cores === null ? null : round(cores));
      watched.memoryMiB.push(memoryMiBOf(watched.pid));
    }
  }
}

function usedMs(pid: number): number | null {
  const time = cpuTimeOf(pid);
  return time === null ? null : time.userMs + time.systemMs;
}

function memoryMiBOf(pid: number): number | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]);
    // A process that has ended and was not waited for has none.
    return pages === 0 ? null : Math.round((pages * PAGE_BYTES) / 1_048_576);
  } catch {
    return null;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
