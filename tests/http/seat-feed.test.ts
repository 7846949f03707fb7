// Goal: whatever is lost on the bus and however slowly a client reads, what it hears leads it to the seats as they are.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { present } from "../../actors/assert.ts";
import type { SeatDelta } from "../../actors/bus/subjects.ts";
import type { SeatState } from "../../actors/domain/reply.ts";
import { BYE } from "../../http/live/event.ts";
import { LiveStream } from "../../http/live/live-stream.ts";
import { LiveStreams } from "../../http/live/live-streams.ts";
import { RECENT_EVENTS_MAX, SeatFeed } from "../../http/live/seat-feed.ts";
import type { SeatMapText } from "../../http/live/seat-maps.ts";
import { EventReader, type HeardEvent } from "../support/event-reader.ts";
import { FakeClock } from "../support/fake-clock.ts";

const GATHER_MS = 100;

/** As soon as promises are kept, so that a property needs no turn of the real event loop. */
class PromptClock extends FakeClock {
  override soon(call: () => void): void {
    queueMicrotask(call);
  }
}

const SEATS = ["1A", "1B", "1C"] as const;

type States = Record<string, SeatState>;

/** A flight, its bus and its way to answer, as far as a feed can see them. */
class Simulated {
  readonly clock = new PromptClock();
  readonly feed = new SeatFeed({ clock: this.clock, read: () => this.#read(), gatherMs: GATHER_MS });
  readonly states: States = Object.fromEntries(SEATS.map((seat) => [seat, "free"]));
  version = 0;
  #published = 0;
  #touched = new Set<string>();
  readonly #reads: (() => void)[] = [];

  /** Decided in a batch that is not committed yet. */
  change(seat: string): void {
    this.states[seat] = this.states[seat] === "free" ? "held" : "free";
    this.version += 1;
    this.#touched.add(seat);
  }

  /** The batch is committed, and says how each seat that it touched is now. */
  publish({ isLost = false } = {}): void {
    if (this.#published === this.version) return;
    const changes = Array.from(this.#touched, (seat) => ({ seat, state: present(this.states[seat], "a seat") }));
    const delta: SeatDelta = { flightId: "PG-1", from: this.#published, to: this.version, changes };
    this.#published = this.version;
    this.#touched = new Set();
    if (!isLost) this.feed.hear(delta);
  }

  /** Lets the oldest read that is on its way arrive. */
  arrive(): boolean {
    const read = this.#reads.shift();
    read?.();
    return read !== undefined;
  }

  /** Reads the state at once, in the midst of a batch too; the answer arrives later. */
  #read(): Promise<SeatMapText> {
    const json = JSON.stringify({ version: this.version, seats: this.states });
    const text: SeatMapText = { version: this.version, json, etag: "" };
    return new Promise((resolve) => this.#reads.push(() => resolve(text)));
  }
}

/** A client that reads an event when it is told to. */
class Client {
  readonly heard: HeardEvent[] = [];
  version = -1;
  states: States = {};
  readonly #events: EventReader;
  #isReading = false;

  constructor(stream: LiveStream) {
    this.#events = new EventReader(stream.body);
  }

  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#events.next().then((event) => {
      this.#isReading = false;
      if (event !== null) this.#apply(event);
    }, fail);
  }

  #apply({ event, id, data }: HeardEvent): void {
    this.heard.push({ event, id, data });
    if (event === "snapshot") {
      const { version, seats } = data as { version: number; seats: States };
      this.version = version;
      this.states = { ...seats };
    } else {
      const { from, to, changes } = data as SeatDelta;
      if (this.version < from || to <= this.version) throw new Error(`${from}–${to} doesn't apply to ${this.version}`);
      this.version = to;
      for (const { seat, state } of changes) this.states[seat] = state;
    }
    expect(id).toBe(String(this.version));
  }
}

function fail(error: unknown): void {
  throw error;
}

/** Lets all that is only a matter of promises happen. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}

async function given(bufferedMax: number, lastVersion: number | null = null) {
  const flight = new Simulated();
  const stream = new LiveStream({ bufferedMax, ended: () => {}, breakOff: () => {} });
  const client = new Client(stream);
  const starting = flight.feed.start(lastVersion);
  flight.arrive();
  flight.feed.watch(stream, await starting);
  return { flight, stream, client };
}

/** Everything arrives, and the client reads until it knows the present. */
async function catchUp(flight: Simulated, client: Client): Promise<void> {
  for (let rounds = 0; client.version !== flight.version; rounds++) {
    if (rounds > 1_000) throw new Error(`the client stays at ${client.version}, the flight is at ${flight.version}`);
    client.read();
    await settle();
    flight.arrive();
    await settle();
    flight.clock.advance(GATHER_MS);
  }
}

type Step = "publish" | "lose" | "arrive" | "read" | "wait" | (typeof SEATS)[number];

const step = fc.constantFrom<Step>(
  "publish",
  "publish",
  "lose",
  "arrive",
  "arrive",
  "read",
  "read",
  ...SEATS,
  ...SEATS,
);

describe("SeatFeed", () => {
  test("leads every client to the seats as they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: "max" }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, bufferedMax) => {
          const { flight, client } = await given(bufferedMax);
          for (const each of steps) {
            if (each === "publish") flight.publish();
            else if (each === "lose") flight.publish({ isLost: true });
            else if (each === "arrive") flight.arrive();
            else if (each === "read") client.read();
            else if (each === "wait") flight.clock.advance(GATHER_MS);
            else flight.change(each);
            await settle();
          }
          // What was lost is noticed at the next delta that isn't.
          flight.change("1A");
          flight.publish();
          await catchUp(flight, client);
          expect(client.states).toEqual(flight.states);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("tells a slow client by deltas while they are known, and by a snapshot after that", async () => {
    const { flight, stream, client } = await given(1);
    const misses = async (changes: number) => {
      for (let at = 0; at < changes; at++) {
        flight.change("1A");
        flight.publish();
        await settle();
        flight.clock.advance(GATHER_MS);
      }
      expect(stream.isBehind).toBe(true);
      const before = client.heard.length;
      await catchUp(flight, client);
      return client.heard.slice(before).map(({ event }) => event);
    };
    expect(new Set(await misses(3))).toEqual(new Set(["snapshot", "delta"]));
    expect(new Set(await misses(3))).toEqual(new Set(["delta"]));
    expect(await misses(RECENT_EVENTS_MAX + 10)).toContain("snapshot");
  });

  test("begins anew with a snapshot when the bus has lost a delta", async () => {
    const { flight, client } = await given(8);
    await catchUp(flight, client);
    flight.change("1A");
    flight.publish({ isLost: true });
    flight.change("1B");
    flight.publish();
    await catchUp(flight, client);
    expect(client.heard.map(({ event }) => event)).toEqual(["snapshot", "snapshot"]);
    expect(client.states).toEqual(flight.states);
  });
});

describe("SeatFeed.missed()", () => {
  test("brings clients to the present after the bus was away, though nothing changes any more", async () => {
    const { flight, client } = await given(8);
    await catchUp(flight, client);
    flight.change("1A");
    flight.publish({ isLost: true });
    expect(client.states).not.toEqual(flight.states);
    flight.feed.missed();
    await catchUp(flight, client);
    expect(client.states).toEqual(flight.states);
    expect(client.heard.map(({ event }) => event)).toEqual(["snapshot", "snapshot"]);
  });

  test("tells nothing to clients that have missed nothing", async () => {
    const { flight, client } = await given(8);
    await catchUp(flight, client);
    flight.feed.missed();
    await catchUp(flight, client);
    expect(client.heard.map(({ event }) => event)).toEqual(["snapshot"]);
  });
});

describe("SeatFeed.look()", () => {
  test("brings clients to the present where the last delta of a quiet flight was lost", async () => {
    const { flight, client } = await given(8);
    await catchUp(flight, client);
    flight.change("1A");
    flight.publish({ isLost: true });
    const looking = flight.feed.look();
    flight.arrive();
    await looking;
    await catchUp(flight, client);
    expect(client.states).toEqual(flight.states);
    expect(client.heard.map(({ event }) => event)).toEqual(["snapshot", "snapshot"]);
  });

  test("tells nothing to clients that have missed nothing, and does not read a busy flight", async () => {
    const { flight, client } = await given(8);
    await catchUp(flight, client);
    const looking = flight.feed.look();
    expect(flight.arrive()).toBe(true);
    await looking;
    flight.change("1A");
    flight.publish();
    await flight.feed.look();
    expect(flight.arrive()).toBe(false);
    await catchUp(flight, client);
    expect(client.heard.map(({ event }) => event)).toEqual(["snapshot", "delta"]);
  });

  test("leaves the streams as they are where the flight can't be read", async () => {
    const read = (): Promise<never> => Promise.reject(new Error("nobody owns it"));
    const feed = new SeatFeed({ clock: new FakeClock(), read, gatherMs: GATHER_MS });
    let ends = 0;
    const ended = (): void => {
      ends += 1;
    };
    feed.watch(new LiveStream({ bufferedMax: 8, ended, breakOff: () => {} }), { snapshot: null, version: 1 });
    await feed.look();
    expect(ends).toBe(0);
  });
});

describe("LiveStreams", () => {
  test("keep a connection that is quiet, and give up a client that reads nothing for two pings", () => {
    const timeouts: number[] = [];
    const clock = new FakeClock();
    const streams = new LiveStreams(clock, { bufferedMax: 2 });
    let ends = 0;
    const server = { timeout: (_: Request, seconds: number) => timeouts.push(seconds) };
    streams.open(new Request("http://localhost/"), server, () => {
      ends += 1;
    });
    // Its opening and the first ping fill what may wait for it.
    clock.advance(15_000);
    clock.advance(15_000);
    expect([timeouts, ends, streams.size]).toEqual([[0], 0, 1]);
    clock.advance(15_000);
    expect([timeouts, ends, streams.size]).toEqual([[0, 1], 1, 0]);
    expect(clock.pending).toBe(0);
  });

  test.each(["left", "ended"])("limit how long a connection is quiet whose stream was %s", async (how) => {
    const timeouts: number[] = [];
    const streams = new LiveStreams(new FakeClock(), { quietS: 7 });
    const server = { timeout: (_: Request, seconds: number) => timeouts.push(seconds) };
    const stream = streams.open(new Request("http://localhost/"), server, () => {});
    if (how === "left") await stream.body.cancel();
    else stream.end(BYE);
    expect([timeouts, streams.size]).toEqual([[0, 7], 0]);
  });
});
