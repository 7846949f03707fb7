// Goal: hashing passwords never stops the loop, never runs away with the machine, and its time tells nobody who is a member.

import { afterEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { argon2id, type PasswordHasher, Passwords } from "../../http/accounts/passwords.ts";
import { Problem } from "../../http/problem.ts";
import { GivenAccounts, KIM } from "../support/given-accounts.ts";
import { until } from "../support/until.ts";

const SESSIONS = "/api/v1/sessions";

/** Hashes nothing, and finishes when the test says: for what is about the line and not about Argon2. */
class HeldHasher implements PasswordHasher {
  readonly running: { readonly password: string; readonly finish: () => void; readonly fail: () => void }[] = [];
  readonly verified: { readonly password: string; readonly hash: string }[] = [];
  readonly hashed: string[] = [];

  async hash(password: string): Promise<string> {
    this.hashed.push(password);
    return `hash of ${password}`;
  }

  async verify(password: string, hash: string): Promise<boolean> {
    this.verified.push({ password, hash });
    await new Promise<void>((finish, reject) =>
      this.running.push({ password, finish, fail: () => reject(new Error("out of memory")) }),
    );
    return hash === `hash of ${password}`;
  }

  next() {
    return present(this.running.shift(), "a hash is running");
  }
}

const withLine = async (runningMax: number, waitingMax: number) => {
  const hasher = new HeldHasher();
  return { hasher, passwords: await Passwords.open(hasher, systemEntropy(), { runningMax, waitingMax }) };
};

describe("Passwords", () => {
  test("hashes as OWASP recommends", async () => {
    expect(await argon2id.hash("correct horse")).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
  });

  test("leaves the event loop to others while it hashes", async () => {
    let isDone = false;
    let turns = 0;
    const hash = argon2id.hash("correct horse").finally(() => {
      isDone = true;
    });
    while (!isDone) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await hash;
    expect(turns).toBeGreaterThan(10);
  });

  test("runs so many at once and no more, and takes the others in the order in which they came", async () => {
    const { hasher, passwords } = await withLine(2, 10);
    const all = ["a", "b", "c", "d", "e"].map((password) => passwords.verify(password, `hash of ${password}`));
    const order: string[] = [];
    while (order.length < 5) {
      await until(() => hasher.running.length === Math.min(2, 5 - order.length), "the next is running");
      expect(passwords.waiting).toBe(Math.max(0, 3 - order.length));
      const next = hasher.next();
      order.push(next.password);
      next.finish();
    }
    expect(order).toEqual(["a", "b", "c", "d", "e"]);
    expect(await Promise.all(all)).toEqual(Array(5).fill(true));
  });

  test("runs no more than that when newcomers meet those who waited", async () => {
    const { hasher, passwords } = await withLine(1, 10);
    const all = ["a", "b"].map((password) => passwords.verify(password, null));
    for (const newcomer of ["c", "d", "e"]) {
      hasher.next().finish();
      await until(() => hasher.running.length === 1, "the next is running");
      all.push(passwords.verify(newcomer, null));
      await Bun.sleep(0);
      expect(hasher.running).toHaveLength(1);
    }
    for (let left = 2; left > 0; left--) {
      await until(() => hasher.running.length === 1, "the next is running");
      hasher.next().finish();
    }
    expect(await Promise.all(all)).toEqual(Array(5).fill(false));
  });

  test("takes no password for nobody's, not even the one that stands in for it", async () => {
    const { hasher, passwords } = await withLine(1, 1);
    const [standIn] = hasher.hashed;
    const answer = passwords.verify(present(standIn, "made at the start"), null);
    hasher.next().finish();
    expect(await answer).toBe(false);
  });

  test("refuses at once when the line is full, and takes the next when it is not", async () => {
    const { hasher, passwords } = await withLine(1, 1);
    const [running, waiting] = [passwords.verify("a", null), passwords.verify("b", null)];
    const refused = await passwords.verify("c", null).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Problem);
    expect(refused).toMatchObject({ status: 503, code: "LOGIN_BUSY", headers: { "retry-after": "3" } });
    hasher.next().finish();
    await running;
    const next = passwords.verify("d", null);
    while (hasher.running.length > 0) {
      hasher.next().finish();
      await Bun.sleep(0);
    }
    expect(await Promise.all([waiting, next])).toEqual([false, false]);
  });

  test("refuses whoever has the most places when somebody else comes to a full line, and keeps the order of the others", async () => {
    const { hasher, passwords } = await withLine(1, 4);
    const answers = ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "a6", "b3", "c1"].map((password) => {
      const from = password.charAt(0);
      return passwords.verify(password, `hash of ${password}`, from).catch(({ code }: Problem): string => code);
    });
    for (let left = 5; left > 0; left--) {
      await until(() => hasher.running.length === 1, "the next is running");
      expect(passwords.waiting).toBe(left - 1);
      hasher.next().finish();
    }
    expect(hasher.verified.map(({ password }) => password)).toEqual(["a1", "a2", "a3", "b1", "c1"]);
    expect(await Promise.all(answers)).toEqual([
      ...[true, true, true, "LOGIN_BUSY", "LOGIN_BUSY"],
      ...[true, "LOGIN_BUSY", "LOGIN_BUSY", "LOGIN_BUSY", true],
    ]);
  });

  test("a hash that fails makes room for the next like any other", async () => {
    const { hasher, passwords } = await withLine(1, 1);
    const [failing, next] = [passwords.verify("a", null), passwords.verify("b", "hash of b")];
    hasher.next().fail();
    await expect(failing).rejects.toThrow("out of memory");
    await until(() => hasher.running.length === 1, "the next is running");
    hasher.next().finish();
    expect(await next).toBe(true);
  });
});

