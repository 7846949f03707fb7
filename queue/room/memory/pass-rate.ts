/** Owns how many passes may leave a door: at most so many in any 60 seconds, and at once no more than a twentieth of them, or very few. */

const MINUTE_MS = 60_000;

/** Times are whole milliseconds; this forgives what doubles round, or the last of several passes would be lost. */
const ROUNDED_MS = 0.05;

/** Share of a minute's passes that may leave at once: as many as come up while somebody at the door waits to ask again. */
const BURST_SHARE = 20;

/**
 * Where that is one or two, passes that come up before the first in line asks again would be lost: up to half of them, as measured. Below
 * seven a minute they are so rare that it is worse to have one less in each minute, which is what another one at once costs.
 */
const BURSTS_MIN = [
  { from: 30, burst: 3 },
  { from: 7, burst: 2 },
] as const;

/**
 * A bucket of `burst`, refilled one each `everyMs`, kept as the time at which it will be full again (GCRA, ITU-T I.371):
 * between one pass and the one `perMinute` later there are 60 seconds or more.
 */
export class PassRate {
  #burst = 1;
  #everyMs = MINUTE_MS;
  #fullAtMs = 0;

  /** @param perMinute a whole number from 1 */
  allow(perMinute: number): void {
    const { burst } = BURSTS_MIN.find(({ from }) => perMinute >= from) ?? { burst: 1 };
    this.#burst = Math.max(burst, Math.floor(perMinute / BURST_SHARE));
    this.#everyMs = MINUTE_MS / (perMinute - this.#burst + 1);
  }

  /** Passes that may leave now. @param ratePerMinute the pace, when it is slower: then each pass takes more of the bucket */
  available(ratePerMinute: number, nowMs: number): number {
    if (ratePerMinute <= 0) return 0;
    const owedMs = Math.max(0, this.#fullAtMs - nowMs);
    const spareMs = (this.#burst - 1) * this.#everyMs - owedMs + ROUNDED_MS;
    return Math.floor(spareMs / this.#costMs(ratePerMinute)) + 1;
  }

  take(ratePerMinute: number, nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#costMs(ratePerMinute);
  }

  /** Takes one for a pass that left before; by a clock that was ahead, maybe, for which nobody must wait. */
  recall(issuedAtMs: number, nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, Math.min(issuedAtMs, nowMs)) + this.#everyMs;
  }

  #costMs(ratePerMinute: number): number {
    return Math.max(this.#everyMs, MINUTE_MS / ratePerMinute);
  }
}
