/** Owns the telling of a flight's whole story from its journal: the state that it leads to, and every row that it implies. */

import type { Kysely } from "kysely";
import { Changes } from "../../actors/domain/changes.ts";
import { replayTurn } from "../../actors/domain/flight-logic.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import { type Projection, projectionOf } from "../../actors/domain/projection.ts";
import { type Snapshot, snapshotOf } from "../../actors/domain/snapshot.ts";
import { FlightState } from "../../actors/domain/state.ts";
import type { Database } from "../schema.ts";
import { tailEntry } from "../stores/flight-loader.ts";
import { seatFindings } from "./seats.ts";

/** Journal rows read at once. */
const PAGE_ROWS = 500;

export interface Replayed {
  readonly state: FlightState;
  /** All rows of the flight that ever were: everything counts as inserted. */
  readonly projection: Projection;
  readonly entries: number;
  /** What the journal itself got wrong; the state ends before the first entry that can't be. */
  readonly findings: readonly string[];
}

/** @param snapshotAt the version at which `seeSnapshot` is given what a snapshot should hold */
export async function replayFlight(
  view: Kysely<Database>,
  plan: FlightPlan,
  snapshotAt: number | null,
  seeSnapshot: (told: Snapshot) => void,
): Promise<Replayed> {
  const state = new FlightState(plan);
  const changes = new Changes();
  const findings: string[] = [];
  for (;;) {
    const page = await journalPage(view, plan.flightId, state.version);
    for (const row of page) {
      const version = Number(row.version);
      if (version !== state.version + 1) {
        findings.push(`I3: the journal goes from version ${state.version} to ${version}`);
        return { state, projection: projectionOf(state, changes), entries: state.version, findings };
      }
      try {
        for (const turn of tailEntry(plan.flightId, row).entry.turns) replayTurn(state, turn, changes);
      } catch (cause) {
        findings.push(
          `version ${version} can't have happened: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
        return { state, projection: projectionOf(state, changes), entries: state.version, findings };
      }
      state.version = version;
      if (version === snapshotAt) seeSnapshot(snapshotOf(state, version));
    }
    // Each seat's move is asserted as it is replayed; here the whole is counted.
    findings.push(...seatFindings(state).map((finding) => `version ${state.version}: ${finding}`));
    if (page.length < PAGE_ROWS) break;
  }
  return { state, projection: projectionOf(state, changes), entries: state.version, findings };
}

function journalPage(view: Kysely<Database>, flightId: FlightId, after: number) {
  return view
    .selectFrom("journal")
    .select(["version", "schema_version", "turns"])
    .where("flight_id", "=", flightId)
    .where("version", ">", after)
    .orderBy("version")
    .limit(PAGE_ROWS)
    .execute();
}
