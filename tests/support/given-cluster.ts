/** Owns a cluster as tests start it: real servers and processes in a folder of their own, each process behind proxies that can be cut. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { Cluster, type ClusterOptions, type Role, type Settings } from "../../deploy/cluster/cluster.ts";
import type { Server } from "../../deploy/cluster/server.ts";
import { freePort } from "../../deploy/free-port.ts";
import type { Ran } from "./given-program.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const PROGRAM = join(import.meta.dir, "../../main.ts");

/** The ways of one process to what it shares with the others. */
export interface Ways {
  readonly nats: TcpProxy;
  readonly database: TcpProxy;
}

export class GivenCluster {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly #ways: ReadonlyMap<string, Ways>;
  readonly #lines: string[];

  private constructor(folder: string, cluster: Cluster, ways: ReadonlyMap<string, Ways>, lines: string[]) {
    this.folder = folder;
    this.cluster = cluster;
    this.#ways = ways;
    this.#lines = lines;
  }

  /** @param more of the cluster's own options, such as a Prometheus beside */
  static async make(
    settings: Settings = {},
    edges = 2,
    actors = 2,
    more: Pick<ClusterOptions, "prometheusPort"> = {},
  ): Promise<GivenCluster> {
    const folder = mkdtempSync(join(tmpdir(), "pigonair-cluster-"));
    const lines: string[] = [];
    const ways = new Map<string, Ways>();
    const cluster = Cluster.make({
      ...more,
      folder,
      host: "127.0.0.1",
      port: 0,
      edges,
      actors,
      settings: {
        PATH: process.env.PATH ?? "",
        HOME: process.env.HOME ?? "",
        LOG_LEVEL: "info",
        ADDRESS_LIMITS: "off",
        ...settings,
      },
      settingsOf: (name, role, common) => (role === "actors" ? behindProxies(name, role, common, ways) : {}),
      print: (name, line) => lines.push(`${name} ${line}`),
    });
    return new GivenCluster(folder, cluster, ways, lines);
  }

  get url(): string {
    return this.cluster.url;
  }

  /** What all processes have printed, a line each, with the name of the process before it. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The ways of a host of flights to NATS and to the database. */
  waysOf({ name }: Server): Ways {
    return present(this.#ways.get(name), "a host of flights");
  }

  /** Runs a command of the program on the cluster's database. */
  async run(args: readonly string[]): Promise<Ran> {
    const child = Bun.spawn([process.execPath, PROGRAM, ...args], {
      cwd: this.folder,
      env: { ...this.cluster.settings, PORT: "0" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { exitCode, out, err };
  }

  async remove(): Promise<void> {
    await this.cluster.kill();
    for (const { nats, database } of this.#ways.values()) await Promise.all([nats.stop(), database.stop()]);
    rmSync(this.folder, { recursive: true });
  }
}

/** The same settings, but NATS and the database by ways of its own. */
function behindProxies(name: string, _role: Role, common: Settings, ways: Map<string, Ways>): Settings {
  const natsAt = new URL(present(common.NATS_URL, "the address of NATS"));
  const databaseAt = new URL(present(common.DATABASE_URL, "the address of the database"));
  const own = {
    nats: new TcpProxy({ port: freePort(), to: Number(natsAt.port) }),
    database: new TcpProxy({ port: freePort(), to: Number(databaseAt.port) }),
  };
  ways.set(name, own);
  natsAt.port = String(own.nats.port);
  databaseAt.port = String(own.database.port);
  return { NATS_URL: natsAt.href, DATABASE_URL: databaseAt.href };
}
