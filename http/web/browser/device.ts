/** Owns what pages take from the machine that they run on: its clock, its timers and its chance. */

export function nowMs(): number {
  return Date.now();
}

/** Time that no correction of the clock moves, in milliseconds. */
export function monotonicMs(): number {
  return performance.now();
}

export type Stop = () => void;

export function after(delayMs: number, run: () => void): Stop {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

export function every(periodMs: number, run: () => void): Stop {
  const timer = setInterval(run, periodMs);
  return () => clearInterval(timer);
}

/** Resolves after the pause, or at once when the browser says that it is online again. @throws the signal's reason when it is aborted */
export function pause(pauseMs: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      stop();
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const stop = after(pauseMs, end);
    addEventListener("online", end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}

/** From 0.5 to 1: so that a crowd that was cut off together doesn't come back together. */
export function jitter(): number {
  return 0.5 + Math.random() / 2;
}

const HEX_PAIRS = 16;

/** A key that nobody else makes: `crypto.randomUUID` would not be there on plain HTTP. */
export function uniqueKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(HEX_PAIRS)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
