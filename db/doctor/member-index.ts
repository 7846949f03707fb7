/** Owns the doctor's look at what finds a member's reservations on SQLite: there it is a table of its own, which is written after theirs. */

import { type Kysely, sql } from "kysely";
import type { Database } from "../schema.ts";

/** Reservations that are found by nothing else, and are not in it. Those after `indexed_to` are found without it. */
const LACKING = sql`from reservation where id <= (select indexed_to from member_index_state) and not exists (
  select 1 from reservation_by_member as found
  where found.member_id = reservation.member_id and found.reservation_id = reservation.id)`;

/** What it finds, and nobody has. */
const SURPLUS = sql`from reservation_by_member where not exists (
  select 1 from reservation
  where reservation.id = reservation_by_member.reservation_id and reservation.member_id = reservation_by_member.member_id)`;

/** Compares it with the reservations as they are stored, whatever the journals say of those. */
export async function memberIndexFindings(view: Kysely<Database>): Promise<string[]> {
  const findings: string[] = [];
  const lacking = await sql<{ rows: number }>`select count(*) as rows ${LACKING}`.execute(view);
  const surplus = await sql<{ rows: number }>`select count(*) as rows ${SURPLUS}`.execute(view);
  for (const { rows } of lacking.rows) if (rows > 0) findings.push(`reservation_by_member lacks ${rows} reservations`);
  for (const { rows } of surplus.rows)
    if (rows > 0) findings.push(`reservation_by_member has ${rows} rows of no reservation`);
  return findings;
}

/** Makes it what the reservations say. To be called after those have been made anew. */
export function mendMemberIndex(write: Kysely<Database>): Promise<void> {
  return write.transaction().execute(async (transaction) => {
    await sql`delete ${SURPLUS}`.execute(transaction);
    // In the order of its key, so that each page is touched once.
    await sql`insert into reservation_by_member select member_id, id ${LACKING} order by 1, 2`.execute(transaction);
  });
}
