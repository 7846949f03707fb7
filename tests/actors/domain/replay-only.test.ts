/** Goal: whoever has no admission any more is told what their key was answered, and nothing else: such a question never does anything. */

import { expect, test } from "bun:test";
import { CALLERS } from "../../../actors/bus/callers.ts";
import { readBatch, readSingle, writeBatch, writeBatched, writeBody } from "../../../actors/bus/wire.ts";
import type { Command } from "../../../actors/domain/command.ts";
import { shardOf } from "../../../actors/domain/ids.ts";
import { GivenFlight, givenHold, rejectionIn } from "../../support/given.ts";

const FAR = Number.MAX_SAFE_INTEGER;

function keyed(key: string, seats: readonly string[] = ["4A"]): Command<"hold"> {
  return givenHold(seats, { key, member: "m1", deadlineMs: FAR });
}

test("a key that has its answer gives it again", () => {
  const flight = new GivenFlight();
  const first = flight.ask(keyed("k"));
  expect(flight.take({ ...keyed("k"), replayOnly: true })).toEqual({
    kind: "answered",
    reply: first,
    isReplay: true,
    record: null,
  });
});

test("a key that has none is refused, nothing is recorded, and the same key does later what it says", () => {
  const flight = new GivenFlight();
  const turn = flight.take({ ...keyed("k"), replayOnly: true });
  expect(turn).toMatchObject({ kind: "answered", isReplay: false, record: null });
  expect(turn.kind === "answered" && rejectionIn(turn.reply).code).toBe("ADMISSION_REQUIRED");
  expect(flight.occupied()).toEqual([]);
  expect(flight.ask(keyed("k"))).toMatchObject({ ok: true });
});

test("a key that stands for another request says so", () => {
  const flight = new GivenFlight();
  flight.ask(keyed("k"));
  const turn = flight.take({ ...keyed("k", ["4B"]), replayOnly: true });
  expect(turn.kind === "answered" && rejectionIn(turn.reply).code).toBe("IDEMPOTENCY_KEY_REUSED");
});

test("the question stays one on its way over a bus, single or in a batch", () => {
  const command = { ...keyed("k"), replayOnly: true as const, deadlineMs: 1_900_000_000_000 };
  const { flightId, op, key, deadlineMs } = command;
  const asked = { shard: shardOf(flightId), caller: "edge", kind: CALLERS.edge };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const single = readSingle(bytes(writeBody(command)), { ...asked, flightId, op, key, deadline: String(deadlineMs) });
  expect(single.command).toEqual(command);
  const batch = readBatch(bytes(writeBatch([writeBatched(0, command)])), asked);
  expect(batch).toMatchObject({ ok: true, commands: [{ i: 0, command, error: null }] });
  expect(writeBody(keyed("k"))).not.toContain("replayOnly");
});
