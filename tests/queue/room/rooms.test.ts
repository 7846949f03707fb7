// Goal: a room goes through its life on several processes at once: gathered, drawn, opened, paced, paused, closed; whoever looks where sees the same.

import { afterEach, describe, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import type { Beacon } from "../../../queue/room/beacon/beacon.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import { GivenRooms } from "../../support/given-rooms.ts";

let given: GivenRooms;

afterEach(() => given.close());

const MINUTE_MS = 60_000;

function passIn(entering: { readonly kind: string; readonly pass?: string }): string {
  return present(entering.pass, `a pass, not ${JSON.stringify(entering)}`);
}

describe("a room that is off", () => {
  test("is none: nobody joins, and everybody may reserve", async () => {
    given = await GivenRooms.open();
    expect(await given.edge.door.join(given.flightId, "m1", null)).toEqual({ kind: "off" });
    expect(given.edge.gate.admits(given.flightId, "m1", null)).toEqual({ admitted: true });
    expect(given.edge.gate.state(given.flightId)).toBe("off");
  });
});

describe("a room without a time before its opening", () => {
  test("lets in who comes first, from the first second", async () => {
    given = await GivenRooms.open({ edges: 2 });
    await given.change({ mode: "on" });
    await given.seconds(2);
    const [, other] = given.edges;
    const first = await given.join("m1");
    const second = await given.join("m2", null, present(other, "two edges"));
    expect([first, second]).toMatchObject([
      { seq: 1, isNew: true, place: 1 },
      { seq: 2, isNew: true, place: 2 },
    ]);
    expect(await given.join("m1", null, present(other, "two edges"))).toMatchObject({ seq: 1, isNew: false });
    expect(await given.enter("m2", second.ticket)).toMatchObject({ kind: "not-yet", reason: "WAITING", position: 2 });
    await given.seconds(2);
    const pass = passIn(await given.enter("m2", second.ticket));
    for (const { gate } of given.edges) {
      expect(gate.admits(given.flightId, "m2", pass)).toEqual({ admitted: true });
      expect(gate.admits(given.flightId, "m1", pass)).toEqual({ admitted: false, reason: "wrong-member" });
      expect(gate.admits(given.flightId, "m1", null)).toEqual({ admitted: false, reason: "missing" });
    }
    expect(await given.enter("m2", second.ticket, other)).toMatchObject({ kind: "pass", pass, isNew: false });
  });
});

describe("the gate", () => {
  test("says what is wrong with a pass", async () => {
    given = await GivenRooms.open();
    await given.change({ mode: "on", passTtlMs: 30_000 });
    await given.seconds(2);
    const { ticket } = await given.join("m1");
    await given.seconds(2);
    const pass = passIn(await given.enter("m1", ticket));
    const { gate } = given.edge;
    const why = (member = "m1", shown: string | null = pass) => {
      const admission = gate.admits(given.flightId, member, shown);
      return admission.admitted ? null : admission.reason;
    };
    expect(why()).toBeNull();
    expect(why("m2")).toBe("wrong-member");
    expect(why("m1", `${pass}x`)).toBe("invalid");
    expect(why("m1", ticket)).toBe("invalid");
    expect(why("m1", "")).toBe("invalid");
    await given.seconds(30);
    expect(why()).toBe("expired");
    await given.change({ mode: "off" });
    expect(why("m1", null)).toBeNull();
    await given.change({ mode: "on" });
    expect(why()).toBe("old-epoch");
  });

  test("goes by a change on every process within a moment, without a second passing", async () => {
    given = await GivenRooms.open({ edges: 3 });
    await given.change({ mode: "on" });
    for (const { gate } of given.edges) expect(gate.admits(given.flightId, "m1", null).admitted).toBe(false);
    await given.change({ mode: "off" });
    for (const { gate } of given.edges) expect(gate.admits(given.flightId, "m1", null).admitted).toBe(true);
  });

  test("knows its rooms, and who lost their pass, as soon as a process has started", async () => {
    given = await GivenRooms.open();
    await given.change({ mode: "on" });
    await given.seconds(2);
    const tickets = [await given.join("m1"), await given.join("m2")];
    await given.seconds(2);
    const [gone = "", kept = ""] = await Promise.all(
      tickets.map(async ({ ticket }, at) => passIn(await given.enter(`m${at + 1}`, ticket))),
    );
    await given.release("m1", await given.hold("m1"));
    const fresh = await given.start();
    expect(fresh.gate.admits(given.flightId, "m1", gone)).toEqual({ admitted: false, reason: "revoked" });
    expect(fresh.gate.admits(given.flightId, "m2", kept)).toEqual({ admitted: true });
    expect(fresh.gate.admits(given.flightId, "m2", null)).toEqual({ admitted: false, reason: "missing" });
  });

  test("hears of a lost word about a change with the next look", async () => {
    given = await GivenRooms.open({ edges: 2 });
    const { operator } = given.edge;
    const deaf = present(given.edges[1], "two edges");
    const { bus } = given.host;
    const publish = bus.publish.bind(bus);
    bus.publish = () => {};
    await operator.change(given.flightId, { mode: "on" });
    bus.publish = publish;
    expect(deaf.gate.admits(given.flightId, "m1", null).admitted).toBe(true);
    await given.seconds(1);
    expect(deaf.gate.admits(given.flightId, "m1", null).admitted).toBe(false);
  });

  test("sends nobody away from a room of which the word has not come yet, nor a ticket of its next epoch", async () => {
    given = await GivenRooms.open({ edges: 2 });
    const { operator } = given.edge;
    const deaf = present(given.edges[1], "two edges");
    const { bus } = given.host;
    bus.publish = () => {};
    const turn = (mode: "on" | "off") => operator.change(given.flightId, { mode });
    expect(await deaf.door.join(given.flightId, "m1", null)).toEqual({ kind: "off" });
    await turn("on");
    expect(await deaf.door.join(given.flightId, "m1", null)).toMatchObject({ kind: "place", seq: 1 });
    await turn("off");
    await turn("on");
    const { ticket } = await given.join("m2");
    expect(await given.enter("m2", ticket, deaf)).toMatchObject({ kind: "not-yet", reason: "WAITING" });
    await operator.change(given.flightId, { mode: "closed" });
    await deaf.rooms.reload(given.flightId);
    await turn("on");
    expect(await deaf.door.join(given.flightId, "m3", null)).toMatchObject({ kind: "place", seq: 1 });
  });

  test("refuses everybody once a process can't tell any more which rooms are on", async () => {
    given = await GivenRooms.open();
    const rooms = given.book.rooms.bind(given.book);
    given.book.rooms = () => Promise.reject(new Error("the database is away"));
    await given.seconds(9);
    expect(given.edge.gate.admits(given.flightId, "m1", null)).toEqual({ admitted: true });
    expect(given.edge.trouble()).toBeNull();
    await given.seconds(1);
    expect(() => given.edge.gate.admits(given.flightId, "m1", null)).toThrow("can't be told now");
    expect(given.edge.trouble()).toContain("can't be told now");
    given.book.rooms = rooms;
    await given.seconds(1);
    expect(given.edge.gate.admits(given.flightId, "m1", null)).toEqual({ admitted: true });
    expect(given.edge.trouble()).toBeNull();
  });
});

describe("before the opening", () => {
  test("people gather, are frozen and drawn for, and let in by their ranks; who comes later comes after them", async () => {
    given = await GivenRooms.open({ edges: 2 });
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + MINUTE_MS, maxActive: 10, admitPerMinute: 60 });
    const early = await Promise.all(Array.from({ length: 30 }, (_, at) => given.join(`m${at + 1}`)));
    expect(early.every(({ state, place }) => state === "PREQUEUE" && place === null)).toBe(true);
    expect(await given.enter("m1", early[0]?.ticket ?? "")).toMatchObject({
      kind: "not-yet",
      reason: "WAITING",
      position: null,
    });
    await given.seconds(59);
    const late = await given.join("late");
    expect(late).toMatchObject({ seq: 31, state: "WAITING", place: 31 });
    expect(given.edge.gate.state(given.flightId)).toBe("prequeue");
    await given.seconds(3);
    expect(given.edge.gate.state(given.flightId)).toBe("open");
    const known = present(given.edge.rooms.get(given.flightId), "the room is known");
    const draw = present(known.draw, "the order is drawn");
    expect(draw.n).toBe(30);
    const places = await Promise.all(early.map(async (_, at) => (await given.join(`m${at + 1}`)).place));
    expect(places).toEqual(early.map(({ seq }) => draw.rank(seq)));
    expect(new Set(places)).toEqual(new Set(Array.from({ length: 30 }, (_, at) => at + 1)));
    expect(places).not.toEqual(early.map(({ seq }) => seq));
    const served = new Set<number>();
    for (let second = 0; second < 60 && served.size < 10; second++) {
      await given.seconds(1);
      for (const [at, { ticket }] of early.entries()) {
        if ((await given.enter(`m${at + 1}`, ticket)).kind === "pass") served.add(places[at] ?? 0);
      }
    }
    expect([...served].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("the order hangs on a beacon that was named beforehand, and waits for it no longer than it may", async () => {
    const asked: string[] = [];
    let value: Uint8Array | null = new Uint8Array(32).fill(8);
    const beacon = (clock: { nowMs(): number }): Beacon => ({
      nameAt: (atMs) => `https://beacon.example/${atMs}`,
      value: async (name, untilMs) => {
        asked.push(`${name} at ${clock.nowMs()} until ${untilMs}`);
        return value;
      },
    });
    given = await GivenRooms.open({ beacon });
    const opensAtMs = given.clock.nowMs() + MINUTE_MS;
    const name = `https://beacon.example/${opensAtMs - 6_000}`;
    await given.change({ mode: "on", opensAtMs });
    expect(given.edge.rooms.get(given.flightId)?.room.draw.beaconName).toBe(name);
    await given.join("m1");
    await given.seconds(61);
    // Frozen twelve seconds before the opening, six before the beacon speaks, and asked for then or at the next look.
    const asks = [12_000, 11_000].map((ms) => `${name} at ${opensAtMs - ms} until ${opensAtMs + 5_000}`);
    expect(asked).toHaveLength(1);
    expect(asks).toContain(asked[0] ?? "");
    expect(given.edge.rooms.get(given.flightId)?.draw?.proof().beacon).toMatchObject({ name, trusts: "BEACON" });
    expect(given.edge.gate.state(given.flightId)).toBe("open");

    value = null;
    await given.change({ mode: "off" });
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + MINUTE_MS });
    await given.seconds(61);
    expect(given.edge.rooms.get(given.flightId)?.draw?.proof().beacon).toMatchObject({
      value: null,
      trusts: "OPERATOR",
    });
    // A line that is frozen after its beacon spoke may have been made for it: then the beacon is not even asked.
    value = new Uint8Array(32).fill(8);
    await given.change({ mode: "off" });
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + 5_000 });
    await given.seconds(6);
    expect(asked).toHaveLength(2);
    expect(given.edge.rooms.get(given.flightId)?.draw?.proof().beacon).toMatchObject({
      value: null,
      trusts: "OPERATOR",
    });
  });

  test("the opening can be moved until the line is frozen", async () => {
    given = await GivenRooms.open();
    const opensAtMs = given.clock.nowMs() + MINUTE_MS;
    await given.change({ mode: "on", opensAtMs });
    await given.change({ mode: "on", opensAtMs: opensAtMs + MINUTE_MS });
    await given.seconds(70);
    expect(given.edge.gate.state(given.flightId)).toBe("prequeue");
    await given.seconds(49);
    const moved = given.edge.operator.change(given.flightId, { mode: "on", opensAtMs: opensAtMs + 2 * MINUTE_MS });
    expect(await moved).toMatchObject({ ok: false, field: "opensAt" });
    await given.seconds(2);
    expect(given.edge.gate.state(given.flightId)).toBe("open");
  });

  test("the opening can't be moved while the line is being frozen", async () => {
    given = await GivenRooms.open();
    const opensAtMs = given.clock.nowMs() + MINUTE_MS;
    await given.change({ mode: "on", opensAtMs });
    for (const member of ["m1", "m2", "m3"]) await given.join(member);
    const freeze = given.book.freeze.bind(given.book);
    const { promise: isHashed, resolve: hashed } = Promise.withResolvers<void>();
    const { promise: isFreezing, resolve: freezing } = Promise.withResolvers<void>();
    given.book.freeze = async (...args) => {
      freezing();
      await isHashed;
      return freeze(...args);
    };
    await given.seconds(57);
    given.clock.advance(1_000);
    await isFreezing;
    const later = { mode: "on", opensAtMs: opensAtMs + MINUTE_MS } as const;
    expect(await given.edge.operator.change(given.flightId, later)).toMatchObject({ ok: false, field: "opensAt" });
    hashed();
    await given.seconds(4);
    expect(given.edge.gate.state(given.flightId)).toBe("open");
    expect(given.edge.rooms.get(given.flightId)?.draw?.n).toBe(3);
  });

  test.each([
    ["now", 0],
    ["a time that has passed", MINUTE_MS],
  ])("an opening that is moved to %s draws for those who have gathered", async (_, earlierMs) => {
    given = await GivenRooms.open();
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + 10 * MINUTE_MS });
    const early = await Promise.all(Array.from({ length: 40 }, (_, at) => given.join(`m${at + 1}`)));
    await given.seconds(2);
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() - earlierMs });
    expect(given.edge.gate.state(given.flightId)).toBe("prequeue");
    expect(await given.enter("m1", early[0]?.ticket ?? "")).toMatchObject({ kind: "not-yet", position: null });
    await given.seconds(3);
    expect(given.edge.gate.state(given.flightId)).toBe("open");
    expect(given.edge.rooms.get(given.flightId)?.draw?.n).toBe(40);
    const places = await Promise.all(early.map(async (_, at) => (await given.join(`m${at + 1}`)).place));
    expect(places).not.toEqual(early.map(({ seq }) => seq));
    expect(new Set(places)).toEqual(new Set(early.map(({ seq }) => seq)));
  });
});

