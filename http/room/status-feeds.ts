/** Owns the streams of rooms' statuses: each status is encoded once, however many listen, and sent when it has changed. */

import type { FlightId } from "../../actors/domain/ids.ts";
import type { Rooms } from "../../queue/room/rooms.ts";
import { encodeEvent } from "../live/event.ts";
import type { LiveStream } from "../live/live-stream.ts";
import type { ConnectionTimeouts, LiveStreams } from "../live/live-streams.ts";
import type { StatusBoard } from "./status-board.ts";

interface Feed {
  readonly listeners: Set<LiveStream>;
  text: string;
  bytes: Uint8Array;
}

export class StatusFeeds {
  readonly #board: StatusBoard;
  readonly #streams: LiveStreams;
  readonly #feeds = new Map<FlightId, Feed>();

  constructor(rooms: Rooms, board: StatusBoard, streams: LiveStreams) {
    this.#board = board;
    this.#streams = streams;
    rooms.onLook(() => this.#tellAll());
  }

  /** Opens a stream, which begins with the status as it is. @throws as {@link LiveStreams.open} */
  open(flightId: FlightId, request: Request, server: ConnectionTimeouts | null): LiveStream {
    const feed = this.#feeds.get(flightId) ?? this.#begin(flightId);
    const stream: LiveStream = this.#streams.open(request, server, () => this.#leave(flightId, feed, stream));
    this.#feeds.set(flightId, feed);
    feed.listeners.add(stream);
    // Who was slow is told what is true now, and nothing of what was true in between.
    stream.caughtUp = () => stream.send(feed.bytes);
    stream.send(feed.bytes);
    return stream;
  }

  #begin(flightId: FlightId): Feed {
    const text = this.#board.textOf(flightId);
    return { listeners: new Set(), text, bytes: encodeEvent("status", text) };
  }

  #leave(flightId: FlightId, feed: Feed, stream: LiveStream): void {
    feed.listeners.delete(stream);
    if (feed.listeners.size === 0 && this.#feeds.get(flightId) === feed) this.#feeds.delete(flightId);
  }

  #tellAll(): void {
    for (const [flightId, feed] of this.#feeds) {
      const text = this.#board.textOf(flightId);
      if (text === feed.text) continue;
      feed.text = text;
      feed.bytes = encodeEvent("status", text);
      for (const stream of feed.listeners) stream.send(feed.bytes);
    }
  }
}
