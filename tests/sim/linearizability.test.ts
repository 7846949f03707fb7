/** Goal: the judge of seats' histories accepts every history that can have happened, and refuses those that can't. */

import { describe, expect, test } from "bun:test";
import { firstInexplicable, type SeatEffect, type SeatOperation } from "./checks/linearizability.ts";
import { Random } from "./world/random.ts";

function history(
  ...operations: readonly [called: number, ended: number | null, effect: SeatEffect][]
): SeatOperation[] {
  return operations.map(([called, ended, effect]) => ({ called, ended, effect, what: JSON.stringify(effect) }));
}

const take = (holder: string): SeatEffect => ({ kind: "take", holder });
const free = (holder: string): SeatEffect => ({ kind: "free", holder });
const sell = (holder: string): SeatEffect => ({ kind: "sell", holder });
const retake = (holder: string): SeatEffect => ({ kind: "retake", holder });
const takeUnknown: SeatEffect = { kind: "take-unknown" };
const see = (state: "free" | "taken" | "held" | "sold"): SeatEffect => ({ kind: "see", state });
const seeHolder = (holder: string, state: "other" | "any" | "held" | "sold"): SeatEffect => ({
  kind: "see-holder",
  holder,
  state,
});

describe("a history is explained", () => {
  const good: Record<string, SeatOperation[]> = {
    "one after the other": history([1, 2, take("a")], [3, 4, see("taken")], [5, 6, free("a")], [7, 8, take("b")]),
    "a look at the same time sees either": history([1, 4, take("a")], [2, 3, see("free")], [5, 6, see("held")]),
    "a look that began before sees what was": history([1, 10, see("free")], [2, 3, take("a")], [4, 5, see("held")]),
    "a look that began before sees what is": history([1, 10, see("held")], [2, 3, take("a")]),
    "who was never answered may have got it": history([1, null, take("a")], [5, 6, see("held")]),
    "who was never answered may have got it much later": history(
      [1, null, take("a")],
      [5, 6, see("free")],
      [7, 8, see("held")],
    ),
    "who was never answered may have got nothing": history(
      [1, null, take("a")],
      [5, 6, take("b")],
      [7, 8, see("held")],
    ),
    "both, when one may have given it up": history(
      [1, null, take("a")],
      [1, null, free("a")],
      [2, 3, see("held")],
      [5, 6, take("b")],
    ),
    "of whom nobody knows more, and who gave it up": history(
      [1, null, takeUnknown],
      [2, 3, see("held")],
      [4, 5, see("free")],
      [6, 7, take("a")],
    ),
    "two of whom nobody knows more, one after the other": history(
      [1, null, takeUnknown],
      [1, null, takeUnknown],
      [2, 3, see("held")],
      [4, 5, see("free")],
      [6, 7, see("held")],
    ),
    "two takes at once with a release between": history([1, 6, take("a")], [2, 9, take("b")], [3, 7, free("a")]),
    "an expired one that was paid after all": history(
      [1, 2, take("a")],
      [3, null, free("a")],
      [3, null, retake("a")],
      [4, 5, see("free")],
      [6, 7, seeHolder("a", "sold")],
    ),
    "many looks between, in any order": history(
      [1, 20, take("a")],
      [2, 19, see("free")],
      [3, 18, see("held")],
      [4, 17, see("free")],
      [5, 16, seeHolder("a", "held")],
    ),
  };
  for (const [name, operations] of Object.entries(good)) {
    test(name, () => expect(firstInexplicable(operations)).toBeNull());
  }
});

describe("a history is refused", () => {
  const bad: Record<string, SeatOperation[]> = {
    "two have it": history([1, 2, take("a")], [3, 4, take("b")]),
    "two have it, asked at the same time": history([1, 4, take("a")], [2, 3, take("b")]),
    "a look into the past": history([1, 2, take("a")], [3, 4, see("free")]),
    "a look into the past, of who was there": history([1, 2, take("a")], [3, 4, seeHolder("a", "other")]),
    "taken by nobody": history([1, 2, see("taken")], [3, 4, take("a")]),
    "free, and taken again by nobody": history(
      [1, null, take("a")],
      [2, 3, see("free")],
      [4, 5, see("held")],
      [6, 7, see("free")],
    ),
    "one take explains one hold": history(
      [1, null, take("a")],
      [1, null, free("a")],
      [2, 3, see("held")],
      [4, 5, see("free")],
      [6, 7, see("held")],
    ),
    "two holds by one of whom nobody knows more": history(
      [1, null, takeUnknown],
      [2, 3, see("held")],
      [4, 5, see("free")],
      [6, 7, see("held")],
    ),
    "asked for only afterwards by somebody unknown": history([1, 2, see("held")], [3, null, takeUnknown]),
    "sold to somebody unknown": history([1, null, takeUnknown], [2, 3, see("sold")]),
    "freed before anybody had it": history([1, 2, free("a")], [3, 4, take("a")]),
    "sold, and then only held": history([1, 2, take("a")], [3, 4, sell("a")], [5, 6, see("held")]),
    "sold to one, had by another": history([1, 2, take("a")], [3, 4, sell("a")], [5, 6, seeHolder("b", "any")]),
    "two looks that contradict": history([1, 10, take("a")], [2, 3, see("held")], [4, 5, see("free")]),
  };
  for (const [name, operations] of Object.entries(bad)) {
    test(name, () => expect(firstInexplicable(operations)).not.toBeNull());
  }
});

