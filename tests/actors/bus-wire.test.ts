/** Goal: whatever comes over the wire, each request is either taken as it was meant or refused in words that name the field, and then nothing has happened. */

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { headers } from "@nats-io/transport-node";
import { mayBeAnsweredAt } from "../../actors/bus/wire.ts";
import type { Command } from "../../actors/domain/command.ts";
import { OperationalError } from "../../actors/errors.ts";
import { FLIGHT_ID } from "../support/given.ts";
import type { NatsUser } from "../support/given-nats.ts";
import { BODY, DEADLINE, GivenOwner, HOLD, SHARD, type Single } from "../support/given-owner.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

describeWithService("nats-server", "single requests over NATS", () => {
  let given: GivenOwner;

  beforeAll(async () => {
    given = await GivenOwner.start();
  });
  beforeEach(() => given.reset());
  afterAll(() => given.stop());

  test("a single request is taken as it was meant, and its fingerprint made where there is none", async () => {
    expect(await given.ask()).toEqual({ ok: true, result: { kind: "done" } });
    expect(given.taken).toEqual([
      {
        flightId: FLIGHT_ID,
        op: "hold",
        args: HOLD,
        member: "m1",
        key: "k1",
        fingerprint: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
        deadlineMs: Number(DEADLINE),
      },
    ] as unknown as Command[]);
  });

  test("a fingerprint that is made is the same for the same arguments, however they are written, single or in a batch", async () => {
    await given.ask({
      bytes: JSON.stringify({ args: { passengers: [{ seat: "1A", type: "ADT", name: "Kim Minji" }] }, member: "m1" }),
    });
    await given.askBatch({
      commands: [{ i: 0, flightId: FLIGHT_ID, op: "hold", key: "k2", deadlineMs: Number(DEADLINE), ...BODY }],
    });
    await given.ask({ body: { member: "m1", args: { passengers: [{ name: "Kim Minji", type: "ADT", seat: "1B" }] } } });
    const [one, two, other] = given.taken.map(({ fingerprint }) => fingerprint);
    expect(two).toBe(one as string);
    expect(other).not.toBe(one);
  });

  test.each<[what: string, field: string, change: Single]>([
    ["a shard that is not the flight's", "shard", { subject: `flight.${SHARD}.PG-OTHER.hold.edge` }],
    ["a flight id that can't be one", "flightId", { subject: `flight.${SHARD}.${"x".repeat(49)}.hold.edge` }],
    ["an op that nobody knows", "op", { subject: `flight.${SHARD}.${FLIGHT_ID}.steal.edge` }],
    ["an op that every object inherits", "op", { subject: `flight.${SHARD}.${FLIGHT_ID}.toString.edge` }],
    ["what a host asks itself", "op", { subject: `flight.${SHARD}.${FLIGHT_ID}.expire.edge` }],
    ["no key where one is needed", "Idempotency-Key", { key: null }],
    ["a key with a space", "Idempotency-Key", { key: "a b" }],
    ["a key of 256 characters", "Idempotency-Key", { key: "k".repeat(256) }],
    ["no deadline", "Deadline-Ms", { deadline: null }],
    ["a deadline in words", "Deadline-Ms", { deadline: "soon" }],
    ["a deadline below nothing", "Deadline-Ms", { deadline: "-1" }],
    ["no body", "body", { bytes: "" }],
    ["a body that is not JSON", "body", { bytes: "{not json" }],
    ["a body that is not UTF-8", "body", { bytes: new Uint8Array([0x7b, 0xff, 0x7d]) }],
    ["a body that is too long", "body", { bytes: JSON.stringify({ ...BODY, trace: "x".repeat(128 * 1024) }) }],
    ["a body that is a list", "body", { body: [] }],
    ["a body that is null", "body", { bytes: "null" }],
    ["no arguments", "args", { body: { member: "m1" } }],
    ["an unknown field", "seat", { body: { ...BODY, seat: "1A" } }],
    ["a field named __proto__", "__proto__", { bytes: '{"member":"m1","__proto__":{},"args":{}}' }],
    ["a member that is a number", "member", { body: { ...BODY, member: 1 } }],
    ["a member under whose name the system's keys stand", "member", { body: { ...BODY, member: "-" } }],
    ["a member with a slash", "member", { body: { ...BODY, member: "m1/hold" } }],
    ["a fingerprint that is too long", "fingerprint", { body: { ...BODY, fingerprint: "f".repeat(256) } }],
    ["a trace that is none", "trace", { body: { ...BODY, trace: "here" } }],
    ["a trace of no id", "trace", { body: { ...BODY, trace: `00-${"0".repeat(32)}-00f067aa0ba902b7-01` } }],
    ["a trace of a later version", "trace", { body: { ...BODY, trace: `01-${"a".repeat(32)}-00f067aa0ba902b7-01` } }],
    ["nobody to fly", "args.passengers", { body: { ...BODY, args: { passengers: [] } } }],
    [
      "ten to fly",
      "args.passengers",
      { body: { ...BODY, args: { passengers: Array(10).fill({ name: "K", type: "ADT" }) } } },
    ],
    [
      "a nameless passenger",
      "args.passengers[0].name",
      { body: { ...BODY, args: { passengers: [{ name: " ", type: "ADT" }] } } },
    ],
    [
      "a name with a line break",
      "args.passengers[1].name",
      {
        body: {
          ...BODY,
          args: {
            passengers: [
              { name: "K", type: "ADT" },
              { name: "K\nL", type: "ADT" },
            ],
          },
        },
      },
    ],
    [
      "an unknown type",
      "args.passengers[0].type",
      { body: { ...BODY, args: { passengers: [{ name: "K", type: "adult" }] } } },
    ],
    [
      "a seat that can't be one",
      "args.passengers[0].seat",
      {
        body: { ...BODY, args: { passengers: [{ name: "K", type: "ADT", seat: "A1" }] } },
      },
    ],
    [
      "30 February",
      "args.passengers[0].birthDate",
      {
        body: { ...BODY, args: { passengers: [{ name: "K", type: "ADT", birthDate: "2001-02-30" }] } },
      },
    ],
    [
      "a wish that nobody knows",
      "args.prefer.window",
      { body: { ...BODY, args: { ...HOLD, prefer: { window: true } } } },
    ],
    [
      "a key of a read",
      "Idempotency-Key",
      { subject: `flight.${SHARD}.${FLIGHT_ID}.seat-map.edge`, body: { args: {} } },
    ],
  ])("a single request with %s is refused for its %s", async (_, field, change) => {
    const answer = await given.ask(change);
    expect(answer).toMatchObject({ ok: false, error: { code: "VALIDATION", field, retryable: false } });
    expect(String((answer.error as Record<string, unknown>).detail)).toMatch(/expected/i);
    expect(given.taken).toEqual([]);
    expect(given.telemetry.count("pigonair_bus_refusals_total{why=VALIDATION}")).toBe(1);
  });

  test.each<[what: string, field: string, user: NatsUser, caller: string, op: string, body: unknown]>([
    ["an edge in nobody's name", "member", "edge", "edge", "hold", { args: HOLD }],
    [
      "an edge that settles in a member's name",
      "member",
      "edge",
      "edge",
      "settle-refund",
      { member: "m1", args: { attempt: "a1" } },
    ],
    ["workers that hold seats", "op", "workers", "workers", "hold", BODY],
    [
      "an internal caller that cancels in nobody's name",
      "member",
      "internal",
      "internal-desk",
      "cancel",
      { args: { reservationId: "r1" } },
    ],
  ])("%s is refused for its %s", async (_, field, user, caller, op, body) => {
    const answer = await given.ask({ user, subject: `flight.${SHARD}.${FLIGHT_ID}.${op}.${caller}`, body });
    expect(answer).toMatchObject({ ok: false, error: { code: "FORBIDDEN", field, retryable: false } });
    expect(given.taken).toEqual([]);
  });

  test("headers beyond 8 KB are refused before they are read, since to read many takes the time of everybody's requests", async () => {
    const subject = `flight.${SHARD}.${FLIGHT_ID}.hold.edge`;
    const ask = async (length: number): Promise<Record<string, unknown>> => {
      const fields = headers();
      fields.set("Idempotency-Key", `k${length}`);
      fields.set("Deadline-Ms", DEADLINE);
      fields.set("baggage", "x".repeat(length));
      const message = await given
        .connection("edge")
        .request(subject, JSON.stringify(BODY), { headers: fields, timeout: 2_000 });
      return message.json();
    };
    expect(await ask(8_000)).toMatchObject({ ok: true });
    expect(await ask(8_200)).toMatchObject({
      ok: false,
      error: { code: "VALIDATION", field: "headers", retryable: false },
    });
    expect(given.taken.map(({ key }) => key)).toEqual(["k8000"]);
  });

  test("a request without a reply subject is not taken, since nobody could be told", async () => {
    const fields = headers();
    fields.set("Idempotency-Key", "k1");
    fields.set("Deadline-Ms", DEADLINE);
    given
      .connection("edge")
      .publish(`flight.${SHARD}.${FLIGHT_ID}.hold.edge`, JSON.stringify(BODY), { headers: fields });
    await until(() => given.telemetry.count("pigonair_bus_refusals_total{why=no-reply-subject}") === 1, "the metric");
    expect(given.taken).toEqual([]);
  });

  test("a single answer that NATS does not take says so", async () => {
    given.isAnswering = false;
    const fields = headers();
    fields.set("Deadline-Ms", DEADLINE);
    const asked = given
      .connection("edge")
      .request(`flight.${SHARD}.${FLIGHT_ID}.seat-map.edge`, JSON.stringify({ args: {} }), {
        headers: fields,
        timeout: 2_000,
      });
    await until(() => given.answering.length === 1, "the command");
    const seat = {
      seat: "1A",
      cabin: "Y",
      price: { amount: 1, currency: "KRW" },
      state: "free" as const,
      features: ["x".repeat(5_000_000)],
    };
    const seatMap = { flightId: FLIGHT_ID, seatVersion: 1, seats: [seat] };
    given.answering[0]?.({ ok: true, reply: { ok: true, result: { kind: "seat-map", seatMap } }, isReplay: false });
    expect((await asked).json<unknown>()).toMatchObject({ ok: false, error: { code: "INTERNAL" } });
  });

  test("what is answered as too late names the deadline", async () => {
    given.isAnswering = false;
    const asked = given.ask({ deadline: "1" });
    await until(() => given.answering.length === 1, "the command");
    given.answering[0]?.({
      ok: false,
      error: new OperationalError("DEADLINE_EXCEEDED", "The request's deadline had passed."),
    });
    expect(await asked).toMatchObject({ ok: false, error: { code: "DEADLINE_EXCEEDED", field: "Deadline-Ms" } });
  });
});

test.each([
  ["_INBOX.internal-desk.a.1", true],
  // As clients make them up where the server has no users.
  ["_INBOX.0K3F8Q2M5N7P9R1S3T5V7X.1", true],
  ["_INBOX.9kQ", true],
  ["_INBOX.edge.a", false],
  ["_INBOX.actors.a", false],
  ["_INBOX.internal-desk-2.a", false],
  ["_INBOX.>", false],
  ["_INBOX", false],
  ["seats.PG-1", false],
])("whether a caller may be answered at %s: %p", (reply, expected) => {
  expect(mayBeAnsweredAt("internal-desk", reply)).toBe(expected);
});
