/** Owns the secrets that a database keeps for all processes on it, and the recognition of keys that its data depends on. */

import type { Kysely } from "kysely";
import { present } from "../../actors/assert.ts";
import type { OpenDatabase } from "../open.ts";
import type { Database, SecretTable } from "../schema.ts";

/** In the table: at most 32 characters. */
export type SecretName =
  | "number-key"
  | "person-key"
  | "payment-api-key"
  | "payment-webhook-secret"
  | "token-signing-keys";

/**
 * The text that is kept under the name; made by `make` if there is none. Of many processes that ask at once one makes it.
 * @throws Error when the settings gave it before: then nobody else may make one
 */
export async function keptSecret(
  db: OpenDatabase,
  name: SecretName,
  make: () => string | Promise<string>,
): Promise<string> {
  const known = await secretRow(db.read, name);
  if (known === undefined) {
    const value = await make();
    await addIfMissing(db, { name, fingerprint: fingerprintOf(name, value), value });
  }
  const { value } = present(known ?? (await secretRow(db.read, name)), `the secret ${name} that was kept`);
  if (value === null) throw new Error(`this database was used with one that was given, and can't go on without it`);
  return value;
}

/** Whether the database was used with this very key, or is used with one for the first time: then it remembers it by its fingerprint. */
export async function isKeyOf(db: OpenDatabase, name: SecretName, key: string): Promise<boolean> {
  const fingerprint = fingerprintOf(name, key);
  await addIfMissing(db, { name, fingerprint, value: null });
  return (await secretRow(db.read, name))?.fingerprint === fingerprint;
}

function secretRow(read: Kysely<Database>, name: SecretName) {
  return read.selectFrom("secret").selectAll().where("name", "=", name).executeTakeFirst();
}

async function addIfMissing({ write, dialect }: OpenDatabase, row: SecretTable): Promise<void> {
  const insert = write.insertInto("secret").values(row);
  await (dialect === "mysql" ? insert.ignore() : insert.onConflict((conflict) => conflict.doNothing())).execute();
}

function fingerprintOf(name: SecretName, key: string): string {
  return Bun.SHA256.hash(`pigonair ${name} ${key}`, "hex");
}
