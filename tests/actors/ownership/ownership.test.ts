/** Goal: hosts share the shards, hand them over without a gap that anybody notices, and whatever fails, the others take over once and in time. */

import { expect, test } from "bun:test";
import { shardsSubject } from "../../../actors/bus/subjects.ts";
import { SHARDS } from "../../../actors/domain/ids.ts";
import { LEASE_MS, type Ownership } from "../../../actors/shards.ts";
import { ALL_SHARD_NUMBERS, type GivenNode, GivenWorld, ModelHost } from "../../support/given-nodes.ts";

async function given(...names: string[]): Promise<{ world: GivenWorld; nodes: GivenNode[] }> {
  const world = new GivenWorld();
  world.watchOwners();
  const nodes: GivenNode[] = [];
  for (const name of names) {
    nodes.push(await world.start(name));
    await world.until(() => world.isSettled(), "each has its share", 3_000);
  }
  // As long as it takes a host to trust its own judgement of others.
  await world.run(4_000);
  world.measureGaps();
  return { world, nodes };
}

function nodeOf(nodes: readonly GivenNode[], at: number): GivenNode {
  const node = nodes[at];
  if (node === undefined) throw new Error(`there is no node ${at}`);
  return node;
}

/** @returns tells how many shards at most nobody has served at once since */
function watchUnserved(world: GivenWorld): () => number {
  let most = 0;
  world.watchers.push(() => {
    most = Math.max(most, world.unserved);
  });
  return () => most;
}

const rowsOf = (world: GivenWorld) => ALL_SHARD_NUMBERS.map((shard) => world.shards.row(shard));
const movedSince = (before: ReturnType<typeof rowsOf>, world: GivenWorld) =>
  before.filter(({ shard, epoch }) => world.shards.row(shard).epoch !== epoch).map(({ shard }) => shard);
const fencings = (nodes: readonly GivenNode[]): number =>
  nodes.reduce((sum, { telemetry }) => sum + telemetry.count("pigonair_fencings_total"), 0);

test("a lone host serves everything at once", async () => {
  const world = new GivenWorld();
  const node = await world.start("a");
  const tookMs = await world.until(() => world.shares().a === SHARDS, "everything", 1_000);
  expect(tookMs).toBeLessThan(100);
  expect(node.ownership.trouble()).toBeNull();
  expect(node.ownership.size).toBe(SHARDS);
  expect(node.telemetry.read("pigonair_shards_owned")).toBe(SHARDS);
});

test("a host that joins is handed its share, a few shards at a time, and nobody notices", async () => {
  const { world, nodes } = await given("a");
  await world.start("b");
  const unservedMax = watchUnserved(world);
  const tookMs = await world.until(() => world.isSettled(), "both have their share", 5_000);
  const { a = 0, b = 0 } = world.shares();
  expect(a + b).toBe(SHARDS);
  expect(Math.min(a, b)).toBeGreaterThan(SHARDS / 3);
  expect(unservedMax()).toBeLessThanOrEqual(4);
  expect(world.gapMs).toBeLessThan(60);
  expect(tookMs).toBeLessThan(1_500);
  expect(fencings(nodes)).toBe(0);
});

test("a planned stop hands everything to the others, and nobody notices", async () => {
  const { world, nodes } = await given("a", "b", "c");
  const stopped = nodeOf(nodes, 0);
  let isStopped = false;
  stopped.stop().then(
    () => (isStopped = true),
    () => {},
  );
  const tookMs = await world.until(() => isStopped, "it has left", 5_000);
  await world.until(() => world.isSettled(), "the others serve everything", 100);
  expect(world.gapMs).toBeLessThan(60);
  expect(tookMs).toBeLessThan(1_500);
  expect((await world.shards.view()).hosts.map(({ hostId }) => hostId).sort()).toEqual(["b", "c"]);
  expect(fencings(nodes)).toBe(0);
});

test("a rolling restart of every host leaves no gap longer than half a second", async () => {
  const { world } = await given("a", "b", "c");
  for (const name of ["a", "b", "c"]) {
    const old = world.nodes.find((node) => node.name === name && node.isRunning);
    old?.stop().catch(() => {});
    await world.until(() => old?.isStopped === true, `${name} has left`, 5_000);
    await world.start(name);
    await world.until(() => world.isSettled(), `${name} is back`, 5_000);
  }
  expect(world.gapMs).toBeLessThan(500);
  expect(fencings(world.nodes)).toBe(0);
});

