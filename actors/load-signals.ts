/** Owns when flights tell how they keep up: each second while somebody asks for them, and a little longer. */

import type { Bus } from "./bus/bus.ts";
import { statSubject } from "./bus/subjects.ts";
import type { Clock, Timer } from "./clock.ts";
import type { FlightActor } from "./flight-actor.ts";

const SIGNAL_MS = 1_000;

/** How often a flight tells after it was last asked for. */
const SIGNALS_AFTER = 10;

export class LoadSignals {
  readonly #bus: Bus;
  readonly #clock: Clock;
  /** Flights that are being asked for, and how many signals each still gives. */
  readonly #asked = new Map<FlightActor, number>();
  #timer: Timer | null = null;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** Somebody asks for the flight. */
  asked(actor: FlightActor): void {
    this.#asked.set(actor, SIGNALS_AFTER);
    this.#timer ??= this.#clock.after(SIGNAL_MS, () => this.#tell());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#asked.clear();
  }

  #tell(): void {
    for (const [actor, left] of this.#asked) {
      if (left === 0 || actor.isDropped) {
        this.#asked.delete(actor);
        continue;
      }
      this.#asked.set(actor, left - 1);
      const { flightId, mailbox, load, seatsLeft } = actor;
      if (seatsLeft === null) continue;
      this.#bus.publish(statSubject(flightId), { flightId, mailbox: mailbox.size, ...load.take(), seatsLeft });
    }
    this.#timer = this.#asked.size === 0 ? null : this.#clock.after(SIGNAL_MS, () => this.#tell());
  }
}
