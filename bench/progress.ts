/** Owns what a bench says while it runs: one line for each thing that it has found out, with the time since its begin. */

export interface Progress {
  /** Begins a part of the run. */
  part(title: string): void;
  line(text: string): void;
}

export function progressTo(write: (text: string) => void): Progress {
  const startedMs = performance.now();
  return {
    part(title) {
      write(`\n${title}\n`);
    },
    line(text) {
      write(`${((performance.now() - startedMs) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`);
    },
  };
}

/** 12,345 */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Milliseconds, as precise as they are worth reading. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`;
}
