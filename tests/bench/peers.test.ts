/** Goal: every peer that the benches compare with keeps what it promises, so that the comparison is with something that works. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { PEER_NAMES, PEERS, type PeerName } from "../../bench/peers/peers.ts";
import { type Running, start } from "../../bench/support.ts";
import { newSigningKeys } from "../../http/accounts/signing-keys.ts";
import { MysqlServer } from "../support/given-mysql.ts";
import { RedisServer } from "../support/given-redis.ts";
import { describeWithServices } from "../support/services.ts";
import { until } from "../support/until.ts";

const MAIN = join(import.meta.dir, "../../bench/peers/main.ts");
const FLIGHT = "PG-1-2030-01-31-ICN";
/** Seats of the flight: 1A to 1Z and 2A to 2D. */
const SEATS = 30;
const MEMBERS = 6;
const SHORT_HOLD_MS = 400;

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly isReplay: boolean;
}

/** One peer as two processes on one database: holds of the first are long, those of the second short. */
interface Given {
  readonly first: Running;
  readonly second: Running;
  readonly database: string;
  readonly redis: RedisServer | null;
}

let mysql: MysqlServer;
let tokens: readonly string[] = [];
const givenPeers = new Map<PeerName, Given>();

beforeAll(async () => {
  mysql = await MysqlServer.shared();
  const signingKey = await newSigningKeys();
  await Promise.all(
    PEER_NAMES.map(async (name) => {
      const url = await mysql.freshDatabase();
      const redis = PEERS[name].needsRedis ? await RedisServer.start() : null;
      const run = (...more: readonly string[]) => {
        const where = ["--database", url, ...(redis === null ? [] : ["--redis", redis.url])];
        const command = [process.execPath, MAIN, "--peer", name, ...where, "--flights", FLIGHT, "--seats", `${SEATS}`];
        return start([...command, "--pool", "4", ...more], { TOKEN_SIGNING_KEY: signingKey }, /"url":"([^"]+)"/);
      };
      const first = await run("--members", `${MEMBERS}`);
      const second = await run("--hold-ttl-ms", `${SHORT_HOLD_MS}`);
      if (tokens.length === 0) ({ tokens } = JSON.parse(first.line) as { tokens: string[] });
      givenPeers.set(name, { first, second, database: new URL(url).pathname.slice(1), redis });
    }),
  );
}, 60_000);

afterAll(async () => {
  for (const { first, second, redis } of givenPeers.values()) {
    await Promise.all([first.stop(), second.stop()]);
    await redis?.remove();
  }
});

function passengersIn(...seats: readonly string[]) {
  return { passengers: seats.map((seat) => ({ name: `Kim ${seat}`, seat })) };
}

