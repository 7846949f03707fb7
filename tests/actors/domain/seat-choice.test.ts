/** Goal: a reader learns which seats are chosen for those who name none, and which are offered in place of taken ones. */

import { describe, expect, test } from "bun:test";
import { nearestFree } from "../../../actors/domain/alternatives.ts";
import type { HoldArgs, HoldPassenger } from "../../../actors/domain/command.ts";
import { chooseSeats } from "../../../actors/domain/seat-choice.ts";
import { FlightState } from "../../../actors/domain/state.ts";
import { type GivenCabin, givenAdults, givenParty, givenPlan, givenSeatPlan } from "../../support/given.ts";

/** A cabin of `ABC DEF` drawn row by row: `.` is free, `x` is taken. */
function drawn(rows: readonly string[], cabin: Partial<GivenCabin> = {}): FlightState {
  return takenAs(rows, [{ cabin: "Y", rows: rows.length, ...cabin }]);
}

function takenAs(rows: readonly string[], cabins: readonly GivenCabin[]): FlightState {
  const state = new FlightState(givenPlan({ seatPlan: givenSeatPlan(cabins) }));
  [...rows.join("").replaceAll(" ", "")].forEach((seat, index) => {
    if (seat === "x") state.moveSeat(index, "free", "held", "somebody");
  });
  state.seatVersion = 1;
  return state;
}

function choose(state: FlightState, passengers: readonly HoldPassenger[], prefer?: HoldArgs["prefer"]): string | null {
  const { seatPlan } = state.plan;
  const named = passengers.map(({ seat }) => (seat === undefined ? null : (seatPlan.indexOf(seat) ?? null)));
  const seats = chooseSeats(state, { passengers, ...(prefer === undefined ? {} : { prefer }) }, named);
  return seats?.map((seat) => (seat === null ? "lap" : seatPlan.at(seat).seat)).join(" ") ?? null;
}

const [adult, child, infant] = givenParty("ADT", "CHD", "INF") as [HoldPassenger, HoldPassenger, HoldPassenger];

describe("a party", () => {
  test("sits side by side in the foremost row that lets it", () => {
    expect(choose(drawn(["... ...", "... ..."]), givenAdults(3))).toBe("1A 1B 1C");
    expect(choose(drawn([".x. ...", "xx. ..."]), givenAdults(3))).toBe("1D 1E 1F");
    expect(choose(drawn([".x. .x.", "xx. ..x"]), givenAdults(3))).toBe("2C 2D 2E");
  });

  test("sits in one row rather than in two, even with others between", () => {
    expect(choose(drawn([".xx xx.", ".x. xx.", ".xx xxx"]), givenAdults(3))).toBe("2A 2C 2F");
  });

  test("sits near each other when no row has seats for all", () => {
    expect(choose(drawn(["... xxx", "xxx xxx", "xx. ...", "... xxx"]), givenAdults(7))).toBe("3C 3D 3E 3F 4A 4B 4C");
  });

  test("has no aisle between if another place is as good, even if that leaves a lone seat", () => {
    expect(choose(drawn(["... xxx", "xx. .xx"]), givenAdults(2))).toBe("1A 1B");
    expect(choose(drawn(["x.. ..x", "xxx .xx"]), givenAdults(2))).toBe("1B 1C");
    expect(choose(drawn(["xx. .xx", "..x xxx"]), givenAdults(2))).toBe("2A 2B");
  });

  test("leaves no lone seat where it can be avoided", () => {
    expect(choose(drawn(["... xxx", "..x xxx"]), givenAdults(2))).toBe("2A 2B");
    expect(choose(drawn(["... ..x"]), givenAdults(2))).toBe("1D 1E");
  });

  test("is seated as a whole or not at all", () => {
    expect(choose(drawn(["..x xxx"]), givenAdults(3))).toBeNull();
  });
});

describe("somebody alone", () => {
  test("fills a lone seat first", () => {
    expect(choose(drawn(["... ...", "x.x ..."]), givenAdults(1))).toBe("2B");
  });

  test("leaves no lone seat where it can be avoided", () => {
    expect(choose(drawn(["... ..."]), givenAdults(1))).toBe("1A");
    expect(choose(drawn(["..x xxx", "... xxx"]), givenAdults(1))).toBe("2A");
    expect(choose(drawn(["..x xxx"]), givenAdults(1))).toBe("1A");
  });
});

