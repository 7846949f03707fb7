/** Goal: whatever happens to a flight is told outside in order and at least once, however long the stream is away, and nothing personal is in it. */

import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { present } from "../../actors/assert.ts";
import type { NatsBus } from "../../actors/bus/nats.ts";
import { ALL_JOURNALS } from "../../actors/bus/subjects.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { silent } from "../../actors/telemetry.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { EventPublisher, eventsConsumer } from "../../queue/events/event-publisher.ts";
import { EVENT_HEADERS, JetStreamEvents, STREAM, STREAM_SUBJECTS } from "../../queue/events/jetstream.ts";
import type { JournalTail } from "../../queue/relay/journal-tail.ts";
import { Relay } from "../../queue/relay/relay.ts";
import { failureOf } from "../support/failure-of.ts";
import { givenPlan, paymentIn, reservationIn } from "../support/given.ts";
import { type GivenHost, givenHost } from "../support/given-host.ts";
import { NatsServer } from "../support/given-nats.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { describeWithService } from "../support/services.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const FLIGHTS = ["PG-1-20300131-ICN", "PG-2-20300131-ICN"];
const AMOUNT = { amount: 90_000, currency: "KRW" };

/** What is to be found in no event. */
const PERSONAL = {
  name: "Gildong Hong",
  birthDate: "1990-02-28",
  person: "hash-of-a-person",
  checkoutUrl: "http://pay.example/secret",
};

