/** Goal: all processes on a database have the same secrets, made once, and none goes on with keys that the data was not made with. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secretsOf, signingKeysOf } from "../../db/secrets.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { failureOf } from "../support/failure-of.ts";
import { type GivenDatabase, overDatabases } from "../support/given-database.ts";

const NOTHING = { numberKey: null, personKey: null, paymentApiKey: null, paymentWebhookSecret: null };
const entropy = systemEntropy();
const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

overDatabases("secrets", (fresh, dialect) => {
  let given: GivenDatabase;
  let directory: string;

  beforeEach(async () => {
    given = await fresh();
    directory = mkdtempSync(join(tmpdir(), "pigonair-secrets-"));
  });
  afterEach(async () => {
    await given.remove();
    rmSync(directory, { recursive: true });
  });

  test("that nobody gave are made at the first start, and are the same at every other", async () => {
    const first = await secretsOf(given.db, NOTHING, directory, entropy);
    expect(first.numberKey).toHaveLength(32);
    expect(first.personKey).not.toEqual(first.numberKey);
    expect(first.paymentApiKey).not.toBe("");
    expect(first.paymentWebhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await secretsOf(given.db, NOTHING, directory, entropy)).toEqual(first);
    const keys = await signingKeysOf(given.db, directory);
    expect((await signingKeysOf(given.db, directory)).published).toEqual(keys.published);
  });

  test("that were given are taken, and the others kept", async () => {
    const numberKey = key(7);
    const first = await secretsOf(given.db, { ...NOTHING, numberKey, paymentApiKey: "given" }, directory, entropy);
    expect(first).toMatchObject({ numberKey, paymentApiKey: "given" });
    const again = await secretsOf(given.db, { ...NOTHING, numberKey, paymentApiKey: "another" }, directory, entropy);
    expect(again).toEqual({ ...first, paymentApiKey: "another" });
  });

  test("a key that the data was not made with is refused, whether the former one was given or kept, and changes nothing", async () => {
    const kept = await secretsOf(given.db, { ...NOTHING, numberKey: key(1) }, directory, entropy);
    const other = { ...NOTHING, numberKey: key(2) };
    expect(String(await failureOf(secretsOf(given.db, other, directory, entropy)))).toContain(
      "NUMBER_KEY is not the one that this database was used with",
    );
    const person = { ...NOTHING, numberKey: key(1), personKey: key(3) };
    expect(String(await failureOf(secretsOf(given.db, person, directory, entropy)))).toContain(
      "PERSON_KEY is not the one that this database was used with",
    );
    expect(await secretsOf(given.db, { ...NOTHING, numberKey: key(1) }, directory, entropy)).toEqual(kept);
  });

  test("a key that was given before is missed when it is not", async () => {
    await secretsOf(given.db, { ...NOTHING, personKey: key(1) }, directory, entropy);
    expect(String(await failureOf(secretsOf(given.db, NOTHING, directory, entropy)))).toContain("PERSON_KEY is");
  });

  test("neither a secret nor a fingerprint of one is in what is said", async () => {
    await secretsOf(given.db, { ...NOTHING, numberKey: key(1) }, directory, entropy);
    const failure = String(await failureOf(secretsOf(given.db, { ...NOTHING, numberKey: key(2) }, directory, entropy)));
    expect(failure).not.toContain(Buffer.from(key(1)).toString("base64"));
    const { fingerprint } = await given.db.read
      .selectFrom("secret")
      .select("fingerprint")
      .where("name", "=", "number-key")
      .executeTakeFirstOrThrow();
    expect(failure).not.toContain(fingerprint);
  });

  if (dialect === "sqlite") return;

  test("first starts of many processes agree, each with a directory of its own", async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => given.again()));
    const starts = processes.map(async (db, at) => {
      const own = join(directory, String(at));
      const secrets = await secretsOf(db, NOTHING, own, entropy);
      return { ...secrets, keys: (await signingKeysOf(db, own)).published };
    });
    const [first, ...others] = await Promise.all(starts);
    for (const each of others) expect(each).toEqual(first as NonNullable<typeof first>);
  });

  test("of a key that was given, only the fingerprint is kept", async () => {
    await secretsOf(given.db, { ...NOTHING, numberKey: key(9) }, directory, entropy);
    const rows = await given.db.read.selectFrom("secret").selectAll().where("name", "=", "number-key").execute();
    expect(rows.map(({ value }) => value)).toEqual([null]);
  });
});
