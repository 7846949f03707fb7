/** Owns what is broadcast of flights' seats: each change after its commit, and where they are when earlier news may not have been heard. */

import type { Bus } from "./bus/bus.ts";
import { type SeatDelta, seatsSubject } from "./bus/subjects.ts";
import type { FlightActor } from "./flight-actor.ts";

export class SeatNews {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** @param delta null: no seat has changed */
  committed(actor: FlightActor, delta: SeatDelta | null): void {
    if (delta === null) return;
    actor.seatVersion = delta.to;
    this.#bus.publish(seatsSubject(actor.flightId), delta);
  }

  /** Without a change: whoever follows the seats and is at another version has missed something. */
  announce({ flightId, isLoaded, seatVersion }: FlightActor): void {
    if (!isLoaded || seatVersion === 0) return;
    this.#bus.publish(seatsSubject(flightId), { flightId, from: seatVersion, to: seatVersion, changes: [] });
  }
}
