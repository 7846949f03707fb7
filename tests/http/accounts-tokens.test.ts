// Goal: nobody gets in with an access token that we did not sign, or that is over, and a token that is good is checked once.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createLocalJWKSet,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { present } from "../../actors/assert.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { ACCESS_TOKEN_TTL_MS, AccessTokens } from "../../http/accounts/access-tokens.ts";
import { MemoryRevocations } from "../../http/accounts/revocations.ts";
import { readSigningKeys, signingKeysIn } from "../../http/accounts/signing-keys.ts";
import { Authentication } from "../../http/plugins/authentication.ts";
import { Problem } from "../../http/problem.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { GivenAccounts } from "../support/given-accounts.ts";
import type { Visitor } from "../support/visitor.ts";

const ME = "/api/v1/members/me";
const JWKS = "/.well-known/jwks.json";

let given: GivenAccounts;
let member: Visitor;

beforeEach(async () => {
  given = await GivenAccounts.start();
  member = await given.member();
});
afterEach(() => given.stop());

const statusOf = async (token: string): Promise<number> =>
  (await given.visitor().send("GET", ME, { headers: { authorization: `Bearer ${token}` } })).status;

describe("a forged access token is refused:", () => {
  let ours: { readonly header: { readonly kid: string }; readonly payload: JWTPayload; readonly privateJwk: JWK };

  beforeEach(() => {
    const [header, payload] = member.cookie("access_token").split(".");
    const read = (part: string | undefined) => JSON.parse(Buffer.from(part ?? "", "base64url").toString());
    const file = JSON.parse(readFileSync(join(given.directory, "signing-keys.json"), "utf8"));
    ours = { header: read(header), payload: read(payload), privateJwk: file.keys[0] };
  });

  const signed = async (key: JWK, header: object, payload: object = {}): Promise<string> =>
    new SignJWT({ ...ours.payload, ...payload })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", ...ours.header, ...header })
      .sign(await importJWK(key, "EdDSA"));

  const strangersKey = async (): Promise<JWK> => {
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    return exportJWK(privateKey);
  };

  test("none of these is refused for another reason than its own", async () => {
    expect(await statusOf(await signed(ours.privateJwk, {}))).toBe(200);
  });

  test("without a signature", async () => {
    expect(await statusOf(new UnsecuredJWT(ours.payload).encode())).toBe(401);
    expect(await statusOf(member.cookie("access_token").replace(/[^.]+$/, ""))).toBe(401);
  });

  test("signed with the public key as a shared secret", async () => {
    const { x, crv, kty } = ours.privateJwk;
    const secrets = [
      Buffer.from(x ?? "", "base64url"),
      Buffer.from(x ?? ""),
      Buffer.from(JSON.stringify({ kty, crv, x })),
    ];
    for (const secret of secrets) {
      const token = await new SignJWT(ours.payload)
        .setProtectedHeader({ ...ours.header, alg: "HS256", typ: "at+jwt" })
        .sign(Buffer.concat([secret, Buffer.alloc(32)]).subarray(0, Math.max(32, secret.length)));
      expect(await statusOf(token)).toBe(401);
    }
  });

  test("signed with a stranger's key, under our key's name, its own, none, or with the key inside", async () => {
    const { d, ...publicJwk } = await strangersKey();
    const key = { ...publicJwk, d };
    const headers = [{}, { kid: "other" }, { kid: undefined }, { jwk: publicJwk }, { kid: undefined, jwk: publicJwk }];
    for (const header of headers) expect(await statusOf(await signed(key as JWK, header))).toBe(401);
  });

  test("with our key, but the name of none", async () => {
    for (const kid of ["other", "", "__proto__", undefined]) {
      expect(await statusOf(await signed(ours.privateJwk, { kid }))).toBe(401);
    }
  });

  test("with any byte of it changed", async () => {
    const token = member.cookie("access_token");
    for (let at = 0; at < token.length - 1; at += 7) {
      const changed = token.charAt(at) === "A" ? "B" : "A";
      expect(await statusOf(token.slice(0, at) + changed + token.slice(at + 1))).toBe(401);
    }
  });

  test("with another payload under the old signature", async () => {
    const [header, , signature] = member.cookie("access_token").split(".");
    const payload = Buffer.from(JSON.stringify({ ...ours.payload, role: "ADMIN" })).toString("base64url");
    expect(await statusOf(`${header}.${payload}.${signature}`)).toBe(401);
  });

  test.each([
    ["issuer", { iss: "somebody" }],
    ["audience", { aud: "something" }],
    ["role", { role: "OWNER" }],
    ["missing role", { role: undefined }],
    ["missing subject", { sub: undefined }],
    ["missing session", { sid: undefined }],
    ["missing end", { exp: undefined }],
  ])("for its %s, though our key signed it", async (_what, claim) => {
    expect(await statusOf(await signed(ours.privateJwk, {}, claim))).toBe(401);
  });

  test("for its type, though our key signed it", async () => {
    for (const typ of ["JWT", "ticket+jwt", undefined]) {
      expect(await statusOf(await signed(ours.privateJwk, { typ }))).toBe(401);
    }
  });

  test("for being longer than any of ours", async () => {
    expect(await statusOf(await signed(ours.privateJwk, {}, { more: "x".repeat(1_000) }))).toBe(401);
  });

  test("for being nothing like a token", async () => {
    for (const token of ["", " ", ".", "..", "...", "a.b.c", "e30.e30.e30", "{}.{}.{}", "x".repeat(100_000)]) {
      expect(await statusOf(token)).toBe(401);
    }
  });
});

