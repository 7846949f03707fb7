/** Owns cluster time: the database's clock, sampled now and then, and this machine's monotonic clock since. */

import type { Clock, Timer } from "./clock.ts";
import type { Telemetry } from "./telemetry.ts";

/** A sample farther off than this, beyond its own uncertainty, is believed only when others agree; in milliseconds. */
const FAR_MS = 500;

/** Readings come in whole milliseconds. */
const READING_MS = 1;

/** So many samples in a row that agree about a far jump are believed. */
const AGREEING = 3;

/** How often {@link keepTime} reads, in milliseconds. */
const READ_EVERY_MS = 1_000;

export class ClusterClock implements Clock {
  readonly #machine: Clock;
  /** Cluster time less the machine's monotonic time. */
  #offsetMs: number;
  /** While time is ahead of its samples it runs at half its speed: since when, by the monotonic clock, and how far ahead it was then. */
  #aheadSinceMs = 0;
  #aheadMs = 0;
  /** The offset by the last sample that was dropped, and how many in a row have agreed with it. */
  #jumpOffsetMs = 0;
  #jumps = 0;

  /** @param nowMs cluster time, now */
  private constructor(machine: Clock, nowMs: number) {
    this.#machine = machine;
    this.#offsetMs = nowMs - machine.monotonicMs();
  }

  /**
   * A clock that has been set: nothing in this process may go by another time.
   * @param readMs the database's time, in milliseconds since the epoch
   * @throws what `readMs` throws
   */
  static async set(machine: Clock, telemetry: Telemetry, readMs: () => Promise<number>): Promise<ClusterClock> {
    const sentMs = machine.monotonicMs();
    const databaseMs = await readMs();
    const clock = new ClusterClock(machine, databaseMs + (machine.monotonicMs() - sentMs) / 2);
    telemetry.gauge(
      "pigonair_clock_offset_seconds",
      "Cluster time less this machine's.",
      () => (clock.nowMs() - machine.nowMs()) / 1_000,
    );
    return clock;
  }

  /** Never runs backwards: where a sample says that it is ahead, it goes on at half its speed until it isn't. */
  nowMs(): number {
    return Math.floor(this.#at(this.#machine.monotonicMs()));
  }

  monotonicMs(): number {
    return this.#machine.monotonicMs();
  }

  after(delayMs: number, call: () => void): Timer {
    return this.#machine.after(delayMs, call);
  }

  soon(call: () => void): void {
    this.#machine.soon(call);
  }

  /**
   * Takes a reading of the database's clock into account. One that agrees with this clock within its own round trip teaches nothing.
   * @param sentMs when the question left, by {@link monotonicMs}; the answer has come now
   */
  sample(databaseMs: number, sentMs: number): void {
    // A torn answer may read as anything; of what is no number no comparison below would tell that it is far off.
    if (!Number.isFinite(databaseMs)) return;
    const receivedMs = this.#machine.monotonicMs();
    const halfwayMs = (receivedMs - sentMs) / 2;
    const uncertainMs = halfwayMs + READING_MS;
    const offsetMs = databaseMs + halfwayMs - receivedMs;
    const errorMs = Math.abs(offsetMs - (this.#at(receivedMs) - receivedMs));
    if (errorMs <= uncertainMs) {
      this.#jumps = 0;
      return;
    }
    if (errorMs > FAR_MS + uncertainMs) {
      const hasAgreed = this.#jumps > 0 && Math.abs(offsetMs - this.#jumpOffsetMs) <= FAR_MS + uncertainMs;
      this.#jumps = hasAgreed ? this.#jumps + 1 : 1;
      this.#jumpOffsetMs = offsetMs;
      if (this.#jumps < AGREEING) return;
    }
    this.#jumps = 0;
    const aheadMs = this.#at(receivedMs) - (receivedMs + offsetMs);
    this.#offsetMs = offsetMs;
    this.#aheadMs = Math.max(0, aheadMs);
    this.#aheadSinceMs = receivedMs;
  }

  #at(monotonicMs: number): number {
    const stillAheadMs = Math.max(0, this.#aheadMs - (monotonicMs - this.#aheadSinceMs) / 2);
    return monotonicMs + this.#offsetMs + stillAheadMs;
  }
}

/**
 * Reads the database's clock each second, for processes that own no shards: those that do, read it with each beat.
 * @returns stops it
 */
export function keepTime(clock: ClusterClock, readMs: () => Promise<number>): () => void {
  let isStopped = false;
  let timer: Timer | null = null;
  const read = async (): Promise<void> => {
    const sentMs = clock.monotonicMs();
    try {
      clock.sample(await readMs(), sentMs);
    } catch {
      // Time goes on without the database; whoever needs the database itself says that it is away.
    }
    if (!isStopped) timer = clock.after(READ_EVERY_MS, () => void read());
  };
  timer = clock.after(READ_EVERY_MS, () => void read());
  return () => {
    isStopped = true;
    timer?.cancel();
  };
}
