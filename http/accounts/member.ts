/** Owns what an account is: the member, and whom a request comes from. */

import type { MemberId } from "../../actors/domain/ids.ts";

export type Role = "MEMBER" | "ADMIN";

export const ROLES: readonly Role[] = ["MEMBER", "ADMIN"];

/** A log-in and all that was refreshed from it; the `sid` of its access tokens. A UUID version 7. */
export type SessionId = string;

/** Whom a valid access token names. */
export interface AuthenticatedMember {
  readonly id: MemberId;
  readonly role: Role;
  readonly sessionId: SessionId;
}

export interface Member {
  readonly id: MemberId;
  /** As {@link readEmail} gives it: two members never have the same. */
  readonly email: string;
  /** Argon2id in PHC string format, with its parameters and salt. */
  readonly passwordHash: string;
  readonly name: string;
  readonly phone: string | null;
  readonly role: Role;
  readonly createdAtMs: number;
}
