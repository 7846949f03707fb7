// Goal: whoever waits for an opening stands in the list that is drawn from, also where the store has lost their places meanwhile.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../../../actors/assert.ts";
import { OperationalError } from "../../../actors/errors.ts";
import { drawFileOf } from "../../../http/room/proofs.ts";
import { runVerifyDraw } from "../../../queue/room/draw/verify-draw.ts";
import type { RoomStore } from "../../../queue/room/room-store.ts";
import type { RoomStoreUnderTest } from "../../contract/room-store-given.ts";
import { GivenRooms } from "../../support/given-rooms.ts";
import { inMemory, inRedis } from "../../support/room-stores.ts";
import { describeWithService } from "../../support/services.ts";

const MINUTE_MS = 60_000;

function draws(open: () => Promise<RoomStoreUnderTest>): void {
  let under: RoomStoreUnderTest;
  let given: GivenRooms;
  /** Tickets that came to the store. */
  let brought: number;
  let isAway: boolean;

  beforeEach(async () => {
    under = await open();
    brought = 0;
    isAway = false;
    const { store } = under;
    const joinOf: RoomStore["join"] = async (room, asks, ...rest) => {
      if (isAway) throw new OperationalError("UNAVAILABLE", "The store is away.");
      brought += asks.filter(({ seq }) => seq !== null).length;
      return store.join(room, asks, ...rest);
    };
    const counted = new Proxy(store, {
      get: (_, key) => (key === "join" ? joinOf : Reflect.get(store, key).bind(store)),
    });
    given = await GivenRooms.open({ storeOf: () => counted, edges: 2 });
    await given.change({ mode: "on", opensAtMs: given.clock.nowMs() + MINUTE_MS });
  });
  afterEach(async () => {
    await given.close();
    await under.close();
  });

  /** Lets the sale open. @returns what each ticket's holder finds when they check the draw: 0 that it was right */
  async function verified(tickets: readonly string[]): Promise<number[]> {
    const { opensAtMs } = present(given.edge.rooms.get(given.flightId), "the room").room;
    await given.seconds((opensAtMs - given.clock.nowMs()) / 1_000);
    await given.seconds(2);
    const folder = mkdtempSync(join(tmpdir(), "pigonair-draw-"));
    const file = join(folder, "draw.txt");
    await Bun.write(file, new Response(drawFileOf(given.edge, given.flightId, given.clock.nowMs())));
    const { clock } = given;
    const surroundings = { clock, out: () => {}, err: () => {} };
    const codes = tickets.map((ticket) => runVerifyDraw([file, "--ticket", ticket], surroundings));
    return Promise.all(codes).finally(() => rmSync(folder, { recursive: true }));
  }

  const ticketOf = async (member: string) => (await given.join(member)).ticket;

  test.each([
    ["the edge that has found the loss", 0],
    ["another edge", 1],
  ])("who asks %s with their ticket before the freeze is in the list again", async (_, edge) => {
    const tickets = [await ticketOf("m1"), await ticketOf("m2")];
    await given.seconds(2);
    await under.lose();
    await given.seconds(2);
    expect(await given.enter("m1", tickets[0] ?? "", given.edges[edge])).toMatchObject({
      kind: "not-yet",
      position: null,
    });
    expect(await verified(tickets)).toEqual([0, 1]);
  });

  test("a place that was given out after the last note is in the list again as well", async () => {
    await ticketOf("m1");
    await given.seconds(2);
    const ticket = await ticketOf("m2");
    await under.lose();
    await given.seconds(1);
    await given.enter("m2", ticket);
    expect(await verified([ticket])).toEqual([0]);
  });

  test("so is the last place below the ceiling, after which none is skipped", async () => {
    const known = present(given.edge.rooms.get(given.flightId), "the room");
    const first = await ticketOf("m1");
    const others = Array.from({ length: known.ceiling - 1 }, (_, at) => ticketOf(`m${at + 2}`));
    const last = present((await Promise.all(others)).at(-1), "somebody else");
    await given.seconds(2);
    await under.lose();
    await given.seconds(2);
    expect(known.gaps).toEqual([]);
    await given.enter("m1", first);
    await given.enter(`m${known.ceiling}`, last);
    expect(await verified([first, last])).toEqual([0, 0]);
  });

  test("a ticket is taken to the store only where its place may be lost, and only before the freeze", async () => {
    const first = await ticketOf("m1");
    await given.seconds(2);
    await given.enter("m1", first);
    await given.seconds(1);
    expect(brought).toBe(0);
    await under.lose();
    await given.seconds(2);
    const later = await ticketOf("m2");
    await given.enter("m2", later);
    await given.seconds(1);
    expect(brought).toBe(0);
    await given.enter("m1", first);
    await given.seconds(1);
    expect(brought).toBe(1);
    await given.seconds(MINUTE_MS / 1_000 - 8);
    expect(given.edge.rooms.get(given.flightId)?.room.draw.frozen).not.toBeNull();
    await given.enter("m1", first);
    expect(await verified([first, later])).toEqual([0, 0]);
    expect(brought).toBe(1);
  });

  test("who asks while the store is away is told so, and may ask again", async () => {
    const ticket = await ticketOf("m1");
    await given.seconds(2);
    await under.lose();
    await given.seconds(2);
    isAway = true;
    await expect(given.enter("m1", ticket)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    isAway = false;
    await given.enter("m1", ticket);
    expect(await verified([ticket])).toEqual([0]);
  });
}

describe("in memory", () => draws(inMemory));
describeWithService("redis-server", "in Redis", () => draws(inRedis));
