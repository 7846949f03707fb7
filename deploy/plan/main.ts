/** Owns `bun run plan`: what a sale takes; and `bun run plan measure`, which makes the costs that it reckons with anew. */

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, platform, release } from "node:os";
import { parseArgs } from "node:util";
import { COSTS_FILE, type Costs, loadCosts, MEASURED_KINDS, type MeasuredKind, readCosts } from "./costs.ts";
import { costBetween, costsInBench, cpuInStat, readMetrics, type Scraped } from "./measure.ts";
import { reportOf } from "./report.ts";
import { FLAGS, type Given, OPTIONS, readSale } from "./sale.ts";
import { simulate } from "./simulate.ts";
import { planFor } from "./sizing.ts";

const HELP = `What a sale takes: how many edges, hosts of flights, what database, Redis and NATS, and which wall comes first.

  bun run plan --people N --seats S [--minutes T] [--costs FILE] [--json] …
  bun run plan measure --bench FILE… [--out FILE]
  bun run plan measure --kind hold --edge URL… [--actors URL…] [--nats-pid N] [--database-pid N] [--redis-pid N]
                       [--seconds 30] [--out FILE]

${Object.entries(OPTIONS)
  .map(([name, { initial, meaning }]) => `  --${name.padEnd(17)} ${meaning}${initial === null ? "" : ` (${initial})`}`)
  .join("\n")}
${Object.entries(FLAGS)
  .map(([name, meaning]) => `  --${name.padEnd(17)} ${meaning}`)
  .join("\n")}
  --costs             a file of costs in place of deploy/plan/costs.json
  --json              the plan and its trial as JSON

measure reads what bench/room.ts and bench/commits.ts have printed into files; or it looks twice at /metrics of processes that serve
requests of one kind meanwhile (hold, refusal, join, status), and at the time that servers of this machine have taken. It writes the costs.

Exit code: 0, 1 when the sale is not to be had, 2 when the question is none.`;

const SECONDS = /^[1-9]\d{0,3}$/;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (args.includes("--help")) {
    print(HELP);
    return 0;
  }
  return command === "measure" ? await measure(rest) : plan(args);
}

function plan(args: readonly string[]): number {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = {
    ...(Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, text])) as Record<
      keyof typeof OPTIONS,
      typeof text
    >),
    ...(Object.fromEntries(Object.keys(FLAGS).map((name) => [name, flag])) as Record<keyof typeof FLAGS, typeof flag>),
    costs: text,
    json: flag,
  };
  const { costs: file, json, ...given } = parseArgs({ args: [...args], options }).values;
  const sale = readSale(given as Given);
  if (!("people" in sale)) {
    for (const problem of sale) printError(problem);
    printError("bun run plan --help names everything that can be said.");
    return 2;
  }
  const costs = loadCosts(file);
  const planned = planFor(sale, costs);
  const trial = simulate(planned, costs);
  const isColoured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  print(
    json ? JSON.stringify({ plan: planned, trial, costs }, null, 2) : reportOf(planned, trial, costs, { isColoured }),
  );
  return planned.firstWall.times >= 1 ? 0 : 1;
}

async function measure(args: readonly string[]): Promise<number> {
  const many = { type: "string", multiple: true, default: [] as string[] } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      bench: many,
      edge: many,
      actors: many,
      "nats-pid": { type: "string" },
      "database-pid": { type: "string" },
      "redis-pid": { type: "string" },
      kind: { type: "string" },
      seconds: { type: "string", default: "30" },
      out: { type: "string", default: COSTS_FILE },
    },
  });
  const known = loadCosts();
  const kind = MEASURED_KINDS.find((each) => each === values.kind);
  const isServer = values.edge.length > 0;
  if (isServer ? kind === undefined || !SECONDS.test(values.seconds) : values.bench.length === 0) {
    printError(`measure needs --bench FILE, or --edge URL with --kind (${MEASURED_KINDS.join(", ")}) and --seconds`);
    return 2;
  }
  const costs =
    isServer && kind !== undefined
      ? await measuredAt(known, kind, {
          edges: values.edge,
          actors: values.actors,
          pids: { nats: values["nats-pid"], database: values["database-pid"], redis: values["redis-pid"] },
          seconds: Number(values.seconds),
        })
      : measuredByBench(known, values.bench);
  const [processor] = cpus();
  const hardware = `${cpus().length} cores of ${processor?.model ?? "?"}, ${platform()} ${release()}, Bun ${Bun.version}`;
  const measured = `${new Date().toISOString().slice(0, 10)}, load average ${loadavg()[0]?.toFixed(1)}`;
  const whole = readCosts({ ...costs, hardware, measured }, "what was measured");
  writeFileSync(values.out, `${JSON.stringify(whole, null, 2)}\n`);
  print(`${values.out} has the costs of ${measured}; what was not measured is as it was.`);
  return 0;
}

function measuredByBench(known: Costs, files: readonly string[]): Costs {
  const { kinds, commit } = costsInBench(files.map((file) => readFileSync(file, "utf8")).join("\n"));
  if (Object.keys(kinds).length === 0 && commit === null) throw new Error(`no bench's figures in ${files.join(", ")}`);
  const from = `a bench run: ${files.join(", ")}`;
  const merged = MEASURED_KINDS.map((kind) => {
    const found = kinds[kind];
    return [kind, found === undefined ? known.kinds[kind] : { ...found, from }];
  });
  return { ...known, kinds: Object.fromEntries(merged), commit: commit === null ? known.commit : { ...commit, from } };
}

interface Running {
  readonly edges: readonly string[];
  readonly actors: readonly string[];
  /** Of servers on this machine; undefined: as it was. */
  readonly pids: Readonly<Record<"nats" | "database" | "redis", string | undefined>>;
  readonly seconds: number;
}

async function measuredAt(known: Costs, kind: MeasuredKind, running: Running): Promise<Costs> {
  const { edges, actors, pids, seconds } = running;
  const look = async (urls: readonly string[], role: "edge" | "actors"): Promise<Scraped> => {
    const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    const each = texts.map((text) => readMetrics(text, role));
    return { cpuS: total(each.map(({ cpuS }) => cpuS)), done: total(each.map(({ done }) => done)) };
  };
  const lookAtAll = async () => {
    const [edge, owner] = await Promise.all([look(edges, "edge"), look(actors, "actors")]);
    const servers = Object.entries(pids).flatMap(([part, pid]) =>
      pid === undefined
        ? []
        : [[part, { cpuS: cpuInStat(readFileSync(`/proc/${Number(pid)}/stat`, "utf8")), done: edge.done }] as const],
    );
    return { edge, ...(actors.length === 0 ? {} : { actors: owner }), ...Object.fromEntries(servers) };
  };
  const before: Readonly<Record<string, Scraped>> = await lookAtAll();
  await Bun.sleep(seconds * 1_000);
  const after: Readonly<Record<string, Scraped>> = await lookAtAll();
  const measured = Object.entries(before).flatMap(([part, first]) => {
    const last = after[part];
    return last === undefined ? [] : [[part, costBetween(first, last)]];
  });
  const from = `/metrics of ${edges.length} edges and ${actors.length} hosts of flights over ${seconds} s of ${kind} requests`;
  return {
    ...known,
    kinds: { ...known.kinds, [kind]: { ...known.kinds[kind], ...Object.fromEntries(measured), from } },
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (cause) {
  printError(cause instanceof Error ? cause.message : String(cause));
  process.exit(2);
}
