// Goal: a stream of seats tells a snapshot and every change after it without a gap, to slow and to interrupted clients too, and ends politely.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { SeatFeeds } from "../../http/live/seat-feeds.ts";
import { SeatMaps } from "../../http/live/seat-maps.ts";
import { EventReader } from "../support/event-reader.ts";
import { givenPlan } from "../support/given.ts";
import { type Answered, type Caller, GivenShop, ORIGIN } from "../support/given-shop.ts";
import { exchange } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

/** At least one for each test that holds seats. */
const FLIGHTS = 20;
const STREAMS_MAX = 20;

/** Least time between two events of a stream. */
const GATHER_MS = 100;

let shop: GivenShop;
let kim: Caller;
let flights = 0;
let flightId: string;
let path: string;

beforeAll(async () => {
  const plans = Array.from({ length: FLIGHTS }, (_, at) => givenPlan({ flightId: `PG-${at + 1}` }));
  shop = await GivenShop.open({ plans, streams: { streamsMax: STREAMS_MAX, quietS: 1 } });
  kim = await shop.as("kim");
});

afterAll(() => shop.close());

beforeEach(() => {
  flightId = `PG-${++flights}`;
  path = `/api/v1/flights/${flightId}/seats/stream`;
});

/** Holds seats, after a time in which nobody did. */
function hold(...seats: string[]): Promise<Answered> {
  shop.clock.advance(GATHER_MS);
  return kim.hold(seats, undefined, flightId);
}

async function listen(lastEventId?: string): Promise<EventReader> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  return EventReader.of(await shop.nobody().open("GET", path, undefined, headers));
}

