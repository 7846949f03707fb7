/** Owns the port to what accounts keep: members and their sessions. Each call is atomic, whoever else calls at the same time. */

import type { MemberId } from "../../actors/domain/ids.ts";
import type { Member, Role, SessionId } from "./member.ts";

/**
 * What is kept of one log-in. Refresh tokens themselves are nowhere: hashes of the current one and of the one before
 * are enough for everything that refresh-token.ts has to tell.
 */
export interface Session {
  readonly id: SessionId;
  readonly memberId: MemberId;
  readonly createdAtMs: number;
  /** Hash of the part that all refresh tokens of the session share. */
  readonly familyHash: string;
  /** How often the refresh token was rotated. */
  readonly generation: number;
  readonly current: RefreshTokenState;
  /** Null until the session ends before its time. */
  readonly revokedAtMs: number | null;
}

export interface RefreshTokenState {
  /** Hash of the secret of the one token that may be used. */
  readonly secretHash: string;
  /** Hash of the secret that it replaced; null for the first. */
  readonly previousHash: string | null;
  /** With the replaced secret it gives the current one again; null for the first. */
  readonly salt: string | null;
  readonly rotatedAtMs: number;
  readonly expiresAtMs: number;
}

export interface RevokedSession {
  readonly id: SessionId;
  readonly revokedAtMs: number;
}

export interface AccountStore {
  /** @returns false, and nothing changed, when somebody has this e-mail address */
  addMember(member: Member): Promise<boolean>;

  memberByEmail(email: string): Promise<Member | null>;

  member(id: MemberId): Promise<Member | null>;

  /** Changes what a member may do and logs in with, and revokes the member's sessions, or does neither. @returns the sessions that it revoked */
  changeCredentials(
    id: MemberId,
    credentials: { readonly role: Role; readonly passwordHash: string },
    atMs: number,
  ): Promise<SessionId[]>;

  addSession(session: Session): Promise<void>;

  /** As the last change left it, never from a replica that lags. */
  session(id: SessionId): Promise<Session | null>;

  /** @returns false, and nothing changed, unless the session still is at `generation` and not revoked */
  rotate(id: SessionId, generation: number, next: RefreshTokenState): Promise<boolean>;

  /** Harmless when it is not there or has been revoked: the first time stands. */
  revoke(id: SessionId, atMs: number): Promise<void>;

  /** Revokes all but the newest `keep` sessions of a member, up to `max` of them. @returns those that it revoked */
  revokeOldest(memberId: MemberId, keep: number, max: number, atMs: number): Promise<SessionId[]>;

  /** Up to `max` sessions that were revoked at or after `sinceMs`, the latest first. */
  revokedSince(sinceMs: number, max: number): Promise<RevokedSession[]>;

  /** Deletes up to `max` sessions that expired before `expiredMs` or were revoked before `revokedMs`. @returns how many */
  forgetSessions(expiredMs: number, revokedMs: number, max: number): Promise<number>;
}
