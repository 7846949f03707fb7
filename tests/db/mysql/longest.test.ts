/** Goal: whatever the bus takes, however long, the database keeps: one request that did not fit would close its flight for everybody. */

import { expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import type { Answer } from "../../../actors/bus/bus.ts";
import { callerKind } from "../../../actors/bus/callers.ts";
import { readBatch } from "../../../actors/bus/wire.ts";
import { shardOf } from "../../../actors/domain/ids.ts";
import { FLIGHT_ID, givenPlan, paymentIn, reservationIn } from "../../support/given.ts";
import { givenMysql } from "../../support/given-database.ts";
import { type GivenHost, givenHost } from "../../support/given-host.ts";
import { describeWithService } from "../../support/services.ts";

const MEMBER = `m${":".repeat(35)}`;
const KEY = "~".repeat(250);
const PASSENGERS = Array.from({ length: 9 }, (_, at) => ({
  name: at % 2 === 0 ? "가".repeat(100) : "😀".repeat(50),
  type: "ADT",
  birthDate: "1999-12-31",
  person: `${at}`.repeat(64),
}));
const CHECKOUT_URL = `https://${"~".repeat(2_000)}`;

describeWithService("mariadbd", "the longest that the bus takes", () => {
  test("is kept, and the flight goes on", async () => {
    const database = await givenMysql();
    const given = await givenHost({ database: database.db, plans: [givenPlan()] });
    const held = await ask(given, { op: "hold", member: MEMBER, key: `${KEY}hold`, args: { passengers: PASSENGERS } });
    const { id } = reservationIn(replyIn(held));
    const begin = { op: "begin-payment", member: MEMBER, key: `${KEY}pay`, args: { reservationId: id } };
    const attempt = paymentIn(replyIn(await ask(given, begin))).id;
    const open = { op: "open-payment", key: `${KEY}open`, args: { attempt, checkoutUrl: CHECKOUT_URL } };
    expect(paymentIn(replyIn(await ask(given, open))).checkoutUrl).toBe(CHECKOUT_URL);

    const [row] = await database.db.read.selectFrom("payment").select("checkout_url").execute();
    expect(row?.checkout_url).toBe(CHECKOUT_URL);
    const names = await database.db.read.selectFrom("passenger").select("name").orderBy("ordinal").execute();
    expect(names.map(({ name }) => name)).toEqual(PASSENGERS.map(({ name }) => name));
    await given.host.stop();
    await database.remove();
  });

  test.each([
    ["a member", { op: "hold", member: `${MEMBER}x`, key: KEY, args: { passengers: PASSENGERS } }],
    ["an address", { op: "open-payment", key: KEY, args: { attempt: "a", checkoutUrl: `${CHECKOUT_URL}x` } }],
    [
      "an address with more than ASCII",
      { op: "open-payment", key: KEY, args: { attempt: "a", checkoutUrl: "https://가" } },
    ],
  ])("is no longer than that: %s", (_, command) => {
    expect(read(command).error).toMatchObject({ code: "VALIDATION" });
  });
});

/** As the bus brings it. */
function read(command: object) {
  const caller = "all";
  const kind = present(callerKind(caller), "a caller");
  const text = JSON.stringify({
    commands: [{ i: 1, flightId: FLIGHT_ID, deadlineMs: Date.now() + 10_000, ...command }],
  });
  const batch = readBatch(new TextEncoder().encode(text), { shard: shardOf(FLIGHT_ID), caller, kind });
  if (!batch.ok) throw new Error(JSON.stringify(batch.error));
  return present(batch.commands[0], "the command");
}

function ask(given: GivenHost, command: object): Promise<Answer> {
  const { command: taken, error } = read(command);
  if (taken === null) throw new Error(JSON.stringify(error));
  return new Promise((resolve) => given.host.deliver(taken, resolve));
}

function replyIn(answer: Answer) {
  if (!answer.ok) throw answer.error;
  return answer.reply;
}
