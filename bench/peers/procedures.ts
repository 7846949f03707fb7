/** Owns the stored procedures: a whole hold, with its transaction and whatever may happen in it, in a single trip. */

import { PASSENGERS_MAX } from "../../actors/domain/rules.ts";
import type { Answer, HoldRequest } from "./peer.ts";
import { connectTo, type Link } from "./pool.ts";
import {
  CURRENCY_TYPE,
  FINGERPRINT_TYPE,
  FLIGHT_TYPE,
  ID_TYPE,
  KEY_TYPE,
  PNR_TYPE,
  SEAT_TYPE,
  TAKEN_TYPE,
  TEXT_TYPE,
} from "./schema.ts";
import { bySeats, decidedBefore, decidedNow, heldDecision, marks, takenDecision } from "./writes.ts";

const PARAMETERS = [
  `p_flight ${FLIGHT_TYPE}`,
  `p_member ${ID_TYPE}`,
  `p_key ${KEY_TYPE}`,
  `p_fingerprint ${FINGERPRINT_TYPE}`,
  `p_reservation ${ID_TYPE}`,
  `p_pnr ${PNR_TYPE}`,
  `p_passengers ${TEXT_TYPE}`,
  "p_amount bigint",
  `p_currency ${CURRENCY_TYPE}`,
  "p_now bigint",
  "p_expires bigint",
  `p_body ${TEXT_TYPE}`,
];

export interface Procedures {
  readonly name: string;
  /** What comes first in the transaction, if anything. */
  readonly lock: string;
}

export const HOLD_SEATS: Procedures = { name: "hold_seats", lock: "" };

export const HOLD_SEATS_OF_LOCKED_FLIGHT: Procedures = {
  name: "hold_seats_of_locked_flight",
  lock: "select id into v_locked from flight where id = p_flight for update;",
};

/**
 * Answers with nothing when the seats are held; with one column when they are taken; with three when the key was decided before. Whatever
 * else fails, the transaction is undone, and the caller told. Seats first: a key that is known already undoes them again.
 */
function procedure({ name, lock }: Procedures, count: number): string {
  const seats = Array.from({ length: count }, (_, at) => `p_seat${at}`);
  const rows = seats.map((seat) => `(p_flight, ${seat}, p_reservation, p_expires)`).join(", ");
  const theirs = `flight_id = p_flight and seat in (${seats.join(", ")})`;
  return `create or replace procedure ${name}_${count}(${[...PARAMETERS, ...seats.map((seat) => `${seat} ${SEAT_TYPE}`)].join(", ")})
  modifies sql data
  main: begin
    declare v_again boolean default false;
    declare v_locked ${FLIGHT_TYPE};
    declare v_taken ${TAKEN_TYPE};
    declare exit handler for sqlexception begin rollback; resignal; end;
    ${lock}
    begin
      declare exit handler for 1062 set v_again = true;
      insert into claim values ${rows};
    end;
    if v_again then
      select group_concat(seat order by seat) into v_taken from claim where ${theirs} and expires_at_ms > p_now;
      if v_taken is null then
        delete from claim where ${theirs} and expires_at_ms <= p_now;
        insert into claim values ${rows};
      end if;
      set v_again = false;
    end if;
    begin
      declare exit handler for 1062 set v_again = true;
      if v_taken is null then
        insert into answered values (p_member, p_flight, p_key, p_fingerprint, 'HELD', p_body);
      else
        insert into answered values (p_member, p_flight, p_key, p_fingerprint, 'SEAT_TAKEN', v_taken);
      end if;
    end;
    if v_again then
      rollback;
      select verdict, content, fingerprint from answered
        where member_id = p_member and flight_id = p_flight and idempotency_key = p_key;
      commit;
      leave main;
    end if;
    if v_taken is null then
      insert into reservation values (p_reservation, p_flight, p_member, p_pnr, 'HELD', p_passengers, p_amount, p_currency, p_now, p_expires);
      commit;
    else
      commit;
      select v_taken;
    end if;
  end`;
}

/** For each number of seats one: a list of seats would have to be taken apart in each call. */
export async function makeProcedures(url: string, procedures: Procedures): Promise<void> {
  const connection = await connectTo(url);
  try {
    for (let count = 1; count <= PASSENGERS_MAX; count++) await connection.query(procedure(procedures, count));
  } finally {
    await connection.end();
  }
}

/** A hold in a single trip, by the procedures of that name. */
export function holdByProcedure({ name }: Procedures): (link: Link, request: HoldRequest) => Promise<Answer> {
  const callOf = bySeats((count) => `call ${name}_${count}(${marks(PARAMETERS.length + count)})`);
  return async (link, request) => {
    const { flightId, member, key, fingerprint, reservationId, pnr, passengers, amount, currency } = request;
    const { nowMs, expiresAtMs, body, seats } = request;
    const asked = [flightId, member, key, fingerprint, reservationId, pnr, passengers, amount, currency];
    const row = await link.call(callOf(seats.length), [...asked, nowMs, expiresAtMs, body, ...seats]);
    if (row === null) return decidedNow(heldDecision(request));
    return row.length === 1 ? decidedNow(takenDecision([String(row[0])])) : decidedBefore(row);
  };
}
