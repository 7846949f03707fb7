/** Goal: while NATS is away, silent or forbids something, nobody waits in vain or in memory, and everything goes on by itself when it is back. */

import { afterEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { Answer } from "../../actors/bus/bus.ts";
import { connectNats, type NatsBus } from "../../actors/bus/nats.ts";
import { type SeatDelta, seatsSubject } from "../../actors/bus/subjects.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { failureOf } from "../support/failure-of.ts";
import { FLIGHT_ID, givenAdults, givenCommand } from "../support/given.ts";
import { NatsServer } from "../support/given-nats.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

const SHARD = shardOf(FLIGHT_ID);
const DONE: Answer = { ok: true, reply: { ok: true, result: { kind: "done" } }, isReplay: false };
const DELTA: SeatDelta = { flightId: FLIGHT_ID, from: 1, to: 2, changes: [] };

/** Dialling anew and being let in takes a moment. */
const BACK_MS_MAX = 10_000;

describeWithService("nats-server", "NATS away, silent and back", () => {
  const open: { close(): Promise<void> }[] = [];
  const servers: NatsServer[] = [];

  afterEach(async () => {
    await Promise.all(open.splice(0).map((bus) => bus.close()));
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });

  async function givenServer(): Promise<NatsServer> {
    const server = await NatsServer.start();
    servers.push(server);
    return server;
  }

  async function given(bus: Promise<NatsBus>): Promise<NatsBus> {
    const connected = await bus;
    open.push(connected);
    return connected;
  }

  function ask(bus: NatsBus, key = "k1"): Promise<Answer> {
    const deadlineMs = Date.UTC(2100, 0, 1);
    const command = givenCommand("hold", { passengers: givenAdults(1) }, { key, fingerprint: "", deadlineMs });
    return new Promise((answer) => bus.send(SHARD, [{ command, answer }]));
  }

  function codeOf(answer: Answer): string {
    return answer.ok ? "ok" : answer.error.code;
  }

  test("what is asked while NATS is away is answered NOT_OWNER at once, and nothing is kept of it", async () => {
    const server = await givenServer();
    const edge = await given(server.connect("edge"));
    await server.kill();
    await until(() => edge.trouble() !== null, "the trouble");
    expect(edge.trouble()).toMatch(/NATS/);
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, at) => ask(edge, `k${at}`)));
    expect(new Set(answers.map(codeOf))).toEqual(new Set(["NOT_OWNER"]));
    edge.publish(seatsSubject(FLIGHT_ID), DELTA);
  });

  test("when NATS is back, shards are served, subjects heard, and hearers told that they may have missed something", async () => {
    const server = await givenServer();
    const actors = await given(server.connect("actors"));
    const edge = await given(server.connect("edge"));
    await actors.serve(SHARD, (_, answer) => answer(DONE));
    const heard: number[] = [];
    let missed = 0;
    edge.subscribe(
      seatsSubject(FLIGHT_ID),
      ({ to }) => heard.push(to),
      () => {
        missed += 1;
      },
    );
    expect(codeOf(await ask(edge))).toBe("ok");
    expect(missed).toBe(0);

    await server.restart();
    await until(() => edge.trouble() === null && actors.trouble() === null && missed > 0, "both are back", BACK_MS_MAX);
    expect(missed).toBe(1);
    await until(async () => codeOf(await ask(edge)) === "ok", "the shard is served again");
    actors.publish(seatsSubject(FLIGHT_ID), DELTA);
    await until(() => heard.length === 1, "the delta");
  });

  test("what was on its way when NATS fell is not answered, and not sent when it is back: nobody knows, and the caller asks again", async () => {
    const server = await givenServer();
    const actors = await given(server.connect("actors"));
    const telemetry = new RecordingTelemetry();
    const edge = await given(server.connect("edge", { telemetry }));
    const keys: (string | null)[] = [];
    await actors.serve(SHARD, ({ key }) => keys.push(key));
    const answers: Answer[] = [];
    void ask(edge, "before").then((answer) => answers.push(answer));
    await until(() => keys.length === 1, "the command");
    expect(telemetry.read("pigonair_bus_waiting")).toBe(1);
    await server.restart();
    await until(() => edge.trouble() === null && actors.trouble() === null, "both are back", BACK_MS_MAX);
    void ask(edge, "after");
    await until(() => keys.includes("after"), "the next command", BACK_MS_MAX);
    expect(keys).toEqual(["before", "after"]);
    expect(answers).toEqual([]);
    expect(telemetry.read("pigonair_bus_waiting")).toBe(1);
  });

  test("serve() and subscribe() while NATS is away take effect when it is there; connecting does not wait for it", async () => {
    const server = await givenServer();
    await server.kill();
    const actors = await given(server.connect("actors"));
    const edge = await given(server.connect("edge"));
    expect(actors.trouble()).toMatch(/can't be reached/);
    let isServing = false;
    const serving = actors
      .serve(SHARD, (_, answer) => answer(DONE))
      .then(() => {
        isServing = true;
      });
    const heard: number[] = [];
    let missed = 0;
    edge.subscribe(
      seatsSubject(FLIGHT_ID),
      ({ to }) => heard.push(to),
      () => {
        missed += 1;
      },
    );
    expect(codeOf(await ask(edge))).toBe("NOT_OWNER");
    expect(isServing).toBe(false);

    await server.restart();
    await serving;
    await until(() => edge.trouble() === null, "the edge is there", BACK_MS_MAX);
    expect(missed).toBe(1);
    expect(codeOf(await ask(edge))).toBe("ok");
    actors.publish(seatsSubject(FLIGHT_ID), DELTA);
    await until(() => heard.length === 1, "the delta");
  });

  test("of several servers one that answers will do, also when it is another one later", async () => {
    const [one, two] = [await givenServer(), await givenServer()];
    const url = `${one.url("edge")},nats://127.0.0.1:${two.port}`;
    // Both take the password of the first: the second is started anew with it.
    await two.kill();
    const edge = await given(one.connect("edge", { url }));
    expect(edge.trouble()).toBeNull();
    await one.kill();
    await until(() => edge.trouble() !== null, "the trouble");
    await two.restart(one);
    await until(() => edge.trouble() === null, "the other one answers", BACK_MS_MAX);
    expect(edge.connection?.getServer()).toBe(`127.0.0.1:${two.port}`);
  });

  test("serve() that waits for NATS ends when the bus is closed", async () => {
    const server = await givenServer();
    await server.kill();
    const actors = await server.connect("actors");
    const serving = failureOf(actors.serve(SHARD, () => {}));
    await actors.close();
    expect(await serving).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("a NATS that has fallen silent is trouble after two seconds, and given up after five for one that answers", async () => {
    const server = await givenServer();
    const edge = await given(server.connect("edge"));
    const before = present(edge.connection, "a connection");
    server.pause();
    await until(() => edge.trouble() !== null, "the trouble", 6_000);
    expect(edge.trouble()).toMatch(/has not answered for \d+ ms/);
    await until(() => before.isClosed(), "it is given up", 8_000);
    server.resume();
    await until(() => edge.trouble() === null, "it answers again", BACK_MS_MAX);
    expect(edge.connection).not.toBe(before);
  });

  test("of two owners that hear a shard, the former one's NOT_OWNER does not hide the answer of the present one", async () => {
    const server = await givenServer();
    const former = await given(server.connect("actors"));
    const present = await given(server.connect("actors"));
    const edge = await given(server.connect("edge"));
    const { OperationalError } = await import("../../actors/errors.ts");
    const notMine: Answer = { ok: false, error: new OperationalError("NOT_OWNER", "Not mine.") };
    let formerTook = 0;
    await former.serve(SHARD, (_, answer) => {
      formerTook += 1;
      answer(notMine);
    });
    let answerLate = (): void => {};
    await present.serve(SHARD, (_, answer) => {
      answerLate = () => answer(DONE);
    });
    for (const command of [
      givenCommand(
        "hold",
        { passengers: givenAdults(1) },
        { key: "k1", fingerprint: "", deadlineMs: Date.UTC(2100, 0, 1) },
      ),
      givenCommand("seat-map", {}, { member: null, fingerprint: "", deadlineMs: Date.UTC(2100, 0, 1) }),
    ]) {
      const answers: Answer[] = [];
      edge.send(SHARD, [{ command, answer: (answer) => answers.push(answer) }]);
      await until(() => answers.length === 1, "the former owner's answer");
      answerLate();
      await until(() => answers.length === 2, "the present owner's answer");
      expect(answers.map(codeOf)).toEqual(["NOT_OWNER", "ok"]);
    }
    expect(formerTook).toBe(2);
  });

  test("what hears a message and throws does not end the hearing", async () => {
    const server = await givenServer();
    const telemetry = new RecordingTelemetry();
    const edge = await given(server.connect("edge", { telemetry }));
    const actors = await given(server.connect("actors"));
    let heard = 0;
    edge.subscribe(seatsSubject(FLIGHT_ID), () => {
      heard += 1;
      throw new Error("our bug");
    });
    await until(() => {
      actors.publish(seatsSubject(FLIGHT_ID), DELTA);
      return heard > 2;
    }, "several deltas");
    expect(telemetry.messages).toContain("a message could not be taken");
    expect(edge.trouble()).toBeNull();
  });

  test("a broadcast that is not what it should be is heard by nobody", async () => {
    const server = await givenServer();
    const telemetry = new RecordingTelemetry();
    const edge = await given(server.connect("edge", { telemetry }));
    const actors = await given(server.connect("actors"));
    const heard: SeatDelta[] = [];
    edge.subscribe(seatsSubject(FLIGHT_ID), (delta) => heard.push(delta));
    await until(() => {
      actors.publish(seatsSubject(FLIGHT_ID), DELTA);
      return heard.length > 0;
    }, "the first");
    const before = heard.length;
    const connection = present(actors.connection, "a connection");
    for (const wrong of [
      "",
      "{",
      "null",
      JSON.stringify({ ...DELTA, from: "1" }),
      JSON.stringify({ from: 1, to: 2 }),
    ]) {
      connection.publish(seatsSubject(FLIGHT_ID), wrong);
    }
    await until(() => telemetry.count("pigonair_bus_refusals_total{why=broadcast}") === 5, "they came");
    // A later version may add to it.
    connection.publish(seatsSubject(FLIGHT_ID), JSON.stringify({ ...DELTA, from: 99, addedLater: true }));
    await until(() => heard.at(-1)?.from === 99, "the right one");
    expect(heard.length).toBeLessThanOrEqual(before + 3);
  });
});

describe("connectNats()", () => {
  test.each([
    ["http://127.0.0.1:4222", /nats:\/\//],
    ["nats://a:b@one:4222,nats://c:d@two:4222", /two were given/],
    ["127.0.0.1:4222", /nats:\/\//],
  ])("refuses the address %s in words, without the password", async (url, words) => {
    const ports = { clock: systemClock(), entropy: systemEntropy(), telemetry: silent };
    const failure = await failureOf(connectNats({ url, caller: "edge", ...ports }));
    expect(String(failure)).toMatch(words);
    expect(String(failure)).not.toMatch(/:b@|:d@/);
  });

  test("refuses a caller that can't stand in a subject, and a file for TLS that isn't there", async () => {
    const ports = { clock: systemClock(), entropy: systemEntropy(), telemetry: silent, url: "nats://127.0.0.1:1" };
    expect(String(await failureOf(connectNats({ ...ports, caller: "a.b" })))).toMatch(/a\.b can't be a caller/);
    const tls = { ca: "/nowhere/ca.crt" };
    expect(String(await failureOf(connectNats({ ...ports, caller: "edge", tls })))).toMatch(/\/nowhere\/ca\.crt/);
  });
});
