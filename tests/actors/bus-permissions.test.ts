/** Goal: under the deployed configuration each user does its own part and nothing else: what is not its own gets nothing done and is heard by nobody. */

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { headers, type NatsConnection, PermissionViolationError } from "@nats-io/transport-node";
import type { Answer } from "../../actors/bus/bus.ts";
import {
  ALL_JOURNALS,
  ALL_ROOMS,
  ALL_STATS,
  journalSubject,
  roomSubject,
  seatsSubject,
  statSubject,
} from "../../actors/bus/subjects.ts";
import { FLIGHT_ID, givenAdults, givenCommand } from "../support/given.ts";
import { NatsServer, type NatsUser } from "../support/given-nats.ts";
import { answersIn, BODY, DEADLINE, GivenOwner, SHARD } from "../support/given-owner.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

describeWithService("nats-server", "permissions on NATS", () => {
  let given: GivenOwner;

  beforeAll(async () => {
    given = await GivenOwner.start();
  });
  beforeEach(() => given.reset());
  afterAll(() => given.stop());

  /** What the server refuses of what is done, by subject; a subscription is made in vain, a message goes nowhere. */
  async function refusals(user: NatsUser, act: (connection: NatsConnection) => void): Promise<string[]> {
    const connection = given.connection(user);
    const refused: string[] = [];
    const statuses = connection.status();
    void (async () => {
      for await (const status of statuses) {
        if (status.type !== "error" || !(status.error instanceof PermissionViolationError)) continue;
        refused.push(`${status.error.operation} ${status.error.subject}`);
      }
    })();
    act(connection);
    // The server answers in order: what it refuses is refused before it answers a ping.
    await connection.flush();
    await connection.flush();
    return refused;
  }

  test.each<[user: NatsUser, subject: string]>([
    // In another's name, or for an op that is another's.
    ["edge", `flight.${SHARD}.${FLIGHT_ID}.hold.all`],
    ["edge", `flight.${SHARD}._batch.workers`],
    ["workers", `flight.${SHARD}.${FLIGHT_ID}.hold.edge`],
    ["internal", `flight.${SHARD}.${FLIGHT_ID}.hold.edge`],
    ["internal", `flight.${SHARD}.${FLIGHT_ID}.hold.internal-other`],
    ["internal", `flight.${SHARD}.${FLIGHT_ID}.settle-payment.internal-desk`],
    ["internal", `flight.${SHARD}._batch.edge`],
    ["observer", `flight.${SHARD}.${FLIGHT_ID}.hold.observer`],
    ["observer", `flight.${SHARD}._batch.internal-desk`],
    ["actors", `flight.${SHARD}.${FLIGHT_ID}.hold.edge`],
    // What owners alone say.
    ["edge", `seats.${FLIGHT_ID}`],
    ["edge", `stat.${FLIGHT_ID}`],
    ["edge", `journal.${FLIGHT_ID}`],
    ["internal", `seats.${FLIGHT_ID}`],
    ["observer", `seats.${FLIGHT_ID}`],
    // What edges and workers alone say.
    ["actors", `room.${FLIGHT_ID}`],
    ["internal", `room.${FLIGHT_ID}`],
    ["edge", `event.${FLIGHT_ID}.reservation.held`],
    ["observer", `event.${FLIGHT_ID}.reservation.held`],
    // Another's inbox: an answer that is none.
    ["edge", "_INBOX.internal-desk.x"],
    ["internal", "_INBOX.edge.x"],
    ["workers", "_INBOX.edge.x"],
    // The server's own.
    ["edge", "$JS.API.STREAM.DELETE.PIGONAIR_EVENTS"],
    ["workers", "$JS.API.STREAM.DELETE.PIGONAIR_EVENTS"],
    // A changed stream could keep what passes by, requests with names among it. The program only makes a missing one.
    ["workers", "$JS.API.STREAM.UPDATE.PIGONAIR_EVENTS"],
    ["all", "$JS.API.STREAM.UPDATE.PIGONAIR_EVENTS"],
    ["observer", "$JS.API.STREAM.PURGE.PIGONAIR_EVENTS"],
    ["observer", "$JS.API.STREAM.CREATE.OTHER"],
    ["internal", "$JS.API.INFO"],
  ])("%s can't publish on %s", async (user, subject) => {
    expect(await refusals(user, (connection) => connection.publish(subject, "{}"))).toEqual([`publish ${subject}`]);
    expect(given.taken).toEqual([]);
  });

  test.each<[user: NatsUser, subject: string]>([
    ["edge", "flight.>"],
    ["edge", `flight.${SHARD}.>`],
    ["edge", "_INBOX.>"],
    ["edge", "_INBOX.internal-desk.>"],
    ["edge", "journal.*"],
    ["workers", "flight.>"],
    ["workers", "_INBOX.edge.>"],
    ["internal", "flight.>"],
    ["internal", "_INBOX.edge.>"],
    ["internal", "journal.*"],
    ["observer", "flight.>"],
    ["observer", "_INBOX.>"],
    ["observer", "journal.*"],
    ["observer", "room.*"],
    ["actors", "_INBOX.edge.>"],
    ["actors", "_INBOX.>"],
    ["actors", "room.*"],
    ["edge", ">"],
    ["actors", ">"],
    ["edge", "$SYS.>"],
  ])("%s can't hear %s", async (user, subject) => {
    expect(await refusals(user, (connection) => void connection.subscribe(subject, { callback: () => {} }))).toEqual([
      `subscription ${subject}`,
    ]);
  });

  test("an internal caller sells through its own name, and its batch too is held to what it may ask", async () => {
    const subject = `flight.${SHARD}.${FLIGHT_ID}.hold.internal-desk`;
    expect(await given.ask({ user: "internal", subject })).toMatchObject({ ok: true });
    const command = { i: 0, flightId: FLIGHT_ID, key: "k1", deadlineMs: Number(DEADLINE) };
    const settle = {
      op: "settle-payment",
      args: { attempt: "a1", status: "CAPTURED", amount: { amount: 1, currency: "KRW" }, ours: true },
    };
    const commands = [
      { ...command, op: "hold", ...BODY },
      { ...command, i: 1, ...settle },
    ];
    const [message] = await given.askBatch({ commands }, "internal", "internal-desk");
    expect(answersIn(message)).toMatchObject([
      { i: 0, ok: true },
      { i: 1, ok: false, error: { code: "FORBIDDEN", field: "commands[1].op" } },
    ]);
    expect(given.taken.map(({ op }) => op)).toEqual(["hold", "hold"]);
  });

  test.each<[what: string, reply: string, hearer: NatsUser]>([
    ["where owners say what changed", `seats.${FLIGHT_ID}`, "observer"],
    ["where owners give hints", "journal.held", "workers"],
    ["to another's inbox", "_INBOX.edge.x", "edge"],
    ["to the inbox of one whose name begins alike", "_INBOX.internal-desk-2.x", "internal"],
    ["to the inbox of who asks no flight", "_INBOX.observer.x", "observer"],
    ["to a subject that can't be published on", "_INBOX.internal-desk.>", "internal"],
    ["to a subject that ends too early", "_INBOX.internal-desk.", "internal"],
  ])("an internal caller can't have an owner publish %s, in the place of an answer", async (_, reply, hearer) => {
    const heard: string[] = [];
    const ear = given.connection(hearer).subscribe(reply, { callback: (_, { subject }) => void heard.push(subject) });
    await given.connection(hearer).flush();
    const connection = given.connection("internal");
    const fields = headers();
    fields.set("Idempotency-Key", "k1");
    fields.set("Deadline-Ms", DEADLINE);
    const subject = `flight.${SHARD}.${FLIGHT_ID}.hold.internal-desk`;
    connection.publish(subject, JSON.stringify(BODY), { headers: fields, reply });
    connection.publish(subject, "{", { reply });
    const command = { i: 0, flightId: FLIGHT_ID, op: "hold", key: "k2", deadlineMs: Number(DEADLINE), ...BODY };
    const batch = JSON.stringify({ sharesInbox: true, commands: [command] });
    connection.publish(`flight.${SHARD}._batch.internal-desk`, batch, { reply });
    // What comes after them is answered after them, and heard after them.
    await given.ask({ user: "internal", subject, key: "after" });
    await given.connection(hearer).flush();
    ear.unsubscribe();
    expect(heard.filter((each) => each === reply)).toEqual([]);
    expect(given.taken.map(({ key }) => key)).toEqual(["after"]);
    expect(given.telemetry.count("pigonair_bus_refusals_total{why=foreign-reply-subject}")).toBe(3);
  });

  test("what an observer has JetStream publish in place of an answer is neither taken for a broadcast nor for a request", async () => {
    const [edge, observer] = [given.bus("edge"), given.connection("observer")];
    const [subject, request] = [seatsSubject(FLIGHT_ID), `flight.${SHARD}.${FLIGHT_ID}.hold.edge`];
    const heard: unknown[] = [];
    const unsubscribe = edge.subscribe(subject, (delta) => void heard.push(delta));
    const came = new Promise<string>((resolve) => {
      given.connection("edge").subscribe(subject, { max: 1, callback: (_, message) => resolve(message.string()) });
    });
    await given.connection("edge").flush();
    for (const reply of [request, subject]) observer.publish("$JS.API.INFO", "", { reply });
    // NATS itself does not mind.
    expect(await came).toContain("account_info_response");
    await until(() => given.telemetry.count("pigonair_bus_refusals_total{why=no-reply-subject}") === 1, "the request");
    unsubscribe();
    expect(heard).toEqual([]);
    expect(given.taken).toEqual([]);
  });

  test("a bus tells its caller FORBIDDEN when NATS does not let it ask, and its operator by a metric", async () => {
    const telemetry = new RecordingTelemetry();
    const edge = await given.server.connect("edge", { caller: "workers", telemetry });
    // Its inbox is another's too: it could not even hear an answer.
    await until(() => edge.trouble()?.includes("_INBOX.workers") === true, "the trouble");
    const command = givenCommand(
      "settle-refund",
      { attempt: "a1" },
      { member: null, key: "k1", fingerprint: "", deadlineMs: Number(DEADLINE) },
    );
    const answer = await new Promise<Answer>((resolve) => edge.send(SHARD, [{ command, answer: resolve }]));
    expect(answer.ok ? answer.reply : answer.error).toMatchObject({ code: "FORBIDDEN", retryable: false });
    expect(telemetry.count("pigonair_bus_forbidden_total{operation=publish}")).toBe(1);
    expect(given.taken).toEqual([]);
    await edge.close();
  });

  test("every role hears and says what it must", async () => {
    const [actors, edge] = [given.bus("actors"), given.bus("edge")];
    const [workers, observer] = [given.bus("workers"), given.bus("observer")];
    const heard = new Set<string>();
    const hear = (what: string) => (): void => {
      heard.add(what);
    };
    edge.subscribe(seatsSubject(FLIGHT_ID), hear("edge seats"));
    edge.subscribe(ALL_STATS, hear("edge stat"));
    edge.subscribe(ALL_ROOMS, hear("edge room"));
    workers.subscribe(ALL_JOURNALS, hear("workers journal"));
    workers.subscribe(ALL_STATS, hear("workers stat"));
    observer.subscribe(seatsSubject(FLIGHT_ID), hear("observer seats"));
    observer.subscribe(ALL_STATS, hear("observer stat"));
    await until(() => {
      actors.publish(seatsSubject(FLIGHT_ID), { flightId: FLIGHT_ID, from: 1, to: 2, changes: [] });
      actors.publish(statSubject(FLIGHT_ID), {
        flightId: FLIGHT_ID,
        mailbox: 0,
        waitP95Ms: 0.5,
        overloaded: 0,
        seatsLeft: 1,
      });
      actors.publish(journalSubject("held"), { type: "held", flights: [FLIGHT_ID] });
      workers.publish(roomSubject(FLIGHT_ID), { flightId: FLIGHT_ID, epoch: 1, revoked: [] });
      return heard.size === 7;
    }, "everything");
  });

  test("a wrong password is let in by nobody, and the trouble says so without it", async () => {
    const url = given.server.url("edge").replace(/:p[0-9a-f]+@/, ":wrong@");
    const edge = await given.server.connect("edge", { url });
    expect(edge.trouble()).toMatch(/Authorization Violation/i);
    expect(edge.trouble()).not.toMatch(/wrong/);
    await edge.close();
  });
});

