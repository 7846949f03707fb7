/** Owns the way from a line of those who came before the opening to their order: frozen, hashed, and drawn with what the beacon says. */

import type { Clock } from "../../actors/clock.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import type { Log, Telemetry } from "../../actors/telemetry.ts";
import type { Beacon } from "./beacon/beacon.ts";
import { freeze } from "./draw/freeze.ts";
import type { Place } from "./draw/leaf.ts";
import type { KnownRoom } from "./known-room.ts";
import { BEACON_LATENESS_MS_MAX, BEACON_LEAD_MS, freezeAtMs } from "./room.ts";
import type { RoomBook } from "./room-book.ts";
import type { PlacesPage } from "./room-store.ts";
import type { Rooms } from "./rooms.ts";

export interface OpeningServices {
  readonly rooms: Rooms;
  readonly book: RoomBook;
  readonly beacon: Beacon;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Places that are hashed in one go. */
const PLACES_PER_PAGE = 1_024;

export class Opening {
  readonly #services: OpeningServices;
  readonly #log: Log;
  /** Rooms on their way. */
  readonly #steps = new Map<KnownRoom, Promise<void>>();

  constructor(services: OpeningServices) {
    this.#services = services;
    this.#log = services.telemetry.log;
  }

  /** Takes the next step for a room, if it is time for one and none is on its way. Only the leader may call it. */
  advance(known: KnownRoom): void {
    const { clock } = this.#services;
    const { frozen, drawnAtMs } = known.room.draw;
    if (drawnAtMs !== null || this.#steps.has(known)) return;
    if (frozen === null && clock.nowMs() < freezeAtMs(known.room, known.joined)) return;
    const step = this.#step(known)
      .catch((error: unknown) => this.#log.warn({ ...known.id, err: error }, "an opening is late"))
      .finally(() => this.#steps.delete(known));
    this.#steps.set(known, step);
  }

  /** Resolves when no step is on its way. */
  async idle(): Promise<void> {
    await Promise.all(this.#steps.values());
  }

  async #step(known: KnownRoom): Promise<void> {
    const { rooms } = this.#services;
    if (known.room.draw.frozen === null) await this.#freeze(known);
    else await this.#draw(known);
    await rooms.reload(known.id.flightId);
    rooms.tell({ ...known.id, revoked: [] });
  }

  async #freeze(known: KnownRoom): Promise<void> {
    const { rooms, book, clock } = this.#services;
    const n = await rooms.ask(known, (store) => store.freeze(known.id));
    const { root, blockRoots } = await freeze({
      line: known.id,
      n,
      places: this.#places(known, n),
      keep: (block, leaves) => book.keepLeaves(known.id, block, leaves),
      clock,
    });
    await book.freeze(known.id, n, root, blockRoots, clock.nowMs());
    this.#log.info({ ...known.id, n }, "the line before an opening is frozen");
  }

  async #draw(known: KnownRoom): Promise<void> {
    const { book, beacon, clock } = this.#services;
    const { opensAtMs, draw, changedAtMs } = known.room;
    let value: Uint8Array | null = null;
    if (draw.beaconName !== null) {
      // A line that was frozen after the beacon spoke may have been made for what it said.
      const isInTime = changedAtMs < opensAtMs - BEACON_LEAD_MS;
      if (!isInTime)
        this.#log.error({ ...known.id }, "the line was frozen too late for its beacon: the draw trusts the operator");
      else value = await beacon.value(draw.beaconName, opensAtMs + BEACON_LATENESS_MS_MAX);
    }
    await book.draw(known.id, value, clock.nowMs());
    this.#log.info({ ...known.id, withBeacon: value !== null }, "the order of an opening is drawn");
  }

  /** Everybody up to `n`, by their places. */
  async *#places(known: KnownRoom, n: number): AsyncGenerator<readonly Place[]> {
    const { rooms } = this.#services;
    const members: (MemberId | undefined)[] = new Array(n);
    let cursor: string | null = null;
    do {
      const at: string | null = cursor;
      const page: PlacesPage = await rooms.ask(known, (store) => store.places(known.id, at));
      for (const { member, seq } of page.places) if (seq <= n) members[seq - 1] = member;
      cursor = page.next;
    } while (cursor !== null);
    for (let from = 0; from < n; from += PLACES_PER_PAGE) {
      const page: Place[] = [];
      for (let at = from; at < Math.min(n, from + PLACES_PER_PAGE); at++) {
        const member = members[at];
        if (member !== undefined) page.push({ seq: at + 1, member });
      }
      yield page;
    }
  }
}
