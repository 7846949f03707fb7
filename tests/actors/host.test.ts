/** Goal: what a host answers is durable, fenced and survives it; an actor's bug hurts only itself. */

import { afterEach, expect, test } from "bun:test";
import { type GivenHost, givenHost } from "../support/given-host.ts";
import { givenPlan, FLIGHT_ID } from "../support/given.ts";

const hosts: GivenHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

test("a hold is answered once it is in the journal and the projections", async () => {
  const given = await givenHost({ plans: [givenPlan()] });
  hosts.push(given);
  const answer = await given.client.call({
    flightId: FLIGHT_ID,
    op: "hold",
    args: { passengers: [{ name: "Kim", type: "ADT", seat: "1A" }] },
    member: "m1",
    key: "k1",
    fingerprint: "f1",
  });
  expect(answer.reply.ok).toBe(true);
  const claims = await given.db.read.selectFrom("seat_claim").selectAll().execute();
  expect(claims.map(({ seat }) => seat)).toEqual(["1A"]);
});
