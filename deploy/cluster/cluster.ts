/** Owns a whole cluster on one machine: the servers below, actors, workers and edges as processes of their own, and one address in front. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { RUNTIME } from "../runtime.ts";
import { Balancer } from "./balancer.ts";
import { mariadb, mariadbUrl } from "./mariadb.ts";
import { NATS_USERS, nats, natsUrl } from "./nats.ts";
import {
  findProgram,
  missingProgram,
  PROMETHEUS,
  type Program,
  SERVER_PROGRAMS,
  type ServerProgram,
  searchPath,
} from "./programs.ts";
import { prometheus } from "./prometheus.ts";
import { redis, redisUrl } from "./redis.ts";
import { Server } from "./server.ts";

const MAIN = join(import.meta.dir, "../../main.ts");

export type Role = "edge" | "actors" | "workers";
export type Settings = Readonly<Record<string, string>>;

export interface ClusterOptions {
  /** Everything is kept in it: a cluster that is started again goes on where it was. */
  readonly folder: string;
  readonly host: string;
  /** Of the one address; 0 takes a free one. */
  readonly port: number;
  readonly edges: number;
  readonly actors: number;
  /** Of a Prometheus beside, which watches all of it; 0 takes a free one. @default none runs */
  readonly prometheusPort?: number;
  /** For every process of the product. */
  readonly settings: Settings;
  /** For one of them: what differs from the others'. */
  readonly settingsOf?: (name: string, role: Role, common: Settings) => Settings;
  /** What the processes of the product run. @default the product's own `main.ts` */
  readonly program?: string;
  readonly print: (name: string, line: string) => void;
}

/** What must be installed, each missing one as a sentence that names its package. */
export function missingPrograms(env: Readonly<Record<string, string | undefined>>, withPrometheus = false): string[] {
  return Object.entries<Program>({ ...SERVER_PROGRAMS, ...(withPrometheus ? { prometheus: PROMETHEUS } : {}) })
    .filter(([, program]) => findProgram(program, searchPath(env)) === null)
    .map(([name, program]) => missingProgram(name, program));
}

export class Cluster {
  readonly mariadb: Server;
  readonly nats: Server;
  readonly redis: Server;
  readonly actors: readonly Server[];
  readonly workers: Server;
  readonly edges: readonly Server[];
  /** Null: none runs beside. */
  readonly prometheus: Server | null;
  /** Where the database is, for commands such as the doctor. */
  readonly databaseUrl: string;
  readonly sandboxUrl: string;
  /** The settings that every process has. */
  readonly settings: Settings;
  readonly #options: ClusterOptions;
  #balancer: Balancer | null = null;

  private constructor(options: ClusterOptions, servers: Pick<Cluster, "mariadb" | "nats" | "redis">, kept: Kept) {
    this.#options = options;
    this.mariadb = servers.mariadb;
    this.nats = servers.nats;
    this.redis = servers.redis;
    this.databaseUrl = mariadbUrl(this.mariadb.port, kept.databasePassword);
    const { SANDBOX_PORT = String(freePort()) } = options.settings;
    this.sandboxUrl = `http://127.0.0.1:${SANDBOX_PORT}`;
    this.settings = {
      PATH: options.settings.PATH ?? "",
      DATA_DIR: join(options.folder, "data"),
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: redisUrl(this.redis.port),
      PUBLIC_URL: `http://${options.host}:${options.port}`,
      SANDBOX_PORT,
      // Longer than the balancer takes to notice, and than a client is silent between two requests.
      DRAIN_MS: "1500",
      ...options.settings,
      // Where all of them are asked; some shells call the machine so.
      HOST: "127.0.0.1",
    };
    const make = (role: Role, name: string): Server => this.#process(role, name, kept);
    this.actors = numbered(options.actors, "actors").map((name) => make("actors", name));
    this.workers = make("workers", "workers");
    this.edges = numbered(options.edges, "edge").map((name) => make("edge", name));
    this.prometheus = options.prometheusPort === undefined ? null : this.#watcher(options.prometheusPort);
  }

  /** @throws Error naming each program that is missing, with its package */
  static make(given: ClusterOptions): Cluster {
    const options = given.port === 0 ? { ...given, port: freePort() } : given;
    const { folder, print } = options;
    const env = environment(options.settings);
    const [mariadbPath, natsPath, redisPath] = [
      programPath("mariadbd", env),
      programPath("nats-server", env),
      programPath("redis-server", env),
    ];
    const kept = keptIn(folder);
    const servers = {
      mariadb: mariadb({
        program: mariadbPath,
        folder: join(folder, "mariadb"),
        port: freePort(),
        password: kept.databasePassword,
        print,
        env,
      }),
      nats: nats({
        program: natsPath,
        folder: join(folder, "nats"),
        port: freePort(),
        passwords: kept.natsPasswords,
        print,
        env,
      }),
      redis: redis({ program: redisPath, folder: join(folder, "redis"), port: freePort(), print, env }),
    };
    return new Cluster(options, servers, kept);
  }

  /** The one address. */
  get url(): string {
    return `http://${this.#options.host}:${this.#options.port}`;
  }

