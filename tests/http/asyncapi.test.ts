/** Goal: the bus's document is whole: every reference leads somewhere, every op, code, broadcast and event is in it, and its examples are what it says. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { callerKind } from "../../actors/bus/callers.ts";
import { FAILURE_CODES, REJECTION_CODES } from "../../actors/bus/replies.ts";
import { BATCH, BODIES, BUS_OPS } from "../../actors/bus/requests.ts";
import { readBatch, readSingle } from "../../actors/bus/wire.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import { TOLD_EVENTS } from "../../queue/events/event-kinds.ts";
import { GivenApp } from "../support/given-app.ts";

type Json = Readonly<Record<string, unknown>>;

interface Channel {
  readonly address: string | null;
  readonly parameters?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly messages: Readonly<Record<string, Json>>;
}

interface Operation {
  readonly action: "send" | "receive";
  readonly channel: { readonly $ref: string };
  readonly messages: readonly { readonly $ref: string }[];
  readonly reply?: {
    readonly channel: { readonly $ref: string };
    readonly messages: readonly { readonly $ref: string }[];
  };
}

interface Document {
  readonly asyncapi: string;
  readonly info: { readonly description: string };
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<Record<string, Operation>>;
}

describe("/asyncapi/json", () => {
  let given: GivenApp;
  let document: Document;

  beforeAll(async () => {
    given = await GivenApp.open();
    document = (await (await given.get("/asyncapi/json")).json()) as Document;
  });
  afterAll(() => given.close());

  function channel(name: string): Channel {
    return present(document.channels[name], `channel ${name}`);
  }

  function examplesOf<T>(name: string): readonly T[] {
    return present(channel(name).messages.request, "a request").examples as readonly T[];
  }

  /** What a reference within the document leads to. */
  function at(reference: string): unknown {
    const path = reference.split("/").slice(1);
    return path.reduce<unknown>((found, name) => (found as Json | undefined)?.[name], document);
  }

  function references(value: unknown): string[] {
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, member]) => (name === "$ref" ? [String(member)] : references(member)));
  }

  test("is AsyncAPI 3, served as JSON that may be kept as long as it is asked for anew", async () => {
    expect(document.asyncapi).toBe("3.0.0");
    const first = await given.get("/asyncapi/json");
    expect(first.headers.get("content-type")).toBe("application/json");
    const again = await given.get("/asyncapi/json", { "if-none-match": first.headers.get("etag") ?? "" });
    expect(again.status).toBe(304);
  });

  test("every reference leads somewhere, and every operation's messages are its channel's", () => {
    for (const reference of references(document)) expect(at(reference), reference).toBeDefined();
    for (const { channel, messages, reply } of Object.values(document.operations)) {
      for (const { $ref } of messages) expect($ref).toStartWith(`${channel.$ref}/messages/`);
      for (const { $ref } of reply?.messages ?? []) expect($ref).toStartWith(`${reply?.channel.$ref}/messages/`);
    }
  });

  test("every word in braces of an address is a parameter, and none is missing", () => {
    for (const { address, parameters = {} } of Object.values(document.channels)) {
      const words = Array.from((address ?? "").matchAll(/\{(\w+)\}/g), ([, word]) => word);
      expect(Object.keys(parameters).sort((a, b) => a.localeCompare(b))).toEqual(
        words.map(String).sort((a, b) => a.localeCompare(b)),
      );
    }
  });

  test("has every op with its request and its reply, the batch, every broadcast that is for outside, and every event", () => {
    for (const op of BUS_OPS) {
      expect(channel(op).address).toBe(`flight.{shard}.{flightId}.${op}.{caller}`);
      expect(document.operations[op]?.reply?.messages).toEqual([{ $ref: `#/channels/inbox/messages/${op}` }]);
    }
    expect(channel("batch").address).toBe("flight.{shard}._batch.{caller}");
    for (const kind of ["seats", "stat", "room"]) expect(channel(kind).address).toBe(`${kind}.{flightId}`);
    expect(channel("journal").address).toBe("journal.{eventType}");
    for (const kind of ["shards", "stages"]) expect(document.channels[kind]).toBeUndefined();
    const events = Object.values(document.channels).filter(({ address }) => address?.startsWith("event."));
    expect(events).toHaveLength(TOLD_EVENTS.length);
    for (const { messages } of events) {
      const { headers } = messages.told as { headers?: { required?: readonly string[] } };
      expect(headers?.required).toEqual(["Nats-Msg-Id", "Content-Type", "Nats-Expected-Stream"]);
    }
  });

  test("explains every code and every caller", () => {
    const { description } = document.info;
    for (const code of [...REJECTION_CODES, ...FAILURE_CODES]) expect(description).toContain(`| ${code} |`);
    for (const caller of ["edge", "workers", "all", "internal-*"]) expect(description).toContain(`\`${caller}\``);
    expect(description).not.toContain("undefined");
  });

  test("its examples are requests that an owner takes", () => {
    const [single] = examplesOf<{ headers: Record<string, string>; payload: unknown }>("hold");
    const [batch] = examplesOf<{ payload: { commands: { flightId: string }[] } }>("batch");
    expect(BODIES.hold.check(single?.payload)).toBeNull();
    expect(BATCH.check(batch?.payload)).toBeNull();
    const flightId = present(batch?.payload.commands[0], "a command").flightId;
    const shard = shardOf(flightId);
    const caller = "internal-desk";
    const asked = { shard, caller, kind: present(callerKind(caller), "a caller") };
    const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const taken = readSingle(bytes(single?.payload), {
      ...asked,
      flightId,
      op: "hold",
      key: single?.headers["Idempotency-Key"] ?? null,
      deadline: single?.headers["Deadline-Ms"] ?? null,
    });
    expect(taken.error).toBeNull();
    expect(readBatch(bytes(batch?.payload), asked)).toMatchObject({ ok: true, commands: [{ i: 0, error: null }] });
  });

  test("its words on the shard are right", () => {
    const { description } = at("#/components/parameters/shard") as { description: string };
    const [, flightId = "", shard] = /([A-Z]{2}-\S+) is in shard (\d+)/.exec(description) ?? [];
    expect(shardOf(flightId)).toBe(Number(shard));
  });
});
