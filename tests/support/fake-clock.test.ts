// Goal: the fake clock fires what a real one would, in the order in which it would, and nothing else.

import { expect, test } from "bun:test";
import { FakeClock } from "./fake-clock.ts";

test("advance() fires timers by deadline, then in the order in which they were set, each at its own time", () => {
  const clock = new FakeClock(1_000);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.nowMs()}`);
  clock.after(20, note("c"));
  clock.after(10, note("a"));
  clock.after(10, note("b"));
  clock.after(21, note("never"));
  clock.advance(20);
  expect(fired).toEqual(["a@1010", "b@1010", "c@1020"]);
  expect(clock.pending).toBe(1);
  expect(clock.nextDueMs).toBe(1_021);
  expect(clock.monotonicMs()).toBe(20);
});

test("advance() fires what earlier timers set, within the same time", () => {
  const clock = new FakeClock(0);
  const atMs: number[] = [];
  const tick = (): void => {
    atMs.push(clock.nowMs());
    clock.after(10, tick);
  };
  clock.after(10, tick);
  clock.advance(35);
  expect(atMs).toEqual([10, 20, 30]);
  expect(clock.nowMs()).toBe(35);
});

test("cancel() keeps a timer from firing, also from within another, and is harmless afterwards", () => {
  const clock = new FakeClock(0);
  let count = 0;
  const first = clock.after(5, () => {
    count++;
    second.cancel();
  });
  const second = clock.after(5, () => count++);
  clock.advance(10);
  first.cancel();
  expect(count).toBe(1);
});

test("soon() calls without any time passing, but not at once", async () => {
  const clock = new FakeClock(0);
  let called = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.soon(() => {
    called = true;
    resolve();
  });
  expect(called).toBe(false);
  await promise;
  expect(clock.nowMs()).toBe(0);
});

test("advance() stops a timer that re-arms itself for ever at the same instant", () => {
  const clock = new FakeClock(0);
  const again = (): void => {
    clock.after(0, again);
  };
  again();
  expect(() => clock.advance(0)).toThrow("re-arms");
});
