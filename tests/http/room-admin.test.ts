// Goal: an operator runs a waiting room and is told what is wrong with a change; and whoever doubts the order finds all that it came from.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runVerifyDraw } from "../../queue/room/draw/verify-draw.ts";
import { ADMIN_ROOM, GivenRoomApp, ROOM } from "../support/given-room-app.ts";

let room: GivenRoomApp;

beforeEach(async () => {
  room = await GivenRoomApp.open();
});
afterEach(() => room.close());

/** What a stranger's check of the file says. */
async function verified(flags: string): Promise<number> {
  const file = join(mkdtempSync(join(tmpdir(), "pigonair-draw-")), "draw.txt");
  await Bun.write(file, await (await room.app.get(`${ROOM}/draw`)).text());
  const silence = { clock: room.app.clock, out: () => {}, err: () => {} };
  const code = await runVerifyDraw([file, ...flags.split(" ").filter((flag) => flag !== "")], silence);
  rmSync(dirname(file), { recursive: true });
  return code;
}

describe("the draw", () => {
  test("is shown after the opening, for each place as well, and as a file", async () => {
    await room.turnOn({ opensAt: new Date(room.app.clock.nowMs() + 20_000).toISOString() });
    const names = ["kim", "lee", "choi"];
    for (const name of names)
      expect((await (await room.member(name)).join()).body).toMatchObject({ state: "PREQUEUE", place: null });
    const { seedHash } = (await room.read()).body;
    expect(await room.read(`${ROOM}/proof`)).toMatchObject({ status: 409, body: { code: "NOT_OPEN_YET" } });
    await room.seconds(3);
    // The pre-queue sees what there is to have, long before the pacer needs to know.
    expect((await room.read()).body.seatsLeft).toEqual(expect.any(Number));
    await room.seconds(16);
    const frozen = (await room.read()).body.frozen as { n: number; root: string };
    expect(frozen.n).toBe(3);
    expect(await room.read(`${ROOM}/draw`)).toMatchObject({ status: 409, body: { code: "NOT_OPEN_YET" } });
    await room.seconds(2);
    const proof = (await room.read(`${ROOM}/proof?seq=2`)).body;
    expect(proof).toMatchObject({ seedHash, n: 3, root: frozen.root, beacon: { trusts: "OPERATOR" } });
    const lee = await (await room.member("lee")).join();
    expect(lee.body.place).toBe(proof.rank);
    expect(await room.read(`${ROOM}/proof?seq=4`)).toMatchObject({ status: 400, body: { field: "seq" } });
    expect(await room.read(`${ROOM}/proof?seq=0`)).toMatchObject({ status: 400, body: { field: "seq" } });
    expect(await verified(`--seed-hash ${seedHash} --root ${frozen.root}`)).toBe(0);
    expect(await verified(`--seed-hash ${seedHash} --root ${"0".repeat(64)}`)).toBe(1);
  });

  test("of a room that opened at once has nobody in it, and is right", async () => {
    await room.turnOn();
    expect((await room.read(`${ROOM}/proof`)).body).toMatchObject({ n: 0 });
    expect(await verified("")).toBe(0);
  });

  test("of a flight without a room is none", async () => {
    expect(await room.read(`${ROOM}/proof`)).toMatchObject({ status: 409, body: { code: "ROOM_OFF" } });
  });
});

describe("the operator", () => {
  test.each([
    [{ mode: "open" }, "mode"],
    [{}, "mode"],
    [{ mode: "on", maxActive: 0 }, "maxActive"],
    [{ mode: "on", maxActive: "5" }, "maxActive"],
    [{ mode: "on", admitPerMinute: 1.5 }, "admitPerMinute"],
    [{ mode: "on", passTtlMs: 10 }, "passTtlMs"],
    [{ mode: "on", opensAt: "soon" }, "opensAt"],
    [{ mode: "on", opensAt: "2027-03-01" }, "opensAt"],
    [{ mode: "on", opensAt: "2027-03-01 09:00:00Z" }, "opensAt"],
    [{ mode: "on", opensAt: "2099-01-01T00:00:00Z" }, "opensAt"],
    [{ mode: "on", registeredBefore: "2030-02-30T00:00:00Z" }, "registeredBefore"],
    [{ mode: "on", proofOfWork: "maybe" }, "proofOfWork"],
    [{ mode: "paused" }, "mode"],
    [{ mode: "on", color: "red" }, "color"],
  ])("is told which field of %j is wrong, and nothing changes", async (change, field) => {
    const root = await room.member("root");
    const answer = await root.send("PUT", ADMIN_ROOM, change);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, "VALIDATION", field]);
    expect((await room.read()).body.state).toBe("off");
  });

  test.each(["off", "closed"])("may set a room %s that was never on: nothing is promised by it", async (mode) => {
    const set = await (await room.member("root")).send("PUT", ADMIN_ROOM, { mode });
    expect(set).toMatchObject({ status: 200, body: { epoch: 0, opensAt: null, seedHash: null } });
    expect((await room.read()).body).toMatchObject({ state: mode, epoch: 0, opensAt: null, seedHash: null });
  });

  test("alone may change a room, and of a flight that there is", async () => {
    const kim = await room.member("kim");
    expect(await kim.send("PUT", ADMIN_ROOM, { mode: "on" })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN" },
    });
    const root = await room.member("root");
    expect((await root.send("PUT", "/api/v1/admin/flights/XX-1/waiting-room", { mode: "on" })).status).toBe(404);
    expect(await root.send("GET", ADMIN_ROOM)).toMatchObject({ status: 409, body: { code: "ROOM_OFF" } });
  });

  test("sees what the room is set to, and how it was paced", async () => {
    const set = { maxActive: 5, admitPerMinute: 60, passTtlMs: 30_000, proofOfWork: "auto" };
    expect(await room.turnOn(set)).toMatchObject({
      status: 200,
      body: { ...set, epoch: 1, mode: "on", state: "open" },
    });
    await room.admitted("kim");
    const { body } = await (await room.member("root")).send("GET", ADMIN_ROOM);
    expect(body).toMatchObject({
      room: set,
      joined: 1,
      journal: expect.arrayContaining([expect.objectContaining({ called: 1 })]),
    });
  });
});