test("a planned stop goes on a few shards at a time, also where the database is slow", async () => {
  const { world, nodes } = await given("a", "b");
  world.wayMs = () => 30;
  const unservedMax = watchUnserved(world);
  const node = nodeOf(nodes, 0);
  node.stop().catch(() => {});
  const tookMs = await world.until(() => node.isStopped, "it has left", 9_500);
  expect(tookMs).toBeGreaterThan(5_000);
  expect(unservedMax()).toBeLessThanOrEqual(4);
});

test("a host that stops while it is still being handed its share leaves nothing unserved on its way out", async () => {
  // From one hand-over to the next but one: a claim is under way at some of these.
  for (let afterMs = 36; afterMs <= 72; afterMs += 3) {
    const { world } = await given("a", "b");
    const newcomer = await world.start("c");
    await world.run(afterMs);
    newcomer.stop().catch(() => {});
    await world.until(() => newcomer.isStopped, "it has left", 5_000);
    await world.until(() => world.isSettled(), "the others serve everything", 500);
    expect(world.gapMs, `stopped after ${afterMs} ms`).toBeLessThan(60);
  }
});

test("the last host that stops releases everything at once, so that the next need not wait", async () => {
  const { world, nodes } = await given("a");
  const node = nodeOf(nodes, 0);
  node.stop().catch(() => {});
  expect(await world.until(() => node.isStopped, "it has left", 1_000)).toBeLessThan(100);
  expect(new Set(rowsOf(world).map(({ owner }) => owner))).toEqual(new Set([null]));
  await world.start("b");
  expect(await world.until(() => world.isSettled(), "the next serves", 1_000)).toBeLessThan(100);
});

test("a planned stop whose hints are lost still ends, and the others take over as soon as it has left", async () => {
  const { world, nodes } = await given("a", "b");
  const node = nodeOf(nodes, 0);
  node.bus.isCut = true;
  node.stop().catch(() => {});
  await world.until(() => node.isStopped, "it has left", 5_000);
  await world.until(() => world.isSettled(), "the other serves all", 500);
});

test("kill -9: the others serve a dead host's shards within 6 seconds", async () => {
  const { world, nodes } = await given("a", "b", "c");
  await world.run(700);
  nodeOf(nodes, 1).process.kill();
  await world.until(() => world.isSettled(), "the others have taken over", 7_000);
  expect(world.gapMs).toBeLessThan(6_000);
  expect(world.gapMs).toBeGreaterThan(LEASE_MS - 1_100);
});

test("a host that is killed and started again gets its shards back, and the others keep theirs", async () => {
  const { world, nodes } = await given("a", "b", "c");
  const before = rowsOf(world);
  const victim = nodeOf(nodes, 1);
  const former = victim.incarnation;
  victim.process.kill();
  await world.start("b");
  await world.until(() => world.isSettled(), "it is back", 8_000);
  const after = rowsOf(world);
  const moved = before.filter(({ owner }, shard) => owner !== former && after[shard]?.owner !== owner);
  expect(moved).toEqual([]);
  expect(world.gapMs).toBeLessThan(6_000);
});

test("paused for less than its lease: nothing moves", async () => {
  const { world, nodes } = await given("a", "b");
  const before = rowsOf(world);
  nodeOf(nodes, 0).process.pause();
  await world.run(3_500);
  nodeOf(nodes, 0).process.resume();
  await world.run(10_000);
  expect(movedSince(before, world)).toEqual([]);
});

test("paused for longer: the others take over, and it starts anew when it goes on", async () => {
  const { world, nodes } = await given("a", "b");
  const paused = nodeOf(nodes, 0);
  const before = paused.incarnation;
  paused.process.pause();
  await world.until(() => world.shares().b === SHARDS, "the other serves everything", 7_000);
  expect(world.shards.isFenced(before)).toBe(true);
  paused.process.resume();
  await world.until(() => world.isSettled(), "it has its share again", 5_000);
  expect(paused.incarnation).not.toBe(before);
  expect(paused.telemetry.count("pigonair_fencings_total")).toBe(1);
  expect(world.gapMs).toBeLessThan(6_000);
});

test("a lease that ran out while nobody took over is simply resumed", async () => {
  const { world, nodes } = await given("a");
  const before = rowsOf(world);
  nodeOf(nodes, 0).process.pause();
  await world.run(60_000);
  nodeOf(nodes, 0).process.resume();
  await world.run(5_000);
  expect(movedSince(before, world)).toEqual([]);
  expect(nodeOf(nodes, 0).ownership.trouble()).toBeNull();
});

