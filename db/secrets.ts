/**
 * Owns the secrets of a server that was given none: made at the first start, and kept where all processes on its database find them: in
 * the data directory of the one server of a file, for nobody else to read, or in the database that many share.
 */

import { join } from "node:path";
import type { Entropy } from "../actors/entropy.ts";
import { newSigningKeys, readSigningKeys, type SigningKeys, signingKeysIn } from "../http/accounts/signing-keys.ts";
import { secretFile } from "../http/secret-file.ts";
import type { OpenDatabase } from "./open.ts";
import { isKeyOf, keptSecret, type SecretName } from "./stores/kept-secrets.ts";

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
 * Those that were given, and the kept ones for the rest.
 * @param directory where a server on a file keeps them
 * @throws Error that names the setting, when a key is not the one that the data was made with: nothing is changed then
 */
export async function secretsOf(
  db: OpenDatabase,
  given: GivenSecrets,
  directory: string,
  entropy: Entropy,
): Promise<Secrets> {
  const secrets =
    db.dialect === "mysql" ? await sharedSecrets(db, given, entropy) : await openSecrets(given, directory, entropy);
  await recognise(
    db,
    "number-key",
    secrets.numberKey,
    "record locators and ticket numbers that were given out could come again",
  );
  await recognise(db, "person-key", secrets.personKey, "nobody who has a seat would be recognised");
  return secrets;
}

/** The keys that sign access tokens, where none were given: the same for all processes on the database. */
export async function signingKeysOf(db: OpenDatabase, directory: string): Promise<SigningKeys> {
  if (db.dialect === "sqlite") return await signingKeysIn(directory);
  return await readSigningKeys(await keptSecret(db, "token-signing-keys", newSigningKeys));
}

/** Those of the settings, or those of {@link signingKeysOf} where there are none. @throws Error in words for an operator */
export async function givenSigningKeysOf(
  given: string | null,
  db: OpenDatabase,
  directory: string,
): Promise<SigningKeys> {
  if (given === null) return await signingKeysOf(db, directory);
  try {
    return await readSigningKeys(given);
  } catch (cause) {
    throw new Error(`TOKEN_SIGNING_KEY can't be used: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

async function sharedSecrets(db: OpenDatabase, given: GivenSecrets, entropy: Entropy): Promise<Secrets> {
  const kept = async (name: SecretName, make: (entropy: Entropy) => string): Promise<string> => {
    try {
      return await keptSecret(db, name, () => make(entropy));
    } catch (cause) {
      throw new Error(`${settingOf(name)} is missing: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };
  return {
    numberKey: given.numberKey ?? bytesOf(await kept("number-key", newKey)),
    personKey: given.personKey ?? bytesOf(await kept("person-key", newKey)),
    paymentApiKey: given.paymentApiKey ?? (await kept("payment-api-key", newKey)),
    paymentWebhookSecret: given.paymentWebhookSecret ?? (await kept("payment-webhook-secret", newWebhookSecret)),
  };
}

async function recognise(db: OpenDatabase, name: SecretName, key: Uint8Array, harm: string): Promise<void> {
  if (await isKeyOf(db, name, Buffer.from(key).toString("base64"))) return;
  throw new Error(`${settingOf(name)} is not the one that this database was used with: with another, ${harm}.`);
}

function settingOf(name: SecretName): string {
  return name.toUpperCase().replaceAll("-", "_");
}

/**
 * Those that were given, and for the rest those of the file. Nothing is read or written when all were given.
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
  const text = await secretFile(file, () => newSecrets(entropy));
  const secrets = read(text);
  if (secrets === null) throw new Error(`${file} can't be used: it doesn't hold the secrets that it should`);
  return secrets;
}

/** Keys in base64, as everywhere in the settings. */
function read(text: string): Secrets | null {
  const { numberKey, personKey, paymentApiKey, paymentWebhookSecret } = parsed(text);
  if (typeof numberKey !== "string" || typeof personKey !== "string") return null;
  if (typeof paymentApiKey !== "string" || typeof paymentWebhookSecret !== "string") return null;
  const keys = [numberKey, personKey].map(bytesOf);
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

function newSecrets(entropy: Entropy): string {
  const secrets: Record<keyof Secrets, string> = {
    numberKey: newKey(entropy),
    personKey: newKey(entropy),
    paymentApiKey: newKey(entropy),
    paymentWebhookSecret: newWebhookSecret(entropy),
  };
  return `${JSON.stringify(secrets, null, 2)}\n`;
}

function newKey(entropy: Entropy): string {
  return Buffer.from(entropy.bytes(KEY_BYTES)).toString("base64");
}

function newWebhookSecret(entropy: Entropy): string {
  return `whsec_${newKey(entropy)}`;
}

function bytesOf(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, "base64"));
}
