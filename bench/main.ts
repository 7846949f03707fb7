/** Owns `bun run bench`: reads what it is told, runs it, writes the report, and stops everything, also on Ctrl-C and when its terminal is closed. */
import { mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { missingPrograms } from "../deploy/cluster/cluster.ts";
import { stopWish } from "../deploy/stop-wish.ts";
import { Bench } from "./bench.ts";
import { HELP, readOptions } from "./options.ts";
import { progressTo } from "./progress.ts";
import { shellWord } from "./report/words.ts";
import { writeReport } from "./report/write.ts";
import { runBench } from "./run.ts";

const print = (text: string): void => {
  process.stdout.write(text);
};

async function main(args: readonly string[]): Promise<number> {
  const reading = readOptions(args);
  if (reading.kind === "help") {
    print(`${HELP}\n`);
    return 0;
  }
  const missing = missingPrograms(process.env);
  if (reading.kind === "wrong" || missing.length > 0) {
    process.stderr.write(`${reading.kind === "wrong" ? reading.why : missing.join("\n")}\n`);
    return 2;
  }
  const { options } = reading;
  const reportDir = resolve(options.reportDir);
  makeWritable(reportDir);
  // The last when the terminal is closed. From here on, since whatever is opened is to be put away.
  const stopped = stopWish(["SIGINT", "SIGTERM", "SIGHUP"]).then(() => "stopped" as const);
  const bench = await Bench.open(options.scale, options.seed, progressTo(print));
  try {
    const command = ["bun run bench", ...args.map(shellWord)].join(" ");
    const report = await Promise.race([runBench(bench, options, command), stopped]);
    if (report === "stopped") {
      print("\nstopping\n");
      return 130;
    }
    const files = writeReport(report, reportDir);
    print(`\n${files.map((file) => `wrote ${file}`).join("\n")}\n`);
    const unreached = report.targets.filter(({ isReached }) => !isReached).length;
    print(
      `${report.targets.length - unreached} of ${report.targets.length} targets reached; ${report.failures.length} failures\n`,
    );
    return report.failures.length === 0 ? 0 : 1;
  } finally {
    await bench.running.stop();
  }
}

/** Where no report can be written is known now, and not when everything has been measured. */
function makeWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    rmdirSync(mkdtempSync(join(folder, ".writable-")));
  } catch (cause) {
    throw new Error(
      `--report can't be written to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit(1);
}
