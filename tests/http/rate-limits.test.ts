// Goal: nobody can try passwords or make accounts without end, by account or by address, and nobody can lie about the address.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { MemoryRateLimits } from "../../http/accounts/rate-limits.ts";
import { clientAddressBehind, networkOf, readTrustedProxies } from "../../http/plugins/client-address.ts";
import { LIMIT } from "../contract/rate-limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type GivenAccountOptions, GivenAccounts, KIM } from "../support/given-accounts.ts";
import { until } from "../support/until.ts";

const MEMBERS = "/api/v1/members";
const SESSIONS = "/api/v1/sessions";

describe("MemoryRateLimits", () => {
  let clock: FakeClock;
  let limits: MemoryRateLimits;
  beforeEach(() => {
    clock = new FakeClock();
    limits = new MemoryRateLimits(clock, 3);
  });
  const take = (key: string) => limits.take(LIMIT, key);
  const takeAll = async (key: string) => {
    for (let times = 0; times < LIMIT.burst; times++) expect(await take(key)).toBe(0);
  };

  test("remembers no more keys than it may: the one left alone for longest goes", async () => {
    await takeAll("a");
    for (const key of ["b", "c"]) await take(key);
    expect(await take("a")).toBe(1_000);
    for (const key of ["d", "e"]) await take(key);
    expect(limits.size).toBe(3);
    expect(await take("a")).toBe(1_000);
  });
});

describe("limits of attempts", () => {
  let given: GivenAccounts;
  let origin: string;
  let from: (address: string) => (method: string, path: string, body: unknown) => Promise<Response>;

  const start = async (options: GivenAccountOptions = {}) => {
    given = await GivenAccounts.start({ trustedProxies: readTrustedProxies("127.0.0.1"), ...options });
    given.app.listen({ port: 0, hostname: "127.0.0.1" });
    origin = `http://127.0.0.1:${given.app.server?.port}`;
    from = (address) => (method, path, body) =>
      fetch(`${origin}${path}`, {
        method,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", "x-forwarded-for": address },
      });
  };
  afterEach(async () => {
    await given.app.stop(true);
    await given.stop();
  });

  const logIn = async (address: string, email: string, password: string): Promise<Response> =>
    from(address)("POST", SESSIONS, { email, password });
  const logInOften = async (times: number, nextAddress: (n: number) => string, nextEmail: (n: number) => string) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n++) statuses.push((await logIn(nextAddress(n), nextEmail(n), "wrong horse")).status);
    return statuses;
  };
  const counted = (statuses: number[]) => ({
    401: statuses.filter((status) => status === 401).length,
    429: statuses.filter((status) => status === 429).length,
  });

  test("by account: ten, wherever they come from, and the right password has to wait as well", async () => {
    await start();
    await from("192.0.2.1")("POST", MEMBERS, KIM);
    const statuses = await logInOften(
      12,
      (n) => `192.0.2.${n}`,
      () => ` ${KIM.email.toUpperCase()} `,
    );
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const refused = await logIn("192.0.2.99", KIM.email, KIM.password);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(await refused.json()).toMatchObject({ code: "TOO_MANY_ATTEMPTS", retryable: true });
    given.clock.advance(30_000);
    expect((await logIn("192.0.2.99", KIM.email, KIM.password)).status).toBe(200);
  });

  test("by account: an unknown one is limited alike, so that it can't be told apart", async () => {
    await start();
    const statuses = await logInOften(
      12,
      (n) => `192.0.2.${n}`,
      () => "nobody@example.com",
    );
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  });

  test("what succeeded doesn't count as what failed, neither for the account nor for its address", async () => {
    await start();
    for (let member = 0; member < 5; member++) {
      const email = `kim${member}@example.com`;
      await from("192.0.2.1")("POST", MEMBERS, { ...KIM, email });
      for (let times = 0; times < 15; times++) {
        expect((await logIn("192.0.2.1", email, KIM.password)).status).toBe(200);
      }
    }
  });

  test("by account: three hundred that succeed, and then one a second, so that nobody takes all the time of hashes", async () => {
    await start();
    await from("192.0.2.1")("POST", MEMBERS, KIM);
    for (let times = 0; times < 300; times++) {
      expect((await logIn(`192.0.2.${times % 98}`, KIM.email, KIM.password)).status).toBe(200);
    }
    for (let times = 0; times < 70; times++) {
      const refused = await logIn("192.0.2.99", KIM.email, KIM.password);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
      expect(await refused.json()).toMatchObject({ code: "TOO_MANY_ATTEMPTS", retryable: true });
    }
    // Whoever shares the address may log in all the same.
    expect((await logIn("192.0.2.99", "lee@example.com", "wrong horse")).status).toBe(401);
    given.clock.advance(1_000);
    expect((await logIn("192.0.2.99", KIM.email, KIM.password)).status).toBe(200);
    expect((await logIn("192.0.2.99", KIM.email, KIM.password)).status).toBe(429);
  });

  test("by address: sixty for all accounts together, and another address isn't touched", async () => {
    await start();
    const statuses = await logInOften(
      65,
      () => "192.0.2.1",
      (n) => `kim${n}@example.com`,
    );
    expect(counted(statuses)).toEqual({ 401: 60, 429: 5 });
    expect((await logIn("192.0.2.2", "lee@example.com", "wrong horse")).status).toBe(401);
    given.clock.advance(1_000);
    expect((await logIn("192.0.2.1", "lee@example.com", "wrong horse")).status).toBe(401);
  });

  test("by address: a whole IPv6 network counts as one", async () => {
    await start();
    const statuses = await logInOften(
      65,
      (n) => `2001:db8:0:7::${n.toString(16)}`,
      (n) => `kim${n}@example.com`,
    );
    expect(counted(statuses)).toEqual({ 401: 60, 429: 5 });
    expect((await logIn("2001:db8:0:8::1", "lee@example.com", "wrong horse")).status).toBe(401);
  });

  test("by address: what a client puts before its proxy's word changes nothing", async () => {
    await start();
    const statuses = await logInOften(
      65,
      (n) => `10.0.0.${n}, 192.0.2.1`,
      (n) => `kim${n}@example.com`,
    );
    expect(counted(statuses)).toEqual({ 401: 60, 429: 5 });
  });

  test("by address: signing up, also for what is refused", async () => {
    await start();
    const statuses: number[] = [];
    for (let n = 0; n < 62; n++) {
      const email = n % 2 === 0 ? KIM.email : `kim${n}@example.com`;
      statuses.push((await from("192.0.2.1")("POST", MEMBERS, { ...KIM, email })).status);
    }
    expect(statuses.slice(0, 60)).not.toContain(429);
    expect(statuses.slice(60)).toEqual([429, 429]);
    expect((await from("192.0.2.2")("POST", MEMBERS, { ...KIM, email: "lee@example.com" })).status).toBe(201);
  });

  test("by address: a full line of log-ins refuses one of those who fill it, and not who comes from elsewhere", async () => {
    const held = Promise.withResolvers<boolean>();
    const hasher = { hash: async () => "a hash", verify: () => held.promise };
    await start({ hasher, hashesAtOnceMax: 1, hashesWaitingMax: 2 });
    const statuses: number[] = [];
    const flood = Array.from({ length: 5 }, async (_, n) => {
      statuses.push((await logIn("192.0.2.1", `kim${n}@example.com`, "wrong horse")).status);
    });
    await until(() => statuses.length === 2, "the line is full");
    const other = logIn("192.0.2.2", "lee@example.com", "wrong horse");
    await until(() => statuses.length === 3, "one of them has made room");
    held.resolve(false);
    expect((await other).status).toBe(401);
    await Promise.all(flood);
    expect(statuses).toEqual([503, 503, 503, 401, 401]);
  });

  test("by address can be turned off, and then only accounts are limited", async () => {
    await start({ addressLimits: false });
    const statuses = await logInOften(
      70,
      () => "192.0.2.1",
      (n) => `kim${n}@example.com`,
    );
    expect(counted(statuses)).toEqual({ 401: 70, 429: 0 });
    expect(
      counted(
        await logInOften(
          11,
          () => "192.0.2.1",
          () => KIM.email,
        ),
      ),
    ).toEqual({ 401: 10, 429: 1 });
  });
});

