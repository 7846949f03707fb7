/** Goal: all hosts agree on who should own what, each gets its share, and nothing moves that need not. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { SHARDS } from "../../../actors/domain/ids.ts";
import { type Candidate, desiredOwner } from "../../../actors/ownership/rendezvous.ts";

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

function candidate(hostId: string, weight = 1, incarnation = `i-${hostId}`): Candidate {
  return { hostId, weight, incarnation };
}

function owners(candidates: readonly Candidate[], shards: readonly number[] = ALL): (string | null)[] {
  return shards.map((shard) => desiredOwner(shard, candidates));
}

const someHosts = fc
  .uniqueArray(
    fc.record({ hostId: fc.string({ minLength: 1, maxLength: 12 }), weight: fc.integer({ min: 1, max: 9 }) }),
    {
      selector: ({ hostId }) => hostId,
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((hosts) => hosts.map(({ hostId, weight }) => candidate(hostId, weight)));

test("desiredOwner() does not depend on the order in which the hosts are seen", () => {
  fc.assert(
    fc.property(someHosts, (hosts) => {
      expect(owners([...hosts].reverse())).toEqual(owners(hosts));
    }),
  );
});

test("a host that joins takes shards, and moves none between the others", () => {
  fc.assert(
    fc.property(someHosts, fc.integer({ min: 1, max: 9 }), (hosts, weight) => {
      const joined = candidate("one that is not among them", weight);
      const before = owners(hosts);
      const after = owners([...hosts, joined]);
      after.forEach((owner, shard) => {
        if (owner !== joined.incarnation) expect(owner).toBe(before[shard] ?? null);
      });
    }),
  );
});

test("a host that leaves gives its shards to the others, and none of theirs moves", () => {
  fc.assert(
    fc.property(someHosts, fc.nat(), (hosts, pick) => {
      const left = hosts[pick % hosts.length];
      const before = owners(hosts);
      const after = owners(hosts.filter((host) => host !== left));
      after.forEach((owner, shard) => {
        if (before[shard] !== left?.incarnation) expect(owner).toBe(before[shard] ?? null);
        else expect(owner).not.toBe(left?.incarnation ?? "");
      });
    }),
  );
});

test("shares are in proportion to the weights", () => {
  const shards = Array.from({ length: 40_000 }, (_, shard) => shard);
  const hosts = [candidate("a-1", 1), candidate("a-2", 2), candidate("a-3", 4), candidate("b", 1)];
  const given = owners(hosts, shards);
  for (const { incarnation, weight } of hosts) {
    const share = given.filter((owner) => owner === incarnation).length / shards.length;
    expect(Math.abs(share - weight / 8)).toBeLessThan(0.01);
  }
});

test("hosts of one weight share the 256 shards about evenly, however alike their names are", () => {
  for (const names of [
    ["host-1", "host-2"],
    ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
    Array.from({ length: 8 }, (_, at) => `actors-${at}`),
  ]) {
    const given = owners(names.map((name) => candidate(name)));
    for (const name of names) {
      const count = given.filter((owner) => owner === `i-${name}`).length;
      expect(count).toBeGreaterThan(0.6 * (SHARDS / names.length));
      expect(count).toBeLessThan(1.5 * (SHARDS / names.length));
    }
  }
});

test("a weight of 0 takes nothing, and nobody takes what there is nobody for", () => {
  expect(new Set(owners([candidate("a", 0), candidate("b")]))).toEqual(new Set(["i-b"]));
  expect(new Set(owners([candidate("a", 0)]))).toEqual(new Set([null]));
  expect(desiredOwner(0, [])).toBeNull();
});

test("two starts of one host share its part, and nobody else notices", () => {
  const others = [candidate("b"), candidate("c")];
  const before = owners([candidate("a"), ...others]);
  const after = owners([candidate("a", 1, "i-a"), candidate("a", 1, "i-a-again"), ...others]);
  after.forEach((owner, shard) => {
    if (before[shard] === "i-a") expect(["i-a", "i-a-again"]).toContain(owner ?? "");
    else expect(owner).toBe(before[shard] ?? null);
  });
  expect(after).toContain("i-a");
  expect(after).toContain("i-a-again");
});

test("the hash stays as it is: hosts of two versions agree while one replaces the other", () => {
  const hosts = [candidate("a"), candidate("b", 2), candidate("c")];
  const letters = owners(hosts).map((owner) => owner?.at(-1) ?? "-");
  expect(letters.slice(0, 64).join("")).toBe("bbaccbbbcbbbacccababccbbbacbbaabaccbbbcababbbbbccabbbcbbbabaccbb");
});
