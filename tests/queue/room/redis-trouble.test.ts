// Goal: Redis may be away, be emptied, or come back as an older copy of itself: nobody who was ahead falls behind, nobody gets a second pass, and the limits hold.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { OperationalError } from "../../../actors/errors.ts";
import { failureOf } from "../../support/failure-of.ts";
import { Crowd, GivenRedisRooms } from "../../support/given-crowd.ts";
import { RedisServer } from "../../support/given-redis.ts";
import type { GivenRooms } from "../../support/given-rooms.ts";
import { describeWithService } from "../../support/services.ts";
import { until } from "../../support/until.ts";

const LIMITS = { activeMax: 12, perMinute: 120 };
const EDGES = 3;

describeWithService("redis-server", "Redis in trouble", () => {
  let server: RedisServer;
  let given: GivenRedisRooms;
  let rooms: GivenRooms;

  beforeEach(async () => {
    server = await RedisServer.start();
    given = await GivenRedisRooms.open(server, EDGES);
    rooms = given.rooms;
    await rooms.change({
      mode: "on",
      maxActive: LIMITS.activeMax,
      admitPerMinute: LIMITS.perMinute,
      passTtlMs: 12_000,
    });
  });
  afterEach(async () => {
    await given.close();
    await server.remove();
  });

  /** Every edge has a connection again. */
  const reconnected = () =>
    until(async () => {
      const asked = rooms.edges.map((edge) =>
        edge.operator.journal(rooms.flightId, 1).then(
          () => true,
          () => false,
        ),
      );
      return (await Promise.all(asked)).every((isThere) => isThere);
    }, "the connections");

  const glance = () => present(rooms.edge.rooms.get(rooms.flightId)?.glance, "the room was seen");

  test("emptied in the middle of a sale: the order goes on, with nobody let in twice, too many or too fast", async () => {
    const crowd = new Crowd(rooms);
    await crowd.join(150, "early");
    await crowd.seconds(20);
    const before = glance();
    expect(before.admitted).toBeGreaterThan(10);
    await server.empty();
    await crowd.ask();
    // Somebody whose ticket is lost as well begins anew; everybody else keeps their place.
    const newcomer = await rooms.join("newcomer");
    expect(newcomer.seq).toBeGreaterThan(before.seqHigh);
    let admitted = before.admitted;
    for (let second = 0; second < 60; second++) {
      if (second === 15) await server.empty();
      await crowd.seconds(1);
      expect(glance().admitted).toBeGreaterThanOrEqual(admitted);
      expect(glance().active).toBeLessThanOrEqual(LIMITS.activeMax);
      ({ admitted } = glance());
    }
    await crowd.join(20, "late");
    crowd.check(LIMITS);
    crowd.checkOrder((seq) => seq);
    expect(crowd.passes.length).toBeGreaterThan(40);
    const seqs = [...crowd.waiting.values(), ...crowd.passes].map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(170);
    const late = [...crowd.waiting.values()].filter(({ member }) => member.startsWith("late"));
    expect(Math.min(...late.map(({ seq }) => seq))).toBeGreaterThan(newcomer.seq);
  }, 30_000);

  test("emptied again and again: no loss skips more places than the one before, and what they skipped counts as nobody", async () => {
    const skipped: number[] = [];
    for (let loss = 0; loss < 6; loss++) {
      const { seq: before } = await rooms.join(`before-${loss}`);
      await rooms.seconds(2);
      await server.empty();
      const { seq: after } = await rooms.join(`after-${loss}`);
      skipped.push(after - before);
      await rooms.seconds(2);
    }
    // Twice what can have joined since the last note, as far as the ceiling lets anybody join.
    expect(Math.max(...skipped)).toBeLessThan(10_000);
    expect(Math.min(...skipped)).toBeGreaterThan(1);
    // And nobody waits behind places that nobody has.
    expect(rooms.edge.rooms.get(rooms.flightId)?.joined).toBe(12);
  }, 30_000);

  test("emptied: who has a pass goes on with the same one, and nobody has a second that counts", async () => {
    const crowd = new Crowd(rooms);
    await crowd.join(20, "m");
    await crowd.seconds(4);
    const passes = [...crowd.passes];
    expect(passes.length).toBeGreaterThan(3);
    await server.empty();
    for (const { member, pass, seq } of passes) {
      const joining = await rooms.join(member);
      expect(joining.seq).toBe(seq);
      expect(await rooms.enter(member, joining.ticket)).toMatchObject({ kind: "pass", pass, isNew: false });
      for (const { gate } of rooms.edges) {
        expect(gate.admits(rooms.flightId, member, pass)).toEqual({ admitted: true });
      }
    }
    expect(glance().active).toBeLessThanOrEqual(LIMITS.activeMax);
  }, 20_000);

  test("emptied before the opening: tickets that come back take part, and places go on above all others", async () => {
    await rooms.change({ mode: "off" });
    await rooms.change({ mode: "on", opensAtMs: rooms.clock.nowMs() + 30_000 });
    const tickets = new Map<string, string>();
    for (const member of ["a", "b", "c", "d"]) tickets.set(member, (await rooms.join(member)).ticket);
    await rooms.seconds(2);
    await server.empty();
    expect(await rooms.join("b", tickets.get("b"))).toMatchObject({ seq: 2, isNew: false, state: "PREQUEUE" });
    const later = await rooms.join("e");
    expect(later.seq).toBeGreaterThan(4);
    await rooms.seconds(31);
    const known = present(rooms.edge.rooms.get(rooms.flightId), "the room is known");
    expect(known.draw?.n).toBe(later.seq);
    // Who did not come back before the freeze keeps the place as well.
    const places = ["a", "b", "c", "d"].map((_, at) => present(known.placeOf(at + 1), "drawn"));
    expect(new Set(places).size).toBe(4);
    expect(await rooms.join("d", tickets.get("d"))).toMatchObject({ seq: 4, place: places[3] as number });
  }, 20_000);

  test("away: joins are refused for the moment, who has a pass goes on reserving, and places are there again afterwards", async () => {
    const crowd = new Crowd(rooms);
    await crowd.join(10, "m");
    await crowd.seconds(4);
    const held = present(crowd.passes[0], "a pass");
    const waiting = present([...crowd.waiting.values()].at(-1), "somebody waits");
    await server.kill();
    const failure = await failureOf(rooms.join("x"));
    expect(failure).toBeInstanceOf(OperationalError);
    expect(failure).toMatchObject({ code: "UNAVAILABLE" });
    expect(await failureOf(rooms.enter(waiting.member, waiting.ticket))).toMatchObject({ code: "UNAVAILABLE" });
    await rooms.seconds(2);
    for (const { gate } of rooms.edges) {
      expect(gate.admits(rooms.flightId, held.member, held.pass)).toEqual({ admitted: true });
      expect(gate.admits(rooms.flightId, waiting.member, null)).toEqual({ admitted: false, reason: "missing" });
      expect(gate.state(rooms.flightId)).toBe("open");
    }
    // A process that starts meanwhile knows its rooms from the database.
    const fresh = await rooms.start();
    expect(fresh.gate.admits(rooms.flightId, held.member, held.pass)).toEqual({ admitted: true });
    expect(fresh.gate.admits(rooms.flightId, "m9", null).admitted).toBe(false);
    await server.restart();
    await reconnected();
    expect(await rooms.join(waiting.member, waiting.ticket)).toMatchObject({ seq: waiting.seq, isNew: false });
    expect((await rooms.join("x")).seq).toBeGreaterThan(10);
    await crowd.seconds(20);
    crowd.check(LIMITS);
    crowd.checkOrder((seq) => seq);
  }, 30_000);

  test("a departure while it is away counts at once, and is finished when it is back", async () => {
    const crowd = new Crowd(rooms);
    await crowd.join(3, "m");
    await crowd.seconds(4);
    const { member, pass, seq } = present(crowd.passes[0], "a pass");
    const { client, db } = rooms.host;
    const ask = { member, fingerprint: "", flightId: rooms.flightId } as const;
    const held = await client.call({
      ...ask,
      key: "h",
      op: "hold",
      args: { passengers: [{ name: "Kim", type: "ADT" }] },
    });
    const id = held.reply.ok && held.reply.result.kind === "reservation" ? held.reply.result.reservation.id : "";
    await client.call({ ...ask, key: "r", op: "release", args: { reservationId: id } });
    const rows = await db.read.selectFrom("journal").select(["version", "turns"]).orderBy("version").execute();
    const entries = rows.map(({ version, turns }) => ({ version, entry: { schema: 1, turns: JSON.parse(turns) } }));
    await server.kill();
    const last = present(entries.at(-1), "the release");
    expect(await failureOf(rooms.edge.departures.handle(rooms.flightId, last))).toMatchObject({ code: "UNAVAILABLE" });
    for (const { gate } of rooms.edges) {
      expect(gate.admits(rooms.flightId, member, pass)).toEqual({ admitted: false, reason: "revoked" });
    }
    await server.restart();
    await reconnected();
    await rooms.edge.departures.handle(rooms.flightId, last);
    await rooms.seconds(1);
    expect(glance().active).toBe(crowd.passes.length - 1);
    expect((await rooms.join(member)).seq).toBeGreaterThan(seq);
  }, 20_000);
});
