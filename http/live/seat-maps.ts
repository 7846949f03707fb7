/** Owns the reading of seat maps: one read of a flight at a time, shared by all who wait, and each version written out once. */

import { assert } from "../../actors/assert.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { SeatMapView } from "../../actors/domain/reply.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import { flightNotFound } from "../flight-id.ts";
import { etagOf } from "../plugins/etag.ts";

/** A seat map as it is sent. */
export interface SeatMapText {
  /** The seat version. */
  readonly version: number;
  /** `{flightId,version,seats}` */
  readonly json: string;
  /** A strong entity tag. */
  readonly etag: string;
}

interface Reading {
  /** On its way: began before whoever asks now. */
  readonly current: Promise<SeatMapText>;
  /** Begins when the current one has ended. */
  next: Promise<SeatMapText> | null;
}

export interface SeatMapsOptions {
  /** Flights whose latest text is kept, at about 25 kB each. @default 1_000 */
  readonly keptMax?: number;
  /** Whether those who ask at the same time share one read, and a version is written out once. @default true */
  readonly sharesReads?: boolean;
}

export class SeatMaps {
  readonly #flights: FlightClient;
  readonly #keptMax: number;
  readonly #sharesReads: boolean;
  readonly #readings = new Map<FlightId, Reading>();
  /** The latest text of each flight; those used longest ago first. */
  readonly #texts = new OldestFirst<FlightId, SeatMapText>();

  constructor(flights: FlightClient, { keptMax = 1_000, sharesReads = true }: SeatMapsOptions = {}) {
    this.#flights = flights;
    this.#keptMax = keptMax;
    this.#sharesReads = sharesReads;
  }

  /**
   * The seat map by a read that begins after this call, so that whoever holds a seat sees it held. A read that is on its way already
   * may be older, and is waited for: then comes the next one, for all who have asked meanwhile.
   * @throws Problem 404 FLIGHT_NOT_FOUND, and what {@link FlightClient.call} throws
   */
  read(flightId: FlightId): Promise<SeatMapText> {
    if (!this.#sharesReads) return this.#ask(flightId);
    const reading = this.#readings.get(flightId);
    if (reading === undefined) return this.#begin(flightId);
    if (reading.next === null) {
      const begin = (): Promise<SeatMapText> => this.#begin(flightId);
      reading.next = reading.current.then(begin, begin);
    }
    return reading.next;
  }

  #begin(flightId: FlightId): Promise<SeatMapText> {
    const reading: Reading = { current: this.#ask(flightId), next: null };
    this.#readings.set(flightId, reading);
    // If somebody waits for the next read, that one takes the place of this in the same turn.
    const ended = (): void => {
      if (reading.next === null) this.#readings.delete(flightId);
    };
    reading.current.then(ended, ended);
    return reading.current;
  }

  async #ask(flightId: FlightId): Promise<SeatMapText> {
    const { reply } = await this.#flights.call({
      flightId,
      op: "seat-map",
      args: {},
      member: null,
      key: null,
      fingerprint: "",
    });
    if (!reply.ok) throw flightNotFound();
    assert(reply.result.kind === "seat-map", "a seat map was asked for");
    return this.#textOf(reply.result.seatMap);
  }

  #textOf(seatMap: SeatMapView): SeatMapText {
    if (!this.#sharesReads) return writtenOut(seatMap);
    const { flightId, seatVersion } = seatMap;
    const known = this.#texts.get(flightId);
    const text = known?.version === seatVersion ? known : writtenOut(seatMap);
    this.#texts.set(flightId, text);
    this.#texts.deleteOldest(() => this.#texts.size > this.#keptMax);
    return text;
  }
}

function writtenOut({ flightId, seatVersion: version, seats }: SeatMapView): SeatMapText {
  const json = JSON.stringify({ flightId, version, seats });
  return { version, json, etag: etagOf(json) };
}
