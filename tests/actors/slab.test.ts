/** Goal: what is put into a slab is found under its number until it is deleted, and under no other number, however many come and go. */

import { expect, test } from "bun:test";
import { Slab } from "../../actors/slab.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";

interface Thing {
  readonly name: string;
}

const SEEDS = 50;
const STEPS = 4_000;
const SIZE_MAX = 500;

test("is as a Map that gives out the keys, under any mix of what can be done to it", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const slab = new Slab<Thing>();
    const model = new Map<number, Thing>();
    const gone: number[] = [];
    let last = -1;
    // Some fill up, some stay nearly empty.
    const share = 0.3 + 0.4 * random();
    for (let step = 0; step < STEPS; step++) {
      const some = [...model.keys()][Math.floor(random() * model.size)];
      if (model.size < SIZE_MAX && random() < share) {
        const thing = { name: `thing ${step}` };
        const number = slab.add(thing);
        expect(number).toBeGreaterThan(last);
        last = number;
        model.set(number, thing);
      } else if (some !== undefined) {
        expect([slab.delete(some), slab.delete(some)]).toEqual([true, false]);
        model.delete(some);
        gone.push(some);
      }
      expect(slab.size).toBe(model.size);
      if (random() < 0.001) {
        gone.push(...model.keys());
        slab.clear();
        model.clear();
      }
    }
    expect(new Set(slab.values())).toEqual(new Set(model.values()));
    for (const [number, thing] of model) expect(slab.get(number)).toBe(thing);
    for (const number of gone) expect([slab.get(number), slab.delete(number)]).toEqual([undefined, false]);
  }
});

test("finds nothing under what is no number of its own", () => {
  const slab = new Slab<Thing>();
  const number = slab.add({ name: "the only one" });
  for (const other of [number + 1, number + 64, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect([other, slab.get(other), slab.delete(other)]).toEqual([other, undefined, false]);
  expect(slab.size).toBe(1);
});

test("lets go of each while it is looked through", () => {
  const slab = new Slab<Thing & { number: number }>();
  for (let at = 0; at < 200; at++) {
    const thing = { name: `thing ${at}`, number: -1 };
    thing.number = slab.add(thing);
  }
  for (const { number } of slab.values()) slab.delete(number);
  expect([slab.size, [...slab.values()]]).toEqual([0, []]);
});
