/** Owns the form of a record locator (PNR): six characters that are hard to misread or mishear. */

import { assert } from "../assert.ts";

/** No 0, O, 1 or I. */
export const PNR_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

const PNR_LENGTH = 6;

/** How many record locators there are: 2^30. */
export const PNR_COUNT = PNR_ALPHABET.length ** PNR_LENGTH;

/** The record locator of a number in [0, {@link PNR_COUNT}); neighbouring numbers look alike, so they are permuted first. */
export function pnrOf(index: number): string {
  assert(Number.isInteger(index) && index >= 0 && index < PNR_COUNT, () => `a record locator's number, not ${index}`);
  let pnr = "";
  for (let rest = index, at = 0; at < PNR_LENGTH; at++) {
    pnr = PNR_ALPHABET.charAt(rest % PNR_ALPHABET.length) + pnr;
    rest = Math.floor(rest / PNR_ALPHABET.length);
  }
  return pnr;
}
