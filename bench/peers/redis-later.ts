/** Owns the peer that sells in Redis and writes the database later: what it answers is not durable yet, so it is no equal of the others. */

import { present } from "../../actors/assert.ts";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { openRedis, type Redis } from "../../queue/redis/redis.ts";
import { RedisScript } from "../../queue/redis/script.ts";
import sell from "./lua/sell.lua" with { type: "text" };
import type { Answer, Decision, HoldRequest, KeyOwner, Peer, PeerKind, Verdict } from "./peer.ts";
import { type Link, Pool } from "./pool.ts";
import { heldDecision } from "./writes.ts";

const SELL = new RedisScript(sell);
const STREAM = "peers:later";

/** How long a key is known. */
const KEPT_MS = 24 * 3_600_000;

/** What is written in one transaction, and how long the writer waits when there was nothing, in milliseconds. */
const BATCH_MAX = 1_000;
const PAUSE_MS = 10;

/** What the writer needs of a request: the rest stands in the stream's entry. */
type Noted = Pick<HoldRequest, "flightId" | "member" | "key" | "fingerprint"> & Partial<Omit<HoldRequest, "body">>;

class RedisLater implements Peer {
  readonly #redis: Redis;
  readonly #pool: Pool;
  readonly #writing: Promise<void>;
  #isClosing = false;

  constructor(redis: Redis, pool: Pool) {
    this.#redis = redis;
    this.#pool = pool;
    this.#writing = this.#write();
  }

  hold(request: HoldRequest): Promise<Answer> {
    const { body: _, ...noted } = request;
    return this.#sell(noted, heldDecision(request), request);
  }

  decide({ flightId, member, key, fingerprint }: KeyOwner, decision: Decision): Promise<Answer> {
    return this.#sell({ flightId, member, key, fingerprint }, decision, null);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#writing;
    await this.#pool.close();
    this.#redis.close();
  }

  async #sell(noted: Noted, { verdict, content }: Decision, wanted: HoldRequest | null): Promise<Answer> {
    const { flightId, member, key, fingerprint } = noted;
    const seats = wanted?.seats ?? [];
    const keys = [`answered:${member}:${flightId}:${key}`, STREAM, ...seats.map((seat) => `seat:${flightId}:${seat}`)];
    const end = wanted === null ? [] : [wanted.reservationId, wanted.expiresAtMs];
    const [reservationId = "", expiresAtMs = 0] = end;
    const args = [fingerprint, KEPT_MS, verdict, content, reservationId, expiresAtMs, JSON.stringify(noted), ...seats];
    const answer = (await this.#redis.run(SELL, keys, args)) as [string, Verdict, string, number];
    return { verdict: answer[1], content: answer[2], replayOf: answer[3] === 1 ? answer[0] : null };
  }

  /** Until it is closed and nothing is left to write; what can't be written then is left to the next process. */
  async #write(): Promise<void> {
    for (;;) {
      const wasClosing = this.#isClosing;
      const written = await this.#pool.use((link) => this.#writeBatch(link)).catch(() => 0);
      if (written === 0 && wasClosing) return;
      if (written < BATCH_MAX) await Bun.sleep(PAUSE_MS);
    }
  }

  /** How many entries of the stream it wrote. */
  async #writeBatch(link: Link): Promise<number> {
    const entries = await this.#redis.ask((client) => client.xRange(STREAM, "-", "+", { COUNT: BATCH_MAX }));
    if (entries === null || entries.length === 0) return 0;
    const decided = entries.map(({ message: { verdict = "", content = "", request = "" } }) => {
      return { verdict, content, noted: JSON.parse(request) as Noted };
    });
    const sold = decided.filter(({ verdict }) => verdict === "HELD").map(({ noted }) => noted as HoldRequest);
    await link.bulk(
      "insert ignore into answered values (?,?,?,?,?,?)",
      decided.map(({ noted, verdict, content }) => {
        return [noted.member, noted.flightId, noted.key, noted.fingerprint, verdict, content];
      }),
    );
    if (sold.length > 0) {
      await link.bulk(
        "insert ignore into reservation values (?,?,?,?,'HELD',?,?,?,?,?)",
        sold.map(({ reservationId, flightId, member, pnr, passengers, amount, currency, nowMs, expiresAtMs }) => {
          return [reservationId, flightId, member, pnr, passengers, amount, currency, nowMs, expiresAtMs];
        }),
      );
      await link.bulk(
        "insert into claim values (?,?,?,?) on duplicate key update reservation_id = value(reservation_id), expires_at_ms = value(expires_at_ms)",
        sold.flatMap(({ flightId, seats, reservationId, expiresAtMs }) => {
          return seats.map((seat) => [flightId, seat, reservationId, expiresAtMs]);
        }),
      );
    }
    await link.one("commit");
    await this.#redis.ask((client) =>
      client.xDel(
        STREAM,
        entries.map(({ id }) => id),
      ),
    );
    return entries.length;
  }
}

export const redisLater: PeerKind = {
  title: "Redis Lua, written later (not durable at the answer)",
  isDurable: false,
  needsRedis: true,
  needsSeatRows: false,
  pool: 1,
  async open({ database, redis: url, pool }): Promise<Peer> {
    const redis = await openRedis(present(url, "selling in Redis needs --redis"), {
      telemetry: silent,
      clock: systemClock(),
    });
    return new RedisLater(redis, await Pool.open(database, pool));
  },
};
