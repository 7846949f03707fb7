/** Goal: what a store of shards that many hosts share must keep to, whatever stands behind it: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { SHARDS } from "../../actors/domain/ids.ts";
import { type ClusterShards, type HostStart, LEASE_MS, type LiveHost, type ShardOwner } from "../../actors/shards.ts";

export interface ClusterShardsUnderTest {
  readonly shards: ClusterShards;
  /** Makes every lease and every sign of the bus `ms` older, as if so much of the database's time had passed. */
  age(ms: number): Promise<void>;
  /** No hosts, and no owners; epochs stay as they are. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

export function clusterShardsContract(name: string, open: () => Promise<ClusterShardsUnderTest>): void {
  describe(`cluster shards on ${name}`, () => {
    let under: ClusterShardsUnderTest;
    let shards: ClusterShards;
    let hosts = 0;

    beforeAll(async () => {
      under = await open();
      shards = under.shards;
    });
    beforeEach(() => under.reset());
    afterAll(() => under.close());

    async function register(given: Partial<HostStart> = {}, hasBus = true): Promise<string> {
      const incarnation = Bun.randomUUIDv7();
      await shards.register({ incarnation, hostId: `host-${++hosts}`, weight: 1, minReader: 1, ...given }, hasBus);
      return incarnation;
    }

    async function live(incarnation: string): Promise<LiveHost | undefined> {
      return (await shards.view()).hosts.find((host) => host.incarnation === incarnation);
    }

    async function rows(of: readonly number[]): Promise<ShardOwner[]> {
      return (await shards.view()).shards.filter(({ shard }) => of.includes(shard)).sort((a, b) => a.shard - b.shard);
    }

    async function epochs(of: readonly number[]): Promise<number[]> {
      return (await rows(of)).map(({ epoch }) => epoch);
    }

    async function owners(of: readonly number[]): Promise<(string | null)[]> {
      return (await rows(of)).map(({ owner }) => owner);
    }

    test("register() makes a host live, as it described itself", async () => {
      const start = { incarnation: Bun.randomUUIDv7(), hostId: "somewhere-7", weight: 3, minReader: 2 };
      await shards.register(start, true);
      expect((await shards.view()).hosts).toEqual([{ ...start, hasBus: true }]);
      const other = await register({ hostId: "somewhere-7" }, false);
      expect((await live(other))?.hasBus).toBe(false);
      expect((await shards.view()).hosts).toHaveLength(2);
    });

    test("view() gives every shard once; one that nobody owns has no owner", async () => {
      const all = (await shards.view()).shards;
      expect(all.map(({ shard }) => shard).sort((a, b) => a - b)).toEqual(ALL);
      expect(new Set(all.map(({ owner }) => owner))).toEqual(new Set([null]));
    });

    test("beat() extends a lease, and gives the database's time", async () => {
      const host = await register();
      await under.age(LEASE_MS - 1_000);
      const before = await shards.nowMs();
      const at = await shards.beat(host, true);
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(at).toBeLessThanOrEqual((await shards.nowMs()) + 1);
      expect(Number.isInteger(at)).toBe(true);
      await under.age(LEASE_MS - 1_000);
      expect(await live(host)).toBeDefined();
    });

    test("a lease runs out without a beat, and a late beat resumes it unless somebody took a shard over", async () => {
      const host = await register();
      await shards.claim([1, 2], host);
      const before = await rows([1, 2]);
      await under.age(LEASE_MS + 1);
      expect(await live(host)).toBeUndefined();
      expect(await rows([1, 2])).toEqual(before);
      expect(await shards.beat(host, true)).not.toBeNull();
      expect(await live(host)).toBeDefined();
      expect(await rows([1, 2])).toEqual(before);
    });

    test("beat() says whether the bus is there", async () => {
      const host = await register();
      await shards.beat(host, false);
      expect((await live(host))?.hasBus).toBe(false);
      await shards.beat(host, true);
      expect((await live(host))?.hasBus).toBe(true);
    });

    test("beat() of somebody unknown is null", async () => {
      expect(await shards.beat(Bun.randomUUIDv7(), true)).toBeNull();
    });

    test("claim() takes what nobody owns, each shard under a higher epoch", async () => {
      const host = await register();
      const before = await epochs([3, 9]);
      const claimed = await shards.claim([9, 3], host);
      expect([...claimed.keys()].sort((a, b) => a - b)).toEqual([3, 9]);
      const after = await rows([3, 9]);
      expect(after.map(({ owner }) => owner)).toEqual([host, host]);
      expect(after.map(({ shard, epoch }) => claimed.get(shard) === epoch)).toEqual([true, true]);
      expect(after.every(({ epoch }, at) => epoch > (before[at] ?? 0))).toBe(true);
    });

    test("claim() leaves alone what a live host owns, and takes the rest", async () => {
      const [one, two] = [await register(), await register()];
      await shards.claim([1, 2], one);
      const before = await rows([1, 2]);
      expect([...(await shards.claim([1, 2, 3], two)).keys()]).toEqual([3]);
      expect(await rows([1, 2])).toEqual(before);
      expect(await shards.beat(one, true)).not.toBeNull();
    });

    test("claim() takes from a host whose lease has run out, and fences it for good", async () => {
      const one = await register();
      const former = await shards.claim([1, 2], one);
      await under.age(LEASE_MS + 1);
      const two = await register();
      const claimed = await shards.claim([1], two);
      expect(claimed.get(1)).toBeGreaterThan(former.get(1) ?? 0);
      expect(await owners([1, 2])).toEqual([two, one]);
      expect(await shards.beat(one, true)).toBeNull();
      expect(await live(one)).toBeUndefined();
      expect((await shards.claim([1, 3], one)).size).toBe(0);
      expect(await owners([1, 3])).toEqual([two, null]);
    });

    test("what a fenced host still owns is anybody's", async () => {
      const one = await register();
      await shards.claim([1, 2], one);
      await under.age(LEASE_MS + 1);
      const [two, three] = [await register(), await register()];
      await shards.claim([1], two);
      expect([...(await shards.claim([1, 2], three)).keys()]).toEqual([2]);
      expect(await owners([1, 2])).toEqual([two, three]);
    });

    test("claim() takes from a live host without the bus, if the claimer has it", async () => {
      const [one, two, three] = [await register(), await register(), await register()];
      await shards.claim([1], one);
      await shards.beat(one, false);
      await shards.beat(two, false);
      expect((await shards.claim([1], two)).size).toBe(0);
      expect(await shards.beat(one, false)).not.toBeNull();
      expect([...(await shards.claim([1], three)).keys()]).toEqual([1]);
      expect(await shards.beat(one, false)).toBeNull();
    });

    test("claim() gives nothing to somebody unknown", async () => {
      expect((await shards.claim([1], Bun.randomUUIDv7())).size).toBe(0);
      expect(await owners([1])).toEqual([null]);
    });

    test("two hosts that claim everything at once share it, each shard being one's", async () => {
      const [one, two] = [await register(), await register()];
      const [first, second] = await Promise.all([shards.claim(ALL, one), shards.claim([...ALL].reverse(), two)]);
      expect(first.size + second.size).toBe(SHARDS);
      const all = await rows(ALL);
      expect(all.filter(({ shard, epoch, owner }) => owner === one && first.get(shard) === epoch)).toHaveLength(
        first.size,
      );
      expect(all.filter(({ shard, epoch, owner }) => owner === two && second.get(shard) === epoch)).toHaveLength(
        second.size,
      );
    });

    test("hosts that beat, claim, release and look at the same time don't keep each other from it", async () => {
      const given = await Promise.all(Array.from({ length: 3 }, () => register()));
      const claimed = await Promise.all(
        given.map(async (host, at) => {
          const mine = ALL.filter((shard) => shard % 3 === at);
          const [got] = await Promise.all([shards.claim(mine, host), shards.beat(host, true), shards.view()]);
          await Promise.all([shards.release(mine.slice(0, 20), host), shards.beat(host, true)]);
          return got.size;
        }),
      );
      expect(claimed.reduce((sum, size) => sum + size)).toBe(SHARDS);
      expect((await owners(ALL)).filter((owner) => owner === null)).toHaveLength(60);
    });

    test("disown() makes nobody's what claim() would take from somebody, and fences that one for good", async () => {
      const [gone, other] = [await register(), await register()];
      const former = await shards.claim([1, 2], gone);
      await shards.claim([3], other);
      await under.age(LEASE_MS + 1);
      const judge = await register();
      await shards.beat(other, true);
      const before = await rows([3, 4]);
      await shards.disown([1, 3, 4], judge);
      expect(await owners([1, 2])).toEqual([null, gone]);
      expect((await epochs([1]))[0]).toBeGreaterThan(former.get(1) ?? 0);
      expect(await rows([3, 4])).toEqual(before);
      expect(await shards.beat(gone, true)).toBeNull();
      expect([...(await shards.claim([1], other)).keys()]).toEqual([1]);
    });

    test("disown() takes nothing from a live host, and is not for somebody unknown or fenced", async () => {
      const [one, two] = [await register(), await register()];
      await shards.claim([1], one);
      const before = await rows([1]);
      await shards.disown([1], two);
      expect(await rows([1])).toEqual(before);
      await under.age(LEASE_MS + 1);
      await shards.disown([1], Bun.randomUUIDv7());
      expect(await rows([1])).toEqual(before);
      await shards.claim([2], two);
      const judge = await register();
      await shards.claim([2], judge);
      await shards.disown([1], two);
      expect(await rows([1])).toEqual(before);
      expect(await shards.beat(one, true)).not.toBeNull();
    });

    test("release() gives up under a higher epoch, and the next claim is under a higher one still", async () => {
      const [one, two] = [await register(), await register()];
      const mine = await shards.claim([1, 2], one);
      await shards.release([1], one);
      expect(await owners([1, 2])).toEqual([null, one]);
      const [released = 0, kept] = await epochs([1, 2]);
      expect(released).toBeGreaterThan(mine.get(1) ?? 0);
      expect(kept).toBe(mine.get(2) ?? 0);
      expect((await shards.claim([1], two)).get(1)).toBeGreaterThan(released);
      expect(await shards.beat(one, true)).not.toBeNull();
    });

    test("release() leaves alone what is another's or nobody's", async () => {
      const [one, two] = [await register(), await register()];
      await shards.claim([1], one);
      const before = await rows([1, 2]);
      await shards.release([1, 2], two);
      expect(await rows([1, 2])).toEqual(before);
    });

    test("withdraw() makes a host's weight 0, and leaves it what it owns", async () => {
      const [one, two] = [await register({ weight: 3 }), await register({ weight: 2 })];
      await shards.claim([1], one);
      await shards.withdraw(one);
      expect((await live(one))?.weight).toBe(0);
      expect((await live(two))?.weight).toBe(2);
      expect(await owners([1])).toEqual([one]);
      expect(await shards.beat(one, true)).not.toBeNull();
      expect((await live(one))?.weight).toBe(0);
    });

    test("withdraw() of somebody unknown does nothing", async () => {
      await shards.withdraw(Bun.randomUUIDv7());
      expect((await shards.view()).hosts).toEqual([]);
    });

    test("leave() forgets a host", async () => {
      const host = await register();
      await shards.leave(host);
      expect(await live(host)).toBeUndefined();
      expect(await shards.beat(host, true)).toBeNull();
    });

    test("nothing is asked for in vain: no shards, no change", async () => {
      const host = await register();
      expect((await shards.claim([], host)).size).toBe(0);
      await shards.release([], host);
      expect(new Set(await owners(ALL))).toEqual(new Set([null]));
    });

    test("nowMs() is the database's time, and goes on", async () => {
      const first = await shards.nowMs();
      expect(Number.isInteger(first)).toBe(true);
      expect(await shards.nowMs()).toBeGreaterThanOrEqual(first);
    });
  });
}