describe("children", () => {
  test("sit beside an adult, two to an adult if need be", () => {
    expect(choose(drawn(["... ..."]), [child, adult, child])).toBe("1A 1B 1C");
    expect(choose(drawn(["..x x.x", "... xxx"]), [adult, child, child])).toBe("2B 2A 2C");
  });

  test("rather have an adult beside them than the party in one row", () => {
    expect(choose(drawn([".x. x.x", "..x xxx", "x.. xxx"]), [adult, adult, child, child])).toBe("2A 3B 2B 3C");
  });

  test("sit beside an adult who named a seat, and the adult beside a child who did", () => {
    const state = drawn(["... ...", "... ...", "... ..."]);
    expect(choose(state, [{ ...adult, seat: "3F" }, child])).toBe("3F 3E");
    expect(choose(state, [adult, { ...child, seat: "2A" }])).toBe("2B 2A");
  });

  test("never sit at an exit; their adults do if nothing else is left", () => {
    const state = drawn(["xxx x..", "... ..."], { exitRows: [2] });
    expect(choose(state, [adult, child, child])).toBe("2A 1E 1F");
    expect(choose(state, [child, child, child])).toBeNull();
    expect(choose(state, givenAdults(3))).toBe("2A 2B 2C");
  });

  test("on a lap are at no exit; the other adults are if nothing else is left", () => {
    expect(choose(drawn(["... ...", "..x xxx"], { exitRows: [1] }), [adult, adult, infant])).toBe("2A 2B lap");
    expect(choose(drawn(["... ...", ".xx xxx"], { exitRows: [1] }), [adult, adult, infant])).toBe("2A 1A lap");
    expect(choose(drawn(["... ...", ".xx xxx"], { exitRows: [1] }), [adult, adult, infant, infant])).toBeNull();
    expect(choose(drawn(["... ..."], { exitRows: [1] }), [{ ...adult, seat: "1A" }, adult])).toBe("1A 1B");
  });

  test("are seated without an adult if they travel without one", () => {
    expect(choose(drawn(["... ...", "..x xxx"], { exitRows: [1] }), [child, child])).toBe("2A 2B");
    expect(choose(drawn(["... ...", ".xx xxx"], { exitRows: [1] }), [child])).toBe("2A");
  });

  test("are seated without an adult beside them where there is no other way", () => {
    expect(choose(drawn([".x. xxx"]), [adult, child])).toBe("1A 1C");
  });

  test("on a lap have no seat", () => {
    expect(choose(drawn(["... ..."]), [adult, infant])).toBe("1A lap");
  });
});

describe("those who named a seat", () => {
  test("draw the others beside them", () => {
    const state = drawn(["... ...", "... ...", "... ..."]);
    expect(choose(state, [{ ...adult, seat: "3E" }, adult])).toBe("3E 3D");
    expect(choose(state, [{ ...adult, seat: "2B" }, adult, adult])).toBe("2B 2A 2C");
  });

  test("draw the others near them when their own row is full", () => {
    const state = drawn(["... ...", "xxx xxx", "xxx x.x", "... xxx", "... ..."]);
    expect(choose(state, [{ ...adult, seat: "3E" }, adult, adult, adult])).toBe("3E 4A 4B 4C");
  });

  test("keep their seats, whatever is preferred", () => {
    const cabins = [
      { cabin: "J", rows: 1, columns: "A DG K" },
      { cabin: "Y", rows: 2 },
    ];
    const state = takenAs([], cabins);
    expect(choose(state, [{ ...adult, seat: "1A" }, adult], { cabin: "Y" })).toBe("1A 2A");
    expect(choose(state, [{ ...adult, seat: "1D" }, adult])).toBe("1D 1G");
    expect(choose(state, [{ ...adult, seat: "1D" }, adult], { together: false })).toBe("1D 2A");
    expect(choose(state, [{ ...adult, seat: "1D" }, child], { together: false })).toBe("1D 1G");
  });
});

