// Goal: whoever has a ticket has the place that it says, for as long as the room goes on, whatever the store loses or the database can't take.

import { afterEach, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import { joinedOf } from "../../../queue/room/positions.ts";
import type { RoomStore } from "../../../queue/room/room-store.ts";
import { failureOf } from "../../support/failure-of.ts";
import { GivenRooms } from "../../support/given-rooms.ts";

let store: RoomStore;
let given: GivenRooms;

afterEach(() => given.close());

const DAY_MS = 86_400_000;

/** Rooms over a store that loses everything when another one takes its place. */
async function givenRooms(): Promise<GivenRooms> {
  store = new MemoryRoomStore();
  const current = new Proxy(store, { get: (_, name) => Reflect.get(store, name).bind(store) });
  return await GivenRooms.open({ storeOf: () => current });
}

test("a ticket keeps its place until a week after the opening, however long people gather, also when that is moved", async () => {
  given = await givenRooms();
  await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + 8 * DAY_MS });
  const early = await given.join("early");
  await given.seconds(2);
  for (const days of [8, 12]) {
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + days * DAY_MS });
    given.clock.advance((days - 1) * DAY_MS);
    await given.seconds(2);
    for (let at = 1; at <= 5; at++) await given.join(`late${days} ${at}`);
    await given.seconds(2);
    store = new MemoryRoomStore();
    await given.seconds(2);
    expect(await given.join("early", early.ticket)).toMatchObject({ seq: early.seq, isNew: false });
  }
  given.clock.advance(8 * DAY_MS - 60_000);
  await given.seconds(2);
  expect((await given.enter("early", early.ticket)).kind).not.toBe("bad-ticket");
  given.clock.advance(60_000);
  expect(await given.enter("early", early.ticket)).toEqual({ kind: "bad-ticket" });
  const { ticket } = await given.join("early");
  expect((await given.enter("early", ticket)).kind).not.toBe("bad-ticket");
});

test("a database that is away for longer than a pass counts costs nobody the place: the pass is given once it can be written down", async () => {
  given = await givenRooms();
  await given.change({ mode: "on", passTtlMs: 30_000, maxActive: 1 });
  await given.seconds(2);
  const [first, second] = [await given.join("m1"), await given.join("m2")];
  await given.seconds(2);
  const issue = given.book.issue.bind(given.book);
  given.book.issue = () => Promise.reject(new Error("the database is away"));
  for (let asked = 0; asked < 20; asked++) {
    expect(await failureOf(given.enter("m1", first.ticket))).toMatchObject({ message: "the database is away" });
    await given.seconds(3);
  }
  given.book.issue = issue;
  expect(await given.enter("m1", first.ticket)).toMatchObject({
    kind: "pass",
    isNew: true,
    expiresAtMs: given.clock.nowMs() + 30_000,
  });
  expect((await given.enter("m2", second.ticket)).kind).toBe("not-yet");
});

test("a member who asks twice at the same moment has one pass, and those who ask beside have theirs", async () => {
  given = await givenRooms();
  await given.change({ mode: "on" });
  await given.seconds(2);
  const [one, other] = [await given.join("m1"), await given.join("m2")];
  await given.seconds(2);
  const [first, again, beside] = await Promise.all([
    given.enter("m1", one.ticket),
    given.enter("m1", one.ticket),
    given.enter("m2", other.ticket),
  ]);
  expect([first, beside]).toMatchObject([{ kind: "pass" }, { kind: "pass" }]);
  expect<unknown>(again).toEqual({ ...first, isNew: false });
});

test("a store that is lost again and again at once makes nobody wait for places that were skipped", async () => {
  given = await givenRooms();
  await given.change({ mode: "on", maxActive: 1 });
  await given.seconds(2);
  await given.join("m1");
  await given.seconds(2);
  const places: { readonly seq: number }[] = [];
  for (const member of ["m2", "m3", "m4", "m5"]) {
    store = new MemoryRoomStore();
    places.push(await given.join(member));
  }
  await given.seconds(2);
  const known = present(given.edge.rooms.get(given.flightId), "the room");
  const glance = present(known.glance, "a glance");
  expect(joinedOf(glance)).toBe(5);
  // Each loss skips about as much as the one before.
  const skipped = places.map(({ seq }, at) => seq - (places[at - 1]?.seq ?? 1));
  expect(Math.max(...skipped)).toBeLessThan(2 * Math.min(...skipped));
});
