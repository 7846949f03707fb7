/** Owns the peer that locks seats in Redis before it asks the database, which has the last word all the same. */

import { OperationalError } from "../../actors/errors.ts";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { openRedis, type Redis } from "../../queue/redis/redis.ts";
import { RedisScript } from "../../queue/redis/script.ts";
import lock from "./lua/lock.lua" with { type: "text" };
import unlock from "./lua/unlock.lua" with { type: "text" };
import type { Answer, HoldRequest, Peer, PeerKind } from "./peer.ts";
import { Pool } from "./pool.ts";
import { HOLD_SEATS, holdByProcedure, makeProcedures } from "./procedures.ts";
import { decide, takenDecision } from "./writes.ts";

const LOCK = new RedisScript(lock);
const UNLOCK = new RedisScript(unlock);

/** What a process that dies with a lock keeps from others, in milliseconds. */
const LOCK_MS = 5_000;

/** Pauses between looks whether a lock is over, in milliseconds: about what a hold takes. */
const PAUSE_MS = 4;
const LOOKS_MAX = 2_000;

class RedisLock implements Peer {
  readonly #redis: Redis;
  readonly #pool: Pool;
  readonly #holdInDatabase = holdByProcedure(HOLD_SEATS);

  constructor(redis: Redis, pool: Pool) {
    this.#redis = redis;
    this.#pool = pool;
  }

  async hold(request: HoldRequest): Promise<Answer> {
    const { flightId, seats, reservationId } = request;
    const keys = seats.map((seat) => `lock:{${flightId}}:${seat}`);
    const held = await this.#lock(keys, reservationId);
    // They were sold by somebody whose hold is in the database, so nothing has to be looked up; unless the key has an answer already.
    if (held.length > 0) return await this.decide(request, takenDecision(held.map((at) => seats[at - 1] ?? "")));
    let heldUntilMs = 0;
    try {
      const answer = await this.#pool.use((link) => this.#holdInDatabase(link, request));
      if (answer.verdict === "HELD" && answer.replayOf === null) heldUntilMs = request.expiresAtMs;
      return answer;
    } finally {
      // Nobody waits for it: the answer is in the database, and the lock would end by itself.
      this.#redis.run(UNLOCK, keys, [reservationId, heldUntilMs]).catch(() => {});
    }
  }

  decide: Peer["decide"] = (owner, decision) => decide(this.#pool, owner, decision);

  async close(): Promise<void> {
    await this.#pool.close();
    this.#redis.close();
  }

  /** The positions of seats that are held; none when all are locked now. */
  async #lock(keys: readonly string[], owner: string): Promise<readonly number[]> {
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const held = (await this.#redis.run(LOCK, keys, [owner, LOCK_MS])) as readonly number[] | null;
      if (held === null) return [];
      if (held.length > 0) return held;
      await Bun.sleep(PAUSE_MS * (0.5 + Math.random()));
    }
    throw new OperationalError("UNAVAILABLE", "Too many want the same at once.");
  }
}

export const redisLock: PeerKind = {
  title: "Redis lock, then the database",
  isDurable: true,
  needsRedis: true,
  needsSeatRows: false,
  pool: 16,
  async open({ database, redis: url, pool }): Promise<Peer> {
    if (url === null) throw new Error("the Redis lock needs --redis");
    await makeProcedures(database, HOLD_SEATS);
    const redis = await openRedis(url, { telemetry: silent, clock: systemClock() });
    return new RedisLock(redis, await Pool.open(database, pool));
  },
};
