/** Owns the waiting room's page: written whole by the server, so that it works while everything else is busy, and without scripts. */

import { Elysia } from "elysia";
import type { Clock } from "../../../actors/clock.ts";
import type { FlightId } from "../../../actors/domain/ids.ts";
import type { AirportLookup } from "../../catalogue/airports.ts";
import type { CatalogueReader } from "../../catalogue/catalogue-reader.ts";
import { flightIdOf } from "../../flight-id.ts";
import type { PageAssets } from "../assets/page-assets.ts";
import type { Place } from "../i18n/places.ts";
import { languageOfRequest, servePage } from "../page-document.ts";
import { afterRoomPath, logInPath } from "../room-handover.ts";
import { takesGzip } from "../routes.ts";
import { type RoomFlight, roomDocument } from "./document.ts";
import { NOTHING_KNOWN } from "./facts.ts";
import { ROOM_WORDS } from "./words.ts";

export interface RoomPageServices {
  readonly clock: Clock;
  readonly catalogue: CatalogueReader;
  readonly airportOf: AirportLookup;
  readonly pageAssets: PageAssets;
}

/** The catalogue may be slow when everybody comes at once; the room goes without the names of its cities then. */
const FLIGHT_WAIT_MS = 400;
const FLIGHTS_KEPT_MAX = 1_000;

export function roomPageRoutes(services: RoomPageServices) {
  const flights = new RoomFlights(services);

  return new Elysia().get(
    "/flights/:id/waiting-room",
    async ({ params, request, set }) => {
      const flightId = flightIdOf(params.id);
      const flight = await flights.find(flightId);
      const { pathname, search } = new URL(request.url);
      const language = languageOfRequest(request);
      const page = {
        flightId,
        language,
        words: ROOM_WORDS[language],
        seatsPath: afterRoomPath(flightId, search),
        logInPath: logInPath(pathname + search),
      };
      const app = await services.pageAssets.app("room");
      const html = roomDocument({ address: pathname + search, flight, page, facts: NOTHING_KNOWN, app });
      servePage(request, set, html);
      if (!takesGzip(request.headers)) return html;
      set.headers["content-encoding"] = "gzip";
      return Bun.gzipSync(html);
    },
    { detail: { hide: true } },
  );
}

/** What a flight is called never changes. */
class RoomFlights {
  readonly #services: RoomPageServices;
  readonly #known = new Map<FlightId, RoomFlight>();

  constructor(services: RoomPageServices) {
    this.#services = services;
  }

  /** Null when the catalogue doesn't say in time. */
  async find(id: FlightId): Promise<RoomFlight | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { clock } = this.#services;
    const late = new Promise<null>((resolve) => clock.after(FLIGHT_WAIT_MS, () => resolve(null)));
    const flight = await Promise.race([this.#read(id).catch(() => null), late]);
    if (flight !== null) this.#keep(id, flight);
    return flight;
  }

  async #read(id: FlightId): Promise<RoomFlight | null> {
    const { catalogue, airportOf } = this.#services;
    const flight = await catalogue.flight(id);
    if (flight === null) return null;
    const place = (code: string): Place => ({ code, name: code, city: null, country: null, ...airportOf(code) });
    const { airline, number, origin, destination, departsLocal } = flight;
    return { number: `${airline} ${number}`, from: place(origin), to: place(destination), departsLocal };
  }

  #keep(id: FlightId, flight: RoomFlight): void {
    this.#known.set(id, flight);
    if (this.#known.size <= FLIGHTS_KEPT_MAX) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}
