/** Owns the end of a visit: who has paid, given up or let the seats go makes room for the next, and their pass no longer counts. */

import type { Clock } from "../../actors/clock.ts";
import type { EventType } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { TailEntry } from "../../actors/journal.ts";
import type { Consumer } from "../relay/relay.ts";
import { Gatherer } from "./gatherer.ts";
import { isOver } from "./room.ts";
import type { Departure, Leaving, RoomBook } from "./room-book.ts";
import type { Rooms } from "./rooms.ts";

/** What ends a visit. */
const DEPARTURE_EVENTS = ["ticketed", "released", "expired", "cancelled"] as const satisfies readonly EventType[];

/** Departures that one call to the database ends. */
const DEPARTURES_PER_CALL = 64;

export interface DepartureServices {
  readonly rooms: Rooms;
  readonly book: RoomBook;
  readonly clock: Clock;
}

/** It ends one visit like another, in whatever order. */
export function departuresConsumer(departures: Departures): Consumer {
  return {
    consumer: "room",
    interests: DEPARTURE_EVENTS,
    handle: (flightId, entry) => departures.handle(flightId, entry),
    inAnyOrder: true,
  };
}

export class Departures {
  readonly #services: DepartureServices;
  /** Of all flights that a round takes. */
  readonly #leaving: Gatherer<Leaving, Departure | null>;

  constructor(services: DepartureServices) {
    const { book, clock } = services;
    this.#services = services;
    this.#leaving = new Gatherer(
      (leaving) => book.depart(leaving),
      (call) => clock.soon(call),
      DEPARTURES_PER_CALL,
    );
  }

  /** Ends the passes of those whom an entry speaks of. The same again is harmless. @throws what database and store do; then it is to be tried again */
  async handle(flightId: FlightId, { entry }: TailEntry): Promise<void> {
    const events = entry.turns.flatMap(({ atMs, events }) =>
      events.filter(isDeparture).map(({ id }) => ({ flightId, reservation: id, atMs })),
    );
    await Promise.all(events.map((leaving) => this.#depart(leaving)));
  }

  async #depart(leaving: Leaving): Promise<void> {
    const { rooms, clock } = this.#services;
    const { flightId } = leaving;
    const departure = await this.#leaving.ask(leaving);
    if (departure === null) return;
    const { epoch, pass } = departure;
    // Every edge knows before the next one is let in.
    rooms.tell({ flightId, epoch, revoked: [String(pass.seq)] });
    const known = rooms.get(flightId) ?? (await rooms.reload(flightId));
    // Of a room that is over the store has nothing any more that could end.
    if (known === null || known.room.epoch !== epoch || isOver(known.room)) return;
    await rooms.ask(known, (store) => store.end(known.id, pass.member, pass, clock.nowMs()));
  }
}

type DepartureEvent = Extract<
  TailEntry["entry"]["turns"][number]["events"][number],
  { readonly type: (typeof DEPARTURE_EVENTS)[number] }
>;

function isDeparture(event: { readonly type: EventType }): event is DepartureEvent {
  return DEPARTURE_EVENTS.some((type) => type === event.type);
}
