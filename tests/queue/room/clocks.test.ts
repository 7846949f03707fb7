// Goal: the clocks of processes differ, and operators change a room at the same time: the last change is the one that holds, everywhere.

import { afterEach, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { GivenRooms } from "../../support/given-rooms.ts";
import { until } from "../../support/until.ts";

let given: GivenRooms;

afterEach(() => given.close());

const MINUTE_MS = 60_000;

test("a room that an edge whose clock is ahead has turned on is frozen, drawn and opened", async () => {
  given = await GivenRooms.open({ edges: 2, aheadMs: [0, 30] });
  const ahead = present(given.edges[1], "two edges");
  await given.seconds(1);
  await ahead.operator.change(given.flightId, { mode: "on", opensAtMs: given.clock.nowMs() + 1_500 });
  // The one that paces freezes the line as soon as it hears of it.
  await until(async () => (await given.book.room(given.flightId))?.draw.frozen !== null, "the freeze");
  await given.seconds(30);
  for (const { gate } of given.edges) expect(gate.state(given.flightId)).toBe("open");
});

test("a room that an edge whose clock is ahead has changed just before the freeze is drawn and opened", async () => {
  given = await GivenRooms.open({ edges: 2, aheadMs: [0, 30] });
  const ahead = present(given.edges[1], "two edges");
  await ahead.operator.change(given.flightId, { mode: "on", opensAtMs: given.clock.nowMs() + MINUTE_MS });
  for (const member of ["m1", "m2", "m3"]) await given.join(member, null, ahead);
  await given.seconds(57);
  given.clock.advance(985);
  await ahead.operator.change(given.flightId, { mode: "on", admitPerMinute: 300 });
  const { looks } = given.leader;
  given.clock.advance(15);
  await until(() => given.leader.looks > looks, "the look at which the line is frozen");
  await given.leader.pacer.idle();
  await given.seconds(5);
  for (const { gate, rooms } of given.edges) {
    expect(gate.state(given.flightId)).toBe("open");
    expect(rooms.get(given.flightId)).toMatchObject({ draw: { n: 3 }, room: { settings: { admitPerMinute: 300 } } });
  }
});

test("of two changes at once the later one holds on every edge, though it was asked for first", async () => {
  given = await GivenRooms.open({ edges: 2 });
  await given.change({ mode: "on" });
  const [first, second] = [present(given.edges[0], "two edges"), present(given.edges[1], "two edges")];
  const change = given.book.change.bind(given.book);
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
  // The first waits for the room, which the second has.
  given.book.change = async (id, decide) => {
    await isFree;
    return change(id, decide);
  };
  const closing = first.operator.change(given.flightId, { mode: "closed" });
  given.book.change = change;
  given.clock.advance(5);
  await second.operator.change(given.flightId, { mode: "on", admitPerMinute: 300 });
  free();
  expect(await closing).toMatchObject({ ok: true, room: { mode: "closed" } });
  await until(
    () => given.edges.every(({ gate }) => gate.state(given.flightId) === "closed"),
    "the close on every edge",
  );
});