describe("an access token that is good", () => {
  test("is over after ten minutes, seen before or not", async () => {
    const token = member.cookie("access_token");
    given.clock.advance(ACCESS_TOKEN_TTL_MS - 1);
    expect(await statusOf(token)).toBe(200);
    given.clock.advance(1);
    expect(await statusOf(token)).toBe(401);
    const unseen = await given.member({ email: "lee@example.com", password: "battery staple", name: "Lee" });
    given.clock.advance(ACCESS_TOKEN_TTL_MS);
    expect(await statusOf(unseen.cookie("access_token"))).toBe(401);
  });

  test("can be checked by anyone with the published keys, which hold nothing private", async () => {
    const { body, headers } = await given.visitor().send("GET", JWKS);
    expect(body).toEqual({
      keys: [{ kty: "OKP", crv: "Ed25519", x: expect.any(String), kid: expect.any(String), alg: "EdDSA", use: "sig" }],
    });
    expect(headers.get("cache-control")).toBe("public, max-age=300");
    const keys = createLocalJWKSet(body as never);
    const { payload } = await jwtVerify(member.cookie("access_token"), keys, {
      currentDate: new Date(given.clock.nowMs()),
      issuer: "pigonair",
      audience: "pigonair",
    });
    expect(payload).toMatchObject({ role: "MEMBER", sub: expect.any(String), sid: expect.any(String) });
  });

  test("stays good when another key signs from now on", async () => {
    const before = JSON.parse(readFileSync(join(given.directory, "signing-keys.json"), "utf8")).keys[0];
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    const next = await exportJWK(privateKey);
    const restartWith = async (...keys: JWK[]) =>
      given.restart({ keys: await readSigningKeys(JSON.stringify({ keys })) });
    const old = member.cookie("access_token");

    await restartWith(next, before);
    expect(await statusOf(old)).toBe(200);
    await member.send("POST", "/api/v1/sessions/refresh");
    expect(await statusOf(member.cookie("access_token"))).toBe(200);
    expect((await member.send("GET", JWKS)).body.keys).toHaveLength(2);

    await restartWith(next);
    expect(await statusOf(old)).toBe(401);
    expect(await statusOf(member.cookie("access_token"))).toBe(200);
  });
});

