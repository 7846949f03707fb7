// Goal: a refresh token is good once; two tabs get along, a thief ends the session, and neither a restart nor the database's content changes that.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { newRefreshToken, refreshTokenText } from "../../http/accounts/refresh-token.ts";
import { GivenAccounts, KIM } from "../support/given-accounts.ts";
import { until } from "../support/until.ts";
import type { Answer, Visitor } from "../support/visitor.ts";

const ME = "/api/v1/members/me";
const SESSIONS = "/api/v1/sessions";
const DAY_MS = 24 * 3_600_000;

let given: GivenAccounts;
let member: Visitor;

beforeEach(async () => {
  given = await GivenAccounts.start();
  member = await given.member();
});
afterEach(() => given.stop());

const refresh = (who: Visitor): Promise<Answer> => who.send("POST", `${SESSIONS}/refresh`);
const outcome = ({ status, body }: Answer) => (status === 200 ? status : `${status} ${body.code}`);
const refreshWith = (token: string): Promise<Answer> =>
  given.visitor().send("POST", `${SESSIONS}/refresh`, { headers: { cookie: `refresh_token=${token}` } });
const sessionId = (who: Visitor): string => present(who.cookie("refresh_token").split(".")[0], "the first part");

describe("POST /sessions/refresh", () => {
  test("gives a new refresh token and a new access token, each time", async () => {
    const refreshTokens = new Set([member.cookie("refresh_token")]);
    const accessTokens = new Set([member.cookie("access_token")]);
    for (let times = 0; times < 3; times++) {
      const answer = await refresh(member);
      expect(answer).toMatchObject({ status: 200, body: { expiresIn: 600, member: { email: KIM.email } } });
      expect(answer.body.accessToken).toBe(member.cookie("access_token"));
      refreshTokens.add(member.cookie("refresh_token"));
      accessTokens.add(member.cookie("access_token"));
      expect((await member.send("GET", ME)).status).toBe(200);
    }
    expect([refreshTokens.size, accessTokens.size]).toEqual([4, 4]);
  });

  test("works for 30 days after the last time, and not longer", async () => {
    given.clock.advance(30 * DAY_MS - 1);
    expect(outcome(await refresh(member))).toBe(200);
    given.clock.advance(30 * DAY_MS - 1);
    expect(outcome(await refresh(member))).toBe(200);
    given.clock.advance(30 * DAY_MS);
    expect(outcome(await refresh(member))).toBe("401 REFRESH_INVALID");
  });

  test("gives two tabs the same successor when they come within ten seconds", async () => {
    const otherTab = member.copy();
    expect(outcome(await refresh(member))).toBe(200);
    given.clock.advance(10_000);
    expect(outcome(await refresh(otherTab))).toBe(200);
    expect(otherTab.cookie("refresh_token")).toBe(member.cookie("refresh_token"));
    expect(outcome(await refresh(member))).toBe(200);
  });

  test("gives all who come at the same moment the same successor", async () => {
    const tabs = Array.from({ length: 10 }, () => member.copy());
    const answers = await Promise.all(tabs.map(refresh));
    expect(answers.map(outcome)).toEqual(Array(10).fill(200));
    expect(new Set(tabs.map((tab) => tab.cookie("refresh_token"))).size).toBe(1);
    expect((await given.store.session(sessionId(member)))?.generation).toBe(1);
    expect(outcome(await refresh(present(tabs[0], "ten tabs")))).toBe(200);
  });

  test("ends the session when the token before comes later than ten seconds", async () => {
    const thief = member.copy();
    await refresh(member);
    given.clock.advance(10_001);
    expect(outcome(await refresh(thief))).toBe("401 REFRESH_REUSED");
    expect(outcome(await refresh(member))).toBe("401 REFRESH_INVALID");
    expect((await member.send("GET", ME)).status).toBe(401);
    expect((await thief.send("GET", ME)).status).toBe(401);
  });

  test.each([2, 5])("ends the session when a token comes that was replaced %d times, however soon", async (times) => {
    const thief = member.copy();
    for (let time = 0; time < times; time++) await refresh(member);
    expect(outcome(await refresh(thief))).toBe("401 REFRESH_REUSED");
    expect(outcome(await refresh(member))).toBe("401 REFRESH_INVALID");
  });

  test("ends only the session that was stolen", async () => {
    const laptop = given.visitor();
    await laptop.send("POST", SESSIONS, { body: { email: KIM.email, password: KIM.password } });
    const thief = member.copy();
    await refresh(member);
    await refresh(member);
    await refresh(thief);
    expect(outcome(await refresh(laptop))).toBe(200);
    expect((await laptop.send("GET", ME)).status).toBe(200);
  });

  test("refuses what is no token of ours, and no session comes to harm by it", async () => {
    const [id = "", family = "", secret = ""] = member.cookie("refresh_token").split(".");
    const stranger = newRefreshToken(id, systemEntropy());
    const forged = [
      "",
      "nonsense",
      `${id}.${family}`,
      `${id}.${family}.${secret}.more`,
      refreshTokenText(stranger),
      refreshTokenText({ ...stranger, secret }),
      refreshTokenText(newRefreshToken(crypto.randomUUID(), systemEntropy())),
      refreshTokenText({ sessionId: crypto.randomUUID(), family, secret }),
      member.cookie("access_token"),
      "x".repeat(5_000),
    ];
    for (const token of forged) expect(outcome(await refreshWith(token))).toBe("401 REFRESH_INVALID");
    expect(outcome(await given.visitor().send("POST", `${SESSIONS}/refresh`))).toBe("401 REFRESH_INVALID");
    expect(outcome(await refresh(member))).toBe(200);
  });

  test("takes part in a log-out at the same moment without leaving anything that is good", async () => {
    for (let round = 0; round < 10; round++) {
      const who = given.visitor();
      await who.send("POST", SESSIONS, { body: { email: KIM.email, password: KIM.password } });
      const tab = who.copy();
      await Promise.all(
        round % 2 === 0 ? [refresh(tab), who.send("DELETE", SESSIONS)] : [who.send("DELETE", SESSIONS), refresh(tab)],
      );
      expect(outcome(await refresh(tab))).toBe("401 REFRESH_INVALID");
      expect((await tab.send("GET", ME)).status).toBe(401);
    }
  });

  test("leaves nothing in the database that could be used as a token", async () => {
    await refresh(member);
    const session = await given.store.session(sessionId(member));
    const [, family = "?", secret = "?"] = member.cookie("refresh_token").split(".");
    expect(JSON.stringify(session)).not.toContain(family);
    expect(JSON.stringify(session)).not.toContain(secret);
  });
});

