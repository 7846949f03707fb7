/** Owns how a flight is shown to the public. */

import { money } from "../../actors/domain/money.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { isoTime } from "../reservations/answers.ts";
import type { StoredFlight } from "./catalogue-reader.ts";

/** @param nowMs cluster time, milliseconds since the epoch: a flight has left when its time has come, as its actor sees it */
export function flightView(flight: StoredFlight, room: WaitingRoom, nowMs: number) {
  const { id, airline, number, origin, destination, departsAtMs, arrivesAtMs, aircraft, currency } = flight;
  return {
    id,
    airline,
    number,
    origin,
    destination,
    departsAt: isoTime(departsAtMs),
    arrivesAt: isoTime(arrivesAtMs),
    departsLocal: flight.departsLocal,
    arrivesLocal: flight.arrivesLocal,
    aircraft,
    status: nowMs < departsAtMs ? ("SCHEDULED" as const) : ("DEPARTED" as const),
    cabins: flight.cabins.map(({ cabin, capacity, free, lowestFare }) => ({
      cabin,
      capacity,
      free,
      lowestFare: money(lowestFare, currency),
    })),
    waitingRoom: room.state(id),
  };
}
