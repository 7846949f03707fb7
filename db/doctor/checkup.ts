/**
 * Owns the light check of one flight: its state as a host would load it, and what people read of it, in one consistent view. It takes the
 * snapshot's word for what was before, which `bun main.ts doctor` does not, and costs no more than loading the flight.
 */

import type { Kysely } from "kysely";
import { Changes } from "../../actors/domain/changes.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { type Projection, projectionOf } from "../../actors/domain/projection.ts";
import type { FlightState } from "../../actors/domain/state.ts";
import { stateOf } from "../../actors/flight-reading.ts";
import type { CheckedFlight, Checkups } from "../../queue/doctor/checkups.ts";
import type { Database } from "../schema.ts";
import { FlightLoader } from "../stores/flight-loader.ts";
import { compareRows } from "./compare.ts";
import { headFindings } from "./head.ts";
import { moneyFindings } from "./money.ts";
import { seatFindings } from "./seats.ts";

export class SqlCheckups implements Checkups {
  readonly #read: Kysely<Database>;
  readonly #loader: FlightLoader;

  constructor(read: Kysely<Database>) {
    this.#read = read;
    this.#loader = new FlightLoader(read);
  }

  check(flightId: FlightId): Promise<CheckedFlight | null> {
    // On SQLite every transaction is one consistent view; MySQL has to be asked for it.
    const transaction = this.#read.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
    return transaction.execute((view) => this.#checkIn(view, flightId));
  }

  async #checkIn(view: Kysely<Database>, flightId: FlightId): Promise<CheckedFlight | null> {
    const head = await view.selectFrom("flight_head").selectAll().where("flight_id", "=", flightId).executeTakeFirst();
    if (head === undefined) return null;
    const version = Number(head.version);
    let state: FlightState;
    try {
      const loaded = await this.#loader.loadFrom(view, flightId, Number.POSITIVE_INFINITY);
      if (loaded === null) return { version, findings: ["the catalogue has no such flight"] };
      state = stateOf(loaded);
    } catch (cause) {
      if (cause instanceof Error && cause.name === "AssertionFailure") return { version, findings: [cause.message] };
      throw cause;
    }
    const lost = state.version < version ? [`I3: the journal ends at version ${state.version}`] : [];
    const { findings, nextLookMs } = await compareRows(view, flightId, projectionOfAll(state));
    const all = [
      ...lost,
      ...headFindings(state, head),
      ...seatFindings(state),
      ...findings,
      ...moneyFindings(state, nextLookMs),
    ];
    return { version, findings: all };
  }
}

/** All rows that the state implies, as if each were new. */
function projectionOfAll(state: FlightState): Projection {
  const changes = new Changes();
  for (const reservation of state.reservations.values()) changes.touchReservation(reservation, true);
  for (const attempt of state.attempts.values()) changes.touchAttempt(attempt, true);
  for (let seat = 0; seat < state.plan.seatPlan.capacity; seat++) changes.touchSeat(seat, null);
  const projection = projectionOf(state, changes);
  const { insert, update } = projection.tickets;
  return { ...projection, tickets: { insert: [...insert, ...update], update: [] } };
}
