/** Owns a MariaDB or MySQL server of one's own: its data directory, its one database, and the user that the product logs in as. */

import { mkdirSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { firstBytes } from "./greeting.ts";
import { Server, type ServerOptions } from "./server.ts";

export interface MariadbOptions extends Pick<ServerOptions, "print" | "env"> {
  /** Path of `mariadbd` or `mysqld`. */
  readonly program: string;
  /** Its own: made when missing, and used again when not. */
  readonly folder: string;
  readonly port: number;
  readonly password: string;
}

/** Memory for pages, in MiB: once a sale's rows have none left, each hold reads from the disk. It is taken as it is needed. */
const BUFFER_MIB_MIN = 256;
const BUFFER_MIB_MAX = 2_048;
const BUFFER_SHARE = 1 / 8;

/**
 * What may be written ahead of the pages, in MiB. A thousand holds write one: at full speed the 96 that MariaDB takes by itself are full after
 * five seconds, and pages must be written in the midst of the sale. Measured beside those, with the peers' databases on the same server,
 * one hot flight at 256 connections: 9 % more holds, p99 of 31 ms instead of 41. A server that is killed at full speed has more to do again: it is
 * back after 1.8 s instead of 0.5.
 */
const LOG_MIB = 512;

export const DATABASE = "pigonair";
export const USER = "pigonair";

/** The server, not yet started. */
export function mariadb(options: MariadbOptions): Server {
  const { program, folder, port, password, print, env } = options;
  const data = join(folder, "data");
  mkdirSync(folder, { recursive: true });
  const init = join(folder, "init.sql");
  // It runs before the port opens, at each start.
  writeFileSync(
    init,
    [
      `CREATE DATABASE IF NOT EXISTS ${DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`,
      `CREATE USER IF NOT EXISTS '${USER}'@'%' IDENTIFIED BY '${password}';`,
      `GRANT ALL PRIVILEGES ON *.* TO '${USER}'@'%';`,
    ].join("\n"),
    { mode: 0o600 },
  );
  return new Server({
    name: "mariadb",
    port,
    command: [
      program,
      "--no-defaults",
      `--datadir=${data}`,
      `--socket=${join(folder, "mariadb.sock")}`,
      `--pid-file=${join(folder, "mariadb.pid")}`,
      // Servers that share one break each other's temporary tables.
      `--tmpdir=${folder}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      "--skip-name-resolve",
      `--init-file=${init}`,
      `--innodb-buffer-pool-size=${bufferMiB()}M`,
      "--innodb-flush-log-at-trx-commit=1",
      // Later servers of MySQL know it by another name only.
      `--loose-innodb-log-file-size=${LOG_MIB}M`,
      "--max-connections=400",
      ...asRoot(),
    ],
    env,
    folder,
    needs: {
      folder: data,
      made: (half) => [...installation(program, env), `--datadir=${half}`, `--tmpdir=${folder}`, ...asRoot()],
    },
    print,
    // The greeting: a packet whose first byte is the version of the protocol.
    isReady: async (at) => (await firstBytes(at))[4] === 10,
  });
}

export function mariadbUrl(port: number, password: string, database: string = DATABASE): string {
  return `mysql://${USER}:${password}@127.0.0.1:${port}/${database}`;
}

function bufferMiB(): number {
  const share = Math.floor((totalmem() * BUFFER_SHARE) / 1_048_576);
  return Math.min(BUFFER_MIB_MAX, Math.max(BUFFER_MIB_MIN, share));
}

/** What makes a data directory: MySQL does so itself, MariaDB has a script for it beside the server. */
function installation(program: string, env: Readonly<Record<string, string>>): readonly string[] {
  const script = Bun.which("mariadb-install-db", { PATH: `${env.PATH ?? ""}:/usr/bin:/usr/local/bin` });
  return program.endsWith("mariadbd") && script !== null
    ? [script, "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]
    : [program, "--no-defaults", "--initialize-insecure"];
}

/** The server refuses to run as root unless it is told to. */
function asRoot(): readonly string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}
