/**
 * Owns the check that runs always: it follows the journal by a cursor of its own, and looks at each flight that has changed. Bounded in what
 * it costs, not in how soon it comes: a flight in the midst of its sale is looked at now and then, and again when it is over.
 */

import type { Clock, Timer } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Counter, Log, Telemetry } from "../../actors/telemetry.ts";
import type { JournalTail } from "../relay/journal-tail.ts";
import type { Lag } from "../relay/relay.ts";
import type { Checkups } from "./checkups.ts";

/** Names the cursors. */
const DOCTOR = "doctor";

/** Each sweep looks at so many flights for changes, and the next one goes on after them. */
export const SWEEP_INTERVAL_MS = 1_000;
const FLIGHTS_PER_SWEEP_MAX = 500;

/** Flights that wait to be looked at; more of them are found by a later sweep. */
const WAITING_MAX = 10_000;

/**
 * After a check it rests for so many times as long as that took: at most a twentieth of a thread is its share. Where the machine has work
 * for more than half of its cores it is a two-hundredth: beside a sale on two cores, a twentieth cost the sale 10 to 20 % of its rate.
 */
const REST_PER_CHECK = 19;
const REST_PER_CHECK_WHEN_BUSY = 199;
const REST_MS_MIN = 20;

/** A flight is not looked at twice within this, in milliseconds. */
export const AGAIN_MS_MIN = 30_000;

/** Flights with findings that are kept in mind: each is looked at again until it is sound. */
const SICK_MAX = 1_000;

/** Findings of one flight that go to the log. */
const LOGGED_MAX = 5;

export interface LightDoctorOptions {
  readonly checkups: Checkups;
  readonly tail: JournalTail;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Whether the machine has other things to do. @default never */
  readonly isBusy?: () => boolean;
}

export class LightDoctor {
  readonly consumer = DOCTOR;
  readonly #options: LightDoctorOptions;
  readonly #log: Log;
  readonly #checks: Counter;
  /** Since when each waits, in the order of their coming. */
  readonly #waiting = new Map<FlightId, number>();
  /** When each was looked at last, by the monotonic clock; the longest ago first. */
  readonly #lookedAtMs = new Map<FlightId, number>();
  /** By flight, how many findings there were. */
  readonly #sick = new Map<FlightId, number>();
  /** It is being looked at. */
  #current: FlightId | null = null;
  #sweepAfter: FlightId | null = null;
  #isRunning = false;
  #sweepTimer: Timer | null = null;
  #checkTimer: Timer | null = null;
  #sweeping: Promise<void> = Promise.resolve();
  #checking: Promise<void> = Promise.resolve();

  constructor(options: LightDoctorOptions) {
    this.#options = options;
    const { telemetry } = options;
    this.#log = telemetry.log;
    this.#checks = telemetry.counter("pigonair_doctor_checks_total", "Flights that the light check has looked at.", [
      "outcome",
    ]);
    telemetry.gauge("pigonair_doctor_findings", "What the light check finds wrong now; 0 is right.", () =>
      this.#isRunning ? [...this.#sick.values()].reduce((sum, findings) => sum + findings, 0) : 0,
    );
  }

  start(): void {
    this.#isRunning = true;
    this.#sick.clear();
    this.#sweep();
    this.#next(REST_MS_MIN);
  }

  /** Begins nothing new, and waits for the check that runs. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#sweepTimer?.cancel();
    this.#checkTimer?.cancel();
    await this.#sweeping;
    await this.#checking;
    this.#waiting.clear();
  }

  lag(): Lag {
    const [sinceMs] = this.#waiting.values();
    const waitedMs = sinceMs === undefined ? 0 : Math.max(0, this.#options.clock.monotonicMs() - sinceMs);
    return { flights: this.#waiting.size, waitedMs };
  }

  #sweep(): void {
    const { tail, clock } = this.#options;
    this.#sweeping = tail
      .sweep(DOCTOR, null, this.#sweepAfter, FLIGHTS_PER_SWEEP_MAX)
      .then(async ({ behind, passed, next }) => {
        this.#sweepAfter = next;
        for (const flightId of behind) {
          if (this.#waiting.size >= WAITING_MAX) break;
          // One with findings is behind for as long as it has them, and is looked at again in its own time.
          if (!this.#sick.has(flightId)) this.#add(flightId);
        }
        // Nothing happened there but refusals, which change nothing that people read.
        await tail.advance(DOCTOR, passed);
      })
      .catch((cause: unknown) => this.#log.warn({ err: cause }, "the light check could not look for what is new"))
      .finally(() => {
        if (this.#isRunning) this.#sweepTimer = clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
      });
  }

  #add(flightId: FlightId): void {
    if (flightId === this.#current || this.#waiting.has(flightId)) return;
    this.#waiting.set(flightId, this.#options.clock.monotonicMs());
  }

  #next(inMs: number): void {
    if (!this.#isRunning) return;
    this.#checkTimer = this.#options.clock.after(inMs, () => {
      this.#checking = this.#checkNext();
    });
  }

  async #checkNext(): Promise<void> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const flightId = this.#due(startedMs);
    if (flightId === null) {
      this.#next(SWEEP_INTERVAL_MS);
      return;
    }
    this.#waiting.delete(flightId);
    this.#lookedAtMs.delete(flightId);
    this.#lookedAtMs.set(flightId, startedMs);
    this.#current = flightId;
    await this.#check(flightId);
    this.#current = null;
    const rest = this.#options.isBusy?.() === true ? REST_PER_CHECK_WHEN_BUSY : REST_PER_CHECK;
    this.#next(Math.max(REST_MS_MIN, rest * (clock.monotonicMs() - startedMs)));
  }

  /** The next that was not looked at just now; null when none is. */
  #due(nowMs: number): FlightId | null {
    for (const [flightId, atMs] of this.#lookedAtMs) {
      if (nowMs - atMs < AGAIN_MS_MIN) break;
      this.#lookedAtMs.delete(flightId);
      // However many wait: no sweep finds it.
      if (this.#sick.has(flightId)) this.#add(flightId);
    }
    for (const flightId of this.#waiting.keys()) if (!this.#lookedAtMs.has(flightId)) return flightId;
    return null;
  }

  async #check(flightId: FlightId): Promise<void> {
    const { checkups, tail } = this.#options;
    try {
      const checked = await checkups.check(flightId);
      if (checked === null) return;
      const { version, findings } = checked;
      this.#note(flightId, findings);
      // One with findings stays behind the cursor: whoever checks after this process knows nothing of them, and has to find them again.
      if (findings.length === 0) await tail.advance(DOCTOR, [{ flightId, version }]);
    } catch (cause) {
      // The cursor stands where it was: a sweep finds the flight again.
      this.#checks.add(1, { outcome: "failed" });
      this.#log.warn({ flightId, err: cause }, "a flight could not be checked");
    }
  }

  #note(flightId: FlightId, findings: readonly string[]): void {
    this.#checks.add(1, { outcome: findings.length === 0 ? "clean" : "findings" });
    if (findings.length === 0) {
      if (this.#sick.delete(flightId)) this.#log.info({ flightId }, "a flight is sound again");
      return;
    }
    if (!this.#sick.has(flightId)) {
      // Which row and column, and not what stands there: it may be an address at which somebody pays.
      const where = findings.slice(0, LOGGED_MAX).map((finding) => finding.replace(/ (?:is|says) .*$/s, ""));
      this.#log.error({ flightId, findings: findings.length, where }, "a flight is not what its journal says");
    }
    if (this.#sick.size < SICK_MAX || this.#sick.has(flightId)) this.#sick.set(flightId, findings.length);
  }
}
