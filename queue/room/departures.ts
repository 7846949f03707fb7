/** Owns the end of a visit: who has paid, given up or let the seats go makes room for the next, and their pass no longer counts. */

import type { Clock } from "../../actors/clock.ts";
import type { EventType } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { TailEntry } from "../../actors/journal.ts";
import type { RoomBook } from "./room-book.ts";
import type { Rooms } from "./rooms.ts";

/** What a relay with the consumer `room` follows the journal for. */
export const DEPARTURE_EVENTS = [
  "ticketed",
  "released",
  "expired",
  "cancelled",
] as const satisfies readonly EventType[];

export interface DepartureServices {
  readonly rooms: Rooms;
  readonly book: RoomBook;
  readonly clock: Clock;
}

export class Departures {
  readonly #services: DepartureServices;

  constructor(services: DepartureServices) {
    this.#services = services;
  }

  /** Ends the passes of those whom an entry speaks of. The same again is harmless. @throws what database and store do; then it is to be tried again */
  async handle(flightId: FlightId, { entry }: TailEntry): Promise<void> {
    const { rooms, book, clock } = this.#services;
    for (const { atMs, events } of entry.turns) {
      for (const event of events) {
        if (!isDeparture(event)) continue;
        const departure = await book.depart(flightId, event.id, atMs);
        if (departure === null) continue;
        const { epoch, pass } = departure;
        // Every edge knows before the next one is let in.
        rooms.tell({ flightId, epoch, revoked: [String(pass.seq)] });
        const known = rooms.get(flightId) ?? (await rooms.reload(flightId));
        if (known === null || known.room.epoch !== epoch) continue;
        await rooms.ask(known, (store) => store.end(known.id, pass.member, pass, clock.nowMs()));
      }
    }
  }
}

type DepartureEvent = Extract<
  TailEntry["entry"]["turns"][number]["events"][number],
  { readonly type: (typeof DEPARTURE_EVENTS)[number] }
>;

function isDeparture(event: { readonly type: EventType }): event is DepartureEvent {
  return DEPARTURE_EVENTS.some((type) => type === event.type);
}
