// Goal: what members call themselves has one form each, however it is typed: no two of them have the same address.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readEmail } from "../../http/accounts/profile.ts";

/** Letters of every script, and marks that stand over them. */
const local = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const letters = fc.constantFrom(..."jJhHtTwWyYiIıİßẞσΣςΑΩΩKÅåÅǰẖẗẘẙΐΰϓǅ".split(""));
const marks = fc.constantFrom("", "\u030c", "\u0331", "\u0308", "\u030a", "\u0307", "\u0301", "\u0327", "\u0345");
const marked = fc
  .array(fc.tuple(letters, marks, marks), { minLength: 1, maxLength: 6 })
  .map((all) => all.flat().join(""));

describe("readEmail()", () => {
  test("gives the same for what is composed and what is not", () => {
    const [composed, typed] = ["\u01f0an@example.com", "J\u030can@example.com"];
    expect(readEmail(typed)).toBe(composed);
    expect(readEmail(composed)).toBe(composed);
  });

  test("changes nothing of an address that it gave", () => {
    fc.assert(
      fc.property(fc.oneof(local, marked), (name) => {
        const email = readEmail(`${name}@example.com`);
        expect(email === null || readEmail(email) === email).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  test("tells no two addresses apart that are canonically equivalent", () => {
    fc.assert(
      fc.property(marked, (name) => {
        const [composed, decomposed] = (["NFC", "NFD"] as const).map((form) => `${name}@example.com`.normalize(form));
        expect(readEmail(decomposed ?? "")).toBe(readEmail(composed ?? ""));
      }),
      { numRuns: 20_000 },
    );
  });

  test("does so for every letter that there is, with every mark", () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      const email = readEmail(`${String.fromCodePoint(point)}\u030c@example.com`);
      if (email !== null && readEmail(email) !== email) throw new Error(`U+${point.toString(16)}`);
    }
  });
});