describe("the client's address", () => {
  const addressOf = (trusted: string, peer: string, forwarded?: string): string => {
    const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    const request = new Request("http://localhost/", { headers });
    return clientAddressBehind(readTrustedProxies(trusted))(request, { requestIP: () => ({ address: peer }) });
  };

  test("is the peer's, whatever it says, unless the peer is a trusted proxy", () => {
    expect(addressOf("", "192.0.2.1", "203.0.113.9")).toBe("192.0.2.1");
    expect(addressOf("10.0.0.0/8", "192.0.2.1", "203.0.113.9")).toBe("192.0.2.1");
    expect(addressOf("10.0.0.0/8", "10.1.2.3", "203.0.113.9")).toBe("203.0.113.9");
    expect(addressOf("10.0.0.0/8", "::ffff:10.1.2.3", "203.0.113.9")).toBe("203.0.113.9");
  });

  test.each([
    ["behind two proxies", "203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["who made up what stands to the left", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["who is inside", "10.0.0.7, 10.0.0.2", "10.0.0.7"],
    ["with a port", "203.0.113.9:4711", "203.0.113.9"],
    ["with an IPv6 address", "2001:DB8:0::0:1", "2001:db8::1"],
    ["with an IPv6 address and a port", "[2001:db8::1]:4711", "2001:db8::1"],
    ["with an IPv4 address in IPv6 form", "::ffff:203.0.113.9", "203.0.113.9"],
    ["of whom the proxy says nonsense", "203.0.113.9, unknown", "10.1.2.3"],
    ["of whom the proxy says nothing", "", "10.1.2.3"],
  ])("is that of a client %s", (_who, forwarded, address) => {
    expect(addressOf("10.0.0.0/8 127.0.0.1,fd00::/8", "10.1.2.3", forwarded)).toBe(address);
  });

  test("counts by the network that one customer has", () => {
    expect(networkOf("203.0.113.9")).toBe("203.0.113.9");
    expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(networkOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
    expect(networkOf("::1")).toBe("0:0:0:0::/64");
    expect(networkOf("1::")).toBe("1:0:0:0::/64");
    expect(networkOf("1:2:3:4:5::")).toBe("1:2:3:4::/64");
    expect(networkOf("unknown")).toBe("unknown");
  });

  test.each(["10.0.0.0/33", "10.0.0/8", "proxy.example", "::1/129", "10.0.0.0/8/8", "10.0.0.0/", "10.0.0.0/-1"])(
    "readTrustedProxies() names %s, which is no address and no block",
    (entry) => {
      expect(() => readTrustedProxies(`127.0.0.1, ${entry}`)).toThrow(`"${entry}"`);
    },
  );
});
