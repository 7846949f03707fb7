// Goal: secrets that nobody gave are made once, kept for nobody else to read, and never made anew behind the data that they protect.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSecrets } from "../../db/secrets.ts";
import { systemEntropy } from "../../db/system-entropy.ts";

const NOTHING = { numberKey: null, personKey: null, paymentApiKey: null, paymentWebhookSecret: null };
const entropy = systemEntropy();

let parent: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "pigonair-secrets-"));
  directory = join(parent, "data");
});

afterEach(() => rmSync(parent, { recursive: true }));

test("openSecrets() makes them at the first start, and gives the same at every other", async () => {
  const first = await openSecrets(NOTHING, directory, entropy);
  expect(first.numberKey).toHaveLength(32);
  expect(first.personKey).not.toEqual(first.numberKey);
  expect(first.paymentWebhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(await openSecrets(NOTHING, directory, entropy)).toEqual(first);
});

test("openSecrets() leaves one file, which only its owner may read", async () => {
  await openSecrets(NOTHING, directory, entropy);
  expect(await readdir(directory)).toEqual(["secrets.json"]);
  expect(statSync(join(directory, "secrets.json")).mode & 0o777).toBe(0o600);
});

test("openSecrets() takes those that were given before those that are kept, which stay as they are", async () => {
  const kept = await openSecrets(NOTHING, directory, entropy);
  const personKey = new Uint8Array(40).fill(5);
  expect(await openSecrets({ ...NOTHING, personKey }, directory, entropy)).toEqual({ ...kept, personKey });
  expect(await openSecrets(NOTHING, directory, entropy)).toEqual(kept);
});

test("openSecrets() touches no file when all were given", async () => {
  const given = {
    numberKey: new Uint8Array(32),
    personKey: new Uint8Array(32),
    paymentApiKey: "key",
    paymentWebhookSecret: "whsec_",
  };
  expect(await openSecrets(given, directory, entropy)).toEqual(given);
  expect(await readdir(parent)).toEqual([]);
});

test("two first starts at once agree", async () => {
  const [one, other] = await Promise.all([
    openSecrets(NOTHING, directory, entropy),
    openSecrets(NOTHING, directory, entropy),
  ]);
  expect(one).toEqual(other);
  expect(await readdir(directory)).toEqual(["secrets.json"]);
});

test.each([
  "",
  "{",
  "null",
  "[]",
  "{}",
  '{"numberKey":"AAAA","personKey":"AAAA","paymentApiKey":"a","paymentWebhookSecret":"b"}',
])("openSecrets() names the file, and keeps it, when it holds %p", async (text) => {
  await openSecrets(NOTHING, directory, entropy);
  const file = join(directory, "secrets.json");
  writeFileSync(file, text);
  expect(openSecrets(NOTHING, directory, entropy)).rejects.toThrow(file);
  expect(readFileSync(file, "utf8")).toBe(text);
});
