/** Owns the peers' tables: as narrow as they can be, each with the one index that its readers need. */

import type { FlightId } from "../../actors/domain/ids.ts";
import type { SeatPlan } from "../../actors/domain/plan.ts";
import { connectTo } from "./pool.ts";

/** Names and ids are ASCII: a character takes one byte, in keys as well. */
const ASCII = "character set ascii collate ascii_bin";

export const FLIGHT_TYPE = `varchar(48) ${ASCII}`;
export const SEAT_TYPE = `varchar(4) ${ASCII}`;
/** All seats of a reservation, with commas between. */
export const TAKEN_TYPE = `varchar(64) ${ASCII}`;
export const ID_TYPE = `char(36) ${ASCII}`;
export const KEY_TYPE = `varchar(255) ${ASCII}`;
export const FINGERPRINT_TYPE = `char(22) ${ASCII}`;
export const VERDICT_TYPE = `varchar(24) ${ASCII}`;
export const PNR_TYPE = `char(6) ${ASCII}`;
export const CURRENCY_TYPE = `char(3) ${ASCII}`;
export const TEXT_TYPE = "text character set utf8mb4 collate utf8mb4_bin";

const TABLES = [
  // What the flight row lock locks.
  `create table if not exists flight (id ${FLIGHT_TYPE} not null primary key) engine = innodb`,
  // A claim counts until its time is over; whoever comes after that takes the row over.
  `create table if not exists claim (
    flight_id ${FLIGHT_TYPE} not null,
    seat ${SEAT_TYPE} not null,
    reservation_id ${ID_TYPE} not null,
    expires_at_ms bigint not null,
    primary key (flight_id, seat)
  ) engine = innodb`,
  // The same with a row for each seat from the start, for whoever locks seats.
  `create table if not exists seat (
    flight_id ${FLIGHT_TYPE} not null,
    seat ${SEAT_TYPE} not null,
    reservation_id ${ID_TYPE},
    expires_at_ms bigint not null,
    primary key (flight_id, seat)
  ) engine = innodb`,
  // HELD until its time is over: there is nobody who would have to write that down.
  `create table if not exists reservation (
    id ${ID_TYPE} not null primary key,
    flight_id ${FLIGHT_TYPE} not null,
    member_id ${ID_TYPE} not null,
    pnr ${PNR_TYPE} not null,
    status varchar(16) ${ASCII} not null,
    passengers ${TEXT_TYPE} not null,
    amount bigint not null,
    currency ${CURRENCY_TYPE} not null,
    created_at_ms bigint not null,
    expires_at_ms bigint not null,
    key reservation_by_member (member_id)
  ) engine = innodb`,
  `create table if not exists answered (
    member_id ${ID_TYPE} not null,
    flight_id ${FLIGHT_TYPE} not null,
    idempotency_key ${KEY_TYPE} not null,
    fingerprint ${FINGERPRINT_TYPE} not null,
    verdict ${VERDICT_TYPE} not null,
    content ${TEXT_TYPE} not null,
    primary key (member_id, flight_id, idempotency_key)
  ) engine = innodb`,
];

/** Seats that are inserted by one statement. */
const ROWS_MAX = 2_000;

export interface Sold {
  readonly flights: readonly FlightId[];
  readonly seatPlan: SeatPlan;
}

/** Makes what is missing of the tables, the flights, and the rows of their seats if they are wanted. */
export async function makeTables(url: string, { flights, seatPlan }: Sold, withSeatRows: boolean): Promise<void> {
  const connection = await connectTo(url);
  try {
    for (const sql of TABLES) await connection.query(sql);
    if (flights.length > 0)
      await connection.batch(
        "insert ignore into flight values (?)",
        flights.map((id) => [id]),
      );
    if (!withSeatRows) return;
    for (const flightId of flights) {
      for (let from = 0; from < seatPlan.capacity; from += ROWS_MAX) {
        const seats = seatPlan.seats.slice(from, from + ROWS_MAX);
        const rows = seats.map(({ seat }) => `('${flightId}','${seat}',null,0)`);
        await connection.query(`insert ignore into seat values ${rows.join(",")}`);
      }
    }
  } finally {
    await connection.end();
  }
}
