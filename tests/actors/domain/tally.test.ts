/** Goal: a tally counts as one counts, and keeps no name that counts for nothing. */

import { expect, test } from "bun:test";
import { Tally } from "../../../actors/domain/tally.ts";
import { seededRandom } from "../../../deploy/seeded-random.ts";

test.each([1, 10_000])(
  "what is counted more and less is what it comes to, where %d names were expected",
  (expected) => {
    const random = seededRandom(expected);
    const tally = new Tally(expected);
    const model = new Map<string, number>();
    for (let step = 0; step < 5_000; step++) {
      const name = `name ${Math.floor(random() * 300)}`;
      const more = Math.floor(random() * 7) - 3;
      const count = (model.get(name) ?? 0) + more;
      if (count === 0) model.delete(name);
      else model.set(name, count);
      expect(tally.add(name, more)).toBe(count);
      expect(tally.of(name)).toBe(count);
    }
    expect(new Map(tally)).toEqual(model);
  },
);
