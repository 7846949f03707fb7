/** Owns throw-away MariaDB (or MySQL) servers for tests: data directory and port of their own, gone with the test process, however it ends. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { assert, present } from "../../actors/assert.ts";
import { freePort } from "../../deploy/free-port.ts";
import { requireService } from "./services.ts";
import { until } from "./until.ts";

const USER = "pigonair";
const PASSWORD = "throw/away:pass word";

/** On a machine that has other things to do. */
const START_MS_MAX = 30_000;

/** What every server is told, on top of its own settings. Durable at commit as in production, and otherwise as light as can be. */
const OPTIONS = [
  "--no-defaults",
  "--bind-address=127.0.0.1",
  "--skip-name-resolve",
  "--skip-log-bin",
  "--innodb-buffer-pool-size=64M",
  "--max-connections=300",
  "--pid-file=server.pid",
  "--socket=server.sock",
];
const OPTIONS_OF_MARIADB = ["--innodb-log-file-size=64M"];
const OPTIONS_OF_MYSQL = [
  "--mysqlx=off",
  "--secure-file-priv=NULL",
  "--innodb-redo-log-capacity=64M",
  "--performance-schema=off",
];

/** Run at each start. */
const INIT_SQL = `create user if not exists '${USER}'@'%' identified by '${PASSWORD}';
grant all on *.* to '${USER}'@'%' with grant option;
`;

const UID = process.getuid?.() ?? 0;

/** A server refuses to run as root unless it is told to. */
const AS_ROOT = UID === 0 ? ["--user=root"] : [];

/** Ends the server and removes its folder once the process that started it is gone. */
const KEEPER = `
while kill -0 "$1" 2>/dev/null && [ -d "$2" ]; do sleep 0.5; done
[ -f "$2/data/server.pid" ] && kill -9 "$(cat "$2/data/server.pid")" 2>/dev/null
rm -rf "$2"`;

interface Program {
  readonly path: string;
  readonly isMariaDb: boolean;
  readonly version: string;
}

export interface MysqlServerOptions {
  /** Further options of the server, such as `--ssl-ca=…`. */
  readonly options?: readonly string[];
  /** @default a free one */
  readonly port?: number;
  /** File of the authority of the server's certificate, where it takes encrypted connections alone. @default null */
  readonly tlsCa?: string | null;
}

export class MysqlServer {
  readonly folder: string;
  readonly port: number;
  readonly isMariaDb: boolean;
  readonly #program: Program;
  readonly #options: readonly string[];
  readonly #tlsCa: string | null;
  static #shared: Promise<MysqlServer> | null = null;

  private constructor(
    folder: string,
    port: number,
    program: Program,
    options: readonly string[],
    tlsCa: string | null,
  ) {
    this.folder = folder;
    this.port = port;
    this.isMariaDb = program.isMariaDb;
    this.#program = program;
    this.#options = options;
    this.#tlsCa = tlsCa;
  }

  /** Starts a server for one test file, which stops it with {@link remove}. */
  static async start({ options = [], port = freePort(), tlsCa = null }: MysqlServerOptions = {}): Promise<MysqlServer> {
    const folder = mkdtempSync(join(tmpdir(), "pigonair-mysql-"));
    return await MysqlServer.#begin(folder, port, options, tlsCa);
  }

