/** Owns access tokens: issues them, and says whom one names, for a token that was seen before in well under a microsecond. */

import { errors, jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../actors/clock.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import { type AuthenticatedMember, ROLES, type Role, type SessionId } from "./member.ts";
import type { Revocations } from "./revocations.ts";
import { ALGORITHM, type SigningKeys } from "./signing-keys.ts";

/** How long an access token lives, in milliseconds. */
export const ACCESS_TOKEN_TTL_MS = 10 * 60_000;

/** RFC 9068 §2.1: whatever else these keys sign can't be taken for an access token. */
const TOKEN_TYPE = "at+jwt";
const ISSUER = "pigonair";
const AUDIENCE = "pigonair";

/** No token of ours is half as long; the signature of a longer one isn't looked at. */
const TOKEN_LENGTH_MAX = 1_024;

/** Verified tokens that are remembered, at about 1 kB each; the oldest goes first. */
export const VERIFIED_TOKENS_MAX = 20_000;

interface VerifiedToken {
  readonly member: AuthenticatedMember;
  readonly expiresAtMs: number;
}

export interface AccessTokensOptions {
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** 0: none is remembered. @default 20,000 */
  readonly verifiedTokensMax?: number;
}

export class AccessTokens {
  readonly #keys: SigningKeys;
  readonly #revocations: Revocations;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #verifiedTokensMax: number;
  /** A good signature stays good, and checking one is the dearest step of a request. What can change is asked each time. */
  readonly #verified = new OldestFirst<string, VerifiedToken>();

  constructor(options: AccessTokensOptions) {
    this.#keys = options.keys;
    this.#revocations = options.revocations;
    this.#clock = options.clock;
    this.#entropy = options.entropy;
    this.#verifiedTokensMax = options.verifiedTokensMax ?? VERIFIED_TOKENS_MAX;
  }

  issue(member: { readonly id: MemberId; readonly role: Role }, sessionId: SessionId): Promise<string> {
    const { kid, privateKey } = this.#keys.signing;
    const nowMs = this.#clock.nowMs();
    return new SignJWT({ sid: sessionId, role: member.role })
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: TOKEN_TYPE })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(member.id)
      .setJti(this.#entropy.uuid())
      .setIssuedAt(seconds(nowMs))
      .setExpirationTime(seconds(nowMs + ACCESS_TOKEN_TTL_MS))
      .sign(privateKey);
  }

  /**
   * Whom a token names; null unless it is ours, unexpired and of a session that has not been revoked.
   * A promise only for a token whose signature is checked for the first time.
   */
  memberOf(token: string): AuthenticatedMember | null | Promise<AuthenticatedMember | null> {
    const known = this.#verified.get(token);
    if (known === undefined) return this.#verify(token);
    if (known.expiresAtMs > this.#clock.nowMs()) return this.#unlessRevoked(known.member);
    this.#verified.delete(token);
    return null;
  }

  /** Whether its tokens are refused, although they have not run out. */
  isRevoked(session: SessionId): boolean {
    return this.#revocations.isRevoked(session);
  }

  #unlessRevoked(member: AuthenticatedMember): AuthenticatedMember | null {
    return this.isRevoked(member.sessionId) ? null : member;
  }

  async #verify(token: string): Promise<AuthenticatedMember | null> {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    const verified = await this.#read(token);
    if (verified === null) return null;
    this.#remember(token, verified);
    return this.#unlessRevoked(verified.member);
  }

  async #read(token: string): Promise<VerifiedToken | null> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.#keyOf(header.kid), {
        algorithms: [ALGORITHM],
        typ: TOKEN_TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: new Date(this.#clock.nowMs()),
        requiredClaims: ["sub", "sid", "exp"],
      });
      const role = ROLES.find((known) => known === payload.role);
      if (payload.sub === undefined || payload.exp === undefined || role === undefined) return null;
      const member = { id: payload.sub, role, sessionId: String(payload.sid) };
      return { member, expiresAtMs: payload.exp * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  #keyOf(kid: string | undefined): CryptoKey {
    const key = this.#keys.publicKey(kid);
    if (key === null) throw new errors.JWKSNoMatchingKey();
    return key;
  }

  #remember(token: string, verified: VerifiedToken): void {
    if (this.#verifiedTokensMax === 0) return;
    this.#verified.set(token, verified);
    this.#verified.deleteOldest(() => this.#verified.size > this.#verifiedTokensMax);
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
