/** Owns `bun run cluster`: a whole cluster on this machine, its log lines by process, until Ctrl-C. */

import { resolve as absolute } from "node:path";
import { parseArgs } from "node:util";
import { isFree } from "../free-port.ts";
import { stopWish } from "../stop-wish.ts";
import { Cluster, missingPrograms } from "./cluster.ts";
import { logLine } from "./log-line.ts";

const HELP = `A whole cluster on this machine: MariaDB, NATS, Redis, actors, workers and edges behind one address.

  bun run cluster [--edges N] [--actors N] [--port N] [--prometheus N] [--data FOLDER]

  --edges       how many edges (2)
  --actors      how many hosts of flights (2)
  --port        of the one address (3000)
  --prometheus  port of a Prometheus beside, which watches all of it; 0 takes a free one (none runs)
  --data        where everything is kept (data/cluster); a cluster that is started again goes on from it

Settings of the product are taken from the environment. Ctrl-C stops all cleanly, and again Ctrl-C at once; SIGUSR2 restarts the
processes of the product one after another, while the others serve.`;

const SERVERS: ReadonlySet<string> = new Set(["mariadb", "nats", "redis", "prometheus"]);

const COUNT = /^[1-9]$/;

async function main(args: readonly string[]): Promise<number> {
  const { edges, actors, port, prometheus, data, help } = options(args);
  if (help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const wrong = [
    COUNT.test(edges) ? null : "--edges must be a number from 1 to 9",
    COUNT.test(actors) ? null : "--actors must be a number from 1 to 9",
    portProblem("--port", port),
    prometheus === undefined ? null : portProblem("--prometheus", prometheus),
    ...missingPrograms(process.env, prometheus !== undefined),
  ].filter((problem) => problem !== null);
  if (wrong.length > 0) {
    printError(wrong.join("\n"));
    return 2;
  }
  const isColoured = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const cluster = Cluster.make({
    // Servers take what is relative for relative to where they are installed.
    folder: absolute(data),
    host: "127.0.0.1",
    port: Number(port),
    edges: Number(edges),
    actors: Number(actors),
    ...(prometheus === undefined ? {} : { prometheusPort: Number(prometheus) }),
    settings: settingsGiven(),
    print: (name, line) => {
      const shown = logLine(name, line, SERVERS.has(name), isColoured);
      if (shown !== null) process.stdout.write(`${shown}\n`);
    },
  });
  // Once its terminal is closed nobody sees it any more. Without one it was meant to go on alone.
  const signals = [...(["SIGINT", "SIGTERM"] as const), ...(process.stdout.isTTY ? (["SIGHUP"] as const) : [])];
  const stopped = stopWish(signals, () => void cluster.kill().finally(() => process.exit(1)));
  const started = cluster.start();
  const ended = await Promise.race([started.then(() => "started" as const), stopped.then(() => "stopped" as const)]);
  if (ended === "started") {
    process.stdout.write(`${welcome(cluster)}\n`);
    let rolling = Promise.resolve();
    process.on("SIGUSR2", () => {
      // What runs goes on: to end here would leave it running with nobody to stop it.
      rolling = rolling.then(() => cluster.roll()).catch((cause: Error) => printError(cause.message));
    });
    await stopped;
    await rolling;
  }
  process.stdout.write("stopping\n");
  await started.catch(() => {});
  await cluster.stop();
  return 0;
}

/** Whoever has the port already is told of now, and not when everything behind it has started. */
function portProblem(option: string, text: string): string | null {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) return `${option} must be a number from 0 to 65535`;
  return isFree(Number(text)) ? null : `${option} ${text} is taken by another program; 0 takes a free one`;
}

function options(args: readonly string[]) {
  const text = (initial: string) => ({ type: "string", default: initial }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      edges: text("2"),
      actors: text("2"),
      port: text("3000"),
      prometheus: { type: "string" },
      data: text("data/cluster"),
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

/** Those of the product's own settings that the cluster does not set itself go to each process. */
function settingsGiven(): Record<string, string> {
  const own = new Set(["ROLE", "HOST_ID", "PORT", "DATABASE_URL", "NATS_URL", "REDIS_URL", "DATA_DIR"]);
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || own.has(name) ? [] : [[name, value]],
    ),
  );
}

function welcome(cluster: Cluster): string {
  const { url, edges, actors, workers, sandboxUrl, databaseUrl, nats, redis, prometheus } = cluster;
  const at = (servers: readonly { readonly port: number }[]): string =>
    servers.map(({ port }) => `http://127.0.0.1:${port}`).join("  ");
  return [
    "",
    `PigonAir serves at ${url}`,
    `  API and its page   ${url}/openapi`,
    `  payments sandbox   ${sandboxUrl}`,
    `  edges              ${at(edges)}`,
    `  actors             ${at(actors)}`,
    `  workers            ${at([workers])}`,
    `  database           ${databaseUrl}`,
    `  NATS               127.0.0.1:${nats.port}`,
    `  Redis              127.0.0.1:${redis.port}`,
    ...(prometheus === null ? [] : [`  Prometheus         ${at([prometheus])}`]),
    `Try: curl '${url}/api/v1/flights?origin=ICN&size=3'`,
    `     kill -USR2 ${process.pid}   restarts its processes one after another`,
    "",
  ].join("\n");
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (cause) {
  printError(cause instanceof Error ? cause.message : String(cause));
  process.exit(1);
}
