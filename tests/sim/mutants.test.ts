/** Goal: the simulator finds what it is there to find: each fault that is put into the product's own code, within a stated number of seeds. */

import { beforeAll, describe, expect, test } from "bun:test";
import { mutatedTexts } from "./load-mutant.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import type { RunResult } from "./run-seed.ts";
import { resultsOf } from "./run-sim.ts";

const PROCESSES = 2;
const TIME_MS_MAX = 600_000;

const hunted = new Map<string, readonly RunResult[]>();

beforeAll(async () => {
  const left = [...MUTANTS];
  const hunt = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const { name, seedsMax } = mutant;
      hunted.set(name, await resultsOf("--seeds", `1-${seedsMax}`, "--mutant", name));
    }
  };
  await Promise.all(Array.from({ length: PROCESSES }, hunt));
}, TIME_MS_MAX);

describe("a mutant is found", () => {
  for (const { name, what, foundBy } of MUTANTS) {
    test(`${name}: ${what}`, () => {
      const results = hunted.get(name) ?? [];
      const check = results.at(-1)?.finding?.check ?? null;
      console.log(`${name.padEnd(26)} ${String(results.length).padStart(4)} seeds  ${check ?? "not found"}`);
      expect(foundBy.map(String)).toContain(String(check));
    });
  }
});

test("a mutant whose snippet is no longer there, or no longer alone, is refused", async () => {
  const edit = { file: "actors/lane.ts", snippet: "one", instead: "two" };
  const mutant = { name: "some", edits: [edit] };
  expect([...(await mutatedTexts(mutant, async () => "a one b")).values()]).toEqual(["a two b"]);
  for (const text of ["a b", "one one"]) {
    const failure = await mutatedTexts(mutant, async () => text).catch((cause: unknown) => cause);
    expect(String(failure)).toContain("times instead of once: one");
  }
});
