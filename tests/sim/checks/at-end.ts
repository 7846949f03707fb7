/** Owns the last judgement on a run: histories of all seats, money, and everything that is derived from the journal. */

import type { FlightPlan } from "../../../actors/domain/plan.ts";
import { type Snapshot, snapshotOf } from "../../../actors/domain/snapshot.ts";
import { stateOf } from "../../../actors/flight-reading.ts";
import type { TailEntry } from "../../../actors/journal.ts";
import { readTurns } from "../../../db/turns-text.ts";
import { SCHEMA } from "../sql/schema.ts";
import { EPOCH_MS, type World } from "../world/world.ts";
import { judgeRows } from "./rows-at-end.ts";

export function judgeAtEnd(world: World): void {
  judgeSeats(world);
  judgeMoney(world);
  judgeRows(world);
  for (const flight of world.flights) judgeSnapshot(world, flight);
}

/** A flight that goes on from its snapshot is the same as one that goes on from its first entry. */
function judgeSnapshot({ server, findings }: World, plan: FlightPlan): void {
  const [journal, snapshots] = [SCHEMA.tables.get("journal"), SCHEMA.tables.get("snapshot")];
  const { flightId } = plan;
  const kept = server.tables.rows("snapshot").get(flightId);
  if (journal === undefined || snapshots === undefined || kept === undefined) return;
  const entries: TailEntry[] = [];
  for (const row of server.tables.rows("journal").values()) {
    if (row[journal.placeOf("flight_id")] !== flightId) continue;
    const schema = Number(row[journal.placeOf("schema_version")]);
    const turns = readTurns(flightId, String(row[journal.placeOf("turns")]));
    entries.push({ version: Number(row[journal.placeOf("version")]), entry: { schema, turns } });
  }
  entries.sort((a, b) => a.version - b.version);
  const snapshot = JSON.parse(String(kept[snapshots.placeOf("state")])) as Snapshot;
  const whole = stateOf({ plan, snapshot: null, tail: entries, recent: [] });
  const tail = entries.filter(({ version }) => version > snapshot.version);
  const short = stateOf({ plan, snapshot, tail, recent: [] });
  const [expected, given] = [whole, short].map((state) => JSON.stringify(snapshotOf(state, state.version)));
  findings.expect(expected === given, "projections", () => {
    return `${flightId} from its snapshot at ${snapshot.version} is ${given}, and from its journal ${expected}`;
  });
}

function judgeSeats({ flights, history, findings, hasClockJumped }: World): void {
  for (const { flightId, seatPlan } of flights) {
    const seats = seatPlan.seats.map(({ seat }) => seat);
    const why = history.judge(flightId, seats, hasClockJumped ? null : EPOCH_MS);
    if (why !== null) findings.report("linearizability", why);
  }
}

/** I8: every captured payment is ticketed or refunded, and by now none is in flight. */
function judgeMoney({ bank, models, findings }: World): void {
  const attempts = new Map([...models.values()].flatMap(({ attempts }) => [...attempts]));
  for (const { attempt, status, captured, refunds } of bank.server.payments) {
    if (status !== "CAPTURED" || captured === null) continue;
    const known = attempts.get(attempt);
    const isTicketed =
      known?.status === "CAPTURED" &&
      known.reservation.ticketedBy === attempt &&
      known.reservation.status === "TICKETED";
    const isRefunded = known?.status === "REFUNDED" && refunds.size === 1;
    findings.expect(isTicketed !== isRefunded && (isRefunded || refunds.size === 0), "I8", () => {
      return `${attempt} took ${captured.amount}, is ${known?.status} and its reservation ${known?.reservation.status}, given back ${refunds.size} times`;
    });
  }
}
