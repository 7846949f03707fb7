/** Owns sessions: opened by a log-in, kept up by refresh tokens that are used once, ended by a log-out or by a token's reuse. */

import type { Clock } from "../../actors/clock.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { Problem } from "../problem.ts";
import { ACCESS_TOKEN_TTL_MS, type AccessTokens } from "./access-tokens.ts";
import type { AccountStore, Session } from "./account-store.ts";
import type { Member, SessionId } from "./member.ts";
import {
  hashOf,
  newRefreshToken,
  newSalt,
  type RefreshToken,
  readRefreshToken,
  refreshTokenText,
  successorOf,
} from "./refresh-token.ts";
import { REVOCATIONS_MAX, type Revocations } from "./revocations.ts";

/** How long a refresh token may be used, in milliseconds. */
const REFRESH_TOKEN_TTL_MS = 30 * 24 * 60 * 60_000;

/** How long the token before the current one gives the current one again: two tabs refresh at about the same time. */
const PREDECESSOR_GRACE_MS = 10_000;

/** A member's devices; beyond that the oldest log-in ends. */
const SESSIONS_PER_MEMBER_MAX = 100;

/** Who loses the race for a rotation sees at the second look what the winner wrote. */
const ROTATION_ATTEMPTS_MAX = 2;

/** What a member has who logged in or refreshed. */
export interface Grant {
  readonly member: Member;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** How long the refresh token may be used from now on. */
  readonly refreshTtlMs: number;
}

export interface SessionsOptions {
  readonly store: AccountStore;
  readonly tokens: AccessTokens;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

export class Sessions {
  readonly #store: AccountStore;
  readonly #tokens: AccessTokens;
  readonly #revocations: Revocations;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #telemetry: Telemetry;

  constructor(options: SessionsOptions) {
    this.#store = options.store;
    this.#tokens = options.tokens;
    this.#revocations = options.revocations;
    this.#clock = options.clock;
    this.#entropy = options.entropy;
    this.#telemetry = options.telemetry;
  }

  /** For a member who has shown who it is. */
  async open(member: Member): Promise<Grant> {
    const token = newRefreshToken(this.#entropy.uuid(), this.#entropy);
    const nowMs = this.#clock.nowMs();
    const session: Session = {
      id: token.sessionId,
      memberId: member.id,
      createdAtMs: nowMs,
      familyHash: hashOf(token.family),
      generation: 0,
      current: {
        secretHash: hashOf(token.secret),
        previousHash: null,
        salt: null,
        rotatedAtMs: nowMs,
        expiresAtMs: nowMs + REFRESH_TOKEN_TTL_MS,
      },
      revokedAtMs: null,
    };
    await this.#store.addSession(session);
    await this.#endSurplus(member.id);
    return this.#grant(member, token, session.current.expiresAtMs);
  }

  /**
   * @param text a refresh token
   * @throws Problem 401 REFRESH_INVALID for a token that is none of ours, expired, or of a session that has ended;
   * 401 REFRESH_REUSED for one that was used before, which ends the session
   */
  async refresh(text: string | null): Promise<Grant> {
    const token = readRefreshToken(text ?? "");
    if (token === null) throw invalid();
    for (let attempt = 0; attempt < ROTATION_ATTEMPTS_MAX; attempt++) {
      const session = await this.#liveSession(token);
      if (session === null) throw invalid();
      const member = await this.#store.member(session.memberId);
      if (member === null) throw invalid();
      const { secretHash, previousHash, salt, rotatedAtMs, expiresAtMs } = session.current;
      const presented = hashOf(token.secret);

      if (presented === secretHash) {
        const rotated = await this.#rotate(session, token, presented);
        if (rotated === null) continue;
        return this.#grant(member, rotated, this.#clock.nowMs() + REFRESH_TOKEN_TTL_MS);
      }
      const isJustReplaced = this.#clock.nowMs() - rotatedAtMs <= PREDECESSOR_GRACE_MS;
      if (presented === previousHash && salt !== null && isJustReplaced) {
        return this.#grant(member, successorOf(token, salt), expiresAtMs);
      }
      await this.end(session.id);
      this.#telemetry.log.warn({ session: session.id, member: member.id }, "refresh token reused, session ended");
      throw new Problem(401, "REFRESH_REUSED", "This refresh token was used before. Log in again.");
    }
    throw new OperationalError("UNAVAILABLE", "The session changed at each look.");
  }

  /** The session that a refresh token belongs to, current or old; null if it has ended or the text is no such token. */
  async sessionOf(text: string): Promise<SessionId | null> {
    const token = readRefreshToken(text);
    const session = token === null ? null : await this.#liveSession(token);
    return session?.id ?? null;
  }

  /** Its refresh and access tokens are refused from now on. */
  async end(id: SessionId): Promise<void> {
    const nowMs = this.#clock.nowMs();
    await this.#store.revoke(id, nowMs);
    await this.#revocations.add(id, nowMs);
  }

  /** Makes it known whose access tokens may still live, though the session was revoked before this process started. */
  async recallRevocations(): Promise<void> {
    const sinceMs = this.#clock.nowMs() - ACCESS_TOKEN_TTL_MS;
    const revoked = await this.#store.revokedSince(sinceMs, REVOCATIONS_MAX);
    for (const { id, revokedAtMs } of revoked.reverse()) await this.#revocations.add(id, revokedAtMs);
  }

  async #liveSession(token: RefreshToken): Promise<Session | null> {
    const session = await this.#store.session(token.sessionId);
    const isLive =
      session !== null &&
      session.revokedAtMs === null &&
      session.current.expiresAtMs > this.#clock.nowMs() &&
      session.familyHash === hashOf(token.family);
    return isLive ? session : null;
  }

  /** Null when another request rotated or ended the session first. */
  async #rotate(session: Session, token: RefreshToken, presented: string): Promise<RefreshToken | null> {
    const salt = newSalt(this.#entropy);
    const successor = successorOf(token, salt);
    const nowMs = this.#clock.nowMs();
    const isOurs = await this.#store.rotate(session.id, session.generation, {
      secretHash: hashOf(successor.secret),
      previousHash: presented,
      salt,
      rotatedAtMs: nowMs,
      expiresAtMs: nowMs + REFRESH_TOKEN_TTL_MS,
    });
    return isOurs ? successor : null;
  }

  async #endSurplus(memberId: MemberId): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const ended = await this.#store.revokeOldest(memberId, SESSIONS_PER_MEMBER_MAX, SESSIONS_PER_MEMBER_MAX, nowMs);
    for (const id of ended) await this.#revocations.add(id, nowMs);
  }

  async #grant(member: Member, token: RefreshToken, expiresAtMs: number): Promise<Grant> {
    return {
      member,
      accessToken: await this.#tokens.issue(member, token.sessionId),
      refreshToken: refreshTokenText(token),
      refreshTtlMs: expiresAtMs - this.#clock.nowMs(),
    };
  }
}

function invalid(): Problem {
  return new Problem(401, "REFRESH_INVALID", "There is no valid refresh token. Log in.");
}
