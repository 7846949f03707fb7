/** Goal: every aircraft has exactly its seats, each once, in rows and columns as passengers know them. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SeatPlan } from "../../actors/domain/plan.ts";
import { bodyOf } from "../../db/catalogue/aircraft.ts";
import { cabinClassOf } from "../../db/catalogue/cabin-class.ts";
import { seatsOf } from "../../db/catalogue/layout.ts";

const at = (seats: ReturnType<typeof seatsOf>, seat: string) => seats.find((each) => each.seat === seat);

describe("seatsOf()", () => {
  test("lays a 737 out three and three, cabins one after the other", () => {
    const seats = seatsOf("733", [
      { cabin: "W", capacity: 18 },
      { cabin: "Y", capacity: 112 },
    ]);
    expect(seats.slice(0, 6).map((each) => each.seat)).toEqual(["1A", "1B", "1C", "1D", "1E", "1F"]);
    expect(at(seats, "3F")?.cabin).toBe("W");
    expect(at(seats, "4A")).toEqual({ seat: "4A", cabin: "Y", row: 4, column: "A", features: ["WINDOW", "FRONT"] });
    expect(at(seats, "5B")?.features).toEqual(["MIDDLE"]);
    expect(at(seats, "5C")?.features).toEqual(["AISLE"]);
    // 112 seats are 18 full rows and a short one of four.
    expect(seats.filter((each) => each.row === 22).map((each) => each.column)).toEqual(["A", "B", "C", "D"]);
    expect(seats.filter((each) => each.features.includes("EXIT")).map((each) => each.row)).toEqual(
      Array.from({ length: 6 }, () => 12),
    );
  });

  test("lays a 777 out by cabin", () => {
    const seats = seatsOf("772", [
      { cabin: "J", capacity: 14 },
      { cabin: "W", capacity: 34 },
      { cabin: "Y", capacity: 316 },
    ]);
    const columns = (row: number): string =>
      seats
        .filter((each) => each.row === row)
        .map((each) => each.column)
        .join("");
    expect([columns(1), columns(3), columns(4), columns(9), columns(40)]).toEqual([
      "ACDGHK",
      "AC",
      "ACDEFGHK",
      "ABCDEFGHJK",
      "ABCDEF",
    ]);
  });

  test("an ATR has two and two, a small jet a lone window at the aisle", () => {
    expect(seatsOf("AT7", [{ cabin: "Y", capacity: 4 }]).map((each) => each.seat)).toEqual(["1A", "1C", "1D", "1F"]);
    expect(seatsOf("ER4", [{ cabin: "Y", capacity: 3 }])[0]?.features).toEqual(["WINDOW", "AISLE", "FRONT"]);
  });

  test("an unknown type is judged by its seats", () => {
    expect(bodyOf("ZZZ", 240).abreast.ECONOMY).toBe("ABC DEF");
    expect(bodyOf("ZZZ", 241).abreast.ECONOMY).toBe("ABC DEF HJK");
  });

  const cabins = fc.uniqueArray(
    fc.record({ cabin: fc.constantFrom(..."PFAJCDWSYBM"), capacity: fc.integer({ min: 1, max: 320 }) }),
    { minLength: 1, maxLength: 4, selector: ({ cabin }) => cabin },
  );
  const types = fc.constantFrom("733", "320", "AT7", "E90", "ER4", "763", "332", "359", "772", "388", "ZZZ");

  test("gives every cabin exactly its seats, each once, in unbroken rows", () => {
    fc.assert(
      fc.property(types, cabins, (aircraft, sizes) => {
        const seats = seatsOf(aircraft, sizes);
        expect(new SeatPlan(seats).cabins).toEqual(sizes.map(({ cabin }) => cabin));
        expect(seats.map((each) => each.seat)).toEqual([...new Set(seats.map((each) => `${each.row}${each.column}`))]);

        let nextRow = 1;
        for (const { cabin, capacity } of sizes) {
          const own = seats.filter((each) => each.cabin === cabin);
          expect(own).toHaveLength(capacity);
          const body = bodyOf(aircraft, seats.length);
          const full = body.abreast[cabinClassOf(cabin)].replaceAll(" ", "");
          const rows = [...new Set(own.map((each) => each.row))];
          expect(rows).toEqual(Array.from({ length: rows.length }, (_, index) => nextRow + index));
          for (const row of rows) {
            const columns = own
              .filter((each) => each.row === row)
              .map((each) => each.column)
              .join("");
            expect(row === rows.at(-1) ? full.startsWith(columns) : columns === full).toBe(true);
          }
          nextRow += rows.length;
        }
        for (const seat of seats) {
          const places = seat.features.filter((feature) => ["WINDOW", "AISLE", "MIDDLE"].includes(feature));
          expect(places.length === 1 || places.join() === "WINDOW,AISLE").toBe(true);
          expect(seat.column).not.toBe("I");
        }
      }),
    );
  });

  test("every aircraft with a long cabin has an exit row, and whole rows of it", () => {
    fc.assert(
      fc.property(types, fc.integer({ min: 60, max: 400 }), (aircraft, capacity) => {
        const seats = seatsOf(aircraft, [{ cabin: "Y", capacity }]);
        const exits = new Set(seats.filter((each) => each.features.includes("EXIT")).map((each) => each.row));
        expect(exits.size).toBeGreaterThan(0);
        expect(seats.every((each) => exits.has(each.row) === each.features.includes("EXIT"))).toBe(true);
      }),
    );
  });
});
