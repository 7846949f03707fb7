/**
 * Goal: nginx as it is deployed, before two edges, is a front that costs nothing: HTTPS alone, a status that a crowd asks an edge for
 * once a second, addresses that nobody makes up, and restarts of everything behind it, and its own reload, that no request notices.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { createClient } from "redis";
import { present } from "../../actors/assert.ts";
import { readConfig } from "../../config.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";
import { requestText } from "../process/at-once.ts";
import { ClusterLoad } from "../process/cluster/cluster-load.ts";
import { Member, seatStates } from "../process/member.ts";
import { importFlights, numbersTo } from "../process/timetable.ts";
import { GivenCluster } from "../support/given-cluster.ts";
import { GivenNginx } from "../support/given-nginx.ts";
import { exchange } from "../support/raw-http.ts";
import { describeWithServices } from "../support/services.ts";
import { exchangeFrom, handshake } from "../support/tls.ts";
import { until } from "../support/until.ts";
import { Repeated } from "./repeated.ts";
import { SeatFollower } from "./seat-follower.ts";

const TEST_MS_MAX = 120_000;
setDefaultTimeout(TEST_MS_MAX);

const ADMIN = { ADMIN_EMAIL: "root@example.com", ADMIN_PASSWORD: "a password of an operator" };

const READERS = 10_000;
const READERS_AT_ONCE = 64;

/** They read for longer than a status is good for. */
const READING_MS_MIN = 3_000;

const FLIGHTS = 5;
const SEATS = 60;
const MEMBERS = 4;

/** Who log in while everything restarts. */
const LOGGING_IN = 30;

/** Requests until somebody should have been told that it is enough. */
const FLOOD_MAX = 10_000;

/** So much of the load comes before the restarts, and after. */
const WARM_ANSWERS = 10 * FLIGHTS;