  get processes(): readonly Server[] {
    return [...this.actors, this.workers, ...this.edges];
  }

  /** Starts all of it; resolves when it can be sold from. @throws Error with the last lines of what did not start; then nothing runs any more */
  async start(): Promise<void> {
    await this.startServers();
    await this.startProcesses(this.processes);
  }

  /** The servers below. @throws as {@link start} */
  startServers(): Promise<void> {
    return this.#orStop(async () => {
      await Promise.all([this.mariadb, this.nats, this.redis].map((server) => this.#startOne(server)));
    });
  }

  /** Processes of the product, above servers that run, and the one address. @throws as {@link start} */
  startProcesses(processes: readonly Server[]): Promise<void> {
    const { host, port, print } = this.#options;
    return this.#orStop(async () => {
      // The first one makes the tables and the demo timetable.
      await this.#startOne(this.workers);
      // An edge that finds no host of flights yet says so in its log.
      for (const some of [this.actors, this.edges]) {
        await Promise.all(processes.filter((each) => some.includes(each)).map((each) => this.#startOne(each)));
      }
      this.#balancer = await Balancer.start(
        host,
        port,
        this.edges.map((edge) => edge.port),
      );
      if (this.prometheus !== null) await this.#startOne(this.prometheus);
      print("cluster", `serves at ${this.url}`);
    });
  }

  /** Starts every process of the product anew, one after another, while the others serve. */
  async roll(): Promise<void> {
    for (const server of this.processes.filter(({ isRunning }) => isRunning)) {
      await server.stop();
      await this.#startOne(server);
    }
  }

  /** From the top down, so that each can still say good-bye to what it needs. */
  async stop(): Promise<void> {
    await this.prometheus?.stop();
    await Promise.all(this.edges.map((edge) => edge.stop()));
    await this.#balancer?.stop();
    await this.workers.stop();
    await Promise.all(this.actors.map((each) => each.stop()));
    await Promise.all([this.nats.stop(), this.redis.stop(), this.mariadb.stop()]);
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    await this.#balancer?.stop();
    const servers = [this.nats, this.redis, this.mariadb, ...(this.prometheus === null ? [] : [this.prometheus])];
    await Promise.all([...this.processes, ...servers].map((server) => server.kill()));
  }

  async #orStop(start: () => Promise<void>): Promise<void> {
    try {
      await start();
    } catch (cause) {
      await this.stop();
      throw cause;
    }
  }

  async #startOne(server: Server): Promise<void> {
    const startedMs = performance.now();
    await server.start();
    this.#options.print(
      server.name,
      `ready on port ${server.port} after ${Math.round(performance.now() - startedMs)} ms`,
    );
  }

  #watcher(port: number): Server {
    const { folder, print, settings } = this.#options;
    const env = environment(settings);
    const program = findProgram(PROMETHEUS, searchPath(env));
    if (program === null) throw new Error(missingProgram("prometheus", PROMETHEUS));
    const targets = [
      ...this.actors.map((server) => ({ ...named(server), role: "actors" })),
      { ...named(this.workers), role: "workers" },
      ...this.edges.map((server) => ({ ...named(server), role: "edge" })),
    ];
    const own = join(folder, "prometheus");
    return prometheus({ program, folder: own, port: port === 0 ? freePort() : port, targets, print, env });
  }

  #process(role: Role, name: string, { natsPasswords }: Kept): Server {
    const { folder, print, settingsOf, program = MAIN } = this.#options;
    const port = freePort();
    const common = {
      ...RUNTIME,
      ...this.settings,
      ROLE: role,
      HOST_ID: name,
      PORT: String(port),
      NATS_URL: natsUrl(this.nats.port, role, natsPasswords),
    };
    return new Server({
      name,
      port,
      command: [process.execPath, program],
      env: { ...common, ...settingsOf?.(name, role, common) },
      folder,
      print,
      isReady: async (at) => (await fetch(`http://127.0.0.1:${at}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
    });
  }
}

/** What a cluster must still know when it is started again. */
interface Kept {
  readonly databasePassword: string;
  readonly natsPasswords: Readonly<Record<string, string>>;
}

function keptIn(folder: string): Kept {
  const file = join(folder, "cluster.json");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) {
    const password = (): string => `p${crypto.randomUUID().replaceAll("-", "")}`;
    const natsPasswords = Object.fromEntries(NATS_USERS.map((user) => [user, password()]));
    writeFileSync(file, JSON.stringify({ databasePassword: password(), natsPasswords } satisfies Kept), {
      mode: 0o600,
    });
  }
  return JSON.parse(readFileSync(file, "utf8")) as Kept;
}

function programPath(name: ServerProgram, env: Settings): string {
  const path = findProgram(SERVER_PROGRAMS[name], searchPath(env));
  if (path === null) throw new Error(missingProgram(name, SERVER_PROGRAMS[name]));
  return path;
}

/** Nothing else of the surroundings: there may be settings among it. */
function environment({ PATH = "", HOME = "" }: Settings): Settings {
  return { PATH, HOME };
}

function named({ name, port }: Server): { readonly name: string; readonly port: number } {
  return { name, port };
}

function numbered(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, at) => `${name}-${at + 1}`);
}
