// Goal: a session that has ended is refused by every process, at once where they can be told, and soon whatever happens to Redis.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenDatabase, openSqlite } from "../../db/open.ts";
import { SqlAccountStore } from "../../db/stores/accounts.ts";
import { systemClock } from "../../db/system-clock.ts";
import type { SessionId } from "../../http/accounts/member.ts";
import { LOOK_EVERY_MS, RedisRevocations } from "../../http/accounts/redis-revocations.ts";
import { MemoryRevocations } from "../../http/accounts/revocations.ts";
import { openRedis, type Redis } from "../../queue/redis/redis.ts";
import { KEPT_MS, revocationsContract, sessionId } from "../contract/revocations.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RedisServer } from "../support/given-redis.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

revocationsContract("in memory", async (clock) => ({
  processes: [new MemoryRevocations(clock, KEPT_MS)],
  revoke: async () => {},
  close: async () => {},
}));

/** Processes of one system: a database, a Redis, and to each its own connection. */
class GivenProcesses {
  readonly clock: FakeClock;
  readonly telemetry = new RecordingTelemetry();
  readonly server: RedisServer;
  readonly #folder: string;
  readonly #database: OpenDatabase;
  readonly #store: SqlAccountStore;
  readonly #opened: { readonly redis: Redis; readonly revocations: RedisRevocations }[] = [];

  private constructor(clock: FakeClock, server: RedisServer, folder: string, database: OpenDatabase) {
    this.clock = clock;
    this.server = server;
    this.#folder = folder;
    this.#database = database;
    this.#store = new SqlAccountStore(database);
  }

