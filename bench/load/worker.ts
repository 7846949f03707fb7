/** The load generator's process: reads what to do as JSON from its standard input, and prints the result as JSON. */
import { runClosedLoop } from "./closed-loop.ts";
import { runOpenLoop } from "./open-loop.ts";
import type { PlanModule } from "./plan.ts";
import type { LoadConfig, OpenLoadConfig } from "./result.ts";

const config: LoadConfig | OpenLoadConfig = await Bun.stdin.json();
const { createPlan }: PlanModule = await import(config.plan);
const plan = createPlan(config.options, new URL(config.url).host);
const result = "arrivals" in config ? await runOpenLoop(config, plan) : await runClosedLoop(config, plan);
await Bun.write(Bun.stdout, `${JSON.stringify(result)}\n`);
process.exit(0);
