/** Owns what flights are called on the waiting room's page: read once, and never waited for long. */

import type { Clock } from "../../../actors/clock.ts";
import type { FlightId } from "../../../actors/domain/ids.ts";
import type { AirportLookup } from "../../catalogue/airports.ts";
import type { CatalogueReader } from "../../catalogue/catalogue-reader.ts";
import type { Place } from "../i18n/places.ts";

/** What a flight is known by. */
export interface RoomFlight {
  /** `PG 101` */
  readonly number: string;
  readonly from: Place;
  readonly to: Place;
  /** ISO 8601 with the offset of the place. */
  readonly departsLocal: string;
}

export interface RoomFlightServices {
  readonly clock: Clock;
  readonly catalogue: CatalogueReader;
  readonly airportOf: AirportLookup;
}

/** The catalogue may be slow when everybody comes at once; the room goes without the names of its cities then. */
const WAIT_MS = 400;
const KEPT_MAX = 1_000;

/** What a flight is called never changes. */
export class RoomFlights {
  readonly #services: RoomFlightServices;
  readonly #known = new Map<FlightId, RoomFlight>();

  constructor(services: RoomFlightServices) {
    this.#services = services;
  }

  /** `unknown` for none; null when the catalogue doesn't say in time. */
  async find(id: FlightId): Promise<RoomFlight | "unknown" | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { clock } = this.#services;
    const late = new Promise<null>((resolve) => clock.after(WAIT_MS, () => resolve(null)));
    const flight = await Promise.race([this.#read(id).catch(() => null), late]);
    if (flight !== null && flight !== "unknown") this.#keep(id, flight);
    return flight;
  }

  async #read(id: FlightId): Promise<RoomFlight | "unknown"> {
    const { catalogue, airportOf } = this.#services;
    const flight = await catalogue.flight(id);
    if (flight === null) return "unknown";
    const place = (code: string): Place => ({ code, name: code, city: null, country: null, ...airportOf(code) });
    const { airline, number, origin, destination, departsLocal } = flight;
    return { number: `${airline} ${number}`, from: place(origin), to: place(destination), departsLocal };
  }

  #keep(id: FlightId, flight: RoomFlight): void {
    this.#known.set(id, flight);
    if (this.#known.size <= KEPT_MAX) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