describe("GET /flights/{id}/seats/stream", () => {
  test("tells a snapshot, then each change", async () => {
    await hold("1A");
    const response = await shop.nobody().open("GET", path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");

    const events = EventReader.of(response);
    const seats = (await shop.nobody().get(`/api/v1/flights/${flightId}/seats`)).body;
    expect(await events.next()).toEqual({ event: "snapshot", id: "1", data: seats });

    const held = await hold("1B", "1C");
    const changes = [
      { seat: "1B", state: "held" },
      { seat: "1C", state: "held" },
    ];
    expect(await events.next()).toEqual({ event: "delta", id: "2", data: { from: 1, to: 2, changes } });
    shop.clock.advance(GATHER_MS);
    await kim.delete(`/api/v1/reservations/${held.body.id}`);
    expect(await events.next()).toMatchObject({ event: "delta", id: "3", data: { from: 2, to: 3 } });
  });

  test("tells together what changes within a tenth of a second", async () => {
    const events = await listen();
    await hold("1A");
    expect(await events.next()).toMatchObject({ event: "snapshot", id: "0" });
    expect(await events.next()).toMatchObject({ event: "delta", data: { from: 0, to: 1 } });
    const held = await kim.hold(["1B"], undefined, flightId);
    await kim.hold(["1C"], undefined, flightId);
    await kim.delete(`/api/v1/reservations/${held.body.id}`);
    shop.clock.advance(GATHER_MS);
    const changes = [
      { seat: "1B", state: "free" },
      { seat: "1C", state: "held" },
    ];
    expect(await events.next()).toEqual({ event: "delta", id: "4", data: { from: 1, to: 4, changes } });
  });

  test("goes on after the last event that the client has heard", async () => {
    const other = await listen();
    expect(await other.next()).toMatchObject({ event: "snapshot", id: "0" });
    for (const seat of ["1A", "1B", "1C"]) {
      await hold(seat);
      expect(await other.next()).toMatchObject({ event: "delta" });
    }
    const back = await listen("1");
    expect(await back.next()).toMatchObject({ event: "delta", id: "2", data: { from: 1 } });
    expect(await back.next()).toMatchObject({ event: "delta", id: "3" });
    // An event that nobody was ever told.
    expect(await (await listen("99")).next()).toMatchObject({ event: "snapshot", id: "3" });
  });

  test("tells a client nothing that it knows already", async () => {
    await hold("1A");
    const back = await listen("1");
    await hold("1B");
    expect(await back.next()).toMatchObject({ event: "delta", id: "2" });
  });

  test.each(["0", "7", "99999999999999999999", "-1", "nonsense"])(
    "begins anew when nothing leads on from event %s",
    async (lastEventId) => {
      await hold("1A");
      expect(await (await listen(lastEventId)).next()).toMatchObject({ event: "snapshot", id: "1" });
    },
  );

  test("says that a flight does not exist before any stream begins", async () => {
    const before = shop.streams.size;
    const { status, body } = await shop.nobody().get("/api/v1/flights/PG-404/seats/stream");
    expect([status, body.code, shop.streams.size]).toEqual([404, "FLIGHT_NOT_FOUND", before]);
  });

  test("answers HEAD without opening a stream", async () => {
    const before = shop.streams.size;
    const { status, text, headers } = await shop.nobody().send("HEAD", path);
    expect([status, text, headers.get("content-type")]).toEqual([200, "", "text/event-stream; charset=utf-8"]);
    expect(shop.streams.size).toBe(before);
  });
});

describe("LiveStreams", () => {
  test("pings every 15 seconds", async () => {
    const events = await listen();
    await events.next();
    for (let pings = 0; pings < 2; pings++) {
      shop.clock.advance(15_000);
      expect(await events.next()).toEqual({ event: "ping", id: null, data: {} });
    }
  });
});

describe("SeatFeeds", () => {
  test("read a flight that is quiet now and then: its last change may be lost, with whoever made it", async () => {
    const feeds = new SeatFeeds(new InProcessBus(), new SeatMaps(shop.host.client), shop.streams);
    const stream = await feeds.open(flightId, null, new Request(`${ORIGIN}${path}`), null);
    const events = new EventReader(stream.body);
    expect(await events.next()).toMatchObject({ event: "snapshot", id: "0" });
    await hold("1A");
    shop.clock.advance(15_000);
    let event = await events.next();
    while (event?.event === "ping") event = await events.next();
    expect(event).toMatchObject({ event: "snapshot", id: "1" });
    const before = shop.clock.pending;
    await stream.body.cancel().catch(() => events.cancel());
    expect(shop.clock.pending).toBeLessThan(before);
  });

  test("listens to the bus once a flight, and no longer than somebody watches", async () => {
    let subscriptions = 0;
    class CountingBus extends InProcessBus {
      override subscribe: InProcessBus["subscribe"] = (subject, hear) => {
        const unsubscribe = super.subscribe(subject, hear);
        subscriptions += 1;
        return () => {
          subscriptions -= 1;
          unsubscribe();
        };
      };
    }
    const feeds = new SeatFeeds(new CountingBus(), new SeatMaps(shop.host.client), shop.streams);
    const open = () => feeds.open(flightId, null, new Request(`${ORIGIN}${path}`), null);
    const streams = [await open(), await open()];
    expect(subscriptions).toBe(1);
    await streams[0]?.body.cancel();
    expect(subscriptions).toBe(1);
    await streams[1]?.body.cancel();
    expect(subscriptions).toBe(0);
    expect(await feeds.open("PG-404", null, new Request(`${ORIGIN}${path}`), null).catch(String)).toContain(
      "no such flight",
    );
    expect(subscriptions).toBe(0);
  });
});

describe("over a socket", () => {
  test("a client that leaves is forgotten, and one that only listens stays", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 1, fetch: shop.app.fetch });
    shop.app.server = server;
    const before = shop.streams.size;
    const gone = new AbortController();
    const leaving = await fetch(`${server.url.origin}${path}`, { signal: gone.signal });
    const staying = EventReader.of(await fetch(`${server.url.origin}${path}`));
    expect(leaving.status).toBe(200);
    expect(await staying.next()).toMatchObject({ event: "snapshot" });
    expect(shop.streams.size).toBe(before + 2);
    gone.abort();
    await until(() => shop.streams.size === before + 1, "the end of the stream that was left");
    await hold("1A");
    expect(await staying.next()).toMatchObject({ event: "delta" });
    await staying.cancel();
    await server.stop(true);
  });

  test("HEAD leaves no connection that nobody closes", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 1, fetch: shop.app.fetch });
    shop.app.server = server;
    // Until the server closes the connection, which may take four seconds more than it was told [Bun 1.4.5].
    const answer = await exchange(server.port ?? 0, `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(answer).toStartWith("HTTP/1.1 200");
    await server.stop(true);
  });
});

describe("in the end", () => {
  test("there are no more streams than there is room for, and each hears good-bye before a stop", async () => {
    const open: EventReader[] = [];
    while (shop.streams.size < STREAMS_MAX) open.push(await listen());
    const full = await shop.nobody().get(path);
    expect([full.status, full.body.code, full.body.retryable]).toEqual([503, "OVERLOADED", true]);
    expect(full.headers.get("retry-after")).not.toBeNull();
    await open.pop()?.cancel();
    open.push(await listen());

    shop.streams.closeAll();
    for (const events of open) {
      expect(await events.next()).toMatchObject({ event: "snapshot" });
      expect(await events.next()).toEqual({ event: "bye", id: null, data: {} });
      expect(await events.next()).toBeNull();
    }
    expect(shop.streams.size).toBe(0);
    const late = await shop.nobody().get(path);
    expect([late.status, late.body.code]).toEqual([503, "NOT_READY"]);
  });
});
