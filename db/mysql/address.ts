/** Owns where the MySQL or MariaDB server is, as `DATABASE_URL` says it, and whether the way there must be encrypted. */

import { readFileSync } from "node:fs";

export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Certificates of the authorities that the server's must come from, as PEM; null: the way is not encrypted. */
  readonly ca: string | null;
}

const DEFAULT_PORT = 3306;

/**
 * @param url `mysql://user:password@host:port/database`
 * @param tlsCaFile the value of `DATABASE_TLS_CA`
 * @throws Error that says what is wrong with which setting, and never repeats the password
 */
export function mysqlAddress(url: string, tlsCaFile: string | null): MysqlAddress {
  const parsed = URL.parse(url);
  const database = parsed?.pathname.slice(1) ?? "";
  if (parsed === null || database === "")
    throw new Error("DATABASE_URL must be mysql://user:password@host:port/database");
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? DEFAULT_PORT : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(database),
    ca: tlsCaFile === null ? null : certificatesIn(tlsCaFile),
  };
}

/** For people: where, and nothing secret. */
export function placeOf({ host, port, database }: MysqlAddress): string {
  return `${database} at ${host}:${port}`;
}

function certificatesIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new Error(`DATABASE_TLS_CA can't be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw new Error(`DATABASE_TLS_CA has no certificate in it: ${file}`);
  return text;
}
