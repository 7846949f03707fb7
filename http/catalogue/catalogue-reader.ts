/** Owns the port through which the catalogue is read: what flies, and how many seats were free when the last batch was committed. */

import type { FlightId } from "../../actors/domain/ids.ts";
import type { Currency } from "../../actors/domain/money.ts";
import type { CabinSummary } from "../../actors/domain/projection.ts";
import type { Page, PageRequest } from "../plugins/paging.ts";

export interface StoredFlight {
  readonly id: FlightId;
  /** Airline designator. */
  readonly airline: string;
  /** Digits and an operational suffix: `102`, `102A`. */
  readonly number: string;
  /** IATA codes of airports. */
  readonly origin: string;
  readonly destination: string;
  readonly departsAtMs: number;
  readonly arrivesAtMs: number;
  /** ISO 8601 with the offset of the place. */
  readonly departsLocal: string;
  readonly arrivesLocal: string;
  /** IATA aircraft type: `738`. */
  readonly aircraft: string;
  /** Of every fare of the flight. */
  readonly currency: Currency;
  readonly cabins: readonly CabinSummary[];
}

export interface FlightOrder {
  /** `price` is the lowest fare over the cabins. What is equal comes by departure, then by id. */
  readonly by: "departsAt" | "price" | "duration";
  readonly descending: boolean;
}

export interface FlightFilter {
  readonly origin?: string;
  readonly destination?: string;
  /** Local dates of departure, `YYYY-MM-DD`, inclusive. */
  readonly from?: string;
  readonly to?: string;
}

export interface CatalogueReader {
  flights(filter: FlightFilter, order: FlightOrder, page: PageRequest): Promise<Page<StoredFlight>>;
  flight(id: FlightId): Promise<StoredFlight | null>;
  /** Codes of the airports that flights begin or end at, in their order. */
  airports(): Promise<readonly string[]>;
}
