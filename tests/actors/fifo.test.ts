/** Goal: what is put into a line comes out of it in that order, and whatever is kept oldest first is forgotten in that order, at a cost that does not grow. */

import { describe, expect, test } from "bun:test";
import { Fifo } from "../../actors/domain/fifo.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";

const SEEDS = 30;
const STEPS = 6_000;

describe("Fifo", () => {
  test("is as an array that is pushed to and shifted, under any mix of the two", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seededRandom(seed);
      const line = new Fifo<{ readonly step: number }>();
      const model: { readonly step: number }[] = [];
      // Some become long, some are empty again and again.
      const share = 0.4 + 0.4 * random();
      for (let step = 0; step < STEPS; step++) {
        if (random() < share) {
          const thing = { step };
          line.put(thing);
          model.push(thing);
        } else expect(line.take()).toBe(model.shift());
        expect(line.size).toBe(model.length);
        expect(line.first).toBe(model[0]);
      }
      expect([...line]).toEqual(model);
    }
  });
});

describe("OldestFirst", () => {
  test("is as a Map from which a key is deleted before it is set, under any mix of what can be done to it", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seededRandom(seed);
      const kept = new OldestFirst<string, number>();
      const model = new Map<string, number>();
      const keys = 1 + Math.floor(random() * 300);
      for (let step = 0; step < STEPS; step++) {
        const key = `key ${Math.floor(random() * keys)}`;
        const dice = random();
        if (dice < 0.7) {
          kept.set(key, step);
          model.delete(key);
          model.set(key, step);
        } else if (dice < 0.9) {
          expect(kept.delete(key)).toBe(model.delete(key));
        } else {
          const olderThan = step - Math.floor(random() * 2 * keys);
          const due = [...model].filter(([, value]) => value < olderThan);
          expect(kept.deleteOldest((value) => value < olderThan)).toEqual(due);
          for (const [each] of due) model.delete(each);
        }
        expect([kept.size, kept.get(key), kept.has(key)]).toEqual([model.size, model.get(key), model.has(key)]);
      }
      expect(kept.deleteOldest(() => true)).toEqual([...model]);
      expect(kept.size).toBe(0);
    }
  });

  test("deletes its oldest as fast after very many have gone as before", () => {
    const size = 100_000;
    const kept = new OldestFirst<number, number>();
    for (let at = 0; at < size; at++) kept.set(at, at);
    const spentMs = (from: number): number => {
      const startMs = performance.now();
      for (let at = from; at < from + size; at++) {
        kept.set(at, at);
        kept.deleteOldest(() => kept.size > size);
      }
      return performance.now() - startMs;
    };
    // With a Map it is some hundred times as much by the end: two seconds instead of twenty milliseconds.
    const spent = [1, 2, 3].map((round) => spentMs(round * size));
    expect(Math.max(...spent)).toBeLessThan(500);
    expect(kept.size).toBe(size);
  });
});
