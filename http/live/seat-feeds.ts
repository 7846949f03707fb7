/** Owns the feeds of all flights that somebody watches: one subscription of the bus a flight, however many watch. */

import type { Bus, Unsubscribe } from "../../actors/bus/bus.ts";
import { seatsSubject } from "../../actors/bus/subjects.ts";
import type { Timer } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { LiveStream } from "./live-stream.ts";
import type { ConnectionTimeouts, LiveStreams } from "./live-streams.ts";
import { SeatFeed } from "./seat-feed.ts";
import type { SeatMaps } from "./seat-maps.ts";

interface Followed {
  readonly feed: SeatFeed;
  readonly unsubscribe: Unsubscribe;
  /** Of the next look. */
  timer: Timer;
  /** Streams that are open or about to be. */
  users: number;
}

export interface SeatFeedsOptions {
  /** Least time between two events of a stream, in milliseconds. @default 100 */
  readonly gatherMs?: number;
  /** How often a flight that is quiet is read, in milliseconds, to find what the bus may have lost. @default 15_000 */
  readonly lookMs?: number;
}

export class SeatFeeds {
  readonly #bus: Bus;
  readonly #seatMaps: SeatMaps;
  readonly #streams: LiveStreams;
  readonly #gatherMs: number;
  readonly #lookMs: number;
  readonly #followed = new Map<FlightId, Followed>();

  constructor(
    bus: Bus,
    seatMaps: SeatMaps,
    streams: LiveStreams,
    { gatherMs = 100, lookMs = 15_000 }: SeatFeedsOptions = {},
  ) {
    this.#bus = bus;
    this.#seatMaps = seatMaps;
    this.#streams = streams;
    this.#gatherMs = gatherMs;
    this.#lookMs = lookMs;
  }

  /**
   * Opens a stream of the flight's seats for a request.
   * @param lastVersion what the client has heard before; null for a new one
   * @param server null where no socket is behind the request
   * @throws what {@link SeatMaps.read} and {@link LiveStreams.open} throw
   */
  async open(
    flightId: FlightId,
    lastVersion: number | null,
    request: Request,
    server: ConnectionTimeouts | null,
  ): Promise<LiveStream> {
    this.#streams.checkRoom();
    // Subscribed before the snapshot is read, or a delta could fall between them.
    const followed = this.#follow(flightId);
    try {
      const start = await followed.feed.start(lastVersion);
      const stream = this.#streams.open(request, server, () => this.#leave(flightId, followed));
      followed.feed.watch(stream, start);
      return stream;
    } catch (error) {
      this.#leave(flightId, followed);
      throw error;
    }
  }

  #follow(flightId: FlightId): Followed {
    const known = this.#followed.get(flightId);
    if (known !== undefined) {
      known.users += 1;
      return known;
    }
    const feed = new SeatFeed({
      clock: this.#streams.clock,
      read: () => this.#seatMaps.read(flightId),
      gatherMs: this.#gatherMs,
    });
    const unsubscribe = this.#bus.subscribe(
      seatsSubject(flightId),
      (delta) => feed.hear(delta),
      () => feed.missed(),
    );
    const followed: Followed = { feed, unsubscribe, users: 1, timer: this.#lookLater(() => look()) };
    const look = (): void => {
      followed.timer = this.#lookLater(look);
      void feed.look();
    };
    this.#followed.set(flightId, followed);
    return followed;
  }

  #lookLater(look: () => void): Timer {
    return this.#streams.clock.after(this.#lookMs, look);
  }

  #leave(flightId: FlightId, followed: Followed): void {
    followed.users -= 1;
    if (followed.users > 0) return;
    followed.unsubscribe();
    followed.timer.cancel();
    followed.feed.stop();
    this.#followed.delete(flightId);
  }
}
