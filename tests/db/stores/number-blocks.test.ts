/** Goal: no number is given out twice, however many hosts lease at once, and from the very first block on. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { numberBlocks } from "../../../db/stores/number-blocks.ts";
import { type GivenDatabase, overDatabases } from "../../support/given-database.ts";

const SIZE = 4_096;

overDatabases("number blocks", (fresh) => {
  let given: GivenDatabase;

  beforeEach(async () => {
    given = await fresh();
  });
  afterEach(() => given.remove());

  test("begin at 0 and follow each other, each kind by itself", async () => {
    const { lease } = numberBlocks(given.db.write);
    expect(await lease("pnr", SIZE)).toBe(0);
    expect(await lease("pnr", SIZE)).toBe(SIZE);
    expect(await lease("ticket", 10)).toBe(0);
    expect(await lease("ticket", 10)).toBe(10);
  });

  test("of many hosts at once never overlap, the very first ones among them", async () => {
    const hosts = await Promise.all(Array.from({ length: 4 }, () => given.again()));
    const leases = hosts.flatMap(({ write }) => {
      const { lease } = numberBlocks(write);
      return Array.from({ length: 5 }, () => lease("pnr", SIZE));
    });
    const firsts = (await Promise.all(leases)).sort((a, b) => a - b);
    expect(firsts).toEqual(Array.from({ length: 20 }, (_, at) => at * SIZE));
  });
});
