/** Owns the comparison of a flight's head with its state. */

import type { Selectable } from "kysely";
import { cabinSummaries } from "../../actors/domain/projection.ts";
import type { FlightState } from "../../actors/domain/state.ts";
import type { FlightHeadTable } from "../schema.ts";

export function headFindings(state: FlightState, head: Selectable<FlightHeadTable>): string[] {
  const findings: string[] = [];
  if (Number(head.version) < state.version)
    findings.push(`the head is at version ${head.version}, the journal at ${state.version}`);
  const cabins = JSON.stringify(cabinSummaries(state));
  if (head.cabins !== cabins) findings.push(`the head says ${head.cabins}, the journal ${cabins}`);
  const deadlineMs = state.nextDeadlineMs();
  if (deadlineMs !== null && (head.next_deadline_ms === null || Number(head.next_deadline_ms) > deadlineMs))
    findings.push(`a hold ends at ${deadlineMs}, but the head's deadline is ${head.next_deadline_ms}`);
  return findings;
}