describe("a cabin", () => {
  const cabins = [
    { cabin: "J", rows: 1, columns: "A DG K" },
    { cabin: "Y", rows: 1, columns: "ABC DEF" },
  ];

  test("that is preferred is the only one", () => {
    expect(choose(takenAs([], cabins), givenAdults(2), { cabin: "J" })).toBe("1D 1G");
    expect(choose(takenAs(["x xx .", "... ..."], cabins), givenAdults(2), { cabin: "J" })).toBeNull();
    expect(choose(takenAs([], cabins), givenAdults(1), { cabin: "W" })).toBeNull();
  });

  test("is the one with the lowest fare that has seats for all", () => {
    expect(choose(takenAs([], cabins), givenAdults(2))).toMatch(/^2/);
    expect(choose(takenAs([". .. .", "xxx ..x"], cabins), givenAdults(3))).toBe("1A 1D 1G");
  });

  test("is not the only one if none has seats for all", () => {
    expect(choose(takenAs(["x .. x", "xx. ..x"], cabins), givenAdults(5))).toBe("1D 1G 2C 2D 2E");
    expect(choose(takenAs(["x .. x", "xx. x.x"], cabins), givenAdults(5))).toBeNull();
  });

  test("is shared by a child and its adult when the party is spread over several", () => {
    expect(choose(takenAs(["x .. x", "..x .xx"], cabins), [adult, adult, adult, child])).toBe("1D 2A 2D 2B");
    expect(choose(takenAs(["x .. x", "x.x xx."], cabins), [adult, adult, child])).toBe("1D 2B 1G");
  });
});

describe("a party that need not sit together", () => {
  test("fills lone seats first, wherever they are", () => {
    const state = drawn(["... ...", ".x. xx.", ".xx ..."]);
    expect(choose(state, givenAdults(3), { together: false })).toBe("2A 2C 2F");
    expect(choose(state, givenAdults(5), { together: false })).toBe("1A 2A 2C 2F 3A");
  });

  test("leaves no lone seat where it can be avoided", () => {
    expect(choose(drawn(["... ..x"]), givenAdults(2), { together: false })).toBe("1D 1E");
    expect(choose(drawn(["... x..", "xxx x.."]), givenAdults(4), { together: false })).toBe("1E 1F 2E 2F");
    expect(choose(drawn(["... ..x"]), givenAdults(3), { together: false })).toBe("1A 1B 1C");
  });

  test("still has its children beside an adult", () => {
    const state = drawn([".xx x.x", "... xxx"]);
    expect(choose(state, [adult, child], { together: false })).toBe("2A 2B");
  });
});

describe("chooseSeats()", () => {
  test("gives the same seats for the same request", () => {
    const state = drawn([".x. ..x", "x.. x..", "... .x."]);
    const party = givenParty("ADT", "CHD", "ADT", "CHD", "ADT");
    expect(choose(state, party)).toBe(choose(state, party));
  });
});

describe("nearestFree()", () => {
  test("offers six seats around the taken one, the nearest first", () => {
    expect(nearestFree(drawn(["... ...", ".x. ...", "... ..."]), ["2B"])).toEqual(["2A", "2C", "2D", "1B", "3B", "2E"]);
  });

  test("offers seats near to any of those that were taken", () => {
    expect(nearestFree(drawn(["x.. ...", "... ...", "... ...", "... ..x"]), ["1A", "4F"])).toEqual([
      "1B",
      "4E",
      "1C",
      "4D",
      "2A",
      "3F",
    ]);
  });

  test("stays in the cabin as long as anything is free there, and offers others when nothing is", () => {
    const cabins = [
      { cabin: "J", rows: 1, columns: "A DG K" },
      { cabin: "Y", rows: 1, columns: "ABC DEF" },
    ];
    expect(nearestFree(takenAs(["x .x x", "... ..."], cabins), ["1A"])).toEqual(["1D"]);
    expect(nearestFree(takenAs(["x xx x", ".xx x.x"], cabins), ["1A"])).toEqual(["2A", "2E"]);
    expect(nearestFree(takenAs(["x xx x", "xxx xxx"], cabins), ["1A"])).toEqual([]);
  });

  test("tells what is free now, however often it was asked before", () => {
    const state = drawn(["x.. ..."]);
    expect(nearestFree(state, ["1A"])[0]).toBe("1B");
    state.moveSeat(1, "free", "held", "somebody");
    state.seatVersion += 1;
    expect(nearestFree(state, ["1A"])[0]).toBe("1C");
    for (let at = 0; at < 600; at++) nearestFree(state, [`1A`, `${at}Q`]);
    expect(nearestFree(state, ["1A"])).toEqual(["1C", "1D", "1E", "1F"]);
  });
});