describe("an operator", () => {
  test("pauses a room: places stay, nobody is let in, and passes that were given go on counting", async () => {
    given = await GivenRooms.open();
    await given.change({ mode: "on", maxActive: 1 });
    await given.seconds(2);
    const [first, second] = [await given.join("m1"), await given.join("m2")];
    await given.seconds(2);
    const pass = passIn(await given.enter("m1", first.ticket));
    await given.change({ mode: "paused", maxActive: 10 });
    await given.seconds(20);
    expect(await given.enter("m2", second.ticket)).toMatchObject({ kind: "not-yet", estimate: null });
    expect(given.edge.gate.admits(given.flightId, "m1", pass)).toEqual({ admitted: true });
    expect(await given.join("m3")).toMatchObject({ seq: 3 });
    expect(given.edge.gate.state(given.flightId)).toBe("paused");
    await given.change({ mode: "on" });
    await given.seconds(3);
    passIn(await given.enter("m2", second.ticket));
  });

  test("closes a sale: nobody joins, and no pass counts any more", async () => {
    given = await GivenRooms.open();
    await given.change({ mode: "on" });
    await given.seconds(2);
    const { ticket } = await given.join("m1");
    await given.seconds(2);
    const pass = passIn(await given.enter("m1", ticket));
    await given.change({ mode: "closed" });
    expect(await given.edge.door.join(given.flightId, "m2", null)).toEqual({ kind: "closed" });
    expect(await given.enter("m1", ticket)).toEqual({ kind: "closed" });
    expect(given.edge.gate.admits(given.flightId, "m1", pass)).toEqual({ admitted: false, reason: "revoked" });
    expect(given.edge.gate.admits(given.flightId, "m1", null)).toEqual({ admitted: false, reason: "missing" });
    await given.change({ mode: "on" });
    expect(await given.edge.door.join(given.flightId, "m1", ticket)).toEqual({ kind: "bad-ticket" });
    expect(await given.join("m9")).toMatchObject({ seq: 1 });
  });

  test("can't pause what is not on", async () => {
    given = await GivenRooms.open();
    expect(await given.edge.operator.change(given.flightId, { mode: "paused" })).toMatchObject({ field: "mode" });
  });

  test("reads how a room was paced", async () => {
    given = await GivenRooms.open();
    await given.change({ mode: "on" });
    await given.seconds(3);
    await given.join("m1");
    await given.seconds(3);
    const journal = await given.edge.operator.journal(given.flightId, 100);
    expect(journal).toContainEqual(expect.objectContaining({ called: 1, admitted: 1 }));
    expect(journal.at(-1)).toMatchObject({ at: expect.any(String), reason: expect.any(String) });
  });
});

