// Goal: members sign up, log in, see themselves and log out, whatever is sent is checked field by field, and cookies go where they should.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { GivenAccounts, KIM } from "../support/given-accounts.ts";
import type { Visitor } from "../support/visitor.ts";

const MEMBERS = "/api/v1/members";
const ME = "/api/v1/members/me";
const SESSIONS = "/api/v1/sessions";
const LEE = { email: "lee@example.com", password: "battery staple", name: "이영희" };

let given: GivenAccounts;
let visitor: Visitor;

beforeEach(async () => {
  given = await GivenAccounts.start();
  visitor = given.visitor();
});
afterEach(() => given.stop());

const logIn = ({ email, password }: { email: string; password: string }) => ({ body: { email, password } });

describe("POST /members", () => {
  test("makes a member, and says nothing about the password", async () => {
    const { status, body } = await visitor.send("POST", MEMBERS, { body: KIM });
    expect({ status, body }).toEqual({ status: 201, body: { id: body.id, email: KIM.email, name: KIM.name } });
    expect(body.id).toMatch(/^[0-9a-f-]{36}$/);
    const kept = await given.store.memberByEmail(KIM.email);
    expect(kept?.passwordHash).toStartWith("$argon2id$");
  });

  test("keeps an address in one form, so that nobody has it twice", async () => {
    const first = await visitor.send("POST", MEMBERS, { body: { ...KIM, email: "  Kim@EXAMPLE.com " } });
    expect(first.body.email).toBe("kim@example.com");
    const second = await visitor.send("POST", MEMBERS, { body: KIM });
    expect(second).toMatchObject({ status: 409, body: { code: "EMAIL_TAKEN", retryable: false } });
  });

  test("makes one member of those who ask for the same address at once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => visitor.send("POST", MEMBERS, { body: KIM })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  });

  const wrong: [string, string, unknown][] = [
    ["email", "no at sign", "kim.example.com"],
    ["email", "two at signs", "kim@home@example.com"],
    ["email", "a second address behind a comma", "kim@example.com,lee@example.com"],
    ["email", "a header of its own", "kim@example.com\r\nBcc: all@example.com"],
    ["email", "an invisible character", "kim\u200b@example.com"],
    ["email", "255 characters", `${"k".repeat(60)}@${"e".repeat(190)}.com`],
    ["email", "a number", 7],
    ["password", "seven characters", "1234567"],
    ["password", "129 characters", "x".repeat(129)],
    ["password", "half of a surrogate pair", "correct \ud83d horse"],
    ["name", "blanks only", "   "],
    ["name", "a filler only, which counts as a letter", "\u3164"],
    ["name", "nothing that is seen", " \u115f\u1160\uffa0\u200b\u00ad\ufe0f "],
    ["name", "control characters", "Kim\u0007"],
    ["name", "a line end", "Kim\nMinji"],
    ["name", "the other direction", "Kim \u202ejniM"],
    ["name", "half of a surrogate pair", "Kim \ud83d"],
    ["name", "101 characters", "K".repeat(101)],
    ["phone", "letters", "call me"],
    ["phone", "33 characters", `+${"1".repeat(32)}`],
    ["role", "which is unknown here", "ADMIN"],
  ];
  test.each(wrong)("names %s when it has %s", async (field, _what, value) => {
    const answer = await visitor.send("POST", MEMBERS, { body: { ...KIM, [field]: value } });
    expect(answer).toMatchObject({ status: 400, body: { code: "VALIDATION", field, errors: [{ field }] } });
    expect(await given.store.memberByEmail(KIM.email)).toBeNull();
  });

  test.each(["email", "password", "name"])("names %s when it is missing", async (field) => {
    const answer = await visitor.send("POST", MEMBERS, { body: { ...KIM, [field]: undefined } });
    expect(answer).toMatchObject({ status: 400, body: { code: "VALIDATION", field } });
  });

  test("takes long names, any script, a telephone number, and passwords without rules of composition", async () => {
    const body = { ...LEE, name: `${"이".repeat(99)}희`, phone: "+82 10-1234-5678", password: "        " };
    expect((await visitor.send("POST", MEMBERS, { body })).status).toBe(201);
    await visitor.send("POST", SESSIONS, logIn(body));
    expect((await visitor.send("GET", ME)).body).toMatchObject({ name: body.name, phone: body.phone });
  });
});

describe("POST /sessions", () => {
  beforeEach(async () => {
    await visitor.send("POST", MEMBERS, { body: KIM });
  });

  test("gives an access token and the member", async () => {
    const { status, body, headers } = await visitor.send(
      "POST",
      SESSIONS,
      logIn({ ...KIM, email: " KIM@example.com" }),
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      accessToken: expect.any(String),
      expiresIn: 600,
      member: { id: expect.any(String), email: KIM.email, name: KIM.name, role: "MEMBER" },
    });
    expect(headers.get("cache-control")).toBe("no-store");
    const me = await given.visitor().send("GET", ME, { headers: { authorization: `bearer ${body.accessToken}` } });
    expect(me).toMatchObject({ status: 200, body: { email: KIM.email } });
  });

  test("takes a password typed on another keyboard: its Unicode form doesn't matter", async () => {
    await visitor.send("POST", MEMBERS, { body: { ...LEE, password: "caf\u00e9 latte" } });
    const answer = await visitor.send("POST", SESSIONS, logIn({ ...LEE, password: "cafe\u0301 latte" }));
    expect(answer.status).toBe(200);
  });

  test("takes no other half of a surrogate pair for a character: such a password is wrong, like any other", async () => {
    await visitor.send("POST", MEMBERS, { body: { ...LEE, password: "battery \ufffd staple" } });
    for (const password of ["battery \ud83d staple", "battery \udc00 staple"]) {
      const answer = await visitor.send("POST", SESSIONS, logIn({ ...LEE, password }));
      expect(answer).toMatchObject({ status: 401, body: { code: "INVALID_CREDENTIALS" } });
    }
    expect((await visitor.send("POST", SESSIONS, logIn({ ...LEE, password: "battery \ufffd staple" }))).status).toBe(
      200,
    );
  });

  test("answers alike for an unknown address, a wrong password and an address that is none", async () => {
    const answers = [
      await visitor.send("POST", SESSIONS, logIn({ ...KIM, password: "wrong horse" })),
      await visitor.send("POST", SESSIONS, logIn(LEE)),
      await visitor.send("POST", SESSIONS, logIn({ ...KIM, email: "who" })),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ ...answers[0]?.body, code: "INVALID_CREDENTIALS" });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test("refuses unknown fields", async () => {
    const answer = await visitor.send("POST", SESSIONS, { body: { ...logIn(KIM).body, remember: true } });
    expect(answer).toMatchObject({ status: 400, body: { code: "VALIDATION", field: "remember" } });
  });

  test("ends a member's oldest session beyond a hundred", async () => {
    const oldest = await given.member();
    expect((await oldest.send("GET", ME)).status).toBe(200);
    for (let devices = 0; devices < 100; devices++) await visitor.send("POST", SESSIONS, logIn(KIM));
    expect((await oldest.send("GET", ME)).status).toBe(401);
    expect((await oldest.send("POST", `${SESSIONS}/refresh`)).status).toBe(401);
    expect((await visitor.send("GET", ME)).status).toBe(200);
  });
});

describe("cookies", () => {
  const setCookies = async (headers: Record<string, string> = {}) => {
    await visitor.send("POST", MEMBERS, { body: KIM });
    const { headers: answered } = await visitor.send("POST", SESSIONS, { ...logIn(KIM), headers });
    return answered.getSetCookie().map((text) => text.replace(/=[^;]+/, "=…"));
  };

  test("are hidden from scripts, and the refresh token goes to its own path only", async () => {
    expect(await setCookies({ origin: "https://localhost:3000" })).toEqual([
      "access_token=…; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax",
      "refresh_token=…; Path=/api/v1/sessions; Max-Age=2592000; Secure; HttpOnly; SameSite=Strict",
    ]);
  });

  test("are not Secure on loopback HTTP, where a browser would lose them", async () => {
    for (const cookie of await setCookies()) expect(cookie).not.toContain("Secure");
  });

  test("authenticate as the header does, but not when another site sends a request that changes something", async () => {
    const member = await given.member();
    expect((await member.send("GET", ME, { headers: { origin: "https://evil.example" } })).status).toBe(200);
    const foreign = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "http://localhost:3000" },
    ];
    for (const headers of foreign) {
      for (const [method, path] of [
        ["POST", `${SESSIONS}/refresh`],
        ["DELETE", SESSIONS],
      ] as const) {
        const answer = await member.send(method, path, { headers });
        expect(answer).toMatchObject({ status: 403, body: { code: "CROSS_ORIGIN" } });
      }
    }
    const own = { origin: "http://localhost:3000", "sec-fetch-site": "same-origin" };
    expect((await member.send("POST", `${SESSIONS}/refresh`, { headers: own })).status).toBe(200);
  });

  test("can't be planted by another site's log-in form", async () => {
    await visitor.send("POST", MEMBERS, { body: KIM });
    const answer = await visitor.send("POST", SESSIONS, { ...logIn(KIM), headers: { origin: "https://evil.example" } });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe("GET /members/me", () => {
  test("is for members: anybody else is told how to authenticate", async () => {
    for (const headers of [
      {},
      { authorization: "Basic a2ltOmtpbQ==" },
      { authorization: "Bearer" },
      { cookie: "access_token=x" },
    ]) {
      const answer = await visitor.send("GET", ME, { headers });
      expect(answer).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test("goes by the header when there is a cookie as well", async () => {
    const kim = await given.member();
    const lee = await given.member(LEE);
    const answer = await kim.send("GET", ME, { headers: { authorization: `Bearer ${lee.cookie("access_token")}` } });
    expect(answer.body.email).toBe(LEE.email);
    const bad = await kim.send("GET", ME, { headers: { authorization: "Bearer no" } });
    expect(bad.status).toBe(401);
  });
});

describe("DELETE /sessions", () => {
  test("ends the session: its access and refresh tokens are refused at once, and its cookies go", async () => {
    const member = await given.member();
    const thief = member.copy();
    expect((await thief.send("GET", ME)).status).toBe(200);
    const answer = await member.send("DELETE", SESSIONS);
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie().every((cookie) => cookie.includes("Max-Age=0"))).toBe(true);
    expect(member.cookie("refresh_token")).toBe("");
    expect((await thief.send("GET", ME)).status).toBe(401);
    expect(await thief.send("POST", `${SESSIONS}/refresh`)).toMatchObject({
      status: 401,
      body: { code: "REFRESH_INVALID" },
    });
  });

  test("knows the session by an access token alone, or by a refresh token alone", async () => {
    const byAccess = await given.member();
    const bearer = { authorization: `Bearer ${byAccess.cookie("access_token")}` };
    await given.visitor().send("DELETE", SESSIONS, { headers: bearer });
    expect((await byAccess.send("POST", `${SESSIONS}/refresh`)).status).toBe(401);

    const byRefresh = await given.member(LEE);
    const expired = byRefresh.copy();
    expired.forget("access_token");
    await expired.send("DELETE", SESSIONS);
    expect((await byRefresh.send("GET", ME)).status).toBe(401);
  });

  test("ends nothing else: another device goes on", async () => {
    const phone = await given.member();
    const laptop = given.visitor();
    await laptop.send("POST", SESSIONS, logIn(KIM));
    await phone.send("DELETE", SESSIONS);
    expect((await laptop.send("GET", ME)).status).toBe(200);
  });

  test("is fine without a session, twice, and with a cookie that is none", async () => {
    for (const headers of [{}, {}, { cookie: "refresh_token=nonsense; access_token=more" }]) {
      const answer = await visitor.send("DELETE", SESSIONS, { headers });
      expect(answer.status).toBe(204);
      expect(answer.headers.getSetCookie()).toHaveLength(2);
    }
  });
});

describe("the admin of the settings", () => {
  const admin = { email: "Admin@example.com", password: "first password" };
  const role = async (who: Visitor) => (await who.send("GET", ME)).body.role;

  test("is made at the first start, and left alone at the next", async () => {
    await given.restart({ admin });
    await visitor.send("POST", SESSIONS, logIn(admin));
    expect(await role(visitor)).toBe("ADMIN");
    const before = await given.store.memberByEmail("admin@example.com");
    await given.restart({ admin });
    expect(await given.store.memberByEmail("admin@example.com")).toEqual(before);
    expect(await role(visitor)).toBe("ADMIN");
  });

  test("is made by one of those that start at the same moment, and good for all of them", async () => {
    await Promise.all([given.startBeside({ admin }), given.startBeside({ admin }), given.startBeside({ admin })]);
    await visitor.send("POST", SESSIONS, logIn(admin));
    expect(await role(visitor)).toBe("ADMIN");
  });

  test("gets a changed password; the old one and what was opened with it count no more", async () => {
    await given.restart({ admin });
    await visitor.send("POST", SESSIONS, logIn(admin));
    await given.restart({ admin: { ...admin, password: "second password" } });
    expect(await role(visitor)).toBeUndefined();
    expect((await visitor.send("POST", SESSIONS, logIn(admin))).status).toBe(401);
    expect((await visitor.send("POST", SESSIONS, logIn({ ...admin, password: "second password" }))).status).toBe(200);
  });

  test("may be a member already, who becomes admin with the next log-in and no sooner", async () => {
    const member = await given.member({ ...KIM, email: "admin@example.com" });
    await given.restart({ admin });
    expect((await member.send("GET", ME)).status).toBe(401);
    expect((await member.send("POST", `${SESSIONS}/refresh`)).status).toBe(401);
    await member.send("POST", SESSIONS, logIn(admin));
    expect((await member.send("GET", ME)).body).toMatchObject({ role: "ADMIN", name: KIM.name });
  });

  test("stops the start when a setting can't be used, naming it", async () => {
    const failureOf = (wrong: object) =>
      given.restart({ admin: { ...admin, ...wrong } }).catch((error: unknown) => String(error));
    expect(await failureOf({ email: "admin" })).toContain("ADMIN_EMAIL");
    expect(await failureOf({ password: "short" })).toContain("ADMIN_PASSWORD");
  });
});
