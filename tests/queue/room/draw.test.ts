// Goal: a line that was frozen is bound by one root, each place can be shown to be in it by a short path, and nothing else can.

import { describe, expect, test } from "bun:test";
import { systemEntropy } from "../../../db/system-entropy.ts";
import { newSeed, seedHashOf, TICKETS_MAX } from "../../../queue/room/draw/draw.ts";
import { EMPTY_LINE, freeze, LEAVES_PER_BLOCK } from "../../../queue/room/draw/freeze.ts";
import { bytesOfHex, HASH_BYTES, hexOf, sha256 } from "../../../queue/room/draw/hash.ts";
import { leafOf, type Place } from "../../../queue/room/draw/leaf.ts";
import { auditPath, MerkleRoot, rootOf, rootOfPath, sizedRoot } from "../../../queue/room/draw/merkle.ts";
import { Draw, type Proof } from "../../../queue/room/draw/proof.ts";
import { failureOf } from "../../support/failure-of.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bytesOf, GivenDraw, LINE, memberAt, placesUpTo } from "../../support/given-draw.ts";

/** `n` hashes, one after another. */
function packed(n: number): Uint8Array {
  return Buffer.concat(Array.from({ length: n }, (_, at) => bytesOf(`entry ${at}`)));
}

describe("the tree", () => {
  test("has the roots that Certificate Transparency's own tests have", () => {
    const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const roots = [
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    const tree = new MerkleRoot();
    expect(hexOf(tree.root())).toBe(roots[0] ?? "");
    inputs.forEach((input, at) => {
      tree.add(sha256(Uint8Array.of(0), Uint8Array.fromHex(input)));
      expect(hexOf(tree.root())).toBe(roots[at + 1] ?? "");
    });
  });

  test("rootOfPath() gives the root for each entry of each list, and for no other entry, place or length", () => {
    for (let n = 1; n <= 40; n++) {
      const list = packed(n);
      const root = hexOf(rootOf(list));
      for (let at = 0; at < n; at++) {
        const path = auditPath(list, at);
        const entry = list.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
        const worked = (hash: Uint8Array, index: number, count: number, hashes = path) => {
          const found = rootOfPath(hash, index, count, hashes);
          return found === null ? null : hexOf(found);
        };
        expect(worked(entry, at, n)).toBe(root);
        expect(worked(bytesOf("another"), at, n)).not.toBe(root);
        if (n > 1) expect(worked(entry, (at + 1) % n, n)).not.toBe(root);
        expect(worked(entry, at, n, [...path, bytesOf("more")])).not.toBe(root);
        if (n > 1) expect(worked(entry, at, n, path.slice(1))).not.toBe(root);
      }
      expect(rootOfPath(bytesOf("entry 0"), n, n, [])).toBeNull();
      expect(rootOfPath(bytesOf("entry 0"), -1, n, [])).toBeNull();
    }
  });

  test("a node can't be passed off as an entry", () => {
    const [a, b, c] = [leafOf(LINE, 1, "a"), leafOf(LINE, 2, "b"), leafOf(LINE, 3, "c")];
    const node = rootOf(Buffer.concat([a, b]));
    // The attack on trees without domain separation: a shorter list with the same root. Here no ticket hashes to that node.
    expect(hexOf(rootOf(Buffer.concat([node, c])))).toBe(hexOf(rootOf(Buffer.concat([a, b, c]))));
    expect(hexOf(sha256(Uint8Array.of(0), a, b))).not.toBe(hexOf(node));
    expect(hexOf(sha256(a, b))).not.toBe(hexOf(node));
  });
});

describe("leafOf()", () => {
  test("is another one for another flight, epoch, place or member", () => {
    const leaves = [
      leafOf(LINE, 1, memberAt(1)),
      leafOf({ ...LINE, flightId: "PG-102-20300101" }, 1, memberAt(1)),
      leafOf({ ...LINE, epoch: 4 }, 1, memberAt(1)),
      leafOf(LINE, 2, memberAt(1)),
      leafOf(LINE, 1, memberAt(2)),
      leafOf(LINE, 1, null),
      // What would be the same if the fields stood one after another without a border.
      leafOf({ flightId: `${LINE.flightId}3`, epoch: 3 }, 1, memberAt(1)),
      leafOf({ ...LINE, epoch: 31 }, 1, memberAt(1)),
      leafOf({ ...LINE, epoch: 3 }, 11, memberAt(1)),
    ];
    expect(new Set(leaves.map(hexOf)).size).toBe(leaves.length);
  });

  test("takes no member whose id could pretend to be more than one line", () => {
    expect(() => leafOf(LINE, 1, "a\nb")).toThrow("visible word");
    expect(() => leafOf(LINE, 1, "")).toThrow("visible word");
  });
});

describe("freeze()", () => {
  const BLOCK = LEAVES_PER_BLOCK;

  test.each([0, 1, 2, 3, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 5_000])(
    "binds a line of %d tickets by the root over all their leaves",
    async (n) => {
      const given = await GivenDraw.of({ n });
      const leaves = Buffer.concat(placesUpTo(n).map(({ seq, member }) => leafOf(LINE, seq, member)));
      expect(hexOf(given.frozen.root)).toBe(hexOf(sizedRoot(n, rootOf(leaves))));
      expect(hexOf(Buffer.concat([...given.blocks.values()]))).toBe(hexOf(leaves));
      expect(given.blocks.size).toBe(Math.ceil(n / LEAVES_PER_BLOCK));
      expect(given.draw.proof().n).toBe(n);
    },
  );

  test("doesn't depend on how the places come in pages", async () => {
    const roots: string[] = [];
    for (const pageSize of [1, 7, 1_024, 10_000])
      roots.push(hexOf((await GivenDraw.of({ n: 2_500, pageSize })).frozen.root));
    expect(new Set(roots).size).toBe(1);
  });

  test("keeps a place that nobody has as nobody's, wherever it is", async () => {
    const gone = new Set([1, 2, 1_024, 1_025, 1_999, 2_000]);
    const given = await GivenDraw.of({ n: 2_000, places: placesUpTo(2_000).filter(({ seq }) => !gone.has(seq)) });
    for (const seq of [1, 2, 3, 1_023, 1_024, 1_025, 1_026, 1_998, 1_999, 2_000]) {
      const leaf = leafOf(LINE, seq, gone.has(seq) ? null : memberAt(seq));
      expect(hexOf(rootBy(given.proofOf(seq), leaf, seq) ?? leaf)).toBe(hexOf(given.frozen.root));
    }
  });

  test("stops at a place that comes twice, out of order, or above the last", async () => {
    const freezing = (places: readonly Place[]) =>
      failureOf(
        freeze({
          line: LINE,
          n: 3,
          places: (async function* () {
            yield places;
          })(),
          keep: async () => {},
          clock: new FakeClock(),
        }),
      );
    const [first, second, third, fourth] = placesUpTo(4) as [Place, Place, Place, Place];
    expect(await freezing([first, second, third])).toBeUndefined();
    expect(String(await freezing([first, first]))).toContain("place 1 of 3 comes when it is the turn of 2");
    expect(String(await freezing([second, first]))).toContain("place 1 of 3");
    expect(String(await freezing([third, fourth]))).toContain("place 4 of 3");
  });

  test("binds the number of tickets, though a path alone would fit several", async () => {
    const proof = (await GivenDraw.of({ n: 5 })).proofOf(1);
    const leaf = leafOf(LINE, 1, memberAt(1));
    const roots = [5, 6, 7, 8].map((n) => hexOf(rootBy({ ...proof, n }, leaf, 1) ?? new Uint8Array()));
    expect(roots[0]).toBe(proof.root);
    expect(new Set(roots).size).toBe(4);
    expect(hexOf(EMPTY_LINE.root)).toBe(hexOf((await GivenDraw.of({ n: 0 })).frozen.root));
  });

  test("lets others work between its blocks", async () => {
    let turns = 0;
    const soon = (call: () => void): void => {
      turns += 1;
      setImmediate(call);
    };
    const places = (async function* () {
      yield placesUpTo(10 * LEAVES_PER_BLOCK);
    })();
    await freeze({ line: LINE, n: 10 * LEAVES_PER_BLOCK, places, keep: async () => {}, clock: { soon } });
    expect(turns).toBe(10);
  });
});

/** The root that a proof gives for a leaf. */
function rootBy({ n, path = [] }: Proof, leaf: Uint8Array, seq: number): Uint8Array | null {
  const tree = rootOfPath(
    leaf,
    seq - 1,
    n,
    path.map((hash) => bytesOfHex(hash) ?? new Uint8Array()),
  );
  return tree === null ? null : sizedRoot(n, tree);
}

describe("proofOf()", () => {
  test("shows each place of a line to be in it, in a size that hardly grows", async () => {
    const given = await GivenDraw.of({ n: 5_000 });
    for (const seq of [1, 2, 1_023, 1_024, 1_025, 2_048, 2_049, 4_096, 4_097, 4_999, 5_000]) {
      const proof = given.proofOf(seq);
      expect(hexOf(rootBy(proof, leafOf(LINE, seq, memberAt(seq)), seq) ?? new Uint8Array())).toBe(proof.root);
      expect(hexOf(rootBy(proof, leafOf(LINE, seq, memberAt(seq + 1)), seq) ?? new Uint8Array())).not.toBe(proof.root);
      expect(proof.path?.length).toBeLessThanOrEqual(13);
      expect(proof.rank).toBe(given.draw.rank(seq));
      expect(JSON.stringify(proof).length).toBeLessThan(2_000);
    }
  });

  test("says all that the draw came from, and whom it trusts", async () => {
    const seed = bytesOf("another seed");
    const value = bytesOf("round 17");
    const named = await GivenDraw.of({ n: 2, seed, beacon: { name: "https://beacon.example/public/17", value } });
    expect(named.draw.proof()).toEqual({
      seedHash: hexOf(sha256(seed)),
      seed: hexOf(seed),
      n: 2,
      root: hexOf(named.frozen.root),
      beacon: { name: "https://beacon.example/public/17", value: hexOf(value), trusts: "BEACON" },
      final: hexOf(sha256(seed, named.frozen.root, value)),
    });
    const trusting = async (name: string | null, came: Uint8Array | null) =>
      (await GivenDraw.of({ n: 2, seed, beacon: { name, value: came } })).draw.proof();
    expect((await trusting(null, null)).beacon).toEqual({ name: null, value: null, trusts: "OPERATOR" });
    expect((await trusting(null, null)).final).toBe(hexOf(sha256(seed, named.frozen.root)));
    expect((await trusting("https://beacon.example/public/17", null)).beacon.trusts).toBe("OPERATOR");
    expect((await trusting("file:round since 2030", value)).beacon.trusts).toBe("OPERATOR");
  });
});

describe("a seed", () => {
  test("is another one each time, and its commitment is its hash", () => {
    const seeds = Array.from({ length: 10 }, () => newSeed(systemEntropy()));
    expect(new Set(seeds.map(hexOf)).size).toBe(10);
    for (const seed of seeds) expect(hexOf(seedHashOf(seed))).toBe(hexOf(sha256(seed)));
    expect(() => seedHashOf(new Uint8Array(31))).toThrow("32 bytes");
  });

  test("is for no more tickets than the tree can hold", async () => {
    const drawn = { seed: bytesOf("seed"), root: bytesOf("root"), beacon: { name: null, value: null } };
    expect(() => new Draw({ ...drawn, n: TICKETS_MAX + 1 })).toThrow("tickets");
    const draw = new Draw({ ...drawn, n: TICKETS_MAX });
    expect(draw.rank(TICKETS_MAX)).toBeLessThanOrEqual(TICKETS_MAX);
    expect(() => draw.rank(0)).toThrow("a place from 1");
    expect(() => draw.rank(TICKETS_MAX + 1)).toThrow("a place from 1");
  });
});