interface Stored {
  readonly subject: string;
  readonly event: Told;
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

type Told = Record<string, unknown> & { readonly id: string; readonly type: string };

describeWithService("nats-server", "events on JetStream", () => {
  let server: NatsServer;
  let workers: NatsBus;
  let given: GivenHost;
  const running: Relay[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
    workers = await server.connect("workers");
    given = await givenHost({ plans: FLIGHTS.map((flightId) => givenPlan({ flightId })) });
  });
  afterEach(async () => {
    for (const relay of running.splice(0)) await relay.stop();
  });
  afterAll(async () => {
    await workers.close();
    await given.stop();
    await server.remove();
  });

  function follow(
    consumer: string,
    tail: JournalTail = new JournalTailStore(given.db),
    telemetry = new RecordingTelemetry(),
  ): Relay {
    const ports = { clock: systemClock(), entropy: systemEntropy(), telemetry };
    const stream = new JetStreamEvents({ nats: workers, clock: systemClock() });
    const publisher = new EventPublisher({ ...ports, stream });
    const relay = new Relay({ ...ports, ...eventsConsumer(publisher), consumer, tail });
    given.bus.subscribe(ALL_JOURNALS, (hint) => relay.hear(hint));
    relay.start();
    running.push(relay);
    return relay;
  }

  async function hold(flightId: FlightId, seat: string, key: string): Promise<string> {
    const { name, birthDate, person } = PERSONAL;
    const passengers = [{ name, birthDate, person: `${person}-${key}`, type: "ADT" as const, seat }];
    const { reply } = await given.client.call({
      flightId,
      op: "hold",
      args: { passengers },
      member: `m-${key}`,
      key,
      fingerprint: key,
    });
    return reservationIn(reply).id;
  }

  /** From hold to ticket to refund, as far as one reservation can come. */
  async function sellAndCancel(flightId: FlightId): Promise<void> {
    const member = "m-sold";
    const keyless = { flightId, key: null, fingerprint: "" };
    const reservationId = await hold(flightId, "1A", "sold");
    const begun = await given.client.call({ ...keyless, op: "begin-payment", args: { reservationId }, member });
    const attempt = paymentIn(begun.reply).id;
    const { checkoutUrl } = PERSONAL;
    await given.client.call({ ...keyless, op: "open-payment", args: { attempt, checkoutUrl }, member: null });
    const settled = { attempt, status: "CAPTURED", amount: AMOUNT, ours: true } as const;
    await given.client.call({ ...keyless, op: "settle-payment", args: settled, member: null });
    await given.client.call({ ...keyless, op: "cancel", args: { reservationId }, member });
    await given.client.call({ ...keyless, op: "settle-refund", args: { attempt }, member: null });
  }

  /** All that the stream holds of a flight, in its order, as a subscriber outside reads it. */
  async function stored(flightId: FlightId): Promise<readonly Stored[]> {
    const observer = await server.connect("observer");
    const connection = present(observer.connection, "a connection");
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const consumer = await jetstream(connection).consumers.get(STREAM, { filter_subjects: `event.${flightId}.>` });
    const { state } = await manager.streams.info(STREAM);
    const found: Stored[] = [];
    const messages = await consumer.fetch({ max_messages: Math.max(1, state.messages), expires: 1_000 });
    for await (const message of messages) {
      const { subject, headers } = message;
      found.push({
        subject,
        event: message.json<Told>(),
        type: headers?.get("Content-Type"),
        id: headers?.get("Nats-Msg-Id"),
        headers: Object.fromEntries(Array.from(headers ?? [], ([name, values]) => [name, values.join()])),
      });
      if (message.info.pending === 0) break;
    }
    await observer.close();
    return found;
  }

  test("every event is told once, in its order, under an id of its own, and with nothing personal", async () => {
    const [flightId = ""] = FLIGHTS;
    follow("events-1");
    await sellAndCancel(flightId);
    const expected = [
      "reservation.held",
      "payment.begun",
      "payment.opened",
      "payment.captured",
      "reservation.ticketed",
      "reservation.cancelled",
      "refund.due",
      "refund.made",
    ];
    await until(async () => (await countOf(workers)) >= expected.length, "every event");
    const told = await stored(flightId);
    expect(told.map(({ event }) => event.type)).toEqual(expected.map((name) => `pigonair.${name}`));
    expect(told.map(({ subject }) => subject)).toEqual(expected.map((name) => `event.${flightId}.${name}`));
    for (const { event, type, id, headers } of told) {
      expect(EVENT_HEADERS.check(headers)).toBeNull();
      expect(new Set(Object.keys(headers))).toEqual(new Set(Object.keys(EVENT_HEADERS.document.properties as object)));
      expect(event).toMatchObject({
        specversion: "1.0",
        source: `/flights/${flightId}`,
        datacontenttype: "application/json",
      });
      expect(Math.abs(Date.parse(String(event.time)) - Date.now())).toBeLessThan(60_000);
      expect(event.id).toBe(String(id));
      expect(type).toBe("application/cloudevents+json");
    }
    expect(told.map(({ event }) => event.id)).toEqual(
      ["1:0", "2:0", "3:0", "4:0", "4:1", "5:0", "5:1", "6:0"].map((place) => `${flightId}:${place}`),
    );
    const [held, , , captured, ticketed] = told.map(({ event }) => event.data);
    expect(held).toMatchObject({ member: "m-sold", passengers: [{ type: "ADT", seat: "1A" }], total: AMOUNT.amount });
    expect(captured).toMatchObject({ amount: AMOUNT });
    expect(ticketed).toMatchObject({ tickets: [expect.stringMatching(/^\d{13}$/)] });
    const text = JSON.stringify(told);
    for (const personal of Object.values(PERSONAL)) expect(text).not.toContain(personal);
  });

  test("what is told again after a crash is stored once", async () => {
    const [, flightId = ""] = FLIGHTS;
    await hold(flightId, "1A", "a");
    await hold(flightId, "1B", "b");
    const real = new JournalTailStore(given.db);
    let isCrashing = true;
    const tail: JournalTail = {
      sweep: (...args) => real.sweep(...args),
      read: (...args) => real.read(...args),
      advance: (...args) => (isCrashing ? Promise.reject(new Error("it died")) : real.advance(...args)),
    };
    const before = await countOf(workers);
    follow("events-2", tail);
    await until(async () => (await countOf(workers)) >= before + 2, "both, for the first time");
    isCrashing = false;
    // Another life, from where the cursor was: all of the first flight again, and both of this.
    follow("events-3", real);
    await hold(flightId, "1C", "c");
    await until(async () => (await stored(flightId)).length === 3, "the third");
    expect((await stored(flightId)).map(({ event }) => event.id)).toEqual(
      [1, 2, 3].map((version) => `${flightId}:${version}:0`),
    );
    expect(await countOf(workers)).toBe(before + 3);
  });

  test("while JetStream is away events wait in the journal, and all are told when it is back", async () => {
    const [flightId = "", other = ""] = FLIGHTS;
    const telemetry = new RecordingTelemetry();
    follow("events-4", new JournalTailStore(given.db), telemetry);
    await until(() => telemetry.count("pigonair_events_published_total") >= 11, "what was there before");
    await server.kill();
    await until(() => workers.trouble() !== null, "NATS is away");
    for (const seat of ["5A", "5B", "5C"]) {
      await hold(flightId, seat, `away ${seat}`);
      await hold(other, seat, `away ${seat}`);
    }
    await until(
      () => telemetry.messages.includes("the stream of events is out of reach; events wait in the journal"),
      "the warning",
    );
    await server.restart();
    await until(
      async () => workers.trouble() === null && (await stored(other)).length === 6,
      "all of the other flight",
      10_000,
    );
    await until(async () => (await stored(flightId)).length === 11, "all of the flight", 10_000);
    // One warning, whoever waited.
    expect(telemetry.messages.filter((message) => message.includes("out of reach"))).toHaveLength(1);
  });

  test("a stop does not wait for a JetStream that is away; the next start goes on", async () => {
    const [flightId = ""] = FLIGHTS;
    await server.kill();
    await until(() => workers.trouble() !== null, "NATS is away");
    await hold(flightId, "9A", "stopping");
    const telemetry = new RecordingTelemetry();
    follow("events-4", new JournalTailStore(given.db), telemetry);
    await until(() => telemetry.messages.some((message) => message.includes("out of reach")), "it waits");
    await present(running.pop(), "a relay").stop();

    await server.restart();
    follow("events-4");
    await until(async () => workers.trouble() === null && (await stored(flightId)).length === 12, "the event", 10_000);
  });

  test("the stream is made with bounds of age and size", async () => {
    const { streams } = await jetstreamManager(present(workers.connection, "a connection"), { checkAPI: false });
    const { config } = await streams.info(STREAM);
    expect(config).toMatchObject({
      subjects: ["event.>"],
      storage: "file",
      retention: "limits",
      discard: "old",
      num_replicas: 1,
    });
    expect(config.max_age).toBeGreaterThan(0);
    expect(config.max_bytes).toBeGreaterThan(0);
    expect(config.duplicate_window).toBeGreaterThan(0);
  });

  test("a stream that an operator made is left as it is", async () => {
    const another = await NatsServer.start();
    const nats = await another.connect("workers");
    const { streams } = await jetstreamManager(present(nats.connection, "a connection"), { checkAPI: false });
    const { config } = await streams.add({ name: STREAM, subjects: [STREAM_SUBJECTS], max_age: 3_600_000_000_000 });
    const stream = new JetStreamEvents({ nats, clock: systemClock() });
    await stream.store([{ subject: "event.PG-1.reservation.held", id: "PG-1:1:0", json: "{}" }]);
    expect((await streams.info(STREAM)).config).toEqual(config);
    await nats.close();
    await another.remove();
  });

  test("a JetStream that stands still holds up the events' own connection, and nothing else that goes over NATS", async () => {
    const proxy = new TcpProxy({ to: server.port });
    const bus = await server.connect("workers", { url: server.url("workers", proxy.port) });
    const stream = new JetStreamEvents({ nats: await bus.apart("events", silent), clock: systemClock() });
    // As one whose disk was full [nats-server 2.9.10]: the server reads nothing more of who has asked it, not even a ping.
    const isAsked = proxy.breakAt("$JS.API.STREAM.INFO", "silent");
    const isStored = stream.store([{ subject: "event.x", id: "x", json: "{}" }]).catch((cause: unknown) => cause);
    await isAsked;
    await present(bus.connection, "a connection").flush();
    await bus.close();
    await proxy.stop();
    expect(await isStored).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("an event that the stream can't take is the fault of the event, not of the stream", async () => {
    const stream = new JetStreamEvents({ nats: workers, clock: systemClock() });
    const long = { subject: "event.PG-1.reservation.held", id: "long", json: JSON.stringify("x".repeat(70_000)) };
    expect(await failureOf(stream.store([long]))).toMatchObject({ code: "INTERNAL", retryable: false });
    const longer = { ...long, json: JSON.stringify("x".repeat(5_000_000)) };
    expect(await failureOf(stream.store([longer]))).toMatchObject({ code: "INTERNAL", retryable: false });
  });
});

async function countOf(bus: NatsBus): Promise<number> {
  const { connection } = bus;
  if (connection === null) return 0;
  try {
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    return (await streams.info(STREAM)).state.messages;
  } catch {
    return 0;
  }
}
