/** Owns the secrets of a server that was given none: made at its first start, and kept in its data directory for nobody else to read. */

import { join } from "node:path";
import type { Entropy } from "../actors/entropy.ts";
import { secretFile } from "../http/secret-file.ts";

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

function newSecrets(entropy: Entropy): string {
  const key = (): string => Buffer.from(entropy.bytes(KEY_BYTES)).toString("base64");
  const secrets: Record<keyof Secrets, string> = {
    numberKey: key(),
    personKey: key(),
    paymentApiKey: key(),
    paymentWebhookSecret: `whsec_${key()}`,
  };
  return `${JSON.stringify(secrets, null, 2)}\n`;
}