  static async start(clock = new FakeClock()): Promise<GivenProcesses> {
    const folder = mkdtempSync(join(tmpdir(), "pigonair-revocations-"));
    const database = await openSqlite(join(folder, "pigonair.sqlite"));
    const given = new GivenProcesses(clock, await RedisServer.start(), folder, database);
    await given.#store.addMember({
      id: sessionId(0),
      email: "kim@example.com",
      passwordHash: "",
      name: "Kim",
      phone: null,
      role: "MEMBER",
      createdAtMs: 0,
    });
    return given;
  }

  /** Starts a process; it knows what was revoked before. */
  async process(): Promise<RedisRevocations> {
    const redis = await openRedis(this.server.url, {
      telemetry: this.telemetry,
      clock: systemClock(),
      startMsMax: 2_000,
    });
    const { clock, telemetry } = this;
    const revocations = new RedisRevocations({ redis, store: this.#store, keptMs: KEPT_MS, clock, telemetry });
    this.#opened.push({ redis, revocations });
    await revocations.start();
    // The broadcast is tried, not the look into the database that each process begins with.
    if (redis.trouble() === null)
      await until(async () => (await this.#hearers()) >= this.#opened.length, "the process hears");
    return revocations;
  }

  /** A log-out as the database sees it. */
  async revoke(session: SessionId, atMs = this.clock.nowMs()): Promise<void> {
    await this.#store.addSession({
      id: session,
      memberId: sessionId(0),
      createdAtMs: 0,
      familyHash: "",
      generation: 0,
      current: { secretHash: "", previousHash: null, salt: null, rotatedAtMs: 0, expiresAtMs: atMs + KEPT_MS },
      revokedAtMs: null,
    });
    await this.#store.revoke(session, atMs);
  }

  async redisBack(): Promise<void> {
    await until(() => this.#opened.every(({ redis }) => redis.trouble() === null), "Redis is back", 10_000);
    await until(async () => (await this.#hearers()) >= this.#opened.length, "all hear");
  }

  async redisGone(): Promise<void> {
    await until(() => this.#opened.every(({ redis }) => redis.trouble() !== null), "Redis is gone", 10_000);
  }

  async close(): Promise<void> {
    for (const { redis, revocations } of this.#opened) {
      revocations.stop();
      redis.close();
    }
    await this.server.remove();
    await this.#database.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #hearers(): Promise<number> {
    const [, count] = (await this.server.run("PUBSUB", "NUMSUB", "pigonair:revoked")) as [string, number];
    return Number(count);
  }
}

describeWithService("redis-server", "with Redis", () => {
  revocationsContract("told through Redis", async (clock) => {
    const given = await GivenProcesses.start(clock);
    const processes = [await given.process(), await given.process(), await given.process()];
    return {
      processes,
      // The database learns it only afterwards: what the others know, they were told.
      revoke: async () => {},
      close: () => given.close(),
    };
  });

  describe("RedisRevocations", () => {
    let given: GivenProcesses;
    beforeEach(async () => {
      given = await GivenProcesses.start();
    });
    afterEach(() => given.close());

    const logOut = async (n: number, by: RedisRevocations): Promise<void> => {
      await given.revoke(sessionId(n));
      await by.add(sessionId(n), given.clock.nowMs());
    };
    const knows = (process: RedisRevocations, n: number) => process.isRevoked(sessionId(n));

    test("a process that starts later knows what was revoked before", async () => {
      await given.revoke(sessionId(1));
      given.clock.advance(KEPT_MS - 1);
      await logOut(2, await given.process());
      const late = await given.process();
      expect(knows(late, 1)).toBe(true);
      expect(knows(late, 2)).toBe(true);
      expect(knows(late, 3)).toBe(false);
    });

    test("with Redis down a log-out succeeds, counts here at once, and elsewhere after one look", async () => {
      const [here, there] = [await given.process(), await given.process()];
      await given.server.kill();
      await given.redisGone();
      await logOut(1, here);
      expect(knows(here, 1)).toBe(true);
      expect(knows(there, 1)).toBe(false);
      given.clock.advance(LOOK_EVERY_MS);
      await until(() => knows(there, 1), "the other process has looked");
      expect(given.telemetry.count("pigonair_revocations_untold_total")).toBe(1);
    });

    test("what was told while a process could not hear is known as soon as it hears again", async () => {
      const [here, there] = [await given.process(), await given.process()];
      await given.server.kill();
      await given.redisGone();
      await logOut(1, here);
      await given.server.restart();
      await given.redisBack();
      // No time has passed on the clock: no look was due but that of hearing again.
      await until(() => knows(there, 1), "the other process has caught up");
    });

    test("an emptied Redis makes nobody forget", async () => {
      const [here, there] = [await given.process(), await given.process()];
      await logOut(1, here);
      await until(() => knows(there, 1), "the other was told");
      await given.server.empty();
      await given.server.restart();
      await given.redisBack();
      const late = await given.process();
      expect([here, there, late].map((process) => knows(process, 1))).toEqual([true, true, true]);
    });

    test("a revocation that the database shows late is found by a later look", async () => {
      const there = await given.process();
      given.clock.advance(LOOK_EVERY_MS);
      const sinceMs = given.clock.nowMs();
      given.clock.advance(LOOK_EVERY_MS);
      // A transaction that began before the last look, and was committed after it.
      await given.revoke(sessionId(1), sinceMs - 10_000);
      given.clock.advance(LOOK_EVERY_MS);
      await until(() => knows(there, 1), "the process has found it");
    });

    test("a log-out doesn't wait for a Redis that holds still", async () => {
      const here = await given.process();
      process.kill(given.server.pid, "SIGSTOP");
      try {
        const startedMs = performance.now();
        await logOut(1, here);
        expect(performance.now() - startedMs).toBeLessThan(800);
        expect(knows(here, 1)).toBe(true);
      } finally {
        process.kill(given.server.pid, "SIGCONT");
      }
    });

    test("nonsense on the channel is passed over", async () => {
      const here = await given.process();
      for (const message of ["", "x", `${sessionId(1)}`, `${sessionId(1)} soon`, `${"x".repeat(36)} 1`])
        await given.server.run("PUBLISH", "pigonair:revoked", message);
      await given.server.run("PUBLISH", "pigonair:revoked", `${sessionId(2)} ${given.clock.nowMs()}`);
      await until(() => knows(here, 2), "the message after the nonsense");
      expect(knows(here, 1)).toBe(false);
    });

    test("stop() ends looking and hearing", async () => {
      const here = await given.process();
      here.stop();
      expect(given.clock.pending).toBe(0);
      await until(
        async () => (await given.server.run("PUBLISH", "pigonair:revoked", `${sessionId(1)} 1`)) === 0,
        "nobody hears",
      );
    });
  });
});
