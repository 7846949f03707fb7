/**
 * Goal: chosen seats keep the rules whatever is taken already, and are as good as the best of all ways to seat the party,
 * which a plain search over every way works out on small aircraft.
 */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { HoldArgs, HoldPassenger, PassengerType } from "../../../actors/domain/command.ts";
import { EXIT } from "../../../actors/domain/plan.ts";
import { chooseSeats } from "../../../actors/domain/seat-choice.ts";
import { FlightState } from "../../../actors/domain/state.ts";
import { givenPlan, givenSeatPlan } from "../../support/given.ts";

interface Situation {
  readonly columns: string;
  readonly rows: number;
  readonly exitRows: readonly number[];
  /** For each seat whether it is taken. */
  readonly taken: readonly boolean[];
  readonly types: readonly PassengerType[];
  /** Which free seat, by its position among them, the first passenger names; null for none. */
  readonly named: number | null;
}

const situations: fc.Arbitrary<Situation> = fc
  .record({
    columns: fc.constantFrom("ABC DEF", "AC DF", "A DG K", "AC DEG HK", "ABCD"),
    rows: fc.integer({ min: 1, max: 3 }),
    exitRows: fc.constantFrom([], [1], [2]),
    types: fc.array(fc.constantFrom<PassengerType>("ADT", "ADT", "CHD", "INF"), { minLength: 1, maxLength: 4 }),
    named: fc.option(fc.nat(), { freq: 3 }),
    share: fc.integer({ min: 0, max: 9 }),
    dice: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 24, maxLength: 24 }),
  })
  .map(({ share, dice, ...rest }) => ({ ...rest, taken: dice.map((each) => each < share) }));

/** Infants say something about seats only where there are exits, and then of who must stay away, not of what is best. */
const withoutLaps = situations.filter(({ types, exitRows }) => exitRows.length === 0 || !types.includes("INF"));

interface Seat {
  readonly index: number;
  readonly row: number;
  /** Position in the row, an aisle counting as one. */
  readonly place: number;
  /** Position in the row, aisles not counted. */
  readonly column: number;
  readonly isExit: boolean;
}

class Oracle {
  readonly state: FlightState;
  readonly seats: readonly Seat[];
  readonly args: HoldArgs;
  readonly named: readonly (number | null)[];

  constructor({ columns, rows, exitRows, taken, types, named }: Situation) {
    const seatPlan = givenSeatPlan([{ cabin: "Y", rows, columns, exitRows }]);
    this.state = new FlightState(givenPlan({ seatPlan }));
    const letters = columns.replaceAll(" ", "");
    this.seats = seatPlan.seats.map(({ row, column, features }, index) => ({
      index,
      row,
      place: columns.indexOf(column),
      column: letters.indexOf(column),
      isExit: features.includes(EXIT),
    }));
    seatPlan.seats.forEach((_, index) => {
      if (taken[index % taken.length] === true) this.state.moveSeat(index, "free", "held", "other");
    });
    const passengers: HoldPassenger[] = types.map((type, at) => ({ name: `P${at}`, type }));
    const free = this.free().filter(({ isExit }) => types[0] !== "CHD" || !isExit);
    const namedSeat = named === null || types[0] === "INF" ? undefined : free[named % Math.max(1, free.length)];
    this.args = { passengers };
    this.named = types.map((_, at) => (at === 0 ? (namedSeat?.index ?? null) : null));
  }

  free(): Seat[] {
    return this.seats.filter(({ index }) => this.state.isFree(index));
  }

  /** Every way of seating the party, up to which adult or child has which of the seats of adults or children. */
  *ways(): Generator<Way> {
    const first = this.args.passengers[0];
    const named = this.seats.filter(({ index }) => this.named.includes(index));
    const unnamed = this.args.passengers.filter((_, at) => this.named[at] === null);
    const children = unnamed.filter(({ type }) => type === "CHD").length;
    const adults = unnamed.filter(({ type }) => type === "ADT").length;
    const free = this.free().filter((seat) => !named.includes(seat));
    for (const forChildren of choose(
      free.filter(({ isExit }) => !isExit),
      children,
    )) {
      const others = free.filter((seat) => !forChildren.includes(seat));
      for (const forAdults of choose(others, adults)) {
        yield new Way(
          this,
          [...forAdults, ...(first?.type === "ADT" ? named : [])],
          [...forChildren, ...(first?.type === "CHD" ? named : [])],
        );
      }
    }
  }

