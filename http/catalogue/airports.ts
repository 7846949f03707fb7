/** Owns the list of airports that are served: codes from the catalogue, and what is known of each. */

import type { Clock } from "../../actors/clock.ts";
import type { CatalogueReader } from "./catalogue-reader.ts";

export interface AirportFacts {
  readonly name: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** IANA name. */
  readonly timeZone: string;
}

/** What is known of an airport, by its IATA code; undefined for one that nobody knows. */
export type AirportLookup = (code: string) => AirportFacts | undefined;

/** An import adds airports seldom: for so long the list is not read again, in milliseconds. */
const KEPT_MS = 10_000;

export interface ServedAirport {
  readonly code: string;
  readonly name: string;
  /** Null for an airport that the data package doesn't know. */
  readonly city: string | null;
  readonly country: string | null;
  readonly timeZone: string | null;
}

export class ServedAirports {
  readonly #reader: CatalogueReader;
  readonly #lookup: AirportLookup;
  readonly #clock: Clock;
  #list: Promise<readonly ServedAirport[]> | null = null;
  #readAtMs = 0;

  constructor(reader: CatalogueReader, lookup: AirportLookup, clock: Clock) {
    this.#reader = reader;
    this.#lookup = lookup;
    this.#clock = clock;
  }

  list(): Promise<readonly ServedAirport[]> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#list !== null && nowMs - this.#readAtMs < KEPT_MS) return this.#list;
    this.#readAtMs = nowMs;
    this.#list = this.#read();
    // A failure is told to those who asked, and not kept.
    this.#list.catch(() => {
      this.#list = null;
    });
    return this.#list;
  }

  async #read(): Promise<readonly ServedAirport[]> {
    const codes = await this.#reader.airports();
    return codes.map((code) => {
      const { name = code, city = null, country = null, timeZone = null } = this.#lookup(code) ?? {};
      return { code, name, city, country, timeZone };
    });
  }
}
