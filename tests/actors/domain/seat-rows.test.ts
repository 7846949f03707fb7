/** Goal: from nothing but what the catalogue says of its seats, the rows of every kind of cabin are split where the aisles are. */

import { describe, expect, test } from "bun:test";
import { SeatPlan } from "../../../actors/domain/plan.ts";
import { beside, loneIn, type SeatRow, seatRows } from "../../../actors/domain/seat-rows.ts";
import { givenSeatPlan } from "../../support/given.ts";

/** The row's columns, with a space where two of them are not neighbours. */
function shown(plan: SeatPlan, { seats, linked }: SeatRow): string {
  return Array.from(seats, (seat, column) => {
    const letter = seat < 0 ? "-" : plan.at(seat).column;
    return (linked >> column) & 1 || column === seats.length - 1 ? letter : `${letter} `;
  }).join("");
}

describe("seatRows()", () => {
  test.each([
    "ABC DEF",
    "AC DF",
    "A CD",
    "A C",
    "A DG K",
    "AC DG HK",
    "AC DEG HK",
    "AC DEFG HK",
    "ABC DEFG HJK",
    "ABCD",
  ])("splits %s where the aisles are", (columns) => {
    const plan = givenSeatPlan([{ cabin: "Y", rows: 3, columns }]);
    expect(seatRows(plan).all.map((row) => shown(plan, row))).toEqual([columns, columns, columns]);
  });

  test("takes a missing seat for a gap", () => {
    const { seats } = givenSeatPlan([{ cabin: "Y", rows: 2, columns: "ABC DEF" }]);
    const plan = new SeatPlan(seats.filter(({ seat }) => !["1B", "2E", "2F"].includes(seat)));
    expect(seatRows(plan).all.map((row) => shown(plan, row))).toEqual(["A - C DEF", "ABC D - -"]);
  });

  test("keeps cabins apart, and finds every seat again", () => {
    const plan = givenSeatPlan([
      { cabin: "J", rows: 1, columns: "A DG K" },
      { cabin: "Y", rows: 2, exitRows: [3] },
    ]);
    const { all, byCabin, rowOfSeat, columnOfSeat } = seatRows(plan);
    expect(byCabin.map((rows) => rows.map(({ order }) => order))).toEqual([[0], [1, 2]]);
    expect(all.map(({ exits }) => exits)).toEqual([0, 0, 0b111111]);
    plan.seats.forEach((_, seat) => {
      expect(all[rowOfSeat[seat] ?? -1]?.seats[columnOfSeat[seat] ?? -1]).toBe(seat);
    });
  });
});

describe("a lone seat", () => {
  test("is a free one whose neighbours in its block are taken or not there", () => {
    const linked = 0b011011; // ABC DEF
    expect(loneIn(0b000111, linked)).toBe(0);
    expect(loneIn(0b001101, linked)).toBe(0b001101);
    expect(loneIn(0b011100, linked)).toBe(0b000100);
  });

  test("and being beside ends at the aisle", () => {
    const linked = 0b011011;
    expect(beside(0b111111, 0b000100, linked)).toBe(0b000010);
    expect(beside(0b111111, 0b010000, linked)).toBe(0b101000);
  });
});