describeWithService("nats-server", "NATS over TLS, as the configuration's section says", () => {
  let server: NatsServer;

  beforeAll(async () => {
    server = await NatsServer.start({ tls: true });
  });
  afterAll(() => server.remove());

  test("a bus with a certificate of the authority asks and serves", async () => {
    const actors = await server.connect("actors");
    const edge = await server.connect("edge");
    expect([actors.trouble(), edge.trouble()]).toEqual([null, null]);
    await actors.serve(SHARD, (_, answer) =>
      answer({ ok: true, reply: { ok: true, result: { kind: "done" } }, isReplay: false }),
    );
    const command = givenCommand(
      "hold",
      { passengers: givenAdults(1) },
      { key: "k1", fingerprint: "", deadlineMs: Number(DEADLINE) },
    );
    const answer = await new Promise<Answer>((resolve) => edge.send(SHARD, [{ command, answer: resolve }]));
    expect(answer).toMatchObject({ ok: true });
    await Promise.all([actors.close(), edge.close()]);
  });

  test.each<[what: string, why: RegExp, options: (server: NatsServer) => object]>([
    ["without a certificate of its own", /NATS_TLS_CERT/, ({ tls }) => ({ tls: { ca: tls?.ca } })],
    [
      "that doesn't know the authority",
      /verify .* certificate/,
      ({ tls }) => ({ tls: { cert: tls?.cert, key: tls?.key } }),
    ],
  ])("a bus %s is not let in, and says so", async (_, why, options) => {
    const edge = await server.connect("edge", options(server));
    expect(edge.trouble()).toMatch(/NATS can't be reached/);
    expect(edge.trouble()).toMatch(why);
    await edge.close();
  });
});
