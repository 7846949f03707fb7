/**
 * Goal: whatever fails, and whenever, no two hosts own a shard; and once nothing fails any more, every shard is served by the one that should.
 * Where hosts come and go as planned, no shard is without one for longer than a hand-over takes; when one dies meanwhile, than its lease.
 */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { LEASE_MS } from "../../../actors/shards.ts";
import { type GivenNode, GivenWorld } from "../../support/given-nodes.ts";

const NAMES = ["a", "b", "c"] as const;

/** Each run is some minutes of the world. */
const RUNS = 40;

type Fault =
  | "pause"
  | "resume"
  | "kill"
  | "start"
  | "stop"
  | "cut-bus"
  | "mend-bus"
  | "cut-database"
  | "mend-database"
  | "lose";

type Step =
  | { readonly kind: "node"; readonly fault: Fault; readonly name: (typeof NAMES)[number] }
  | { readonly kind: "bus"; readonly isDown: boolean }
  | { readonly kind: "jump" | "run"; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("node" as const),
        fault: fc.constantFrom<Fault>(
          "pause",
          "resume",
          "kill",
          "start",
          "stop",
          "cut-bus",
          "mend-bus",
          "cut-database",
          "mend-database",
          "lose",
        ),
        name: fc.constantFrom(...NAMES),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("bus" as const), isDown: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("jump" as const), ms: fc.constantFrom(-4_000, 700, 4_000, 60_000) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("run" as const),
        ms: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 60, max: 8_000 })),
      }),
    },
  ),
  { minLength: 5, maxLength: 40, size: "max" },
);

/** Somebody is always there; the others come when they are away, and go when they are there. */
const STAYING = "a";
const COMING_AND_GOING = ["b", "c", "d", "e"] as const;

type Plan = readonly { readonly name: string; readonly afterMs: number }[];

const plans: fc.Arbitrary<Plan> = fc.array(
  fc.record({
    name: fc.constantFrom(...COMING_AND_GOING),
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 60, max: 900 }),
      fc.integer({ min: 900, max: 5_000 }),
    ),
  }),
  { minLength: 2, maxLength: 10, size: "max" },
);

/** Of a message to the database or back, in milliseconds, and how long a shard may be without a host while it is handed over. */
const WAY_MS_MAX = 12;
const HAND_OVER_MS_MAX = 16 * WAY_MS_MAX;

/** A dead host's lease must have run out; then whoever looks next takes over, or says to the others that it is gone. */
const TAKE_OVER_MS_MAX = LEASE_MS + 1_000;

function runningNode(world: GivenWorld, name: string): GivenNode | undefined {
  return world.nodes.find((node) => node.name === name && node.isRunning);
}

async function take(world: GivenWorld, step: Step): Promise<void> {
  if (step.kind === "run") return await world.run(step.ms);
  if (step.kind === "jump") {
    world.databaseAheadMs += step.ms;
    return;
  }
  if (step.kind === "bus") {
    world.hub.isDown = step.isDown;
    return;
  }
  if (step.kind !== "node") return;
  const node = runningNode(world, step.name);
  if (step.fault === "start") {
    if (node === undefined) await world.start(step.name);
    return;
  }
  if (node === undefined) return;
  switch (step.fault) {
    case "pause":
      return node.process.pause();
    case "resume":
      return node.process.resume();
    case "kill":
      return node.process.kill();
    case "stop":
      node.stop().catch(() => {});
      return;
    case "cut-bus":
    case "mend-bus":
      node.bus.isCut = step.fault === "cut-bus";
      return;
    case "cut-database":
    case "mend-database":
      node.database.isCut = step.fault === "cut-database";
      return;
    case "lose":
      node.database.answersToLose += 1;
      return;
  }
}

async function mend(world: GivenWorld): Promise<void> {
  world.hub.isDown = false;
  for (const node of world.nodes) {
    node.bus.isCut = false;
    node.database.isCut = false;
    node.database.answersToLose = 0;
    node.process.resume();
  }
  await world.run(100);
  for (const name of NAMES) if (runningNode(world, name) === undefined) await world.start(name);
}

test("at every moment one unfenced owner a shard, and in the end every shard is served by the one that should", async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 100 }),
      async (given, waysMs) => {
        const world = new GivenWorld();
        let messages = 0;
        world.wayMs = () => waysMs[messages++ % waysMs.length] ?? 1;
        world.watchOwners();
        for (const name of NAMES) await world.start(name);
        await world.run(3_000);
        for (const step of given) await take(world, step);
        await mend(world);
        // Stops that are under way end first, and then their hosts are started again.
        await world.run(15_000);
        await mend(world);
        await world.until(() => world.isSettled(), "every shard is served", 20_000);
      },
    ),
    { numRuns: RUNS },
  );
}, 120_000);

/** @param dies how many of the plan are carried out before a host that is there dies; more than there are: none does */
async function comeAndGo(plan: Plan, waysMs: readonly number[], dies: number): Promise<number> {
  const world = new GivenWorld();
  let messages = 0;
  world.wayMs = () => waysMs[messages++ % waysMs.length] ?? 1;
  for (const name of [STAYING, ...COMING_AND_GOING.slice(0, 2)]) await world.start(name);
  await world.until(() => world.isSettled(), "each has its share", 10_000);
  // As long as it takes a host to trust its own judgement of others.
  await world.run(4_000);
  world.measureGaps();
  const leaving = new Set<GivenNode>();
  for (const [at, { name, afterMs }] of plan.entries()) {
    await world.run(afterMs);
    const node = runningNode(world, name);
    if (node === undefined) await world.start(name);
    else if (at === dies) node.process.kill();
    else if (!leaving.has(node)) {
      leaving.add(node);
      node.stop().catch(() => {});
    }
  }
  await world.until(() => [...leaving].every((node) => !node.isRunning), "they have left", 20_000);
  await world.until(() => world.isSettled(), "each has its share again", 15_000);
  return world.gapMs;
}

const ways = fc.array(fc.integer({ min: 1, max: WAY_MS_MAX }), { minLength: 1, maxLength: 100 });

test("however hosts come and go as planned, each shard is without one for no longer than a hand-over takes", async () => {
  await fc.assert(
    fc.asyncProperty(plans, ways, async (plan, waysMs) => {
      expect(await comeAndGo(plan, waysMs, Number.POSITIVE_INFINITY)).toBeLessThan(HAND_OVER_MS_MAX);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

test("however hosts come and go while one dies, its shards are served again as soon as its lease has run out", async () => {
  await fc.assert(
    fc.asyncProperty(plans, ways, fc.nat(9), async (plan, waysMs, dies) => {
      expect(await comeAndGo(plan, waysMs, dies)).toBeLessThan(TAKE_OVER_MS_MAX);
    }),
    { numRuns: RUNS },
  );
}, 120_000);
