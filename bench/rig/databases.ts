/** Owns the databases of a run: one for each contestant, all on the same MariaDB server. */
import { createConnection } from "mysql2/promise";

/** Makes an empty database beside the one that `url` names, and gives its address. */
export async function freshDatabase(url: string, name: string): Promise<string> {
  await query(url, `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

/** Runs one statement on a connection of its own. */
export async function query(
  url: string,
  sql: string,
  values: readonly (string | readonly string[])[] = [],
): Promise<Record<string, unknown>[]> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const connection = await createConnection({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  });
  try {
    const [rows] = await connection.query(sql, [...values]);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
