/** Goal: a host claims only what it should have and nobody needs, and gives away only to hosts that live, hear and can read. */

import { expect, test } from "bun:test";
import { SHARDS } from "../../../actors/domain/ids.ts";
import { type Moves, movesOf, type Standing } from "../../../actors/ownership/moves.ts";
import { desiredOwner } from "../../../actors/ownership/rendezvous.ts";
import type { LiveHost, ShardOwner } from "../../../actors/shards.ts";

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

function host(name: string, given: Partial<LiveHost> = {}): LiveHost {
  return { incarnation: name, hostId: `host-${name}`, weight: 1, minReader: 1, hasBus: true, ...given };
}

function moves(
  hosts: readonly LiveHost[],
  owner: (shard: number) => string | null,
  given: Partial<Standing> = {},
): Moves {
  const shards: ShardOwner[] = ALL.map((shard) => ({ shard, epoch: 7, owner: owner(shard) }));
  const held = new Set(ALL.filter((shard) => owner(shard) === "a"));
  return movesOf(
    { hosts, shards },
    { incarnation: "a", held, reader: 1, isSteady: true, isCutOff: () => true, ...given },
  );
}

const desiredOf = (hosts: readonly LiveHost[], name: string) =>
  ALL.filter((shard) => desiredOwner(shard, hosts) === name);
const nothing = { claim: [], adopt: new Map(), release: [], handOff: [], disown: [], inTheAir: [] };

test("a lone host claims everything that nobody owns", () => {
  expect(moves([host("a")], () => null)).toEqual({ ...nothing, claim: ALL });
});

test("two hosts claim their shares, which are all there is", () => {
  const hosts = [host("a"), host("b")];
  const a = moves(hosts, () => null).claim;
  const b = moves(hosts, () => null, { incarnation: "b" }).claim;
  expect([...a, ...b].sort((one, other) => one - other)).toEqual(ALL);
  expect(a).toEqual(desiredOf(hosts, "a"));
});

test("a host gives a newcomer its share, and the newcomer waits for it", () => {
  const hosts = [host("a"), host("b")];
  expect(moves(hosts, () => "a")).toEqual({ ...nothing, handOff: desiredOf(hosts, "b") });
  expect(moves(hosts, () => "a", { incarnation: "b", held: new Set() })).toEqual(nothing);
});

test("what another is about to claim is seen to be on its way, so that no more is given until it has come", () => {
  const hosts = [host("a"), host("b")];
  const { claim, inTheAir } = moves(hosts, () => null);
  expect(inTheAir).toEqual(desiredOf(hosts, "b"));
  expect(claim).toEqual(desiredOf(hosts, "a"));
});

test("a dead host's shards are claimed, but only by one that has been well for a while", () => {
  expect(moves([host("a")], () => "gone").claim).toEqual(ALL);
  expect(moves([host("a")], () => "gone", { isSteady: false })).toEqual(nothing);
  expect(moves([host("a")], () => null, { isSteady: false }).claim).toEqual(ALL);
});

test("what another should have of a dead host's shards is made nobody's: that one may be too young to know", () => {
  const hosts = [host("a"), host("b")];
  expect(moves(hosts, () => "gone").disown).toEqual(desiredOf(hosts, "b"));
  expect(moves(hosts, () => "gone", { isSteady: false }).disown).toEqual([]);
  expect(moves(hosts, () => "b").disown).toEqual([]);
  expect(moves(hosts, () => null).disown).toEqual([]);
});

test("a host without a lease of its own does nothing", () => {
  expect(moves([host("b")], () => "gone")).toEqual(nothing);
  expect(moves([], () => null)).toEqual(nothing);
});

test("a host that is cut off from the bus loses its shards to those that are not, after a while", () => {
  const hosts = [host("a"), host("b", { hasBus: false })];
  expect(moves(hosts, () => "b", { isCutOff: () => false })).toEqual(nothing);
  expect(moves(hosts, () => "b").claim).toEqual(ALL);
  expect(moves(hosts, () => "a")).toEqual(nothing);
});

test("while nobody has the bus nobody moves anything", () => {
  const hosts = [host("a", { hasBus: false }), host("b", { hasBus: false })];
  for (const owner of ["a", "b", "gone", null]) expect(moves(hosts, () => owner)).toEqual(nothing);
});

test("a host without the bus gives nothing away by itself", () => {
  expect(moves([host("a", { hasBus: false }), host("b")], () => "a")).toEqual(nothing);
});

test("nothing goes to a host that has withdrawn, and what it has released is the others'", () => {
  const hosts = [host("a"), host("b", { weight: 0 })];
  expect(moves(hosts, () => "a")).toEqual(nothing);
  expect(moves(hosts, () => "b")).toEqual(nothing);
  expect(moves(hosts, () => null).claim).toEqual(ALL);
});

test("a claim whose answer was lost is made good: served where it should be, released where not", () => {
  const hosts = [host("a"), host("b")];
  const { adopt, release, claim, handOff } = moves(hosts, () => "a", { held: new Set() });
  expect([...adopt.keys()]).toEqual(desiredOf(hosts, "a"));
  expect(new Set(adopt.values())).toEqual(new Set([7]));
  expect(release).toEqual(desiredOf(hosts, "b"));
  expect([...claim, ...handOff]).toEqual([]);
});

test("a shard that is still being given is not claimed back, whoever owns it by now", () => {
  expect(moves([host("a")], () => null, { held: new Set(ALL) })).toEqual(nothing);
  expect(moves([host("a")], () => "gone", { held: new Set(ALL) })).toEqual(nothing);
});

test("a weight of 0 gives everything away, and keeps what nobody else can have", () => {
  const idle = host("a", { weight: 0 });
  expect(moves([idle, host("b")], () => "a").handOff).toEqual(ALL);
  expect(moves([idle], () => "a")).toEqual(nothing);
});

test("while an update is under way, old hosts get nothing of what they could not read, and claim nothing", () => {
  const hosts = [host("a"), host("b", { minReader: 2 })];
  expect(moves(hosts, () => null)).toEqual({ ...nothing, inTheAir: ALL });
  expect(moves(hosts, () => "b", { held: new Set() })).toEqual(nothing);
  expect(moves(hosts, () => "b", { incarnation: "b", reader: 2, held: new Set(ALL) })).toEqual(nothing);
  expect(moves(hosts, () => null, { incarnation: "b", reader: 2 }).claim).toEqual(ALL);
});

test("hosts that read the new format already share with those that write it, and take over when these are gone", () => {
  const hosts = [host("a"), host("b", { minReader: 2 })];
  expect(moves(hosts, () => "a", { reader: 2 }).handOff).toEqual(desiredOf(hosts, "b"));
  expect(moves(hosts, () => null, { reader: 2 }).claim).toEqual(desiredOf(hosts, "a"));
  expect(moves([host("a")], () => "b", { reader: 2 }).claim).toEqual(ALL);
});