describe("a restart", () => {
  test("logs nobody out: access and refresh tokens go on", async () => {
    const before = member.cookie("access_token");
    await given.restart();
    expect((await member.send("GET", ME)).body.email).toBe(KIM.email);
    expect(outcome(await refresh(member))).toBe(200);
    expect(member.cookie("access_token")).not.toBe(before);
  });

  test("forgets neither the other tab nor the thief", async () => {
    const otherTab = member.copy();
    await refresh(member);
    await given.restart();
    expect(outcome(await refresh(otherTab))).toBe(200);
    expect(otherTab.cookie("refresh_token")).toBe(member.cookie("refresh_token"));
    given.clock.advance(60_000);
    const thief = member.copy();
    await refresh(member);
    await refresh(member);
    await given.restart();
    expect(outcome(await refresh(thief))).toBe("401 REFRESH_REUSED");
  });

  test("forgets no log-out: the access token stays refused for as long as it lives", async () => {
    const thief = member.copy();
    given.clock.advance(1_000);
    await member.send("DELETE", SESSIONS);
    given.clock.advance(9 * 60_000);
    await given.restart();
    expect((await thief.send("GET", ME)).status).toBe(401);
  });
});

describe("old sessions", () => {
  const isKept = async (id: string): Promise<boolean> => (await given.store.session(id)) !== null;
  /** A minute passes, and whatever is done in it is done. */
  const clean = async (): Promise<void> => {
    const before = given.clock.pending;
    given.clock.advance(60_000);
    await until(() => given.clock.pending === before, "the next cleaning is set");
  };

  test("are deleted when they have expired", async () => {
    given.clock.advance(29 * DAY_MS);
    await until(() => given.clock.pending > 0, "the next cleaning is set");
    await clean();
    expect(await isKept(sessionId(member))).toBe(true);
    given.clock.advance(DAY_MS);
    await until(() => given.clock.pending > 0, "the next cleaning is set");
    await clean();
    expect(await isKept(sessionId(member))).toBe(false);
  });

  test("are kept after a log-out for as long as a restart needs to know of them", async () => {
    const id = sessionId(member);
    await member.send("DELETE", SESSIONS);
    for (let minute = 0; minute < 10; minute++) await clean();
    expect(await isKept(id)).toBe(true);
    await clean();
    expect(await isKept(id)).toBe(false);
  });
});
