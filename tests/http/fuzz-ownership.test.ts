// Goal: somebody else's reservation can't be read, paid or cancelled, whatever state it is in, and every answer about it is that of one which does not exist.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { examine } from "../../db/doctor/examine.ts";
import { givenPlan } from "../support/given.ts";
import { type Answered, type Caller, GivenShop, ORIGIN } from "../support/given-shop.ts";
import { StateWatch } from "../support/state-watch.ts";

const RUNS = 150;

/** The member's own requests used it: for somebody else it means nothing. */
const KIMS_KEY = "a-key-of-kims";

/** On its flight Kim has a reservation in each of these states. */
const STATES = ["HELD", "PAYING", "TICKETED", "CANCELLING", "CANCELLED", "RELEASED"] as const;
type State = (typeof STATES)[number];

let shop: GivenShop;
let watch: StateWatch;
let strangers: Readonly<Record<"member" | "admin" | "nobody", Caller>>;
let kim: Caller;
const ids = new Map<State, string>();

beforeAll(async () => {
  shop = await GivenShop.open({ plans: STATES.map((state) => givenPlan({ flightId: `PG-${state}` })) });
  kim = await shop.as("kim");
  strangers = { member: await shop.as("lee"), admin: await shop.as("root", "ADMIN"), nobody: shop.nobody() };
  for (const state of STATES) ids.set(state, await reservationIn(state));
  watch = new StateWatch(shop.host.file);
});

afterAll(async () => {
  watch.close();
  await shop.close();
});

async function reservationIn(state: State): Promise<string> {
  const { id } = (await kim.hold(["1A"], KIMS_KEY, `PG-${state}`)).body;
  const path = `/api/v1/reservations/${id}`;
  if (state === "PAYING" || state === "TICKETED" || state === "CANCELLING" || state === "CANCELLED") {
    const { body } = await kim.post(`${path}/payments`, {}, KIMS_KEY);
    if (state === "TICKETED" || state === "CANCELLED") {
      await shop.checkout(body.checkoutUrl, { outcome: "approve" });
      await shop.settle(body.id);
    }
  }
  if (state === "CANCELLING" || state === "CANCELLED" || state === "RELEASED") await kim.delete(path);
  expect((await kim.get(path)).body.status).toBe(state);
  return id;
}

/** All of an answer that a client can see, but for the id of the request. */
function seen({ status, headers, text }: Answered): unknown {
  const fields = Array.from(headers).filter(([name]) => name !== "x-request-id" && name !== "date");
  return { status, fields, text };
}

type Ask = (who: Caller, id: string) => Promise<Answered>;

const ASKS: Readonly<Record<string, Ask>> = {
  GET: (who, id) => who.get(`/api/v1/reservations/${id}`),
  "GET if changed": (who, id) => who.get(`/api/v1/reservations/${id}`, { "if-none-match": "*" }),
  HEAD: (who, id) => who.send("HEAD", `/api/v1/reservations/${id}`),
  DELETE: (who, id) => who.delete(`/api/v1/reservations/${id}`),
  "POST payments": (who, id) => who.post(`/api/v1/reservations/${id}/payments`, {}),
  "POST payments, under its member's key": (who, id) => who.post(`/api/v1/reservations/${id}/payments`, {}, KIMS_KEY),
  "POST payments, to return to us": (who, id) =>
    who.post(`/api/v1/reservations/${id}/payments`, { returnUrl: `${ORIGIN}/thanks` }),
  "POST payments, to return elsewhere": (who, id) =>
    who.post(`/api/v1/reservations/${id}/payments`, { returnUrl: "https://evil.example/" }),
  "POST payments, without a key": (who, id) => who.send("POST", `/api/v1/reservations/${id}/payments`, {}),
  "POST payments, with what is no body": (who, id) => who.post(`/api/v1/reservations/${id}/payments`, "{"),
  "PUT, which nothing takes": (who, id) => who.send("PUT", `/api/v1/reservations/${id}`, {}),
};

describe.each([...STATES])("a %s reservation of somebody else", (state) => {
  test.each(Object.entries(ASKS))("looks like none to %s", async (_, ask) => {
    for (const who of Object.values(strangers)) {
      const id = ids.get(state) ?? "";
      const none = await ask(who, Bun.randomUUIDv7());
      expect(seen(await ask(who, id))).toEqual(seen(none));
      expect(none.status).toBeGreaterThanOrEqual(400);
      // Asked again: nothing was kept of the first time.
      expect(seen(await ask(who, id))).toEqual(seen(none));
    }
    expect(watch.changed()).toEqual([]);
    expect((await kim.get(`/api/v1/reservations/${ids.get(state)}`)).body.status).toBe(state);
  });

  test("is told as 404 to a member, and without any word of what it is", async () => {
    const { status, body, text } = await strangers.member.get(`/api/v1/reservations/${ids.get(state)}`);
    expect([status, body.code]).toEqual([404, "RESERVATION_NOT_FOUND"]);
    expect(text).not.toContain(ids.get(state) ?? "");
    expect(text).not.toContain(`PG-${state}`);
  });
});

test("lists show nothing of somebody else's", async () => {
  for (const list of ["reservations", "tickets"]) {
    expect((await kim.get(`/api/v1/${list}`)).body.items).not.toEqual([]);
    for (const who of [strangers.member, strangers.admin]) {
      expect((await who.get(`/api/v1/${list}`)).body).toMatchObject({ items: [], total: 0 });
    }
  }
});

test("an id written in another way leads nobody to somebody else's", async () => {
  const ways = (id: string): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constantFrom(
        id.toUpperCase(),
        `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`,
        `${id}/`,
        `${id}?`,
        `${id};x=1`,
      ),
      fc.constantFrom(
        `${id}%00`,
        `%20${id}`,
        `${id}%20`,
        `./${id}`,
        `x/../${id}`,
        `{${id}}`,
        `${id}'--`,
        id.replaceAll("-", ""),
      ),
    );
  const asked = fc
    .constantFrom(...ids.values())
    .chain((id) => fc.record({ id: fc.constant(id), way: ways(id), ask: fc.constantFrom(...Object.keys(ASKS)) }));
  await fc.assert(
    fc.asyncProperty(asked, fc.uuid({ version: 7 }), async ({ id, way, ask }, other) => {
      const question = ASKS[ask] ?? fail();
      const { member } = strangers;
      // The same characters at the same places, around an id that nobody has; what changes the case changes nothing there.
      const none = await question(member, way.includes(id) ? way.replace(id, other) : other);
      const answer = await question(member, way);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(seen(answer)).toEqual(seen(none));
      expect(watch.changed()).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test("the doctor finds nothing afterwards", async () => {
  expect((await examine(shop.host.db.read)).findings).toEqual([]);
});

function fail(): never {
  throw new Error("there is such a question");
}
