// Goal: whatever a crowd does and whichever process dies, places are unique and kept, nobody is let in too many or too early, and nobody is passed over.

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { Crowd, GivenRedisRooms } from "../../support/given-crowd.ts";
import { RedisServer } from "../../support/given-redis.ts";
import { describeWithService } from "../../support/services.ts";

const MINUTE_MS = 60_000;
const EDGES = 4;

describeWithService("redis-server", "a crowd", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.remove());
  // Each test has the same flight, in a database of its own.
  beforeEach(() => server.empty());

  test("of 100,000 who join at once has places without a gap, and keeps them whatever it reloads", async () => {
    const given = await GivenRedisRooms.open(server, EDGES);
    const { rooms } = given;
    await rooms.change({ mode: "on", opensAtMs: rooms.clock.nowMs() + MINUTE_MS });
    const count = 100_000;
    const seqs = new Uint32Array(count);
    const joinSome = async (from: number, to: number) => {
      for (let at = from; at < to; at++) {
        const { seq, isNew } = await rooms.join(`m${at}`, null, present(rooms.edges[at % EDGES], "an edge"));
        expect(isNew).toBe(seqs[at] === 0);
        if (seqs[at] !== 0) expect(seq).toBe(seqs[at] as number);
        seqs[at] = seq;
      }
    };
    const people = Array.from({ length: 2_000 }, (_, person) => joinSome(person * 50, person * 50 + 50));
    await Promise.all(people);
    expect(seqs.toSorted().every((seq, at) => seq === at + 1)).toBe(true);
    // A second device, on another edge.
    const again = Array.from({ length: 500 }, (_, at) => at * 199);
    const devices = again.map((at) => rooms.join(`m${at}`, null, present(rooms.edges[(at + 1) % EDGES], "an edge")));
    expect((await Promise.all(devices)).map(({ seq }) => seq)).toEqual(again.map((at) => seqs[at] as number));

    await rooms.seconds(62);
    const draw = present(rooms.edge.rooms.get(rooms.flightId)?.draw, "the order is drawn");
    expect(draw.n).toBe(count);
    const ranks = Uint32Array.from(seqs, (seq) => draw.rank(seq)).sort();
    expect(ranks.every((rank, at) => rank === at + 1)).toBe(true);
    for (const edge of rooms.edges) expect(edge.rooms.get(rooms.flightId)?.draw?.final).toEqual(draw.final);
    await given.close();
  }, 60_000);

  test("is let in by its order, while the processes that pace are killed one after another", async () => {
    const given = await GivenRedisRooms.open(server, EDGES);
    const { rooms } = given;
    const limits = { activeMax: 25, perMinute: 120 };
    await rooms.change({
      mode: "on",
      opensAtMs: rooms.clock.nowMs() + 10_000,
      maxActive: limits.activeMax,
      admitPerMinute: limits.perMinute,
      passTtlMs: 15_000,
    });
    const crowd = new Crowd(rooms);
    await crowd.join(250, "early");
    await rooms.seconds(12);
    await crowd.join(50, "late");
    const known = present(rooms.edge.rooms.get(rooms.flightId), "the room is known");
    let admitted = 0;
    for (let second = 0; second < 150; second++) {
      if (second === 20 || second === 50 || second === 80) {
        const { leader } = rooms;
        await rooms.kill(leader);
        if (second === 80) await rooms.start();
      }
      await crowd.seconds(1);
      const glance = present(rooms.edge.rooms.get(rooms.flightId)?.glance, "the room is seen");
      expect(glance.active).toBeLessThanOrEqual(limits.activeMax);
      expect(glance.admitted).toBeGreaterThanOrEqual(admitted);
      admitted = glance.admitted;
    }
    crowd.check(limits);
    crowd.checkOrder((seq) => present(known.placeOf(seq), "the order is drawn"));
    expect(crowd.passes.length).toBeGreaterThan(150);
    expect(rooms.edges.filter(({ isKilled, pacer }) => !isKilled && pacer.isLeading)).toHaveLength(1);
    await given.close();
  }, 60_000);

  test("of 5,000 who were away comes back within a second: the limits hold, and the first in line come first", async () => {
    const given = await GivenRedisRooms.open(server, EDGES);
    const { rooms } = given;
    const limits = { activeMax: 60, perMinute: 240 };
    await rooms.change({
      mode: "on",
      maxActive: limits.activeMax,
      admitPerMinute: limits.perMinute,
      passTtlMs: 20_000,
    });
    const crowd = new Crowd(rooms);
    await crowd.join(5_000, "m");
    // Nobody comes to the door, so that more and more are called.
    await rooms.seconds(2);
    const known = present(rooms.edge.rooms.get(rooms.flightId), "the room is known");
    for (let minute = 0; minute < 3 && known.admitted < 5_000; minute++) await rooms.seconds(60);
    expect(known.admitted).toBe(5_000);
    await rooms.change({ mode: "on", admitPerMinute: limits.perMinute });
    await rooms.seconds(1);
    const before = rooms.clock.nowMs();
    await crowd.ask();
    const firstComers = crowd.passes.length;
    expect(firstComers).toBeLessThanOrEqual(limits.perMinute / 20);
    await crowd.seconds(36, 3);
    crowd.check(limits);
    const later = crowd.passes.filter(({ atMs }) => atMs > before);
    expect(later.length).toBeGreaterThan(80);
    // All stood there since the first second, so that places alone decide; each comes for the pass with the next question.
    const latest = Math.max(...later.map(({ seq }) => seq));
    expect(latest).toBeLessThan(crowd.passes.length + 30);
    expect(latest).toBeGreaterThanOrEqual(later.length);
    await given.close();
  }, 60_000);
});
