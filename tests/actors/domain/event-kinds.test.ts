/** Goal: the bits by which who follows a journal reads it stay what they were when its entries were written. */

import { expect, test } from "bun:test";
import type { EventType } from "../../../actors/domain/event.ts";
import { ANY_KIND, kindsFor, kindsOf } from "../../../actors/domain/event-kinds.ts";

/** As entries were written with them; a new type is added at the end. */
const EVER: readonly EventType[] = [
  "held",
  "released",
  "expired",
  "payment-begun",
  "payment-opened",
  "payment-ended",
  "captured",
  "ticketed",
  "retaken",
  "cancelling",
  "cancelled",
  "refund-due",
  "refunded",
];

test("each type has the bit of its place, for ever", () => {
  for (const [at, type] of EVER.entries()) expect(kindsFor([type])).toBe(2 ** at);
});

test("an entry holds what its turns tell of, and one from before may hold anything", () => {
  const turn = (...types: EventType[]) => ({ atMs: 0, key: null, events: types.map((type) => ({ type })) as never });
  const entry = { schema: 1, turns: [turn("held"), turn(), turn("captured", "ticketed")] };
  expect(kindsOf(entry)).toBe(kindsFor(["held", "captured", "ticketed"]));
  expect(kindsOf({ schema: 1, turns: [turn()] })).toBe(0);
  for (const type of EVER) expect(ANY_KIND & kindsFor([type])).not.toBe(0);
});
