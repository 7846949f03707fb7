/** Owns the secrets of a server that was given none: made at its first start, and kept in its data directory for nobody else to read. */

import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Entropy } from "../actors/entropy.ts";

export interface Secrets {
  /** Shuffles record locators and ticket numbers. */
  readonly numberKey: Uint8Array;
  /** Recognises a passenger without keeping who it is. */
  readonly personKey: Uint8Array;
  /** What the payment provider knows us by. */
  readonly paymentApiKey: string;
  /** `whsec_` and base64, as Standard Webhooks writes it. */
  readonly paymentWebhookSecret: string;
}

export type GivenSecrets = { readonly [Name in keyof Secrets]: Secrets[Name] | null };

const FILE = "secrets.json";
const KEY_BYTES = 32;

/**
 * Those that were given, and the kept ones for the rest. Nothing is read or written when all were given.
 * @param directory made when missing
 * @throws Error that names the file, when it is there and can't be used
 */
export async function openSecrets(given: GivenSecrets, directory: string, entropy: Entropy): Promise<Secrets> {
  const { numberKey, personKey, paymentApiKey, paymentWebhookSecret } = given;
  if (numberKey !== null && personKey !== null && paymentApiKey !== null && paymentWebhookSecret !== null) {
    return { numberKey, personKey, paymentApiKey, paymentWebhookSecret };
  }
  const kept = await keptSecrets(directory, entropy);
  return {
    numberKey: numberKey ?? kept.numberKey,
    personKey: personKey ?? kept.personKey,
    paymentApiKey: paymentApiKey ?? kept.paymentApiKey,
    paymentWebhookSecret: paymentWebhookSecret ?? kept.paymentWebhookSecret,
  };
}

async function keptSecrets(directory: string, entropy: Entropy): Promise<Secrets> {
  const file = join(directory, FILE);
  const text = (await readIfThere(file)) ?? (await makeSecrets(directory, file, entropy));
  const secrets = read(text);
  if (secrets === null) throw new Error(`${file} can't be used: it doesn't hold the secrets that it should`);
  return secrets;
}

/** Keys in base64, as everywhere in the settings. */
function read(text: string): Secrets | null {
  const { numberKey, personKey, paymentApiKey, paymentWebhookSecret } = parsed(text);
  if (typeof numberKey !== "string" || typeof personKey !== "string") return null;
  if (typeof paymentApiKey !== "string" || typeof paymentWebhookSecret !== "string") return null;
  const keys = [numberKey, personKey].map((key) => new Uint8Array(Buffer.from(key, "base64")));
  const [number, person] = keys;
  if (number?.length !== KEY_BYTES || person?.length !== KEY_BYTES) return null;
  return { numberKey: number, personKey: person, paymentApiKey, paymentWebhookSecret };
}

function parsed(text: string): Partial<Record<keyof Secrets, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

async function makeSecrets(directory: string, file: string, entropy: Entropy): Promise<string> {
  const key = (): string => Buffer.from(entropy.bytes(KEY_BYTES)).toString("base64");
  const secrets: Record<keyof Secrets, string> = {
    numberKey: key(),
    personKey: key(),
    paymentApiKey: key(),
    paymentWebhookSecret: `whsec_${key()}`,
  };
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${entropy.uuid()}.draft`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // A link appears with all its content or not at all, and never over secrets that another start made meanwhile.
  await link(draft, file).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
  await rm(draft);
  await syncDirectory(directory);
  return readFile(file, "utf8");
}

/** The name of a new file survives a power failure only when its directory has been written too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
