/** Owns when flights leave memory: those that nobody has asked for a while, and of too many those that are idle. */

import type { Clock, Timer } from "./clock.ts";
import type { FlightActor } from "./flight-actor.ts";
import type { HostLimits } from "./limits.ts";

/** How often idle flights are looked for, in milliseconds. */
const SWEEP_MS = 10_000;

export class Passivation {
  readonly #clock: Clock;
  readonly #limits: HostLimits;
  readonly #actors: ReadonlyMap<unknown, FlightActor>;
  readonly #leave: (actor: FlightActor) => Promise<void>;
  #timer: Timer | null = null;
  #isEnded = false;

  /**
   * @param actors the host's
   * @param leave takes one of them out, and ends when what it was is written down; never fails
   */
  constructor(
    clock: Clock,
    limits: HostLimits,
    actors: ReadonlyMap<unknown, FlightActor>,
    leave: (actor: FlightActor) => Promise<void>,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#actors = actors;
    this.#leave = leave;
  }

  /** From the first call on. */
  begin(): void {
    this.#timer ??= this.#clock.after(SWEEP_MS, () => void this.#sweep());
  }

  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
  }

  /**
   * One after another: to write down a flight takes as long as it is large, on the loop that answers for all others, and minutes after a
   * sale all its flights are idle at once.
   */
  async #sweep(): Promise<void> {
    for (const actor of this.#actors.values()) {
      if (this.#isEnded) return;
      if (this.#mayLeave(actor)) await this.#leave(actor);
    }
    this.#timer = this.#clock.after(SWEEP_MS, () => void this.#sweep());
  }

  #mayLeave(actor: FlightActor): boolean {
    if (!actor.isIdle || !actor.isLoaded || actor.isQuarantined || actor.isDropped) return false;
    const isOneTooMany = this.#actors.size > this.#limits.idleFlightsMax;
    return isOneTooMany || this.#clock.monotonicMs() - actor.usedMs >= this.#limits.idleMs;
  }
}