describe("POST /sessions", () => {
  let given: GivenAccounts;
  afterEach(() => given.stop());

  const logIn = (email: string, password: string) =>
    given.visitor().send("POST", SESSIONS, { body: { email, password } });

  test("does the same work for an unknown address as for a wrong password", async () => {
    const hasher = new HeldHasher();
    given = await GivenAccounts.start({ hasher });
    await given.visitor().send("POST", "/api/v1/members", { body: KIM });
    const hashedBefore = hasher.hashed.length;

    const answers = [logIn(KIM.email, "wrong horse"), logIn("nobody@example.com", "wrong horse")];
    await until(() => hasher.running.length === 2, "both are compared");
    expect(hasher.verified.map(({ password }) => password)).toEqual(["wrong horse", "wrong horse"]);
    expect(hasher.hashed).toHaveLength(hashedBefore);
    for (const { finish } of hasher.running) finish();
    expect((await Promise.all(answers)).map(({ body }) => body.code)).toEqual(Array(2).fill("INVALID_CREDENTIALS"));
  });

  test("takes about the same time for both", async () => {
    given = await GivenAccounts.start({ hasher: argon2id });
    await given.visitor().send("POST", "/api/v1/members", { body: KIM });
    const timesMs: { unknown: number[]; wrong: number[] } = { unknown: [], wrong: [] };
    for (let round = 0; round < 5; round++) {
      for (const [kind, email] of [
        ["unknown", `nobody${round}@example.com`],
        ["wrong", KIM.email],
      ] as const) {
        const startMs = performance.now();
        expect((await logIn(email, "wrong horse")).status).toBe(401);
        timesMs[kind].push(performance.now() - startMs);
      }
    }
    const median = (times: number[]) => present(times.sort((a, b) => a - b)[2], "five times");
    const ratio = median(timesMs.unknown) / median(timesMs.wrong);
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  });

  test("answers LOGIN_BUSY when too many log in, and such an attempt doesn't count", async () => {
    const hasher = new HeldHasher();
    given = await GivenAccounts.start({ hasher, hashesAtOnceMax: 1, hashesWaitingMax: 1 });
    const held = [logIn("a@example.com", "wrong horse"), logIn("b@example.com", "wrong horse")];
    await until(() => hasher.running.length === 1, "one is running");
    for (let attempt = 0; attempt < 30; attempt++) {
      const answer = await logIn(KIM.email, "wrong horse");
      expect(answer).toMatchObject({ status: 503, body: { code: "LOGIN_BUSY", retryable: true } });
      expect(answer.headers.get("retry-after")).toBe("3");
    }
    hasher.next().finish();
    await until(() => hasher.running.length === 1, "the other is running");
    hasher.next().finish();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([401, 401]);
  });
});
