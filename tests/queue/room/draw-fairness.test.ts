// Goal: the draw gives every place to exactly one, favours nobody, and nobody foresees it while a single ticket may still come.

import { describe, expect, test } from "bun:test";
import { finalOf, Ranks } from "../../../queue/room/draw/draw.ts";
import { bytesOf, GivenDraw, memberAt, placesUpTo } from "../../support/given-draw.ts";

function ranksOf(n: number, final: Uint8Array): number[] {
  const ranks = new Ranks(n, final);
  return Array.from({ length: n }, (_, at) => ranks.rank(at + 1));
}

/** How far counts are from being all the same: Pearson's sum, and the bound that a fair draw exceeds once in a million. */
function chiSquare(counts: readonly number[]): { readonly sum: number; readonly bound: number } {
  const expected = counts.reduce((all, count) => all + count, 0) / counts.length;
  const sum = counts.reduce((all, count) => all + (count - expected) ** 2 / expected, 0);
  // Wilson and Hilferty's cube-root approximation of the chi-square quantile at z = 4.75.
  const degrees = counts.length - 1;
  const bound = degrees * (1 - 2 / (9 * degrees) + 4.75 * Math.sqrt(2 / (9 * degrees))) ** 3;
  return { sum, bound };
}

function expectEven(counts: readonly number[]): void {
  const { sum, bound } = chiSquare(counts);
  expect(sum).toBeLessThan(bound);
  // A draw that were more even than chance has it is no draw either.
  expect(sum).toBeGreaterThan(0);
}

describe("rank() gives each number from 1 to n exactly once", () => {
  test("for every n up to 600", () => {
    for (let n = 1; n <= 600; n++) {
      expect(ranksOf(n, bytesOf(`final ${n}`)).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: n }, (_, at) => at + 1),
      );
    }
  });

  test.each([1_023, 1_024, 1_025, 4_097, 65_535, 65_536, 65_537, 262_144, 300_007])("for %d", (n) => {
    const seen = new Uint8Array(n + 1);
    const ranks = new Ranks(n, bytesOf("final"));
    for (let seq = 1; seq <= n; seq++) {
      const rank = ranks.rank(seq);
      if (rank < 1 || rank > n || seen[rank] === 1) throw new Error(`place ${seq} has the rank ${rank}`);
      seen[rank] = 1;
    }
  });

  test("for many millions, where it is looked at here and there, and without having worked out the others", () => {
    const n = 123_456_789;
    const ranks = new Ranks(n, bytesOf("final"));
    const some = Array.from({ length: 2_000 }, (_, at) => ranks.rank(1 + at * 61_000));
    expect(new Set(some).size).toBe(some.length);
    expect(Math.min(...some)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...some)).toBeLessThanOrEqual(n);
    const again = new Ranks(n, bytesOf("final"));
    expect(again.rank(1 + 1_999 * 61_000)).toBe(some[1_999] ?? 0);
  });
});

test("the scheme never changes by itself: whoever checks an old draw must come to the same ranks", () => {
  expect(ranksOf(10, bytesOf("final"))).toEqual([4, 7, 5, 2, 10, 9, 3, 8, 1, 6]);
  expect([1, 2, 999_999, 1_000_000].map((seq) => new Ranks(1_000_000, bytesOf("final")).rank(seq))).toEqual([
    159677, 232812, 757431, 464343,
  ]);
});

