/** Owns money: integer minor units of one currency, never a fraction, never a float. */

import { assert } from "../assert.ts";

/** ISO 4217 alphabetic code. */
export type Currency = string;

export interface Money {
  /** Minor units of the currency: won for KRW, cents for USD. A safe integer ≥ 0. */
  readonly amount: number;
  readonly currency: Currency;
}

export function money(amount: number, currency: Currency): Money {
  assert(Number.isSafeInteger(amount) && amount >= 0, () => `an amount of money is a safe integer: ${amount}`);
  return { amount, currency };
}

export function sameMoney(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency;
}