  /** The server that all test files of this process share; it ends with the process. */
  static shared(): Promise<MysqlServer> {
    MysqlServer.#shared ??= MysqlServer.#share().catch((cause: unknown) => {
      // Whoever asks next tries again.
      MysqlServer.#shared = null;
      throw cause;
    });
    return MysqlServer.#shared;
  }

  static async #share(): Promise<MysqlServer> {
    // Files run isolated: only the file system remembers what an earlier one has started.
    const folder = join(tmpdir(), `pigonair-mysql-of-${process.pid}`);
    const known = join(folder, "port");
    if (existsSync(known)) return new MysqlServer(folder, Number(readFileSync(known, "utf8")), program(), [], null);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const server = await MysqlServer.#begin(folder, freePort(), [], null);
    writeFileSync(known, String(server.port));
    return server;
  }

  static async #begin(
    folder: string,
    port: number,
    options: readonly string[],
    tlsCa: string | null,
  ): Promise<MysqlServer> {
    spawnApart("/dev/null", ["sh", "-c", KEEPER, "keeper", String(process.pid), folder]);
    const used = program();
    copyTemplate(used, join(folder, "data"));
    writeFileSync(join(folder, "init.sql"), INIT_SQL);
    const server = new MysqlServer(folder, port, used, options, tlsCa);
    await server.restart();
    return server;
  }

  get pid(): number {
    return Number(readFileSync(join(this.folder, "data", "server.pid"), "utf8"));
  }

  /** As the program's setting names it. */
  url(database: string, port = this.port): string {
    return `mysql://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  }

  /** Makes an empty database, and gives its address. */
  async freshDatabase(): Promise<string> {
    const database = `t_${Bun.randomUUIDv7().replaceAll("-", "")}`;
    await this.run(`create database ${database}`);
    return this.url(database);
  }

  /** Runs one statement as an operator, and gives its rows. */
  async run(sql: string): Promise<readonly Record<string, unknown>[]> {
    const connection = await createConnection({
      host: "127.0.0.1",
      port: this.port,
      user: USER,
      password: PASSWORD,
      ...(this.#tlsCa === null ? {} : { ssl: { ca: readFileSync(this.#tlsCa, "utf8") } }),
    });
    try {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      connection.destroy();
    }
  }

  /** Ends it without any word, as a power failure does; {@link restart} brings it back with what was durable. */
  async kill(): Promise<void> {
    const { pid } = this;
    process.kill(pid, "SIGKILL");
    await until(() => !isRunning(pid), "the server's end", START_MS_MAX);
  }

  async restart(): Promise<void> {
    const { path, isMariaDb } = this.#program;
    spawnApart(this.#log, [
      path,
      ...OPTIONS,
      ...(isMariaDb ? OPTIONS_OF_MARIADB : OPTIONS_OF_MYSQL),
      `--datadir=${join(this.folder, "data")}`,
      // Shared with another server, each would clear the other's temporary tables away at its start.
      `--tmpdir=${this.folder}`,
      `--init-file=${join(this.folder, "init.sql")}`,
      `--port=${this.port}`,
      ...AS_ROOT,
      ...this.#options,
    ]);
    const isUp = async (): Promise<boolean> => {
      const log = readFileSync(this.#log, "utf8");
      assert(!log.includes("Aborting"), `the server starts: ${log}`);
      return await this.run("select 1").then(
        () => true,
        () => false,
      );
    };
    await until(isUp, "the server's answer", START_MS_MAX);
  }

  /** Stops it, and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #log(): string {
    return join(this.folder, "server.log");
  }
}

/** A child of its own would end with the test file that started it [Bun 1.4.5]. */
function spawnApart(log: string, command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(
    ["sh", "-c", 'log="$1"; shift; setsid "$@" </dev/null >"$log" 2>&1 &', "spawn", log, ...command],
    { stdout: "ignore", stderr: "pipe" },
  );
  assert(exitCode === 0, () => `${command[0]} is started: ${stderr.toString()}`);
}

/** `MYSQL_SERVER=/path/to/mysqld` tries the tests on another server than the one that is installed. */
function program(): Program {
  const path = process.env.MYSQL_SERVER ?? present(requireService("mariadbd"), "the suite is left out without it");
  const version = Bun.spawnSync([path, "--version"]).stdout.toString().trim();
  return { path, version, isMariaDb: version.includes("MariaDB") };
}

/** The data directory of a new server is made once for each version, since that takes seconds, and copied for each use. */
function copyTemplate({ path, version, isMariaDb }: Program, to: string): void {
  const name = createHash("sha256").update(`${path} ${version}`).digest("hex").slice(0, 12);
  const template = join(tmpdir(), `pigonair-mysql-template-${UID}-${name}`);
  if (!existsSync(template)) {
    const draft = mkdtempSync(join(tmpdir(), "pigonair-mysql-draft-"));
    const dataDir = join(draft, "data");
    const install = isMariaDb
      ? ["mariadb-install-db", "--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]
      : [path, "--no-defaults", "--initialize-insecure"];
    const { exitCode, stderr } = Bun.spawnSync([...install, `--datadir=${dataDir}`, `--tmpdir=${draft}`, ...AS_ROOT]);
    assert(exitCode === 0, () => `a data directory is made: ${stderr.toString()}`);
    try {
      renameSync(dataDir, template);
    } catch (cause) {
      // Another test process was faster.
      if (!existsSync(template)) throw cause;
    }
    rmSync(draft, { recursive: true });
  }
  const { exitCode, stderr } = Bun.spawnSync(["cp", "-r", "--reflink=auto", template, to]);
  assert(exitCode === 0, () => `the data directory is copied: ${stderr.toString()}`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
