/** Goal: numbers that people see never collide, don't tell how many there are, and have the form that the trade expects. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { shardOf } from "../../../actors/domain/ids.ts";
import { halfSipHash, Permutation } from "../../../actors/domain/permutation.ts";
import { PNR_ALPHABET, PNR_COUNT, pnrOf } from "../../../actors/domain/pnr.ts";
import { checkDigit, TICKET_SERIAL_COUNT, ticketNumber } from "../../../actors/domain/ticket-number.ts";

const keys = fc.uint8Array({ minLength: 16, maxLength: 32 });

describe("Permutation", () => {
  test("sends the numbers of any range to themselves, each to its own", () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 2, max: 3_000 }), (key, size) => {
        const permutation = new Permutation(key, "any", size);
        const images = new Set(Array.from({ length: size }, (_, index) => permutation.of(index)));
        expect(images.size).toBe(size);
        expect(Math.max(...images)).toBe(size - 1);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["record locators", PNR_COUNT],
    ["ticket serials", TICKET_SERIAL_COUNT],
  ])("gives each of the first 50,000 %s a place of its own, all over the range", (_, size) => {
    const permutation = new Permutation(new Uint8Array(32), "any", size);
    const images = new Set<number>();
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 50_000; index++) {
      const image = permutation.of(index);
      images.add(image);
      const tenth = Math.floor((image / size) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(images.size).toBe(50_000);
    for (const count of tenths) expect(Math.abs(count - 5_000)).toBeLessThan(500);
  });

  test("depends on every part of its key, and on its purpose", () => {
    const first = (key: Uint8Array, purpose: string): string =>
      Array.from({ length: 4 }, (_, index) => new Permutation(key, purpose, PNR_COUNT).of(index)).join();
    const key = new Uint8Array(32);
    const other = Uint8Array.from(key).fill(1, 31);
    expect(new Set([first(key, "pnr"), first(other, "pnr"), first(key, "ticket")]).size).toBe(3);
  });

  test("takes only what is in its range", () => {
    const permutation = new Permutation(new Uint8Array(32), "any", 10);
    for (const index of [-1, 10, 0.5, Number.NaN]) expect(() => permutation.of(index)).toThrow("an index below 10");
    expect(() => new Permutation(new Uint8Array(32), "any", 2 ** 53)).toThrow("2 to 2^52");
  });
});

describe("halfSipHash()", () => {
  test("is the reference implementation's for the message 00 01 02 03 under the key 00 … 07", () => {
    expect(halfSipHash(0x03020100, 0x07060504, 0x03020100)).toBe(0x89466e2a);
  });
});

describe("pnrOf()", () => {
  test("has six characters, none of them 0, O, 1 or I", () => {
    expect(PNR_ALPHABET).toHaveLength(32);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: PNR_COUNT - 1 }), (index) => {
        expect(pnrOf(index)).toMatch(/^[2-9A-HJ-NP-Z]{6}$/);
      }),
    );
  });

  test("gives every number another one", () => {
    expect([pnrOf(0), pnrOf(1), pnrOf(32), pnrOf(PNR_COUNT - 1)]).toEqual(["222222", "222223", "222232", "ZZZZZZ"]);
    expect(() => pnrOf(PNR_COUNT)).toThrow();
  });
});

describe("ticketNumber()", () => {
  test("is the airline's three digits and the serial's ten", () => {
    expect(ticketNumber("180", 0)).toBe("1800000000000");
    expect(ticketNumber("007", 9_999_999_999)).toBe("0079999999999");
    for (const code of ["KE", "18", "1800", "18A"]) expect(() => ticketNumber(code, 1)).toThrow("three digits");
    expect(() => ticketNumber("180", TICKET_SERIAL_COUNT)).toThrow();
  });
});

describe("checkDigit()", () => {
  // Rosen, "Discrete Mathematics and Its Applications", section 4.5, exercises on airline tickets: numbers with coupon 0 in front.
  test.each([
    ["0012234732287", 1],
    ["0032781811234", 4],
    ["0611232134231", 5],
    ["0193222543435", 5],
  ])("of %s is %i, as printed after it", (number, digit) => {
    expect(checkDigit(number)).toBe(digit);
  });

  test("is told of whole numbers only", () => {
    for (const number of ["180000000000", "18000000000000", "180-000000000"]) {
      expect(() => checkDigit(number)).toThrow("13 digits");
    }
  });
});

describe("shardOf()", () => {
  test("is the last byte of FNV-1a, by its published test vectors", () => {
    expect(["", "a", "foobar"].map(shardOf)).toEqual([0xc5, 0x2c, 0x68]);
  });
});