  /** The way that the domain chose. */
  wayOf(seats: readonly (number | null)[]): Way {
    const of = (type: PassengerType): Seat[] =>
      seats.flatMap((index, at) => (this.args.passengers[at]?.type === type ? (this.seats[index ?? -1] ?? []) : []));
    return new Way(this, of("ADT"), of("CHD"));
  }
}

class Way {
  readonly adults: readonly Seat[];
  readonly children: readonly Seat[];
  readonly #oracle: Oracle;

  constructor(oracle: Oracle, adults: readonly Seat[], children: readonly Seat[]) {
    this.#oracle = oracle;
    this.adults = adults;
    this.children = children;
  }

  get seats(): Seat[] {
    return [...this.adults, ...this.children];
  }

  /** Children with no adult in a neighbouring column of their row; none in a party without adults. */
  get alone(): number {
    if (!this.#oracle.args.passengers.some(({ type }) => type === "ADT")) return 0;
    return this.children.filter((child) => !this.#isBeside(child, "column")).length;
  }

  /** Children with at most an aisle between them and an adult. */
  get beyondAisle(): number {
    if (!this.#oracle.args.passengers.some(({ type }) => type === "ADT")) return 0;
    return this.children.filter((child) => !this.#isBeside(child, "place")).length;
  }

  #isBeside(child: Seat, by: "column" | "place"): boolean {
    return this.adults.some((adult) => adult.row === child.row && Math.abs(adult[by] - child[by]) === 1);
  }

  get isInOneRow(): boolean {
    return new Set(this.seats.map(({ row }) => row)).size <= 1;
  }

  get isSideBySide(): boolean {
    const columns = this.seats.map(({ column }) => column);
    return this.isInOneRow && Math.max(...columns) - Math.min(...columns) + 1 === columns.length;
  }

  /** Aisles between those who sit in neighbouring columns. */
  get crossings(): number {
    const inOrder = this.seats.toSorted((a, b) => a.column - b.column);
    return inOrder.filter((seat, at) => {
      const next = inOrder[at + 1];
      return next !== undefined && next.column - seat.column === 1 && next.place - seat.place > 1;
    }).length;
  }

  /** Free seats that have lost their last free neighbour in their block by this. */
  get newlyLone(): number {
    const before = this.#oracle.free();
    return this.#loneLeft().filter((seat) => !isLone(before, seat)).length;
  }

  /** Free seats without a free neighbour in their block after this. */
  get lone(): number {
    return this.#loneLeft().length;
  }

  #loneLeft(): Seat[] {
    const own = new Set(this.seats.map(({ index }) => index));
    const after = this.#oracle.free().filter(({ index }) => !own.has(index));
    return after.filter((seat) => isLone(after, seat));
  }
}

function isLone(free: readonly Seat[], seat: Seat): boolean {
  return !free.some(({ row, place }) => row === seat.row && Math.abs(place - seat.place) === 1);
}

function* choose<T>(from: readonly T[], count: number): Generator<T[]> {
  if (count === 0) yield [];
  else {
    for (const [at, first] of from.entries()) {
      for (const others of choose(from.slice(at + 1), count - 1)) yield [first, ...others];
    }
  }
}

test("chooseSeats() is as good as the best of all ways", () => {
  fc.assert(
    fc.property(withoutLaps, (situation) => {
      const oracle = new Oracle(situation);
      const ways = [...oracle.ways()];
      const seats = chooseSeats(oracle.state, oracle.args, oracle.named);
      if (ways.length === 0) {
        expect(seats).toBeNull();
        return;
      }
      expect(seats).not.toBeNull();
      const way = oracle.wayOf(seats ?? []);

      const chosen = (seats ?? []).filter((seat) => seat !== null);
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(chosen.every((seat) => oracle.state.isFree(seat))).toBe(true);
      expect(way.children.every(({ isExit }) => !isExit)).toBe(true);
      oracle.args.passengers.forEach(({ type }, at) => {
        expect(seats?.[at] === null).toBe(type === "INF");
        const named = oracle.named[at] ?? null;
        if (named !== null) expect(seats?.[at]).toBe(named);
      });

      const alone = Math.min(...ways.map((each) => each.alone));
      expect({ alone: way.alone }).toEqual({ alone });
      if (way.seats.length === 0) return;

      const beyondAisle = Math.min(...ways.filter((each) => each.alone === alone).map((each) => each.beyondAisle));
      const best = ways.filter((each) => each.alone === alone && each.beyondAisle === beyondAisle);
      if (best.some((each) => each.isInOneRow)) expect({ isInOneRow: way.isInOneRow }).toEqual({ isInOneRow: true });
      const sideBySide = best.filter((each) => each.isSideBySide);
      if (sideBySide.length > 0) expect({ isSideBySide: way.isSideBySide }).toEqual({ isSideBySide: true });
      if (sideBySide.length > 0) {
        const crossings = Math.min(...sideBySide.map((each) => each.crossings));
        expect({ crossings: way.crossings }).toEqual({ crossings });
        const closest = sideBySide.filter((each) => each.crossings === crossings);
        expect({ newlyLone: way.newlyLone }).toEqual({
          newlyLone: Math.min(...closest.map((each) => each.newlyLone)),
        });
      }
    }),
    { numRuns: 2_000 },
  );
});

test("chooseSeats() leaves no more lone seats than the best of all ways where nobody minds to sit apart", () => {
  const apart = fc
    .tuple(situations, fc.integer({ min: 1, max: 7 }))
    .map(([situation, adults]) => ({ ...situation, types: Array<PassengerType>(adults).fill("ADT"), named: null }));
  fc.assert(
    fc.property(apart, (situation) => {
      const oracle = new Oracle(situation);
      // Fewer free seats than these have few enough ways.
      fc.pre(oracle.free().length <= 12);
      const ways = [...oracle.ways()];
      const seats = chooseSeats(oracle.state, { ...oracle.args, prefer: { together: false } }, oracle.named);
      expect(seats === null).toBe(ways.length === 0);
      if (seats !== null) expect(oracle.wayOf(seats).lone).toBe(Math.min(...ways.map(({ lone }) => lone)));
    }),
    { numRuns: 500 },
  );
});

test("chooseSeats() keeps children and laps with infants from exits, and has seats for all wherever that can be", () => {
  const families = fc
    .tuple(situations, fc.nat({ max: 3 }), fc.nat({ max: 2 }), fc.integer({ min: 1, max: 3 }))
    .filter(([, adults, , infants]) => infants <= adults)
    .map(([situation, adults, children, infants]) => {
      const types: PassengerType[] = [
        ...Array<PassengerType>(infants).fill("INF"),
        ...Array<PassengerType>(children).fill("CHD"),
        ...Array<PassengerType>(adults).fill("ADT"),
      ];
      return { ...situation, types, named: null, kept: infants + children, seated: adults + children, infants };
    });
  fc.assert(
    fc.property(families, fc.boolean(), ({ kept, seated, infants, ...situation }, together) => {
      const oracle = new Oracle(situation);
      const free = oracle.free();
      const seats = chooseSeats(oracle.state, { ...oracle.args, prefer: { together } }, oracle.named);
      expect(seats !== null).toBe(free.length >= seated && free.filter(({ isExit }) => !isExit).length >= kept);
      const chosen = (seats ?? []).flatMap((seat) => (seat === null ? [] : (oracle.seats[seat] ?? [])));
      expect(new Set(chosen).size).toBe(seats === null ? 0 : seated);
      expect(chosen.every(({ index }) => oracle.state.isFree(index))).toBe(true);
      // The children come before the adults, and of these the first have the infants.
      expect(chosen.slice(0, kept).some(({ isExit }) => isExit)).toBe(false);
      expect(seats?.slice(0, infants).every((seat) => seat === null) ?? true).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