describeWithServices(["mariadbd", "nats-server", "redis-server", "nginx"], "nginx before two edges", () => {
  const nginx = new GivenNginx();
  const served = { url: nginx.url, ca: nginx.ca };
  let given: GivenCluster;
  let members: Member[];
  let flightIds: readonly string[];

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(nginx.url + path, { headers, redirect: "manual", tls: { ca: nginx.ca } });

  beforeAll(async () => {
    given = await GivenCluster.make({
      ...ADMIN,
      PUBLIC_URL: nginx.url,
      TRUSTED_PROXIES: "127.0.0.1",
      ADDRESS_LIMITS: "on",
      SEATS_PER_MEMBER: "10000",
      KEYS_PER_MEMBER: "100000",
    });
    await given.cluster.startServers();
    flightIds = await importFlights(given, numbersTo(FLIGHTS), SEATS);
    await Promise.all([
      given.cluster.startProcesses(given.cluster.processes),
      nginx.start(given.cluster.edges.map(({ port }) => port)),
    ]);
    members = await Member.signUpMany(served, MEMBERS);
  });

  afterAll(async () => {
    await nginx.remove();
    await given.remove();
  });

  /** What the edges have answered at the route together, by their metrics. */
  async function answeredAt(route: string): Promise<number> {
    const texts = await Promise.all(
      given.cluster.edges.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
    );
    const line = new RegExp(
      `^pigonair_http_request_duration_seconds_count\\{[^}]*route="${RegExp.escape(route)}"[^}]*\\} (\\d+)$`,
      "gm",
    );
    return texts.flatMap((text) => [...text.matchAll(line)]).reduce((sum, [, count]) => sum + Number(count), 0);
  }

  test("everything is HTTPS, and what the edges keep for themselves stays inside", async () => {
    const plain = await exchange(
      nginx.httpPort,
      "GET /seats?a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    expect(plain).toStartWith("HTTP/1.1 308 ");
    expect(plain).toContain("\r\nLocation: https://localhost/seats?a=b\r\n");
    expect(plain).not.toContain("Strict-Transport-Security");

    nginx.answerChallenge("a-token", "a-token.thumbprint");
    const challenge = await fetch(`http://localhost:${nginx.httpPort}/.well-known/acme-challenge/a-token`);
    expect([challenge.status, await challenge.text()]).toEqual([200, "a-token.thumbprint"]);

    for (const [path, status] of [
      ["/api/v1/flights?size=1", 200],
      ["/api/v1/none", 404],
      ["/metrics", 404],
      ["/readyz", 404],
      ["/metrics/", 404],
      ["/readyz/", 404],
      ["/livez/", 404],
    ] as const) {
      const answer = await get(path);
      expect([path, answer.status, answer.headers.get("strict-transport-security")]).toEqual([
        path,
        status,
        "max-age=31536000; includeSubDomains",
      ]);
    }

    await expect(handshake(nginx.httpsPort, { servername: "localhost", maxVersion: "TLSv1.1" })).rejects.toThrow();
    await expect(handshake(nginx.httpsPort, { servername: "elsewhere.example" })).rejects.toThrow();
  });

  test("HTTP/2 is spoken, and a name of ours reaches the edge", async () => {
    const session = connectHttp2(nginx.url, { ca: nginx.ca });
    const stream = session.request({ ":path": "/livez-of-nobody", accept: "application/json" });
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      stream.once("response", resolve);
      stream.once("error", reject);
    });
    expect([session.alpnProtocol, headers[":status"], headers["content-type"]]).toEqual([
      "h2",
      404,
      "application/problem+json",
    ]);
    session.destroy();
  });

  test("a body that is too long is refused as the edges refuse it", async () => {
    const reading = readConfig({});
    const bytesMax = reading.ok ? reading.config.bodyBytesMax : 0;
    const lengths = await Promise.all(
      [bytesMax, bytesMax + 1].map((length) =>
        fetch(`${nginx.url}/api/v1/sessions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: " ".repeat(length),
          tls: { ca: nginx.ca },
        }),
      ),
    );
    expect(lengths.map(({ status }) => status)).toEqual([400, 413]);
    expect(await present(lengths[1], "an answer").json()).toMatchObject({ code: "BODY_TOO_LARGE", status: 413 });
  });

  test("an address that a client makes up does not count, and its own one does", async () => {
    const forged = "203.0.113.7";
    const login = await fetch(`${nginx.url}/api/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": forged, forwarded: `for=${forged}` },
      body: JSON.stringify({ email: "nobody@example.com", password: "not a password" }),
      tls: { ca: nginx.ca },
    });
    expect(login.status).toBe(401);

    // From an address that no edge trusts: it can only have come by nginx's word.
    const email = `somebody-${Bun.randomUUIDv7()}@example.com`;
    const body = JSON.stringify({ email, password: "a password for tests", name: "Somebody" });
    const signUp = requestText(
      "POST",
      "/api/v1/members",
      { "content-type": "application/json", "x-forwarded-for": forged },
      body,
    );
    const trust = { servername: "localhost", ca: nginx.ca };
    expect(await exchangeFrom("127.0.0.9", nginx.httpsPort, trust, signUp)).toStartWith("HTTP/1.1 201 ");

    const counted = await keysOf(given.cluster.redis.port);
    expect(counted).toContain(attemptsOf("login-address", "127.0.0.1"));
    expect(counted).toContain(attemptsOf("sign-up-address", "127.0.0.9"));
    for (const limit of ["login-address", "sign-up-address"]) expect(counted).not.toContain(attemptsOf(limit, forged));
  });

  test("10,000 readers of a room's status reach an edge about once a second", async () => {
    const flightId = present(flightIds.at(-1), "a flight");
    const root = await Member.logIn(served, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
    const on = await root.send("PUT", `/api/v1/admin/flights/${flightId}/waiting-room`, { body: { mode: "on" } });
    expect(on.status).toBe(200);
    const path = `/api/v1/flights/${flightId}/waiting-room`;
    await until(
      async () => ((await (await get(path)).json()) as { state: string }).state !== "off",
      "the room",
      TEST_MS_MAX,
    );

    const before = await answeredAt("/api/v1/flights/:id/waiting-room");
    const startedMs = performance.now();
    let asked = 0;
    const readers = Array.from({ length: READERS_AT_ONCE }, async () => {
      while (asked++ < READERS || performance.now() - startedMs < READING_MS_MIN) {
        const answer = await get(path, { cookie: "access_token=none" });
        expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "public, max-age=1"]);
        await answer.arrayBuffer();
      }
    });
    await Promise.all(readers);
    const seconds = (performance.now() - startedMs) / 1000;
    const reached = (await answeredAt("/api/v1/flights/:id/waiting-room")) - before;
    console.log(`${asked} reads in ${seconds.toFixed(1)} s: ${reached} reached an edge`);
    expect(reached).toBeGreaterThanOrEqual(Math.floor(seconds / 2));
    expect(reached).toBeLessThanOrEqual(seconds + 2);
  });

  test("a restart of everything, one after another, loses no request, and streams go on where they were", async () => {
    const random = seededRandom(1);
    const sold = flightIds.slice(0, -1);
    const seats = [...(await seatStates(given.url, present(sold[0], "a flight"))).keys()];
    const followers = sold.map((flightId) => new SeatFollower(served, flightId));
    const load = new ClusterLoad({ members, flightIds: sold, seats, random });
    const reading = new Repeated(() => seatStates(nginx.url, present(sold[0], "a flight"), served));
    // A POST that nobody may send twice. By somebody else: who logs in a hundred times ends their first session, and the load goes on with its own.
    // Of several, because nobody may log in as often alone.
    const others = await Member.signUpMany(served, LOGGING_IN);
    let logIns = 0;
    const loggingIn = new Repeated(() => {
      const { email } = present(others[logIns++ % others.length], "somebody else");
      return Member.logIn(served, email);
    });
    load.start();
    await until(() => load.answers >= WARM_ANSWERS, "the load", TEST_MS_MAX);
    load.measureGaps();

    await given.cluster.roll();
    nginx.certify("second");
    nginx.reload();
    await until(
      async () => (await handshake(nginx.httpsPort, { servername: "localhost", ca: nginx.ca })).subject.CN === "second",
      "the new certificate",
      TEST_MS_MAX,
    );
    const { answers } = load;
    await until(() => load.answers >= answers + WARM_ANSWERS, "the load after it", TEST_MS_MAX);

    await Promise.all([load.stop(), reading.stop(), loggingIn.stop()]);
    // A reload closes connections that are idle, also one on which the next request is just leaving: clients ask again on another (RFC 9112 §9.3.1).
    const failures = [load, reading, loggingIn].flatMap((each) => each.failures);
    expect(failures.filter((each) => !each.includes("ECONNRESET"))).toEqual([]);
    console.log(
      `${load.answers} holds and cancellations, ${reading.count} seat maps, ${loggingIn.count} log-ins; longest gap ${load.longestGapMs} ms`,
    );
    for (const follower of followers) {
      const { flightId } = follower;
      await until(
        async () => Bun.deepEquals(follower.states, await seatStates(given.url, flightId)),
        `the seats of ${flightId}`,
        TEST_MS_MAX,
      );
      expect(follower.resumptions).toBeGreaterThan(0);
      expect(follower.faults).toEqual([]);
      await follower.stop();
    }
  });

  test("one address can't take everything, and is told in the API's own form", async () => {
    const answers: Response[] = [];
    // However slow the machine is: it asks for more than 200 a second.
    while (!answers.some(({ status }) => status === 429) && answers.length < FLOOD_MAX) {
      answers.push(...(await Promise.all(Array.from({ length: 500 }, () => get("/api/v1/none")))));
    }
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(1_000);
    const first = present(refused[0], "a refusal");
    expect(first.headers.get("retry-after")).toBe("1");
    expect(await first.json()).toMatchObject({ code: "TOO_MANY_REQUESTS", retryable: true });
  });

  test("the log of requests knows nobody", () => {
    const lines = nginx.accessLog.trim().split("\n");
    expect(lines.length).toBeGreaterThan(READERS);
    for (const line of lines) expect(Object.keys(JSON.parse(line))).not.toContain("address");
    expect(nginx.accessLog).not.toMatch(/203\.0\.113\.7|127\.0\.0\.9|@example\.com|access_token/);
  });
});

async function keysOf(redisPort: number): Promise<readonly string[]> {
  const client = createClient({ url: `redis://127.0.0.1:${redisPort}` });
  await client.connect();
  try {
    return await client.keys("*");
  } finally {
    client.destroy();
  }
}

/** Where the edges count attempts: addresses do not lie about there. */
function attemptsOf(limit: string, address: string): string {
  return `pigonair:attempts:${limit}:${Bun.SHA256.hash(address, "hex").slice(0, 32)}`;
}