describe("the draw favours nobody", () => {
  const DRAWS = 24_000;
  const finals = Array.from({ length: DRAWS }, (_, at) => bytesOf(`draw ${at}`));

  test("among three, each order comes as often as each other", () => {
    const counts = new Map<string, number>();
    for (const final of finals) {
      const order = ranksOf(3, final).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    expectEven([...counts.values()]);
  });

  test("among five, each of the 120 orders comes as often as each other", () => {
    const counts = new Map<string, number>();
    for (const final of finals) {
      const order = ranksOf(5, final).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(120);
    expectEven([...counts.values()]);
  });

  test.each([2, 7, 20, 100])("among %d, each place gets each rank as often as each other", (n) => {
    const counts = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    for (const final of finals.slice(0, n === 100 ? 6_000 : DRAWS)) {
      ranksOf(n, final).forEach((rank, at) => {
        const row = counts[at];
        if (row !== undefined) row[rank - 1] = (row[rank - 1] ?? 0) + 1;
      });
    }
    for (const row of counts) expectEven(row);
  });

  test("who comes next to each other isn't served next to each other: in a large line the rank says nothing of the place", () => {
    const n = 100_000;
    const ranks = ranksOf(n, bytesOf("a large line"));
    const mean = (n + 1) / 2;
    let withPlace = 0;
    let withNeighbour = 0;
    for (let at = 0; at < n; at++) {
      withPlace += ((ranks[at] ?? 0) - mean) * (at + 1 - mean);
      withNeighbour += ((ranks[at] ?? 0) - mean) * ((ranks[(at + 1) % n] ?? 0) - mean);
    }
    const variance = (n * (n * n - 1)) / 12;
    // A correlation of chance is within 1/√n, here 0.003, two times of three.
    expect(Math.abs(withPlace / variance)).toBeLessThan(0.015);
    expect(Math.abs(withNeighbour / variance)).toBeLessThan(0.015);
  });

  test("neither the first nor the last hundredth of a line fills the front of the order", () => {
    const n = 100_000;
    const ranks = ranksOf(n, bytesOf("a large line"));
    const inFront = Array.from(
      { length: 100 },
      (_, part) => ranks.slice(part * 1_000, (part + 1) * 1_000).filter((rank) => rank <= 10_000).length,
    );
    expectEven(inFront);
  });
});

describe("nobody foresees the draw", () => {
  const orderOf = ({ draw }: GivenDraw): number[] => Array.from({ length: draw.n }, (_, at) => draw.rank(at + 1));
  /** How many keep their rank; by chance it is one. */
  const kept = (a: readonly number[], b: readonly number[]): number => a.filter((rank, at) => rank === b[at]).length;

  test("one ticket that another member holds, one more, or one dropped changes the whole order", async () => {
    const n = 2_000;
    const before = orderOf(await GivenDraw.of({ n }));
    const places = placesUpTo(n);
    const others = [
      await GivenDraw.of({
        n,
        places: places.map((place) => (place.seq === 1_000 ? { seq: 1_000, member: memberAt(5_000) } : place)),
      }),
      await GivenDraw.of({ n: n + 1 }),
      await GivenDraw.of({ n, places: places.slice(0, -1) }),
      await GivenDraw.of({ n, seed: bytesOf("another seed") }),
      await GivenDraw.of({ n, beacon: { name: "https://beacon.example/1", value: bytesOf("1") } }),
      await GivenDraw.of({ n, beacon: { name: "https://beacon.example/1", value: bytesOf("2") } }),
    ];
    for (const other of others) expect(kept(before, orderOf(other))).toBeLessThan(12);
  });

  test("one bit of seed, root or beacon changes all of final", () => {
    const [seed, root, beacon] = [bytesOf("seed"), bytesOf("root"), bytesOf("beacon")];
    const before = finalOf(seed, root, beacon);
    const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 31 ? byte ^ 1 : byte));
    for (const after of [
      finalOf(flipped(seed), root, beacon),
      finalOf(seed, flipped(root), beacon),
      finalOf(seed, root, flipped(beacon)),
      finalOf(seed, root, null),
    ]) {
      const bits = after.reduce(
        (all, byte, at) => all + (byte ^ (before[at] ?? 0)).toString(2).replaceAll("0", "").length,
        0,
      );
      expect(bits).toBeGreaterThan(80);
      expect(bits).toBeLessThan(176);
    }
  });
});
