// Goal: the time limit of requests outlives whatever its answers fail with: no client may switch it off for the others.

import { beforeEach, describe, expect, test } from "bun:test";
import { TimeLimit } from "../../http/plugins/time-limit.ts";
import { FakeClock } from "../support/fake-clock.ts";

const LIMIT_MS = 8_000;

describe("TimeLimit", () => {
  let clock: FakeClock;
  let limit: TimeLimit<string, string>;
  beforeEach(() => {
    clock = new FakeClock();
    limit = new TimeLimit(clock, LIMIT_MS, (subject) => {
      if (subject === "bad") throw new Error("no answer to this one");
      return `${subject} is late`;
    });
  });
  const guard = (subject: string) => limit.guard(subject, new Promise<string>(() => {})).catch(String);

  test("answers all that are late, though there is no answer to one of them", async () => {
    const answers = ["first", "bad", "last"].map(guard);
    clock.advance(2 * LIMIT_MS);
    expect(await Promise.all(answers)).toEqual(["first is late", "Error: no answer to this one", "last is late"]);
    expect(clock.pending).toBe(0);
  });

  test("goes on with those that came later than one to which there is no answer", async () => {
    const bad = guard("bad");
    clock.advance(LIMIT_MS / 2);
    const younger = guard("younger");
    clock.advance(LIMIT_MS / 2 + LIMIT_MS / 8);
    expect(await bad).toBe("Error: no answer to this one");
    const youngest = guard("youngest");
    clock.advance(2 * LIMIT_MS);
    expect(await Promise.all([younger, youngest])).toEqual(["younger is late", "youngest is late"]);
    expect(clock.pending).toBe(0);
  });
});
