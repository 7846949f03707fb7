/** The load generator's process: reads a LoadConfig as JSON from its standard input, and prints the LoadResult as JSON. */
import { runClosedLoop } from "./closed-loop.ts";
import type { PlanModule } from "./plan.ts";
import type { LoadConfig } from "./result.ts";

const config: LoadConfig = await Bun.stdin.json();
const { createPlan }: PlanModule = await import(config.plan);
const plan = createPlan(config.options, new URL(config.url).host);
console.log(JSON.stringify(await runClosedLoop(config, plan)));
process.exit(0);
