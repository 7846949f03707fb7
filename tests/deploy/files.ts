/** Owns how the tests of `deploy/` read what stands there, and how they ask the program whether it would start with such settings. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, parse as parseYaml } from "yaml";
import { readConfig } from "../../config.ts";

export const ROOT = join(import.meta.dir, "../..");
const DEPLOY = join(ROOT, "deploy");

/** What a parsed file is before anything is known of it. */
export type Node = { readonly [key: string]: Node } & readonly Node[] & string;

/** In place of what isn't there. */
export const NOTHING = {} as Node;

export function textOf(path: string): string {
  return readFileSync(join(DEPLOY, path), "utf8");
}

export function isThere(path: string): boolean {
  return existsSync(join(DEPLOY, path));
}

/** With what `<<` names merged in. */
export function yamlOf(path: string): Node {
  return parseYaml(textOf(path), { merge: true });
}

export function yamlsOf(path: string): Node[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document): Node => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join(", ")}`);
    return document.toJS();
  });
}

/** Values that a secret may have, of the right form. */
export const GIVEN_SECRETS: Readonly<Record<string, string>> = {
  PUBLIC_URL: "https://pigonair.example",
  DATABASE_URL: "mysql://pigonair:secret@mysql:3306/pigonair",
  REDIS_URL: "rediss://default:secret@redis:6379",
  TOKEN_SIGNING_KEY: '{"kty":"OKP"}',
  NUMBER_KEY: Buffer.alloc(32, 1).toString("base64"),
  PERSON_KEY: Buffer.alloc(32, 2).toString("base64"),
  ROOM_KEY: Buffer.alloc(32, 3).toString("base64"),
  PAYMENT_URL: "https://payments.example",
  PAYMENT_API_KEY: "0123456789abcdef",
  PAYMENT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 4).toString("base64")}`,
};

const SETTINGS_NAMED = new Set(
  Array.from(
    readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm),
    ([, name]) => name,
  ),
);

/** What the program would say of such an environment, and the names in it that it has never heard of. */
export function objectionsTo(env: Readonly<Record<string, string>>): string[] {
  const unknown = Object.keys(env).filter((name) => !SETTINGS_NAMED.has(name) && !name.startsWith("OTEL_"));
  const reading = readConfig(env);
  const refused = reading.ok ? [] : reading.errors.map(({ setting, problem }) => `${setting} ${problem}`);
  return [...unknown.map((name) => `${name} is not a setting`), ...refused];
}

/** An image names its version, exactly enough that tomorrow's is the same program. */
export const PINNED = /^[a-z0-9./_-]+:v?\d+\.\d+\.\d+(?:-[a-z0-9.]+)?$/;
