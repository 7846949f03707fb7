/** Owns how accounts are kept in SQL: one implementation for SQLite and MySQL alike. */

import type { Kysely, Selectable } from "kysely";
import { present } from "../../actors/assert.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import type { AccountStore, RefreshTokenState, RevokedSession, Session } from "../../http/accounts/account-store.ts";
import { type Member, ROLES, type Role, type SessionId } from "../../http/accounts/member.ts";
import type { Database, MemberTable, SessionTable } from "../schema.ts";

/** What has to be the last word is read where it is written; the rest from `read`, which sees what is committed. */
export interface AccountDatabases {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
}

export class SqlAccountStore implements AccountStore {
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;

  constructor({ read, write }: AccountDatabases) {
    this.#read = read;
    this.#write = write;
  }

  async addMember(member: Member): Promise<boolean> {
    try {
      await this.#write.insertInto("member").values(memberRow(member)).execute();
      return true;
    } catch (error) {
      // Every driver has its own error for a duplicate; that somebody else has the address now looks the same in all.
      const taken = this.#write.selectFrom("member").select("id").where("email", "=", member.email);
      if ((await taken.executeTakeFirst()) === undefined) throw error;
      return false;
    }
  }

  async memberByEmail(email: string): Promise<Member | null> {
    const row = await this.#read.selectFrom("member").selectAll().where("email", "=", email).executeTakeFirst();
    return row === undefined ? null : memberOf(row);
  }

  async member(id: MemberId): Promise<Member | null> {
    const row = await this.#read.selectFrom("member").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? null : memberOf(row);
  }

  changeCredentials(
    id: MemberId,
    { role, passwordHash }: { readonly role: Role; readonly passwordHash: string },
    atMs: number,
  ): Promise<SessionId[]> {
    return this.#write.transaction().execute(async (transaction) => {
      const credentials = { role, password_hash: passwordHash };
      await transaction.updateTable("member").set(credentials).where("id", "=", id).execute();
      await transaction
        .updateTable("session")
        .set({ revoked_at_ms: atMs })
        .where("member_id", "=", id)
        .where("revoked_at_ms", "is", null)
        .execute();
      const revoked = transaction.selectFrom("session").select("id").where("member_id", "=", id);
      return idsOf(await revoked.where("revoked_at_ms", "=", atMs).execute());
    });
  }

  async addSession(session: Session): Promise<void> {
    await this.#write
      .insertInto("session")
      .values({
        id: session.id,
        member_id: session.memberId,
        created_at_ms: session.createdAtMs,
        family_hash: session.familyHash,
        generation: session.generation,
        ...refreshTokenRow(session.current),
        revoked_at_ms: session.revokedAtMs,
      })
      .execute();
  }

  async session(id: SessionId): Promise<Session | null> {
    const row = await this.#write.selectFrom("session").selectAll().where("id", "=", id).executeTakeFirst();
    return row === undefined ? null : sessionOf(row);
  }

  async rotate(id: SessionId, generation: number, next: RefreshTokenState): Promise<boolean> {
    const { numUpdatedRows } = await this.#write
      .updateTable("session")
      .set({ generation: generation + 1, ...refreshTokenRow(next) })
      .where("id", "=", id)
      .where("generation", "=", generation)
      .where("revoked_at_ms", "is", null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async revoke(id: SessionId, atMs: number): Promise<void> {
    await this.#revoke([id], atMs);
  }

  async revokeOldest(memberId: MemberId, keep: number, max: number, atMs: number): Promise<SessionId[]> {
    const live = this.#read.selectFrom("session").select("id").where("member_id", "=", memberId);
    const surplus = live.where("revoked_at_ms", "is", null).orderBy("id", "desc").limit(max).offset(keep);
    const ids = idsOf(await surplus.execute());
    await this.#revoke(ids, atMs);
    return ids;
  }

  async revokedSince(sinceMs: number, max: number): Promise<RevokedSession[]> {
    const rows = await this.#read
      .selectFrom("session")
      .select(["id", "revoked_at_ms"])
      .where("revoked_at_ms", ">=", sinceMs)
      .orderBy("revoked_at_ms", "desc")
      .limit(max)
      .execute();
    return rows.map((row) => ({ id: row.id, revokedAtMs: Number(row.revoked_at_ms) }));
  }

  async forgetSessions(expiredMs: number, revokedMs: number, max: number): Promise<number> {
    const sessions = this.#read.selectFrom("session").select("id");
    const revoked = idsOf(await sessions.where("revoked_at_ms", "<", revokedMs).limit(max).execute());
    const left = max - revoked.length;
    const expired =
      left === 0 ? [] : idsOf(await sessions.where("expires_at_ms", "<", expiredMs).limit(left).execute());
    const ids = [...new Set([...revoked, ...expired])];
    if (ids.length > 0) await this.#write.deleteFrom("session").where("id", "in", ids).execute();
    return ids.length;
  }

  async #revoke(ids: readonly SessionId[], atMs: number): Promise<void> {
    if (ids.length === 0) return;
    const revocation = this.#write.updateTable("session").set({ revoked_at_ms: atMs });
    await revocation.where("id", "in", ids).where("revoked_at_ms", "is", null).execute();
  }
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map((row) => row.id);
}

function memberRow(member: Member): Selectable<MemberTable> {
  return {
    id: member.id,
    email: member.email,
    password_hash: member.passwordHash,
    name: member.name,
    phone: member.phone,
    role: member.role,
    created_at_ms: member.createdAtMs,
  };
}

function memberOf(row: Selectable<MemberTable>): Member {
  const role = ROLES.find((known) => known === row.role);
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    name: row.name,
    phone: row.phone,
    role: present(role, "a member's role is one that we know"),
    createdAtMs: Number(row.created_at_ms),
  };
}

function refreshTokenRow(state: RefreshTokenState) {
  return {
    secret_hash: state.secretHash,
    previous_hash: state.previousHash,
    salt: state.salt,
    rotated_at_ms: state.rotatedAtMs,
    expires_at_ms: state.expiresAtMs,
  };
}

/** The casts to numbers are for MySQL, whose driver may give a BIGINT as text. */
function sessionOf(row: Selectable<SessionTable>): Session {
  return {
    id: row.id,
    memberId: row.member_id,
    createdAtMs: Number(row.created_at_ms),
    familyHash: row.family_hash,
    generation: Number(row.generation),
    current: {
      secretHash: row.secret_hash,
      previousHash: row.previous_hash,
      salt: row.salt,
      rotatedAtMs: Number(row.rotated_at_ms),
      expiresAtMs: Number(row.expires_at_ms),
    },
    revokedAtMs: row.revoked_at_ms === null ? null : Number(row.revoked_at_ms),
  };
}
