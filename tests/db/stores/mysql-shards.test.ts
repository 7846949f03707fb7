/** Goal: the shards in MySQL keep to the contract of those that many hosts share, also against hosts that are paused, hung or cut off in the midst. */

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import { JOURNAL_SCHEMA } from "../../../actors/domain/event.ts";
import { SHARDS } from "../../../actors/domain/ids.ts";
import { OperationalError } from "../../../actors/errors.ts";
import { LEASE_MS } from "../../../actors/shards.ts";
import { type OpenMysql, openMysql } from "../../../db/open.ts";
import { MysqlShards } from "../../../db/stores/mysql-shards.ts";
import { clusterShardsContract } from "../../contract/cluster-shards.ts";
import { failureOf } from "../../support/failure-of.ts";
import { givenMysql } from "../../support/given-database.ts";
import { describeWithService } from "../../support/services.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

async function age({ write }: OpenMysql, ms: number): Promise<void> {
  await sql`update hosts set expires_at = expires_at - ${ms}, bus_ok_at = bus_ok_at - ${ms}`.execute(write);
}

async function reset({ write }: OpenMysql): Promise<void> {
  await write.deleteFrom("hosts").execute();
  await write.updateTable("shards").set({ owner: null, min_reader: 0 }).execute();
}

describeWithService("mariadbd", "shards in MySQL", () => {
  clusterShardsContract("MySQL", async () => {
    const given = await givenMysql();
    return {
      shards: new MysqlShards(given.db),
      age: (ms) => age(given.db, ms),
      reset: () => reset(given.db),
      close: () => given.remove(),
    };
  });

  let given: Awaited<ReturnType<typeof givenMysql>>;
  let shards: MysqlShards;

  beforeAll(async () => {
    given = await givenMysql();
    shards = new MysqlShards(given.db);
  });
  beforeEach(() => reset(given.db));
  afterAll(() => given.remove());

  async function register(on: MysqlShards = shards, minReader = 1): Promise<string> {
    const incarnation = Bun.randomUUIDv7();
    await on.register({ incarnation, hostId: "host", weight: 1, minReader }, true);
    return incarnation;
  }

  async function ownerOf(shard: number): Promise<string | null | undefined> {
    return (await shards.view()).shards.find((row) => row.shard === shard)?.owner;
  }

  test("two processes that take from each other at once don't wait in a circle, and no shard is lost or doubled", async () => {
    const others = new MysqlShards(await given.again());
    const [one, two] = [await register(), await register(others)];
    for (let round = 0; round < 10; round++) {
      await age(given.db, LEASE_MS + 1);
      // Each sees the other's lease run out, and may take over even what the other has just taken.
      const [first, second] = await Promise.all([shards.claim(ALL, one), others.claim([...ALL].reverse(), two)]);
      const { shards: rows } = await shards.view();
      for (const { shard, epoch, owner } of rows) {
        const epochs = [first.get(shard) ?? 0, second.get(shard) ?? 0];
        expect(epochs[0]).not.toBe(epochs[1]);
        if (epoch === Math.max(...epochs)) expect(owner).toBe(epochs[0] === epoch ? one : two);
        else expect(Math.max(...epochs)).toBe(0);
      }
      await given.db.write.updateTable("hosts").set({ fenced: 0 }).execute();
    }
  });

  test("a process that is paused in the midst of a claim holds up the others for about a second", async () => {
    const [one, two] = [await register(), await register()];
    await shards.claim([5], one);
    await age(given.db, LEASE_MS + 1);
    // As a claim that got its locks, and went no further.
    const paused = await given.db.dedicated().session();
    await paused.all(
      [
        { sql: "select shard from shards where shard = 5 for update" },
        { sql: "select incarnation from hosts for update" },
      ],
      1_000,
    );
    const beganMs = performance.now();
    expect([...(await shards.claim([5], two)).keys()]).toEqual([5]);
    const tookMs = performance.now() - beganMs;
    expect(tookMs).toBeGreaterThan(500);
    expect(tookMs).toBeLessThan(2_000);
    paused.destroy();
  });

  test("a shard whose journal needs a newer reader is refused, and stays so when its owner is gone", async () => {
    const newer = new MysqlShards(given.db, JOURNAL_SCHEMA + 1);
    const next = await register(newer, JOURNAL_SCHEMA + 1);
    const old = await register();
    expect([...(await newer.claim([7], next)).keys()]).toEqual([7]);
    await newer.release([7], next);
    await newer.leave(next);
    expect((await shards.claim([7, 8], old)).has(7)).toBe(false);
    expect(await ownerOf(7)).toBeNull();
    expect(await ownerOf(8)).toBe(old);
    const again = await register(newer, JOURNAL_SCHEMA);
    expect([...(await newer.claim([7], again)).keys()]).toEqual([7]);
    // What was written under the newer format stays there.
    await newer.release([7], again);
    expect((await shards.claim([7], old)).size).toBe(0);
  });

  test("a beat that says nothing of the bus right after one that did is believed", async () => {
    const host = await register();
    for (let round = 0; round < 20; round++) {
      await shards.beat(host, true);
      await shards.beat(host, false);
      expect((await shards.view()).hosts.find(({ incarnation }) => incarnation === host)?.hasBus).toBe(false);
    }
  });

  test("a claimer whose own lease has run out takes nothing from a live host", async () => {
    const [one, two] = [await register(), await register()];
    await shards.claim([3], one);
    await age(given.db, LEASE_MS + 1);
    await shards.beat(one, false);
    expect((await shards.claim([3], two)).size).toBe(0);
    await shards.beat(two, true);
    expect([...(await shards.claim([3], two)).keys()]).toEqual([3]);
  });

  test("hosts that were silent for a day are forgotten, unless a shard is still theirs", async () => {
    const [idle, owner] = [await register(), await register()];
    await shards.claim([1], owner);
    await age(given.db, 25 * 3_600_000);
    await register();
    const known = await given.db.read.selectFrom("hosts").select("incarnation").execute();
    expect(known.map(({ incarnation }) => incarnation)).toContain(owner);
    expect(known.map(({ incarnation }) => incarnation)).not.toContain(idle);
  });

  test("a beat whose connection hangs fails within a second, and the next one gets another", async () => {
    const proxy = new TcpProxy({ to: given.server.port });
    const url = given.server.url(new URL(given.url).pathname.slice(1), proxy.port);
    const behind = await openMysql(url);
    const hung = new MysqlShards(behind);
    const host = await register(hung);
    expect(await hung.beat(host, true)).not.toBeNull();
    proxy.pause();
    const beganMs = performance.now();
    const failure = await failureOf(hung.beat(host, true));
    expect(performance.now() - beganMs).toBeLessThan(1_500);
    expect(failure).toBeInstanceOf(OperationalError);
    expect((failure as OperationalError).code).toBe("UNAVAILABLE");
    // The one that opens anew is as silent, and ends in time, too.
    expect(await failureOf(hung.beat(host, true))).toBeInstanceOf(OperationalError);
    proxy.mend();
    expect(await hung.beat(host, true)).not.toBeNull();
    await behind.close();
    await proxy.stop();
  });

  test("a claim whose COMMIT is lost has claimed or has not, and the view says which", async () => {
    const proxy = new TcpProxy({ to: given.server.port });
    const behind = await openMysql(given.server.url(new URL(given.url).pathname.slice(1), proxy.port));
    const far = new MysqlShards(behind);
    const host = await register(far);
    for (const [shard, how, owner] of [
      [11, "before", null],
      [12, "after", host],
    ] as const) {
      const broken = proxy.breakAt("\u0003commit", how);
      const failure = await failureOf(far.claim([shard], host));
      expect(failure).toBeInstanceOf(OperationalError);
      await broken;
      await until(async () => (await ownerOf(shard)) === owner, `shard ${shard} is ${owner}'s`);
    }
    await behind.close();
    await proxy.stop();
  });

  test("without the database everything fails in time, as UNAVAILABLE", async () => {
    const proxy = new TcpProxy({ to: given.server.port });
    const behind = await openMysql(given.server.url(new URL(given.url).pathname.slice(1), proxy.port));
    const far = new MysqlShards(behind);
    const host = await register(far);
    proxy.down();
    const acts = [far.beat(host, true), far.view(), far.claim([1], host), far.release([1], host), far.nowMs()];
    for (const failure of await Promise.all(acts.map((act) => failureOf(act)))) {
      expect(failure).toBeInstanceOf(OperationalError);
      expect((failure as OperationalError).retryable).toBe(true);
    }
    proxy.mend();
    expect(await far.beat(host, true)).not.toBeNull();
    await behind.close();
    await proxy.stop();
  });
});
