/** Owns the members of a bench: access tokens that every server of a run takes, signed without asking any of them. */
import { exportPKCS8, generateKeyPair } from "jose";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { AccessTokens } from "../../http/accounts/access-tokens.ts";
import type { Role } from "../../http/accounts/member.ts";
import { MemoryRevocations } from "../../http/accounts/revocations.ts";
import { readSigningKeys, type SigningKeys } from "../../http/accounts/signing-keys.ts";

/** Signatures on their way at once. */
const SIGNED_AT_ONCE = 4_000;

/** Tokens are good for so long. */
const RUN_MS_MAX = 3 * 3_600_000;

export interface BenchMember {
  readonly id: string;
  readonly token: string;
}

/** A signing key as the setting TOKEN_SIGNING_KEY takes it. */
export async function newSigningKey(): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  return await exportPKCS8(privateKey);
}

/** So many new ones. */
export async function makeMembers(signingKey: string, count: number): Promise<BenchMember[]> {
  const entropy = systemEntropy();
  return await makeMembersOf(
    signingKey,
    Array.from({ length: count }, () => entropy.uuid()),
  );
}

/** The members with these ids. */
export async function makeMembersOf(signingKey: string | SigningKeys, ids: readonly string[]): Promise<BenchMember[]> {
  const issue = await issuer(signingKey);
  const members: BenchMember[] = [];
  for (let at = 0; at < ids.length; at += SIGNED_AT_ONCE) {
    const some = ids.slice(at, at + SIGNED_AT_ONCE);
    members.push(...(await Promise.all(some.map(async (id) => ({ id, token: await issue(id, "MEMBER") })))));
  }
  return members;
}

/** Somebody who may turn waiting rooms on. */
export async function adminToken(signingKey: string): Promise<string> {
  const issue = await issuer(signingKey);
  return await issue(systemEntropy().uuid(), "ADMIN");
}

async function issuer(signingKey: string | SigningKeys): Promise<(id: string, role: Role) => Promise<string>> {
  const keys = typeof signingKey === "string" ? await readSigningKeys(signingKey) : signingKey;
  const machine = systemClock();
  // As if it were later: a run is longer than a token's life, and new tokens would cost whoever is measured next their signatures.
  const clock = { ...machine, nowMs: () => machine.nowMs() + RUN_MS_MAX };
  const entropy = systemEntropy();
  const tokens = new AccessTokens({ keys, revocations: new MemoryRevocations(clock, 1), clock, entropy });
  return (id, role) => tokens.issue({ id, role }, entropy.uuid());
}