describe("signing keys", () => {
  test("are made once, for nobody else to read", async () => {
    const file = join(given.directory, "signing-keys.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [one, other] = await Promise.all([signingKeysIn(given.directory), signingKeysIn(given.directory)]);
    expect(one.signing.kid).toBe(other.signing.kid);
  });

  test("may be given as PEM, several in one text, the first one signing", async () => {
    const pems = await Promise.all(
      [1, 2].map(async () => exportPKCS8((await generateKeyPair("EdDSA", { extractable: true })).privateKey)),
    );
    const keys = await readSigningKeys(pems.join("\n"));
    expect(keys.published.map(({ kid }) => kid)).toEqual([keys.signing.kid, expect.any(String)]);
    expect((await readSigningKeys(present(pems[0], "two keys"))).signing.kid).toBe(keys.signing.kid);
  });

  test("that can't be used stop the start, naming the file and not its content", async () => {
    const file = join(given.directory, "signing-keys.json");
    const key = JSON.parse(readFileSync(file, "utf8")).keys[0];
    const other = await exportJWK((await generateKeyPair("EdDSA", { extractable: true })).publicKey);
    const rsa = await exportJWK((await generateKeyPair("RS256", { extractable: true })).privateKey);
    const bad = ["", "secret words", "null", "{}", { keys: [] }, { keys: [{ ...key, x: other.x }] }, { keys: [rsa] }];
    for (const content of bad) {
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
      const failure = await signingKeysIn(given.directory).catch((error: unknown) => String(error));
      expect(failure).toContain(`${file} can't be used`);
      expect(failure).not.toMatch(/secret words|[\w-]{43}/);
    }
    writeFileSync(file, JSON.stringify({ keys: [key] }));
  });
});

describe("AccessTokens", () => {
  const member = { id: "m1", role: "MEMBER" } as const;
  const withTokens = async (verifiedTokensMax: number) => {
    const clock = new FakeClock();
    const revocations = new MemoryRevocations(clock, ACCESS_TOKEN_TTL_MS);
    const keys = await signingKeysIn(given.directory);
    const tokens = new AccessTokens({ keys, revocations, clock, entropy: systemEntropy(), verifiedTokensMax });
    return { clock, revocations, tokens };
  };

  test("memberOf() answers at once for a token that it has seen", async () => {
    const { tokens } = await withTokens(10);
    const token = await tokens.issue(member, "s1");
    const first = tokens.memberOf(token);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual({ ...member, sessionId: "s1" });
    expect(tokens.memberOf(token)).toEqual({ ...member, sessionId: "s1" });
  });

  test("memberOf() asks each time whether the session was revoked, before and after it was seen", async () => {
    const { tokens, revocations, clock } = await withTokens(10);
    const [seen, unseen] = [await tokens.issue(member, "s1"), await tokens.issue(member, "s1")];
    await tokens.memberOf(seen);
    await revocations.add("s1", clock.nowMs());
    expect(tokens.memberOf(seen)).toBeNull();
    expect(await tokens.memberOf(unseen)).toBeNull();
  });

  test("memberOf() checks each time where it may remember none", async () => {
    const { tokens } = await withTokens(0);
    const token = await tokens.issue(member, "s1");
    for (let time = 0; time < 2; time++) {
      const asked = tokens.memberOf(token);
      expect(asked).toBeInstanceOf(Promise);
      expect(await asked).toEqual({ ...member, sessionId: "s1" });
    }
  });

  test("memberOf() remembers no more tokens than it may, and none that was refused", async () => {
    const { tokens } = await withTokens(2);
    const [a, b, c] = [
      await tokens.issue(member, "a"),
      await tokens.issue(member, "b"),
      await tokens.issue(member, "c"),
    ];
    for (const token of [a, b, "nonsense", `${c}x`, c]) await tokens.memberOf(token);
    expect([a, b, c].map((token) => tokens.memberOf(token) instanceof Promise)).toEqual([true, false, false]);
  });

  test("memberOf(request) refuses what another site sends with a member's cookie, but not what a program sends with a token", async () => {
    const { tokens } = await withTokens(10);
    const authentication = new Authentication(tokens);
    const token = await tokens.issue(member, "s1");
    const asking = async (method: string, headers: Record<string, string>) =>
      await authentication.memberOf(
        new Request("http://localhost/", { method, headers: { origin: "https://evil.example", ...headers } }),
      );
    const refused = await asking("POST", { cookie: `access_token=${token}` }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 403, code: "CROSS_ORIGIN" });
    expect(await asking("GET", { cookie: `a=b; access_token=${token}; c=d` })).toMatchObject({ id: "m1" });
    expect(await asking("POST", { authorization: `Bearer ${token}` })).toMatchObject({ id: "m1" });
  });

  test("adminOf() lets admins in, and nobody else", async () => {
    const { tokens } = await withTokens(10);
    const authentication = new Authentication(tokens);
    const asking = async (token: string) =>
      await authentication.adminOf(new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } }));
    const refusal = (token: string) => asking(token).catch((error) => error instanceof Problem && error.code);

    const admin = await tokens.issue({ id: "m2", role: "ADMIN" }, "s2");
    expect(await asking(admin)).toMatchObject({ id: "m2" });
    expect(await refusal(await tokens.issue(member, "s1"))).toBe("FORBIDDEN");
    expect(await refusal("nonsense")).toBe("UNAUTHENTICATED");
  });
});

describe("MemoryRevocations", () => {
  test("remembers a session for as long as a token of it could live, and not more than it may", async () => {
    const clock = new FakeClock();
    const revocations = new MemoryRevocations(clock, 1_000, 3);
    for (const session of ["a", "b", "c"]) await revocations.add(session, clock.nowMs());
    expect(revocations.isRevoked("a")).toBe(true);
    await revocations.add("d", clock.nowMs());
    expect(["a", "b", "c", "d"].map((session) => revocations.isRevoked(session))).toEqual([false, true, true, true]);
    clock.advance(1_000);
    await revocations.add("e", clock.nowMs());
    expect(revocations.size).toBe(1);
  });
});
