/** Owns the operator's own account: at each start it is as ADMIN_EMAIL and ADMIN_PASSWORD say. */

import { present } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { AccountStore } from "./account-store.ts";
import type { Member } from "./member.ts";
import type { Passwords } from "./passwords.ts";
import { isPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, readEmail } from "./profile.ts";
import type { Revocations } from "./revocations.ts";

export interface AdminCredentials {
  readonly email: string;
  readonly password: string;
}

export interface EnsureAdminOptions {
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/**
 * Makes the account, or makes an admin of the member who has the address, or changes its password; does nothing when
 * all is as it should be. A change ends the account's sessions, whose tokens say what it was before.
 * @throws Error that names the setting which can't be used
 */
export async function ensureAdmin(wanted: AdminCredentials, options: EnsureAdminOptions): Promise<void> {
  const { store, passwords, revocations, clock, entropy } = options;
  const email = readEmail(wanted.email);
  if (email === null) throw new Error("ADMIN_EMAIL is not an e-mail address");
  if (!isPassword(wanted.password)) {
    throw new Error(`ADMIN_PASSWORD must have ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`);
  }
  const isAsWanted = async (member: Member): Promise<boolean> =>
    (await passwords.verify(wanted.password, member.passwordHash)) && member.role === "ADMIN";

  const before = await store.memberByEmail(email);
  if (before !== null && (await isAsWanted(before))) return;
  const passwordHash = await passwords.hash(wanted.password);
  const nowMs = clock.nowMs();
  const admin = { email, passwordHash, name: "Administrator", phone: null, role: "ADMIN", createdAtMs: nowMs } as const;
  if (before === null && (await store.addMember({ id: entropy.uuid(), ...admin }))) return;
  // Made since the first look: by another edge that starts at the same moment, or by somebody who signed up with the address.
  const known = before ?? present(await store.memberByEmail(email), "the member who has the address");
  if (before === null && (await isAsWanted(known))) return;
  const ended = await store.changeCredentials(known.id, { role: "ADMIN", passwordHash }, nowMs);
  for (const session of ended) await revocations.add(session, nowMs);
}
