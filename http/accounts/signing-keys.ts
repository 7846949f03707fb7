/** Owns the keys that sign access tokens: Ed25519, named by their thumbprint, given by the operator or made once and kept. */

import { join } from "node:path";
import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  importPKCS8,
  type JWK,
  type JWK_OKP_Public,
} from "jose";
import { present } from "../../actors/assert.ts";
import { secretFile } from "../secret-file.ts";

export const ALGORITHM = "EdDSA";

/** More than a rotation needs: the next, the current, and those whose last tokens still live. */
const KEYS_MAX = 8;

const FILE = "signing-keys.json";
const PEM = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g;

/** RFC 7517, as `/.well-known/jwks.json` shows it. */
export interface PublicKey extends JWK_OKP_Public {
  readonly kid: string;
  readonly alg: typeof ALGORITHM;
  readonly use: "sig";
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly published: PublicKey;
}

/**
 * The first key signs, all of them verify. To rotate: add the new key behind the others, wait until everyone who checks
 * tokens knows it, put it first, and remove the old one when its last token has expired.
 */
export class SigningKeys {
  readonly #keys: ReadonlyMap<string, SigningKey>;
  readonly signing: SigningKey;

  constructor(keys: readonly SigningKey[]) {
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
    this.signing = present(keys[0], "there is a key");
  }

  publicKey(kid: string | undefined): CryptoKey | null {
    return (kid === undefined ? undefined : this.#keys.get(kid)?.publicKey) ?? null;
  }

  get published(): PublicKey[] {
    return [...this.#keys.values()].map((key) => key.published);
  }
}

/**
 * Keys as an operator gives them: private keys as PEM (PKCS #8), as one JWK, or as a JWK set.
 * @throws Error that says what is wrong, and never repeats the text
 */
export async function readSigningKeys(text: string): Promise<SigningKeys> {
  const privateKeys = text.includes("-----BEGIN") ? await fromPem(text) : await fromJson(text);
  if (privateKeys.length === 0) throw new Error("there is no key in it");
  if (privateKeys.length > KEYS_MAX) throw new Error(`there are more than ${KEYS_MAX} keys in it`);
  return new SigningKeys(await Promise.all(privateKeys.map(signingKey)));
}

/**
 * The keys kept in a directory, made there at the first start and readable by nobody else.
 * @throws Error that names the file, when it is there and can't be used
 */
export async function signingKeysIn(directory: string): Promise<SigningKeys> {
  const file = join(directory, FILE);
  const text = await secretFile(file, newSigningKeys);
  try {
    return await readSigningKeys(text);
  } catch (error) {
    throw new Error(`${file} can't be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A new key, as {@link readSigningKeys} reads it. */
export async function newSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return `${JSON.stringify({ keys: [await exportJWK(privateKey)] }, null, 2)}\n`;
}

async function fromPem(text: string): Promise<unknown[]> {
  const blocks = text.match(PEM) ?? [];
  try {
    return await Promise.all(
      blocks.map(async (pem) => exportJWK(await importPKCS8(pem, ALGORITHM, { extractable: true }))),
    );
  } catch {
    // Without the cause, which might repeat what it could not read.
    throw new Error("it has a PEM block that is not an Ed25519 private key");
  }
}

async function fromJson(text: string): Promise<unknown[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Without the cause, whose message repeats a part of the text.
    throw new Error("it is neither PEM nor JSON");
  }
  if (typeof parsed !== "object" || parsed === null || !("keys" in parsed)) return [parsed];
  return Array.isArray(parsed.keys) ? parsed.keys : [];
}

async function signingKey(given: unknown): Promise<SigningKey> {
  const { kty, crv, x, d } = (given ?? {}) as JWK;
  if (kty !== "OKP" || crv !== "Ed25519" || typeof x !== "string" || typeof d !== "string") {
    throw new Error("it has a key that is not an Ed25519 private key");
  }
  const publicJwk = { kty, crv, x };
  const kid = await calculateJwkThumbprint(publicJwk);
  const [privateKey, publicKey] = await Promise.all([imported({ ...publicJwk, d }), imported(publicJwk)]);
  const probe = await new CompactSign(new Uint8Array()).setProtectedHeader({ alg: ALGORITHM }).sign(privateKey);
  await compactVerify(probe, publicKey).catch(() => {
    throw new Error("it has a key whose public and private parts don't belong together");
  });
  return { kid, privateKey, publicKey, published: { ...publicJwk, kid, alg: ALGORITHM, use: "sig" } };
}

async function imported(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM).catch(() => null);
  if (!(key instanceof CryptoKey)) throw new Error("it has a key that is not an Ed25519 private key");
  return key;
}
