/** The product with a technique left out that no setting turns off: `BENCH_WITHOUT` names it. For the bench alone. */
import { readConfig } from "../../config.ts";
import { serve } from "../../main.ts";

const reading = readConfig(process.env);
if (!reading.ok) throw new Error(reading.errors.map(({ setting, problem }) => `${setting} ${problem}`).join("; "));
const { config } = reading;
const without = process.env.BENCH_WITHOUT ?? "";
const server = await serve({
  ...config,
  techniques: {
    gathersByTick: without !== "gathering",
    sharesReads: without !== "snapshot-reads",
    commitsAtOnce: without !== "one-round-trip",
  },
});
await new Promise((resolve) => process.once("SIGTERM", resolve));
await server.stop();
process.exit(0);