test("a room in which a pacer has decided whose clock was ahead is paced again once its time has come", async () => {
  const store = new MemoryRoomStore();
  given = await GivenRooms.open({ storeOf: () => store, edges: 2 });
  await given.change({ mode: "on" });
  await given.seconds(2);
  const { room, rules, id } = present(given.edge.rooms.get(given.flightId), "the room");
  const decided = {
    admitted: 0,
    ratePerMinute: room.settings.admitPerMinute,
    activeMax: 1,
    seatsLeft: 1,
    rules,
    note: null,
  };
  // Its lease was lost with the store, and somebody else has another, under a fence of their own clock.
  expect(await store.raise(id, given.clock.nowMs() + 2_500, decided, given.clock.nowMs())).toBe(true);
  const { ticket } = await given.join("m1");
  await given.seconds(2);
  expect(await given.enter("m1", ticket)).toMatchObject({ kind: "not-yet" });
  await given.seconds(4);
  passIn(await given.enter("m1", ticket));
});

test("a flight that is sold out lets nobody in, says so, and goes on when seats come back", async () => {
  given = await GivenRooms.open({ edges: 2 });
  await given.change({ mode: "on" });
  const { client } = given.host;
  const map = await client.call({
    flightId: given.flightId,
    op: "seat-map",
    args: {},
    member: null,
    key: null,
    fingerprint: "",
  });
  const free =
    map.reply.ok && map.reply.result.kind === "seat-map"
      ? map.reply.result.seatMap.seats.filter(({ state }) => state === "free").map(({ seat }) => seat)
      : [];
  const hold = (member: string, taken: readonly string[]) =>
    client.call({
      flightId: given.flightId,
      op: "hold",
      args: { passengers: taken.map((seat, at) => ({ name: `Kim ${at}`, type: "ADT" as const, seat })) },
      member,
      key: member,
      fingerprint: member,
    });
  await given.seconds(3);
  for (let at = 0; at < free.length; at += 9) await hold(`buyer${at}`, free.slice(at, at + 9));
  // With the flight's next word, on an edge that paces nothing as well: no decision is waited for.
  await given.seconds(1);
  for (const { gate } of given.edges) expect(gate.state(given.flightId)).toBe("sold_out");
  const { ticket } = await given.join("m1");
  await given.seconds(5);
  expect(await given.enter("m1", ticket)).toMatchObject({
    kind: "not-yet",
    reason: "WAITING",
    seatsLeft: 0,
    estimate: null,
  });
  await given.seconds(900);
  expect(given.edge.gate.state(given.flightId)).toBe("open");
  passIn(await given.enter("m1", ticket));
}, 20_000);
