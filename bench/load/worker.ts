/** The load generator's process: does each load that it is told of, and tells the result; ends with whoever started it. */
import { present } from "../../actors/assert.ts";
import { runClosedLoop } from "./closed-loop.ts";
import { runOpenLoop } from "./open-loop.ts";
import type { PlanModule } from "./plan.ts";
import type { LoadConfig, LoadResult, OpenLoadConfig } from "./result.ts";

const tell = present(process.send, "whoever started it").bind(process);

process.on("message", (config: LoadConfig | OpenLoadConfig) => {
  run(config).then(tell, (cause: unknown) => {
    console.error(cause);
    process.exit(1);
  });
});
process.on("disconnect", () => process.exit(0));

async function run(config: LoadConfig | OpenLoadConfig): Promise<LoadResult> {
  const { createPlan }: PlanModule = await import(config.plan);
  const plan = createPlan(config.options, new URL(config.url).host);
  return "arrivals" in config ? await runOpenLoop(config, plan) : await runClosedLoop(config, plan);
}