test("the bus is cut from one host: the others take over though it beats, and it gets its share back with the bus", async () => {
  const { world, nodes } = await given("a", "b", "c");
  const cut = nodeOf(nodes, 2);
  const before = cut.incarnation;
  cut.bus.isCut = true;
  await world.until(() => world.unserved === 0, "the others serve everything", 7_000);
  expect(world.gapMs).toBeLessThan(6_000);
  expect(world.shares().c).toBe(0);
  await world.run(10_000);
  expect(world.unserved).toBe(0);
  expect(cut.incarnation).not.toBe(before);
  cut.bus.isCut = false;
  await world.until(() => world.isSettled(), "it has its share again", 5_000);
});

test("a host that was without the bus for a moment says again where its flights are: nobody has heard what it told meanwhile", async () => {
  const { world, nodes } = await given("a", "b");
  const [cut, other] = [nodeOf(nodes, 0), nodeOf(nodes, 1)];
  cut.bus.isCut = true;
  await world.run(300);
  expect(cut.model?.announced).toBe(0);
  cut.bus.isCut = false;
  await world.run(10);
  expect([cut.model?.announced, other.model?.announced]).toEqual([1, 0]);
  expect(fencings(nodes)).toBe(0);
});

test("the bus is away for everybody and comes back to one after another: nobody loses anything", async () => {
  const { world, nodes } = await given("a", "b", "c");
  const before = rowsOf(world);
  world.hub.isDown = true;
  await world.run(300);
  for (const node of nodes) node.bus.isCut = true;
  await world.run(30_000);
  world.hub.isDown = false;
  for (const node of nodes) {
    node.bus.isCut = false;
    await world.run(900);
  }
  await world.run(10_000);
  expect(movedSince(before, world)).toEqual([]);
  expect(fencings(nodes)).toBe(0);
});

test("the database is away for everybody and back: nobody loses anything", async () => {
  for (const awayMs of [2_000, 4_900, 5_100, 30_000]) {
    const { world, nodes } = await given("a", "b", "c");
    const before = rowsOf(world);
    for (const node of nodes) node.database.isCut = true;
    await world.run(awayMs);
    if (awayMs > 2 * LEASE_MS) expect(nodeOf(nodes, 0).ownership.trouble()).toContain("no lease since 2030-01-01T00:");
    for (const node of nodes) {
      node.database.isCut = false;
      await world.run(400);
    }
    await world.run(10_000);
    expect(movedSince(before, world)).toEqual([]);
    expect(fencings(nodes)).toBe(0);
    expect(nodes.map(({ ownership }) => ownership.trouble())).toEqual([null, null, null]);
  }
});

test("the database is away for one host only: the others take over, and it starts anew", async () => {
  const { world, nodes } = await given("a", "b");
  const away = nodeOf(nodes, 0);
  away.database.isCut = true;
  await world.until(() => world.shares().b === SHARDS, "the other serves everything", 7_000);
  expect(world.gapMs).toBeLessThan(6_000);
  away.database.isCut = false;
  await world.until(() => world.isSettled(), "it has its share again", 5_000);
  expect(away.telemetry.count("pigonair_beats_failed_total")).toBeGreaterThan(2);
  // One line when it begins and one when it ends, not one a try.
  expect(away.telemetry.messages.filter((message) => message === "a beat did not reach the database")).toHaveLength(1);
});

test("the database's clock jumps: nobody loses anything", async () => {
  for (const jumpMs of [3_600_000, -3_600_000, 4_700]) {
    const { world, nodes } = await given("a", "b", "c");
    const before = rowsOf(world);
    world.databaseAheadMs += jumpMs;
    await world.run(10_000);
    expect(movedSince(before, world)).toEqual([]);
    expect(fencings(nodes)).toBe(0);
    const lagMs = world.clock.nowMs() + jumpMs - nodeOf(nodes, 0).clock.nowMs();
    if (jumpMs > 0) expect(Math.abs(lagMs)).toBeLessThan(5);
  }
});

test("answers that are lost leave nothing behind: no shard without a host, no host without its share", async () => {
  const { world, nodes } = await given("a");
  const first = nodeOf(nodes, 0);
  const second = await world.start("b");
  second.database.answersToLose = 1;
  await world.run(2);
  for (let at = 0; at < 40; at++) {
    first.database.answersToLose = 1;
    second.database.answersToLose = at % 2;
    await world.run(37);
  }
  first.database.answersToLose = 0;
  second.database.answersToLose = 0;
  await world.until(() => world.isSettled(), "both have their share", 5_000);
  expect((await world.shards.view()).hosts).toHaveLength(2);
});

