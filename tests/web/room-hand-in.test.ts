/** Goal: a page that waits for an opening shows its ticket once more before the freeze, and not everybody's does so in the same second. */

import { describe, expect, test } from "bun:test";
import { HandIn } from "../../http/web/room/hand-in.ts";

const OPENS_MS = Date.UTC(2030, 0, 1);
const SECOND_MS = 1_000;

/** How many seconds before the opening it is due, looked at each second. */
function dueSeconds(handIn: HandIn, fromSeconds: number, opensAtMs = OPENS_MS): number[] {
  const due: number[] = [];
  for (let seconds = fromSeconds; seconds >= 0; seconds--)
    if (handIn.isDue(opensAtMs, opensAtMs - seconds * SECOND_MS)) due.push(seconds);
  return due;
}

/** Of a ticket that was given so many seconds before the opening. */
function givenAt(secondsBefore: number, fraction: () => number): HandIn {
  const handIn = new HandIn(fraction);
  handIn.done(OPENS_MS, OPENS_MS - secondsBefore * SECOND_MS);
  return handIn;
}

describe("isDue()", () => {
  test("is so once, and spread over the time before the freeze", () => {
    expect(
      dueSeconds(
        givenAt(600, () => 0),
        600,
      ),
    ).toEqual([120]);
    expect(
      dueSeconds(
        givenAt(600, () => 0.5),
        600,
      ),
    ).toEqual([70]);
    expect(
      dueSeconds(
        givenAt(600, () => 1),
        600,
      ),
    ).toEqual([20]);
  });

  test("is never so for a ticket that the room has given a moment ago", () => {
    expect(
      dueSeconds(
        givenAt(119, () => 0.5),
        119,
      ),
    ).toEqual([]);
  });

  test("is so again for an opening that is moved, and spread over what is left of the time", () => {
    const handIn = givenAt(600, () => 0.5);
    expect(dueSeconds(handIn, 600)).toEqual([70]);
    const later = OPENS_MS + 3_600_000;
    expect(dueSeconds(handIn, 3_600, later)).toEqual([70]);
    expect(handIn.isDue(later, later - 300 * SECOND_MS)).toBe(false);
    const sooner = later + 1;
    expect(dueSeconds(handIn, 40, sooner)).toEqual([30]);
  });

  test("is never so where the time is over, or nobody knows the opening", () => {
    const handIn = givenAt(600, () => 0);
    expect(dueSeconds(handIn, 20, OPENS_MS + 1)).toEqual([]);
    expect(handIn.isDue(null, OPENS_MS)).toBe(false);
  });

  test("is so again after a room that could not be reached", () => {
    const handIn = givenAt(600, () => 0.5);
    expect(handIn.isDue(OPENS_MS, OPENS_MS - 70 * SECOND_MS)).toBe(true);
    handIn.missed(OPENS_MS - 70 * SECOND_MS);
    expect(dueSeconds(handIn, 69)).toEqual([45]);
  });
});
