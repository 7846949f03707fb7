/** Owns which types of events an entry of the journal holds, as a set of bits: who follows a journal reads no more of it than concerns him. */

import type { EventType, JournalEntry } from "./event.ts";

/** Kept with every entry: a type keeps its bit for ever, and a new type takes the next one. */
const BIT: Readonly<Record<EventType, number>> = {
  held: 1 << 0,
  released: 1 << 1,
  expired: 1 << 2,
  "payment-begun": 1 << 3,
  "payment-opened": 1 << 4,
  "payment-ended": 1 << 5,
  captured: 1 << 6,
  ticketed: 1 << 7,
  retaken: 1 << 8,
  cancelling: 1 << 9,
  cancelled: 1 << 10,
  "refund-due": 1 << 11,
  refunded: 1 << 12,
};

/** Of an entry that was written before its kinds were: it may hold any. */
export const ANY_KIND = -1;

export function kindsOf({ turns }: JournalEntry): number {
  let kinds = 0;
  for (const { events } of turns) for (const { type } of events) kinds |= BIT[type];
  return kinds;
}

export function kindsFor(types: readonly EventType[]): number {
  return types.reduce((kinds, type) => kinds | BIT[type], 0);
}