/** A seat that really is one, asked by many at once; some never hear their answer. */
function recorded(random: Random, length: number): SeatOperation[] {
  let holder: string | null = null;
  let isSold = false;
  let now = 0;
  const operations: SeatOperation[] = [];
  const open: { at: number; end: () => void }[] = [];
  for (let number = 0; number < length; number++) {
    const called = ++now;
    const apply = (): SeatEffect => {
      const dice = random.fraction();
      if (dice < 0.4) {
        if (holder !== null) return see(isSold ? "sold" : random.chance(0.5) ? "held" : "taken");
        holder = isHeard ? `r${number}` : "?";
        return isHeard ? take(holder) : takeUnknown;
      }
      if (dice < 0.7) {
        if (holder === null) return see("free");
        const freed = holder;
        holder = null;
        isSold = false;
        return freed === "?" ? see("taken") : free(freed);
      }
      if (dice < 0.8 && holder !== null && holder !== "?" && !isSold) {
        isSold = true;
        return sell(holder);
      }
      if (holder === "?") return see(random.chance(0.5) ? "held" : "taken");
      return holder === null ? see("free") : seeHolder(holder, random.chance(0.5) ? "any" : isSold ? "sold" : "held");
    };
    const isHeard = random.chance(0.85);
    // It takes effect now or later, and is heard of later still, or never.
    let effect: SeatEffect | null = null;
    const happensAt = number + random.whole(0, 3);
    const endsAt = happensAt + random.whole(0, 3);
    open.push({
      at: happensAt,
      end: () => {
        effect = apply();
        const made = { called, ended: null as number | null, effect, what: JSON.stringify(effect) };
        operations.push(made);
        if (isHeard) open.push({ at: endsAt, end: () => (made.ended = ++now) });
      },
    });
    for (let due = open.findIndex(({ at }) => at <= number); due >= 0; due = open.findIndex(({ at }) => at <= number)) {
      for (const { end } of open.splice(due, 1)) end();
    }
  }
  for (let due = open.shift(); due !== undefined; due = open.shift()) due.end();
  return operations;
}

/** By trying every order. */
function canHaveHappened(operations: readonly SeatOperation[]): boolean {
  const search = (seat: Seat, left: readonly SeatOperation[]): boolean => {
    if (left.every(({ ended }) => ended === null)) return true;
    if (seat.holder === "?" && search(EMPTY, left)) return true;
    const firstEnd = Math.min(...left.map(({ ended }) => ended ?? Number.POSITIVE_INFINITY));
    return left.some((operation) => {
      const next = operation.called > firstEnd ? null : follow(seat, operation.effect);
      const rest = left.filter((each) => each !== operation);
      return next !== null && search(next, rest);
    });
  };
  return search(EMPTY, operations);
}

interface Seat {
  readonly holder: string | null;
  readonly isSold: boolean;
}

const EMPTY: Seat = { holder: null, isSold: false };

function follow(seat: Seat, effect: SeatEffect): Seat | null {
  const { holder, isSold } = seat;
  switch (effect.kind) {
    case "take-unknown":
      return holder === null ? { holder: "?", isSold: false } : null;
    case "take":
      return holder === null ? { holder: effect.holder, isSold: false } : null;
    case "retake":
      return holder === null ? { holder: effect.holder, isSold: true } : null;
    case "sell":
      return holder === effect.holder && !isSold ? { holder, isSold: true } : null;
    case "free":
      return holder === effect.holder ? EMPTY : null;
    case "see": {
      const sees = { free: holder === null, taken: holder !== null, held: holder !== null && !isSold, sold: isSold };
      return sees[effect.state] ? seat : null;
    }
    case "see-holder": {
      const isIt = holder === effect.holder;
      const sees = { other: !isIt, any: isIt, held: isIt && !isSold, sold: isIt && isSold };
      return sees[effect.state] ? seat : null;
    }
  }
}

test("every history of a seat that is one is explained, long ones too", () => {
  const random = new Random(1);
  for (let round = 0; round < 400; round++) {
    const operations = recorded(random, round % 10 === 0 ? 300 : 12);
    expect([round, firstInexplicable(operations)?.what ?? null]).toEqual([round, null]);
  }
});

test("whatever is changed of a short history, the judgement is that of trying every order", () => {
  const random = new Random(2);
  const judged = { good: 0, bad: 0 };
  for (let round = 0; round < 3_000; round++) {
    const operations = recorded(random, 7);
    const [one, two] = [random.whole(0, operations.length - 1), random.whole(0, operations.length - 1)];
    const changed = operations.map((operation, at) => {
      const effect = at === one ? (operations[two]?.effect ?? operation.effect) : operation.effect;
      return { ...operation, effect, ended: effect.kind === "take-unknown" ? null : operation.ended };
    });
    const isGood = canHaveHappened(changed);
    judged[isGood ? "good" : "bad"] += 1;
    expect([changed, firstInexplicable(changed) === null]).toEqual([changed, isGood]);
  }
  expect(Math.min(judged.good, judged.bad)).toBeGreaterThan(500);
});
