/** Owns which flights there are, for rooms that were never on: known ones are asked for once. */

import type { FlightId } from "../../actors/domain/ids.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import type { CatalogueReader } from "../catalogue/catalogue-reader.ts";
import { flightNotFound } from "../flight-id.ts";

/** At about 100 bytes each. */
const KNOWN_MAX = 50_000;

export class SoldFlights {
  readonly #catalogue: CatalogueReader;
  /** In the order in which they were asked for first. */
  readonly #known = new OldestFirst<FlightId, true>();

  constructor(catalogue: CatalogueReader) {
    this.#catalogue = catalogue;
  }

  /** @throws Problem 404 FLIGHT_NOT_FOUND */
  async check(flightId: FlightId): Promise<void> {
    if (this.#known.has(flightId)) return;
    if ((await this.#catalogue.flight(flightId)) === null) throw flightNotFound();
    this.#known.set(flightId, true);
    this.#known.deleteOldest(() => this.#known.size > KNOWN_MAX);
  }
}
