/** Owns a Prometheus beside a cluster: the configuration and the alarms as they are deployed, with the processes of this machine as its targets. */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Server, type ServerOptions } from "./server.ts";

const DEPLOYED = join(import.meta.dir, "../observability");

const ASK_MS_MAX = 2_000;

/** As it is kept: a trial of a sale, and not the memory of a season. */
const KEPT = "7d";

export interface Target {
  readonly name: string;
  readonly role: string;
  readonly port: number;
}

export interface PrometheusOptions extends Pick<ServerOptions, "print" | "env"> {
  /** Path of `prometheus`. */
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  readonly targets: readonly Target[];
}

/** The server, not yet started. */
export function prometheus({ program, folder, port, targets, print, env }: PrometheusOptions): Server {
  mkdirSync(join(folder, "targets"), { recursive: true });
  for (const file of ["prometheus.yml", "rules.yml"]) cpSync(join(DEPLOYED, file), join(folder, file));
  const found = targets.map(({ name, role, port: at }) => ({
    targets: [`127.0.0.1:${at}`],
    labels: { instance: name, role },
  }));
  writeFileSync(join(folder, "targets/pigonair.json"), JSON.stringify(found));
  return new Server({
    name: "prometheus",
    port,
    command: [
      program,
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--storage.tsdb.retention.time=${KEPT}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    env,
    folder,
    print,
    isReady: async (at) =>
      (await fetch(`http://127.0.0.1:${at}/-/ready`, { signal: AbortSignal.timeout(ASK_MS_MAX) })).ok,
  });
}