test("a registration whose answer was lost is not made twice: nobody is given shards who does not live", async () => {
  const { world } = await given("a");
  const second = await world.start("b");
  second.database.answersToLose = 1;
  world.watchers.push(() => {
    if (!second.telemetry.messages.includes("joined the hosts")) expect(second.model?.served.size).toBe(0);
  });
  await world.until(() => world.isSettled(), "both have their share", 3_000);
  expect((await world.shards.view()).hosts).toHaveLength(2);
  expect(world.gapMs).toBeLessThan(400);
  await world.run(10_000);
  expect(world.unserved).toBe(0);
  expect(fencings(world.nodes)).toBe(0);
});

test("a release whose answer was lost is not taken back in the midst, though its new owner leaves again", async () => {
  const { world, nodes } = await given("a");
  const first = nodeOf(nodes, 0);
  const second = await world.start("b");
  await world.until(() => rowsOf(world).some(({ owner }) => owner === null), "a release is done", 1_000);
  first.database.isCut = true;
  second.stop().catch(() => {});
  await world.until(() => second.isStopped, "the other has left", 100);
  await world.run(20);
  first.database.isCut = false;
  // It looks before it tries the release again.
  second.bus.publish(shardsSubject(second.incarnation), { incarnation: second.incarnation, change: "left" });
  await world.run(2_000);
  expect(world.isSettled()).toBe(true);
});

test("everybody dies at once: whoever comes back first has everything again as soon as the leases have run out", async () => {
  const { world, nodes } = await given("a", "b");
  for (const node of nodes) node.process.kill();
  await world.start("a");
  await world.until(() => world.isSettled(), "it serves everything", 6_000);
});

test("a host that starts without the database goes on trying, and says so", async () => {
  const world = new GivenWorld();
  const node = await world.start("a");
  node.database.isCut = true;
  await world.run(5_000);
  expect(node.ownership.trouble()).toContain("the database does not answer");
  node.database.isCut = false;
  await world.until(() => world.isSettled(), "it serves everything", 2_000);
  expect(node.ownership.trouble()).toBeNull();
});

test("stop() ends though the database is away, and the others take over when the lease runs out", async () => {
  const { world, nodes } = await given("a", "b");
  const node = nodeOf(nodes, 0);
  node.database.isCut = true;
  node.stop().catch(() => {});
  const tookMs = await world.until(() => node.isStopped, "it has ended", 15_000);
  expect(tookMs).toBeLessThan(12_000);
  await world.until(() => world.isSettled(), "the other serves all", 7_000);
});

test("stop() gives everything though what was claimed last can't be served: the bus went away in the midst of it", async () => {
  const { world } = await given("a", "b");
  const newcomer = await world.start("c", {
    makeHost: (incarnation, node) => {
      node.model = new (class extends ModelHost {
        override async take(owned: Ownership): Promise<void> {
          await super.take(owned);
          if (world.shares().c === 8) node.bus.isCut = true;
          if (node.bus.isCut) await new Promise(() => {});
        }
      })(incarnation, node);
      return node.model;
    },
  });
  await world.until(() => newcomer.bus.isCut, "it is cut off", 1_000);
  await world.run(100);
  newcomer.stop().catch(() => {});
  expect(await world.until(() => newcomer.isStopped, "it has left", 15_000)).toBeLessThan(1_000);
  await world.until(() => world.isSettled(), "the others serve everything", 500);
});

test("stop() while it is still being made known leaves nothing behind", async () => {
  const world = new GivenWorld();
  const node = await world.start("a");
  node.stop().catch(() => {});
  await world.until(() => node.isStopped, "it has ended", 5_000);
  await world.run(2_000);
  expect((await world.shards.view()).hosts).toEqual([]);
  expect(rowsOf(world).every(({ owner }) => owner === null)).toBe(true);
  expect(world.clock.pending).toBe(0);
});

test("weights share in proportion", async () => {
  const world = new GivenWorld();
  await world.start("a", { weight: 3 });
  await world.start("b");
  await world.until(() => world.isSettled(), "each has its share", 5_000);
  const { a = 0, b = 0 } = world.shares();
  expect(a / b).toBeGreaterThan(2);
  expect(a / b).toBeLessThan(4.5);
});

test("the log tells of many shards in few lines", async () => {
  const { world, nodes } = await given("a");
  await world.start("b");
  await world.until(() => world.isSettled(), "both have their share", 5_000);
  await world.run(1_500);
  const lines = nodeOf(nodes, 0).telemetry.lines.filter((line) => line.includes("shards moved"));
  expect(lines.length).toBeLessThanOrEqual(4);
  expect(lines.at(-1)).toContain(`"owned":${world.shares().a}`);
});
