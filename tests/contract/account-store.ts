/** Owns what every account store must keep to: run over each implementation of the port. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AccountStore, RefreshTokenState, Session } from "../../http/accounts/account-store.ts";
import type { Member } from "../../http/accounts/member.ts";

export interface AccountStoreUnderTest {
  readonly store: AccountStore;
  stop(): Promise<void>;
}

const NOW_MS = Date.UTC(2030, 0, 1);

export function accountStoreContract(name: string, open: () => Promise<AccountStoreUnderTest>): void {
  describe(`account store ${name}`, () => {
    let under: AccountStoreUnderTest;
    let store: AccountStore;

    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.stop());

    const idOf = (kind: string, number: number): string => `${kind}${String(number).padStart(35, "0")}`;
    const member = (number: number, given: Partial<Member> = {}): Member => ({
      id: idOf("m", number),
      email: `kim${number}@example.com`,
      passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$salt$hash",
      name: "김민지 👩🏽‍✈️",
      phone: null,
      role: "MEMBER",
      createdAtMs: NOW_MS,
      ...given,
    });
    const state = (number: number, given: Partial<RefreshTokenState> = {}): RefreshTokenState => ({
      secretHash: `secret${number}`,
      previousHash: number === 0 ? null : `secret${number - 1}`,
      salt: number === 0 ? null : `salt${number}`,
      rotatedAtMs: NOW_MS + number,
      expiresAtMs: NOW_MS + 1_000_000 + number,
      ...given,
    });
    const session = (number: number, given: Partial<Session> = {}): Session => ({
      id: idOf("s", number),
      memberId: idOf("m", 1),
      createdAtMs: NOW_MS,
      familyHash: "family",
      generation: 0,
      current: state(0),
      revokedAtMs: null,
      ...given,
    });
    const addSessions = async (count: number): Promise<string[]> => {
      for (let number = 1; number <= count; number++) await store.addSession(session(number));
      return Array.from({ length: count }, (_, at) => idOf("s", at + 1));
    };
    const revokedAt = async (ids: readonly string[]) =>
      Promise.all(ids.map(async (id) => (await store.session(id))?.revokedAtMs));

    describe("members", () => {
      test("are found by id and by address, as they were added", async () => {
        const kim = member(1, { phone: "+82 10-1234-5678", role: "ADMIN" });
        expect(await store.addMember(kim)).toBe(true);
        expect(await store.member(kim.id)).toEqual(kim);
        expect(await store.memberByEmail(kim.email)).toEqual(kim);
      });

      test("who aren't there are null", async () => {
        expect(await store.member("nobody")).toBeNull();
        expect(await store.memberByEmail("nobody@example.com")).toBeNull();
      });

      test("addMember() says no to an address that somebody has, and leaves it to them", async () => {
        await store.addMember(member(1));
        expect(await store.addMember(member(2, { email: member(1).email }))).toBe(false);
        expect(await store.memberByEmail(member(1).email)).toEqual(member(1));
        expect(await store.member(member(2).id)).toBeNull();
      });

      test("addMember() says yes to one of those who want an address at once", async () => {
        const asked = Array.from({ length: 10 }, (_, at) => store.addMember(member(at, { email: "kim@example.com" })));
        const answers = await Promise.all(asked);
        expect(answers.filter((isAdded) => isAdded)).toHaveLength(1);
        expect((await store.memberByEmail("kim@example.com"))?.id).toBe(idOf("m", answers.indexOf(true)));
      });

      test("addMember() fails for another reason than the address with the error that it was", async () => {
        await store.addMember(member(1));
        const failure = await store.addMember(member(1, { email: "lee@example.com" })).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(Error);
      });

      test("addresses differ by accents", async () => {
        await store.addMember(member(1, { email: "rene@example.com" }));
        expect(await store.addMember(member(2, { email: "rené@example.com" }))).toBe(true);
      });

      test("changeCredentials() changes them, and revokes the member's sessions and nobody else's", async () => {
        await store.addMember(member(1));
        const ids = await addSessions(2);
        await store.addSession(session(3, { memberId: idOf("m", 2) }));
        await store.revoke(idOf("s", 1), NOW_MS + 5);
        const revoked = await store.changeCredentials(member(1).id, { role: "ADMIN", passwordHash: "new" }, NOW_MS + 9);
        expect(revoked).toEqual([idOf("s", 2)]);
        expect(await store.member(member(1).id)).toEqual(member(1, { role: "ADMIN", passwordHash: "new" }));
        expect(await revokedAt([...ids, idOf("s", 3)])).toEqual([NOW_MS + 5, NOW_MS + 9, null]);
      });
    });

    describe("sessions", () => {
      test("are found as they were added, and null when they aren't there", async () => {
        await store.addSession(session(1));
        expect(await store.session(idOf("s", 1))).toEqual(session(1));
        expect(await store.session(idOf("s", 2))).toBeNull();
      });

      test("rotate() goes one generation on, from exactly the one before", async () => {
        await addSessions(1);
        expect(await store.rotate(idOf("s", 1), 0, state(1))).toBe(true);
        expect(await store.session(idOf("s", 1))).toEqual(session(1, { generation: 1, current: state(1) }));
        expect(await store.rotate(idOf("s", 1), 0, state(2))).toBe(false);
        expect(await store.rotate(idOf("s", 1), 2, state(2))).toBe(false);
        expect(await store.rotate(idOf("s", 2), 0, state(1))).toBe(false);
        expect(await store.session(idOf("s", 1))).toEqual(session(1, { generation: 1, current: state(1) }));
      });

      test("rotate() succeeds for one of those who try at once", async () => {
        await addSessions(1);
        const tries = Array.from({ length: 10 }, (_, at) =>
          store.rotate(idOf("s", 1), 0, state(1, { secretHash: `try${at}` })),
        );
        const answers = await Promise.all(tries);
        expect(answers.filter((isOurs) => isOurs)).toHaveLength(1);
        const kept = await store.session(idOf("s", 1));
        expect(kept).toMatchObject({ generation: 1, current: { secretHash: `try${answers.indexOf(true)}` } });
      });

      test("rotate() refuses a session that was revoked", async () => {
        await addSessions(1);
        await store.revoke(idOf("s", 1), NOW_MS + 5);
        expect(await store.rotate(idOf("s", 1), 0, state(1))).toBe(false);
      });

      test("revoke() holds from the first time on, and is harmless where nothing is", async () => {
        const ids = await addSessions(2);
        await store.revoke(idOf("s", 1), NOW_MS + 5);
        await store.revoke(idOf("s", 1), NOW_MS + 9);
        await store.revoke("nothing", NOW_MS + 9);
        expect(await revokedAt(ids)).toEqual([NOW_MS + 5, null]);
      });

      test("revokeOldest() leaves the newest, counts no revoked one, and takes no more than it may", async () => {
        const ids = await addSessions(6);
        await store.addSession(session(7, { memberId: idOf("m", 2) }));
        await store.revoke(idOf("s", 6), NOW_MS + 1);
        expect(await store.revokeOldest(idOf("m", 1), 3, 1, NOW_MS + 2)).toEqual([idOf("s", 2)]);
        expect(await store.revokeOldest(idOf("m", 1), 3, 9, NOW_MS + 3)).toEqual([idOf("s", 1)]);
        expect(await store.revokeOldest(idOf("m", 1), 3, 9, NOW_MS + 4)).toEqual([]);
        expect(await revokedAt(ids)).toEqual([NOW_MS + 3, NOW_MS + 2, null, null, null, NOW_MS + 1]);
        expect(await revokedAt([idOf("s", 7)])).toEqual([null]);
      });

      test("revokedSince() gives the latest first, from that time on, and no more than it may", async () => {
        await addSessions(4);
        for (const number of [1, 2, 3]) await store.revoke(idOf("s", number), NOW_MS + number);
        const [second, third] = [2, 3].map((number) => ({ id: idOf("s", number), revokedAtMs: NOW_MS + number }));
        expect(await store.revokedSince(NOW_MS + 2, 10)).toEqual([third, second] as never);
        expect(await store.revokedSince(NOW_MS, 1)).toEqual([third] as never);
      });

      test("forgetSessions() deletes what expired or was revoked long ago, and no more than it may at once", async () => {
        const ids = await addSessions(5);
        await store.rotate(idOf("s", 4), 0, state(1, { expiresAtMs: NOW_MS + 10 }));
        await store.rotate(idOf("s", 5), 0, state(1, { expiresAtMs: NOW_MS + 20 }));
        await store.revoke(idOf("s", 1), NOW_MS + 1);
        await store.revoke(idOf("s", 2), NOW_MS + 2);
        expect(await store.forgetSessions(NOW_MS + 10, NOW_MS + 1, 10)).toBe(0);
        expect(await store.forgetSessions(NOW_MS + 11, NOW_MS + 2, 1)).toBe(1);
        expect(await store.forgetSessions(NOW_MS + 11, NOW_MS + 2, 10)).toBe(1);
        const kept = await Promise.all(ids.map(async (id) => (await store.session(id)) !== null));
        expect(kept).toEqual([false, true, true, false, true]);
      });
    });
  });
}