async function hold(
  { url }: Running,
  member: number,
  key: string | null,
  body: object,
  flight = FLIGHT,
): Promise<Asked> {
  const response = await fetch(`${url}/api/v1/flights/${flight}/reservations`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${present(tokens[member], "a member")}`,
      "content-type": "application/json",
      ...(key === null ? {} : { "idempotency-key": key }),
    },
    body: JSON.stringify(body),
  });
  const isReplay = response.headers.get("idempotency-replayed") === "true";
  return { status: response.status, text: await response.text(), isReplay };
}

async function countOf(database: string, what: string): Promise<number> {
  const [row] = await mysql.run(`select count(*) as rows_found from ${database}.${what}`);
  return Number(row?.rows_found);
}

describeWithServices(["mariadbd", "redis-server"], "peers", () => {
  describe.each([...PEER_NAMES])("%s", (name) => {
    const kind = PEERS[name];
    const claims = kind.needsSeatRows ? "seat where reservation_id is not null" : "claim";
    const given = (): Given => present(givenPeers.get(name), "the peer was started");

    /** What it writes later is waited for. */
    const expectRows = async (what: string, count: number): Promise<void> => {
      const { database } = given();
      if (!kind.isDurable) await until(async () => (await countOf(database, what)) === count, what, 20_000);
      expect(await countOf(database, what)).toBe(count);
    };

    test("holds seats, and writes claims, reservation and answer", async () => {
      const { first } = given();
      const { status, text } = await hold(first, 0, "one", passengersIn("2B", "2A"));
      expect(status).toBe(201);
      expect(JSON.parse(text)).toMatchObject({
        flightId: FLIGHT,
        status: "HELD",
        pnr: expect.stringMatching(/^[2-9A-HJ-NP-Z]{6}$/),
        passengers: [
          { name: "Kim 2B", type: "ADT", seat: "2B" },
          { name: "Kim 2A", type: "ADT", seat: "2A" },
        ],
        total: { amount: 180_000, currency: "KRW" },
      });
      await expectRows(claims, 2);
      await expectRows("reservation", 1);
      await expectRows("answered", 1);
    });

    test("gives a key one answer, whether it comes again at the same time or later", async () => {
      const { first } = given();
      const body = passengersIn("2C");
      const atOnce = await Promise.all(Array.from({ length: 12 }, () => hold(first, 0, "again", body)));
      const later = await hold(first, 0, "again", body);
      expect(new Set([...atOnce, later].map(({ text }) => text)).size).toBe(1);
      expect(atOnce.every(({ status }) => status === 201)).toBe(true);
      expect(atOnce.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
      expect(later).toMatchObject({ status: 201, isReplay: true });
      // To another member it is another key.
      expect(await hold(first, 1, "again", body)).toMatchObject({ status: 409, isReplay: false });
    });

    test("refuses another request under the same key, and changes nothing", async () => {
      const { first } = given();
      const { status, text } = await hold(first, 0, "again", passengersIn("2D"));
      expect([status, JSON.parse(text).code]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
      expect((await hold(first, 1, "free-still", passengersIn("2D"))).status).toBe(201);
    });

    test("refuses seats that are taken or aren't there, all or none, and says so again", async () => {
      const { first } = given();
      const refused = async (key: string, body: object): Promise<unknown> => {
        const once = await hold(first, 2, key, body);
        const again = await hold(first, 2, key, body);
        expect(again).toEqual({ ...once, isReplay: true });
        return { status: once.status, ...JSON.parse(once.text) };
      };
      const taken = { status: 409, code: "SEAT_TAKEN", seats: ["2A", "2C"], alternatives: [] };
      expect(await refused("taken", passengersIn("2C", "1Z", "2A"))).toMatchObject(taken);
      const unknown = { status: 404, code: "SEAT_NOT_FOUND", seats: ["99A"] };
      expect(await refused("unknown", passengersIn("1Z", "99A"))).toMatchObject(unknown);
      expect((await hold(first, 2, "free-as-well", passengersIn("1Z"))).status).toBe(201);
    });

    test("refuses what the product's edge refuses", async () => {
      const { first } = given();
      const good = passengersIn("1Y");
      const answers = [
        await hold({ ...first, url: first.url }, 0, null, good),
        await hold(first, 0, "k", { ...good, discount: 1 }),
        await hold(first, 0, "k", { passengers: [{ name: "Kim" }] }),
        await hold(first, 0, "k", good, "NO-SUCH-FLIGHT"),
      ];
      const codes = answers.map(({ status, text }) => `${status} ${JSON.parse(text).code}`);
      expect(codes).toEqual([
        "400 IDEMPOTENCY_KEY_MISSING",
        "400 VALIDATION",
        "400 VALIDATION",
        "404 FLIGHT_NOT_FOUND",
      ]);
      const stranger = await fetch(`${first.url}/api/v1/flights/${FLIGHT}/reservations`, {
        method: "POST",
        headers: { authorization: "Bearer x", "content-type": "application/json", "idempotency-key": "k" },
        body: JSON.stringify(good),
      });
      expect(stranger.status).toBe(401);
    });

    test("sells no seat twice to a crowd that wants the same, one by one and in pairs", async () => {
      const { first } = given();
      const wanted = Array.from({ length: 10 }, (_, at) => `1${String.fromCharCode(65 + at)}`);
      const pairs = wanted.map((seat, at) => [seat, present(wanted[(at + 3) % wanted.length], "another seat")]);
      const wishes = [...wanted.map((seat) => [seat]), ...pairs, ...pairs.map((pair) => pair.toReversed())];
      const asked = wishes.flatMap((seats, at) =>
        [0, 1].map((round) => hold(first, (at + round) % MEMBERS, `crowd-${at}-${round}`, passengersIn(...seats))),
      );
      const answers = await Promise.all(asked);
      const sold = answers.filter(({ status }) => status === 201).map(({ text }) => JSON.parse(text));
      const seats = sold.flatMap(({ passengers }) => passengers.map(({ seat }: { seat: string }) => seat));
      expect(new Set(seats).size).toBe(seats.length);
      const refused = answers.filter(({ status }) => status === 409);
      expect(refused.length + sold.length).toBe(answers.length);
      // Whoever was refused wanted a seat that somebody else has.
      for (const { text } of refused) expect(seats).toContain(JSON.parse(text).seats[0]);
      await expectRows(`reservation where id in (${sold.map(({ id }) => `'${id}'`).join(",")})`, sold.length);
      const separator = claims.includes("where") ? "and" : "where";
      await expectRows(`${claims} ${separator} seat in (${wanted.map((seat) => `'${seat}'`).join(",")})`, seats.length);
    });

    test("knows its answers after it was killed", async () => {
      const { first, second, redis } = given();
      const body = passengersIn("1W");
      const held = await hold(first, 3, "kept", body);
      const refused = await hold(first, 3, "refused", passengersIn("2A"));
      process.kill(first.pid, "SIGKILL");
      // Whoever promises durability needs nothing but the database.
      if (kind.isDurable) await redis?.empty();
      expect(await hold(second, 3, "kept", body)).toEqual({ ...held, isReplay: true });
      expect(await hold(second, 3, "refused", passengersIn("2A"))).toEqual({ ...refused, isReplay: true });
      expect((await hold(second, 4, "of-another", body)).status).toBe(409);
    });

    test("frees a seat when the hold's time is over, for one", async () => {
      const { second } = given();
      const mine = await hold(second, 0, "short", passengersIn("1U", "1V"));
      expect(mine.status).toBe(201);
      let key = 0;
      const isFree = async () => (await hold(second, 1, `now-${key++}`, passengersIn("1V"))).status === 201;
      await until(() => Date.now() > Date.parse(JSON.parse(mine.text).expiresAt), "the end of the hold", 10_000);
      const takers = await Promise.all(
        Array.from({ length: 8 }, (_, at) => hold(second, at % MEMBERS, `taker-${at}`, passengersIn("1U"))),
      );
      expect(takers.filter(({ status }) => status === 201)).toHaveLength(1);
      await until(isFree, "the other seat is free as well", 10_000);
      // What the key was answered stays its answer.
      expect(await hold(second, 0, "short", passengersIn("1U", "1V"))).toEqual({ ...mine, isReplay: true });
    });
  });
});
