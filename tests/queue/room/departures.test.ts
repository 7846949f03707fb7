// Goal: whoever has bought, or given up what they held, makes room for the next: their own visit ends, and nobody else's.

import { afterEach, describe, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import { GivenRooms } from "../../support/given-rooms.ts";

let given: GivenRooms;

afterEach(() => given.close());

function passIn(entering: { readonly kind: string; readonly pass?: string }): string {
  return present(entering.pass, `a pass, not ${JSON.stringify(entering)}`);
}

describe("a departure", () => {
  test("makes room for the next: the pass no longer counts on any process, and its place is over", async () => {
    given = await GivenRooms.open({ edges: 2 });
    await given.change({ mode: "on", maxActive: 1 });
    await given.seconds(2);
    const first = await given.join("m1");
    const second = await given.join("m2");
    await given.seconds(2);
    const pass = passIn(await given.enter("m1", first.ticket));
    await given.seconds(2);
    expect((await given.enter("m2", second.ticket)).kind).toBe("not-yet");
    await given.release("m1", await given.hold("m1"));
    for (const { gate } of given.edges) {
      expect(gate.admits(given.flightId, "m1", pass)).toEqual({ admitted: false, reason: "revoked" });
    }
    expect(await given.enter("m1", first.ticket)).toEqual({ kind: "over" });
    await given.seconds(2);
    passIn(await given.enter("m2", second.ticket));
    // Who comes again begins at the end.
    expect(await given.join("m1")).toMatchObject({ seq: 3, isNew: true });
  });

  test("of somebody who bought before the room was turned on ends nothing", async () => {
    given = await GivenRooms.open();
    await given.release("m1", await given.hold("m1"));
    given.clock.advance(10);
    await given.change({ mode: "on" });
    await given.seconds(2);
    const { ticket } = await given.join("m1");
    await given.seconds(2);
    const pass = passIn(await given.enter("m1", ticket));
    await given.depart();
    expect(given.edge.gate.admits(given.flightId, "m1", pass)).toEqual({ admitted: true });
  });

  test("of a reservation from an earlier visit leaves the pass of the next one", async () => {
    given = await GivenRooms.open();
    await given.change({ mode: "on", passTtlMs: 60_000 });
    await given.seconds(2);
    const first = await given.join("m1");
    await given.seconds(2);
    passIn(await given.enter("m1", first.ticket));
    const held = await given.hold("m1");
    // The pass runs out before what was held by it.
    await given.seconds(65);
    const second = await given.join("m1");
    await given.seconds(3);
    const pass = passIn(await given.enter("m1", second.ticket));
    await given.release("m1", held);
    expect(given.edge.gate.admits(given.flightId, "m1", pass)).toEqual({ admitted: true });
    expect(await given.enter("m1", second.ticket)).toMatchObject({ kind: "pass", pass, isNew: false });
  });

  test.each(["off", "closed"] as const)("from a room that is %s leaves it forgotten", async (mode) => {
    const store = new MemoryRoomStore();
    given = await GivenRooms.open({ storeOf: () => store, edges: 2 });
    await given.change({ mode: "on" });
    await given.seconds(2);
    const { ticket } = await given.join("m1");
    await given.seconds(2);
    passIn(await given.enter("m1", ticket));
    const held = await given.hold("m1");
    const { id } = present(given.edge.rooms.get(given.flightId), "the room");
    // One edge has not heard of it yet.
    const { bus } = given.host;
    const [deaf, other] = [given.edge, present(given.edges[1], "two edges")];
    const publish = bus.publish.bind(bus);
    bus.publish = () => {};
    await other.operator.change(given.flightId, { mode });
    bus.publish = publish;
    expect(deaf.rooms.get(given.flightId)?.room.mode).toBe("on");
    expect(await store.glance(id, 0, given.clock.nowMs())).toBeNull();
    // What fails here is tried again, once the edge has heard of it.
    await given.release("m1", held).catch(() => {});
    await given.depart();
    expect(await store.glance(id, 0, given.clock.nowMs())).toBeNull();
    expect(await given.book.passes(id)).toMatchObject([{ endedAtMs: given.clock.nowMs() }]);
  });
});
