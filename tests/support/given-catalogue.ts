/** Owns the catalogue as its tests need it: planned flights with sensible defaults, a database in a folder that goes, what is in it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { money } from "../../actors/domain/money.ts";
import type { PlannedFlight } from "../../db/catalogue/planned-flight.ts";
import { type OpenDatabase, type OpenSqlite, openSqlite } from "../../db/open.ts";

const DAY_MS = 86_400_000;

/** By default GS 101 from Gimpo to Jeju at 08:00 (+9) on 1 June 2030, with 8 seats in J and 180 in Y. */
export function plannedFlight(of: Partial<PlannedFlight> = {}): PlannedFlight {
  return {
    id: "GS-101-2030-06-01-GMP",
    airline: "GS",
    number: 101,
    origin: "GMP",
    destination: "CJU",
    departsAtMs: Date.UTC(2030, 4, 31, 23),
    arrivesAtMs: Date.UTC(2030, 5, 1, 0, 10),
    departsLocal: "2030-06-01T08:00:00+09:00",
    arrivesLocal: "2030-06-01T09:10:00+09:00",
    localDate: "2030-06-01",
    aircraft: "321",
    cabins: [
      { cabin: "J", capacity: 8, fare: money(192_000, "KRW") },
      { cabin: "Y", capacity: 180, fare: money(64_000, "KRW") },
    ],
    ...of,
  };
}

/** Days on end of the default flight. */
export function plannedSeason(days: number): readonly PlannedFlight[] {
  return Array.from({ length: days }, (_, day) => {
    const { departsAtMs, arrivesAtMs } = plannedFlight();
    const localDate = new Date(Date.UTC(2030, 5, 1 + day)).toISOString().slice(0, 10);
    return plannedFlight({
      id: `GS-101-${localDate}-GMP`,
      departsAtMs: departsAtMs + day * DAY_MS,
      arrivesAtMs: arrivesAtMs + day * DAY_MS,
      departsLocal: `${localDate}T08:00:00+09:00`,
      arrivesLocal: `${localDate}T09:10:00+09:00`,
      localDate,
    });
  });
}

export interface GivenFolder {
  readonly path: string;
  remove(): void;
}

export function givenFolder(): GivenFolder {
  const path = mkdtempSync(join(tmpdir(), "pigonair-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface GivenDatabase {
  readonly db: OpenSqlite;
  readonly file: string;
  remove(): Promise<void>;
}

export async function givenDatabase(): Promise<GivenDatabase> {
  const folder = givenFolder();
  const file = join(folder.path, "pigonair.sqlite");
  const db = await openSqlite(file);
  return {
    db,
    file,
    async remove() {
      await db.close();
      folder.remove();
    },
  };
}

/** How many flights, heads and fares there are. */
export async function catalogueSizes({ read }: Pick<OpenDatabase, "read">) {
  const sizeOf = async (table: "flight" | "flight_head" | "fare"): Promise<number> => {
    const { size } = await read
      .selectFrom(table)
      .select((e) => e.fn.countAll<number>().as("size"))
      .executeTakeFirstOrThrow();
    return Number(size);
  };
  return { flights: await sizeOf("flight"), heads: await sizeOf("flight_head"), fares: await sizeOf("fare") };
}

/** Everything that the catalogue holds. */
export async function catalogueOf({ read }: Pick<OpenDatabase, "read">) {
  return {
    flights: await read.selectFrom("flight").selectAll().orderBy("id").execute(),
    heads: await read.selectFrom("flight_head").selectAll().orderBy("flight_id").execute(),
    fares: await read.selectFrom("fare").selectAll().orderBy("flight_id").orderBy("cabin").execute(),
    seatPlans: await read.selectFrom("seat_plan").selectAll().orderBy("id").execute(),
  };
}
