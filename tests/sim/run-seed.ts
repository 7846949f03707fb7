/** Owns one run: a world lives for a while in which things go wrong, then in peace, and is judged. */

import type { RoomChange } from "../../queue/room/room.ts";
import { judgeAtEnd } from "./checks/at-end.ts";
import { settledWhen } from "./checks/settled.ts";
import { Faults } from "./workload/faults.ts";
import { Member } from "./workload/member.ts";
import type { Finding } from "./world/findings.ts";
import type { RoomPlan } from "./world/plan.ts";
import { World, type WorldOptions } from "./world/world.ts";

export interface RunResult {
  readonly seed: number;
  /** null: nothing was found. */
  readonly finding: Finding | null;
  readonly simulatedMs: number;
  readonly faults: number;
  readonly operations: number;
  readonly events: number;
}

/** Before anything goes wrong everybody starts, in milliseconds. */
const START_MS = 3_000;

/**
 * Within so long after the last fault everything must have settled, in milliseconds; but for money that came after an end without money,
 * and without a webhook: looks for that grow apart.
 */
const SETTLE_MS_MAX = 90_000;
const LATE_MONEY_MS_MAX = 600_000;

/** How often it is looked whether everything has settled, in milliseconds. */
const LOOK_MS = 500;

export function runSeed(seed: number, options: WorldOptions = {}): RunResult {
  const world = new World(seed, options);
  try {
    live(world);
  } catch (cause) {
    world.findings.report("assertion", cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  }
  const { loop, findings, history, faults } = world;
  return {
    seed,
    finding: findings.first,
    simulatedMs: loop.nowMs,
    faults,
    operations: history.calls.length,
    events: loop.events,
  };
}

/** Whoever runs the sale asks until the room is on. */
async function openRoom(world: World, { opensInMs, reopensAfterMs, ...settings }: RoomPlan): Promise<void> {
  const random = world.random.fork("operator");
  const [flight] = world.flights;
  if (flight === undefined) return;
  const opensAtMs = world.server.nowMs + opensInMs;
  const insist = async (change: RoomChange): Promise<void> => {
    for (;;) {
      const edge = world.someEdge(random);
      const isDone = await Promise.race([
        edge?.changeRoom(flight.flightId, change) ?? false,
        new Promise<boolean>((resolve) => world.loop.after(5_000, () => resolve(false))),
      ]);
      if (isDone) return;
      await new Promise<void>((resolve) => world.loop.after(300, resolve));
    }
  };
  await insist({ mode: "on", ...settings, ...(opensInMs === 0 ? {} : { opensAtMs }) });
  if (reopensAfterMs === null) return;
  await new Promise<void>((resolve) => world.loop.after(reopensAfterMs, resolve));
  await insist({ mode: "closed" });
  // What an edge was asked for and was late with may come after what another one did.
  for (;;) {
    if (!world.roomChecks.isOn(flight.flightId)) await insist({ mode: "on", ...settings });
    await new Promise<void>((resolve) => world.loop.after(1_000, resolve));
  }
}

function live(world: World): void {
  const { loop, findings, plan } = world;
  const isFound = (): boolean => findings.first !== null;
  const faults = new Faults(world);
  world.start();
  loop.runUntil(START_MS, isFound);

  if (plan.room !== null) void openRoom(world, plan.room);
  const overMs = START_MS + plan.faultsMs;
  let living = plan.members;
  for (let number = 1; number <= plan.members; number++) {
    void new Member(world, `m${number}`)
      .live(() => loop.nowMs >= overMs)
      .then(() => {
        living -= 1;
      });
  }
  faults.begin();
  loop.runUntil(overMs, isFound);
  faults.end();
  const isSettled = settledWhen(world, () => living === 0);
  let restlessMs = overMs;
  for (let open = isSettled(); open !== null && !isFound(); open = isSettled()) {
    // What follows from late money has its time from when that was found.
    if (open.isLateMoney) restlessMs = loop.nowMs;
    const isOverdue = open.isLateMoney
      ? loop.nowMs > overMs + LATE_MONEY_MS_MAX
      : loop.nowMs > restlessMs + SETTLE_MS_MAX;
    if (isOverdue)
      findings.report("liveness", `${Math.round(loop.nowMs - overMs)} ms after the last fault: ${open.what}`);
    loop.runUntil(loop.nowMs + LOOK_MS, isFound);
  }
  if (!isFound()) judgeAtEnd(world);
}
