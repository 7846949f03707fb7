// Goal: while Redis is away nobody new is let in and everybody is told so; who has a pass goes on reserving, and whoever waited has their place afterwards.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { openRedis, type Redis } from "../../queue/redis/redis.ts";
import { RedisRoomStore } from "../../queue/room/redis-room-store.ts";
import { GivenApp } from "../support/given-app.ts";
import { plannedFlight } from "../support/given-catalogue.ts";
import { RedisServer } from "../support/given-redis.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";
import { type Answer, Visitor } from "../support/visitor.ts";

const FLIGHT = plannedFlight().id;
const ROOM = `/api/v1/flights/${FLIGHT}/waiting-room`;

describeWithService("redis-server", "a waiting room whose Redis is away", () => {
  let server: RedisServer;
  let redis: Redis;
  let given: GivenApp;

  beforeEach(async () => {
    server = await RedisServer.start();
    redis = await openRedis(server.url, { telemetry: silent, clock: systemClock() });
    given = await GivenApp.open({ flights: [plannedFlight()], roomStore: new RedisRoomStore(redis) });
    await given.waitingRooms.operator.change(FLIGHT, { mode: "on" });
  });
  afterEach(async () => {
    await given.close();
    redis.close();
    await server.remove();
  });

  async function seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      let isDone = false;
      const end = given.waitingRooms.rooms.onLook(() => {
        isDone = true;
      });
      given.clock.advance(1_000);
      await until(() => isDone, "a look at the rooms");
      end();
      await given.waitingRooms.pacer.idle();
    }
  }

  async function member(name: string) {
    const visitor = new Visitor((request) => given.app.handle(request));
    const who = { email: `${name}@example.com`, password: "correct horse" };
    const { body } = await visitor.send("POST", "/api/v1/members", { body: { ...who, name } });
    const session = await visitor.send("POST", "/api/v1/sessions", { body: who });
    const authorization = `Bearer ${session.body.accessToken}`;
    const send = (path: string, sent?: object, headers: Record<string, string> = {}): Promise<Answer> =>
      visitor.send("POST", path, {
        ...(sent === undefined ? {} : { body: sent }),
        headers: { authorization, ...headers },
      });
    return { id: String(body.id), send };
  }

  test("refuses joins and questions for now, and lets those who have a pass reserve", async () => {
    const [kim, lee] = [await member("kim"), await member("lee")];
    const tickets = [await kim.send(`${ROOM}/tickets`), await lee.send(`${ROOM}/tickets`)];
    await seconds(3);
    const [kims, lees] = tickets.map(({ body }) => ({ ticket: body.ticket }));
    const { body } = await kim.send(`${ROOM}/passes`, kims);
    const pass = String(present(body.pass, "a pass"));
    await server.kill();
    for (const refused of [await lee.send(`${ROOM}/tickets`), await lee.send(`${ROOM}/passes`, lees)]) {
      expect(refused).toMatchObject({ status: 503, body: { code: "ROOM_UNAVAILABLE", retryable: true } });
      expect(refused.headers.get("retry-after")).toMatch(/^[1-9]/);
    }
    const reservations = `/api/v1/flights/${FLIGHT}/reservations`;
    const passengers = { passengers: [{ name: "Kim" }] };
    const withPass = { "idempotency-key": "k", "admission-pass": pass };
    expect((await kim.send(reservations, passengers, withPass)).status).toBe(201);
    expect(await lee.send(reservations, passengers, { "idempotency-key": "l" })).toMatchObject({
      status: 403,
      body: { reason: "missing" },
    });
    await seconds(1);
    expect(await (await given.get(ROOM)).json()).toMatchObject({ state: "open", joined: 2 });
    await server.restart();
    const answers = () =>
      redis
        .ask((client) => client.ping())
        .then(
          () => true,
          () => false,
        );
    await until(answers, "Redis");
    expect(await lee.send(`${ROOM}/tickets`, lees)).toMatchObject({ status: 200, body: { seq: 2 } });
  });
});
