/**
 * Owns what a refresh token is made of.
 *
 * `<session id>.<family>.<secret>`. The family part never changes; whoever shows it has held a token of the session, so
 * that any other secret beside it is an old one, however old, although only two hashes are kept. The secret is used
 * once: the next one is HMAC(secret, salt), with a fresh salt that is kept. So the one before can be answered with the
 * same successor again, yet neither who holds an old token nor who reads the database can compute a token that is good.
 */

import { createHash, createHmac } from "node:crypto";
import type { Entropy } from "../../actors/entropy.ts";
import type { SessionId } from "./member.ts";

export interface RefreshToken {
  readonly sessionId: SessionId;
  readonly family: string;
  readonly secret: string;
}

const FAMILY_BYTES = 16;
const SECRET_BYTES = 32;
const SALT_BYTES = 16;
const TOKEN = /^([0-9a-f-]{36})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

export function newRefreshToken(sessionId: SessionId, entropy: Entropy): RefreshToken {
  return { sessionId, family: randomText(entropy, FAMILY_BYTES), secret: randomText(entropy, SECRET_BYTES) };
}

export function newSalt(entropy: Entropy): string {
  return randomText(entropy, SALT_BYTES);
}

/** The token that replaces this one under that salt: the same each time. */
export function successorOf(token: RefreshToken, salt: string): RefreshToken {
  return { ...token, secret: createHmac("sha256", token.secret).update(salt).digest("base64url") };
}

/** Plain SHA-256 is enough, and so is comparing with `===`: what is hashed are random bytes, not a person's password. */
export function hashOf(part: string): string {
  return createHash("sha256").update(part).digest("base64url");
}

export function refreshTokenText({ sessionId, family, secret }: RefreshToken): string {
  return `${sessionId}.${family}.${secret}`;
}

/** Null if the text can't be a refresh token. */
export function readRefreshToken(text: string): RefreshToken | null {
  const [, sessionId, family, secret] = TOKEN.exec(text) ?? [];
  if (sessionId === undefined || family === undefined || secret === undefined) return null;
  return { sessionId, family, secret };
}

function randomText(entropy: Entropy, bytes: number): string {
  return Buffer.from(entropy.bytes(bytes)).toString("base64url");
}
