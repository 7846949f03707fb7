/** Owns the reading of the catalogue: searches over the flights, along the indexes of the migrations. */

import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { CabinSummary } from "../../actors/domain/projection.ts";
import type {
  CatalogueReader,
  FlightFilter,
  FlightOrder,
  StoredFlight,
} from "../../http/catalogue/catalogue-reader.ts";
import type { Page, PageRequest } from "../../http/plugins/paging.ts";
import type { Database, FlightTable } from "../schema.ts";

export class SqlCatalogueReader implements CatalogueReader {
  readonly #db: Kysely<Database>;

  /** @param db a handle that only reads, outside the commit lane */
  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async flights(filter: FlightFilter, order: FlightOrder, page: PageRequest): Promise<Page<StoredFlight>> {
    const { total } = await flightsMatching(this.#db, filter)
      .select((e) => e.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    const rows = await flightPage(this.#db, filter, order, page).execute();
    return { items: rows.map(storedFlight), total: Number(total) };
  }

  async flight(id: FlightId): Promise<StoredFlight | null> {
    const row = await withCabins(this.#db.selectFrom("flight").where("flight.id", "=", id)).executeTakeFirst();
    return row === undefined ? null : storedFlight(row);
  }

  async airports(): Promise<readonly string[]> {
    const routes = await this.#db.selectFrom("flight").select(["origin", "destination"]).distinct().execute();
    return [...new Set(routes.flatMap(({ origin, destination }) => [origin, destination]))].sort((a, b) =>
      a < b ? -1 : 1,
    );
  }
}

/** The statement that reads one page of a search; by itself, so that a test can ask how the database would run it. */
export function flightPage(
  db: Kysely<Database>,
  filter: FlightFilter,
  order: FlightOrder,
  { page, size }: PageRequest,
) {
  const direction = order.descending ? "desc" : "asc";
  return withCabins(flightsMatching(db, filter))
    .orderBy(SORTED_BY[order.by], direction)
    .orderBy("flight.departs_at_ms")
    .orderBy("flight.id")
    .limit(size)
    .offset((page - 1) * size);
}

const SORTED_BY = {
  departsAt: sql<number>`flight.departs_at_ms`,
  price: sql<number>`flight.lowest_fare`,
  duration: sql<number>`flight.arrives_at_ms - flight.departs_at_ms`,
} as const;

function flightsMatching(db: Kysely<Database>, { origin, destination, from, to }: FlightFilter) {
  return db
    .selectFrom("flight")
    .$if(origin !== undefined, (query) => query.where("flight.origin", "=", origin ?? ""))
    .$if(destination !== undefined, (query) => query.where("flight.destination", "=", destination ?? ""))
    .$if(from !== undefined, (query) => query.where("flight.departs_on", ">=", from ?? ""))
    .$if(to !== undefined, (query) => query.where("flight.departs_on", "<=", to ?? ""));
}

type Flights = SelectQueryBuilder<Database, "flight", object>;

function withCabins(flights: Flights) {
  return flights
    .innerJoin("flight_head", "flight_head.flight_id", "flight.id")
    .selectAll("flight")
    .select("flight_head.cabins");
}

function storedFlight(row: Selectable<FlightTable> & { readonly cabins: string }): StoredFlight {
  return {
    id: row.id,
    airline: row.airline,
    number: row.number,
    origin: row.origin,
    destination: row.destination,
    departsAtMs: Number(row.departs_at_ms),
    arrivesAtMs: Number(row.arrives_at_ms),
    departsLocal: row.departs_local,
    arrivesLocal: row.arrives_local,
    aircraft: row.aircraft,
    currency: row.currency,
    cabins: JSON.parse(row.cabins) as CabinSummary[],
  };
}
