/** Owns flights as pages ask for them. */

import { answerOf, api, inPath } from "../../browser/api.ts";
import { pathOf } from "../../paths.ts";
import { waitingRoomPath } from "../../room-handover.ts";
import { type Party, partyParameters, seatedCount } from "./party.ts";
import { withParameters } from "./router.ts";

export type Sort = "departsAt" | "price" | "duration";

export interface FlightSearch {
  readonly origin: string;
  readonly destination: string;
  readonly from: string;
  readonly to: string;
  readonly sort: Sort;
  readonly page: number;
  readonly size: number;
}

/** What is empty is not asked for. */
export function findFlights(search: FlightSearch, signal: AbortSignal) {
  const { origin, destination, from, to, sort, page, size } = search;
  const query = {
    sort,
    page: String(page),
    size: String(size),
    ...(origin === "" ? {} : { origin }),
    ...(destination === "" ? {} : { destination }),
    ...(from === "" ? {} : { from }),
    ...(to === "" ? {} : { to }),
  };
  return answerOf(api.flights.get({ query, fetch: { signal } }));
}

export type FlightPage = Awaited<ReturnType<typeof findFlights>>;
export type Flight = FlightPage["items"][number];

export function readFlight(id: string, signal: AbortSignal): Promise<Flight> {
  return answerOf(api.flights({ id: inPath(id) }).get({ fetch: { signal } }));
}

export function freeSeats({ cabins }: Flight): number {
  return cabins.reduce((sum, { free }) => sum + free, 0);
}

/** Of the cabins that still have seats, and of all where none has. */
export function lowestFare({ cabins }: Flight) {
  const open = cabins.filter(({ free }) => free > 0);
  const fares = (open.length > 0 ? open : cabins).map(({ lowestFare: fare }) => fare);
  return fares.reduce((lowest, fare) => (fare.amount < lowest.amount ? fare : lowest));
}

/** Whether somebody who comes now has to stand in line first. */
export function hasRoom({ waitingRoom }: Flight): boolean {
  return waitingRoom !== "off";
}

/** Where a party goes from the list of flights. */
export function wayInto(flight: Flight, party: Party): string {
  const search = withParameters(partyParameters(party), "");
  return hasRoom(flight) ? waitingRoomPath(flight.id, search) : pathOf("seats", flight.id) + search;
}

export function isPossible(flight: Flight, party: Party): boolean {
  return flight.status === "SCHEDULED" && flight.waitingRoom !== "closed" && freeSeats(flight) >= seatedCount(party);
}

/** Minutes in the air and on the ground. */
export function minutesOf({ departsAt, arrivesAt }: Flight): number {
  return Math.round((Date.parse(arrivesAt) - Date.parse(departsAt)) / 60_000);
}
