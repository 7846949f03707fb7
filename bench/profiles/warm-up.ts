/** Owns the first load of a contestant, which nobody measures: its runtime compiles what is hot, and its caches fill. */
import type { Bench } from "../bench.ts";
import { measureHolds } from "../measure.ts";
import type { Contestant } from "../rig/contestant.ts";

export async function warmUp(bench: Bench, contestant: Contestant): Promise<void> {
  const { scale, progress } = bench;
  const connections = Math.max(...scale.connections);
  const windowMs = scale.firstWarmUpMs / 2;
  await bench.phase(`warm-up of ${contestant.name}`, async () => {
    await measureHolds(bench, contestant, { order: "in-turn", connections, warmUpMs: windowMs, windowMs });
    await measureHolds(bench, contestant, { order: "refused", connections, warmUpMs: 0, windowMs: windowMs / 2 });
  });
  progress.line(`${contestant.name} is warm`);
}
