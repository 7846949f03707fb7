/** Owns what the bench knows of whatever it loads, product and peers alike. */
import { assert } from "../../actors/assert.ts";
import { SEATS } from "../large-flight.ts";

export interface Contestant {
  /** Short, for tables and files. */
  readonly name: string;
  readonly title: string;
  readonly kind: "product" | "peer";
  /** Whether what it acknowledges is in the database by then. */
  readonly isDurable: boolean;
  /** Where reservations are posted. */
  readonly url: string;
  /** Of its own database, where the acknowledged holds are looked up. */
  readonly databaseUrl: string;
  /** Its table of claimed seats: `flight_id`, `seat`, `reservation_id`. */
  readonly claimsTable: "seat_claim" | "claim" | "seat";
  /** Its processes by name; servers that others use as well are not among them. */
  readonly pids: Readonly<Record<string, number>>;
  /** Flights that no load has touched. */
  readonly stock: FlightStock;
  /** Where its stages are measured: one of each process. Peers have none. */
  readonly metricsUrls: readonly string[];
  stop(): Promise<void>;
}

/** Large flights, each to be sold once. */
export class FlightStock {
  readonly #flights: readonly string[];
  #used = 0;

  constructor(flights: readonly string[]) {
    this.#flights = flights;
  }

  /** The next ones, so many if there are; they stay in the stock until they are {@link used}. @throws when there are none */
  next(most: number): readonly string[] {
    const flights = this.#flights.slice(this.#used, this.#used + most);
    assert(flights.length > 0, `the run needs more than ${this.#flights.length} flights`);
    return flights;
  }

  /** Of the next flights, those that so many visits one after another have touched are gone. */
  used(visits: number): void {
    this.#used += Math.max(1, Math.ceil(visits / SEATS.length));
  }
}

/** Many flights that are sold side by side. */
export class ManyFlights {
  readonly flights: readonly string[];
  #visits = 0;

  constructor(flights: readonly string[]) {
    this.flights = flights;
  }

  /** Visits that each of them has had. */
  get visits(): number {
    return this.#visits;
  }

  /** So many more visits, of all flights together. */
  used(visits: number): void {
    this.#visits += Math.ceil(visits / this.flights.length);
  }
}
