/** Owns `bun run build`: the executable for this machine, or for those that are named. */

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutable, TARGETS, type Target } from "./build.ts";

const HELP = `One executable with everything in it: the program, its pages and the runtime.

  bun run build [--target NAME]… [--out FOLDER]

  --target  ${TARGETS.join(", ")}; several times for several (this machine)
  --out     where to put it (dist): FOLDER/pigonair, with the name of its target behind where one is given

Another machine's runtime is fetched from the npm registry.`;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: "string", multiple: true, default: [] },
      out: { type: "string", default: "dist" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const targets: (Target | null)[] = [];
  for (const name of values.target) {
    const target = TARGETS.find((each) => each === name);
    if (target === undefined) {
      process.stderr.write(`--target must be one of ${TARGETS.join(", ")}\n`);
      return 2;
    }
    targets.push(target);
  }
  mkdirSync(values.out, { recursive: true });
  for (const target of targets.length === 0 ? [null] : targets) {
    const outfile = join(values.out, target === null ? "pigonair" : `pigonair-${target}`);
    await buildExecutable({ outfile, target });
    process.stdout.write(`${outfile}  ${Math.round(statSync(outfile).size / 1_048_576)} MiB\n`);
  }
  return 0;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
