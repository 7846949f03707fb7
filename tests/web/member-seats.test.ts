/** Goal: the picture of a cabin is right for every aircraft, and proposals of seats keep what they promise. */

import { describe, expect, test } from "bun:test";
import { seatsOf } from "../../db/catalogue/layout.ts";
import { blocksOf, layoutOf } from "../../http/web/member/seat-map/layout.ts";
import { nearestFree } from "../../http/web/member/seat-map/near.ts";
import { type Seat, type SeatState, SeatStore } from "../../http/web/member/seat-map/seat-store.ts";
import { proposals, type Wishes } from "../../http/web/member/seat-map/suggest.ts";
import { partyIn, seatsIn, seatsParameter, typesOf } from "../../http/web/member/state/party.ts";

const PRICE = { amount: 64_000, currency: "KRW" };
const ANY: Wishes = { cabin: null, place: "any", area: "any", together: true };

/** Seats as the API shows those of an aircraft. @param state of each, by name */
function cabinOf(
  aircraft: string,
  cabins: readonly { readonly cabin: string; readonly capacity: number }[],
  state: (seat: string) => SeatState = () => "free",
): readonly Seat[] {
  const store = new SeatStore();
  const seats = seatsOf(aircraft, cabins).map(({ seat, cabin, features }) => {
    return { seat, cabin, features, price: PRICE, state: state(seat) };
  });
  store.hear("snapshot", { version: 0, seats });
  return store.seats.value;
}

const B738 = [{ cabin: "Y", capacity: 189 }];

function names(seats: readonly Seat[]): string {
  return seats.map(({ name }) => name).join(" ");
}

describe("blocksOf()", () => {
  test.each([
    ["AT7", "Y", 72, "AC DF"],
    ["ERJ", "Y", 48, "A CD"],
    ["ERJ", "J", 6, "A C"],
    ["738", "Y", 189, "ABC DEF"],
    ["321", "J", 8, "AC DF"],
    ["763", "Y", 210, "AC DEG HK"],
    ["333", "Y", 252, "AC DEFG HK"],
    ["333", "J", 24, "AC DG HK"],
    ["789", "Y", 234, "ABC DEF HJK"],
    ["77W", "F", 8, "A DG K"],
    ["388", "Y", 301, "ABC DEFG HJK"],
  ])("finds the aisles of %s %s", (aircraft, cabin, capacity, blocks) => {
    expect(blocksOf(cabinOf(aircraft, [{ cabin, capacity }])).join(" ")).toBe(blocks);
  });
});

describe("layoutOf()", () => {
  test("places every seat once, and none over another", () => {
    const seats = cabinOf("388", [
      { cabin: "F", capacity: 12 },
      { cabin: "J", capacity: 94 },
      { cabin: "Y", capacity: 301 },
    ]);
    const { cabins, width, height } = layoutOf(seats);
    expect(cabins.map(({ cabin }) => cabin)).toEqual(["F", "J", "Y"]);
    const placed = cabins.flatMap(({ rows }) => rows);
    expect(placed.reduce((sum, row) => sum + row.seats.length, 0)).toBe(407);
    for (const [at, { y, seats: inRow }] of placed.entries()) {
      expect(y).toBeGreaterThan(placed[at - 1]?.y ?? 0);
      expect(y).toBeLessThan(height);
      for (const [column, { x, width: wide }] of inRow.entries()) {
        const before = inRow[column - 1];
        expect(x).toBeGreaterThanOrEqual(before === undefined ? 0 : before.x + before.width);
        expect(x + wide).toBeLessThanOrEqual(width);
        expect(wide).toBeGreaterThanOrEqual(24);
      }
    }
  });
});

describe("proposals()", () => {
  test("put two side by side at an aisle in front", () => {
    const seats = cabinOf("738", B738);
    const found = proposals(seats, 2, { ...ANY, place: "aisle", area: "front" }, () => true);
    expect(found).toHaveLength(6);
    for (const { seats: pair, nearness } of found) {
      expect(nearness).toBe("sideBySide");
      expect(pair.some(({ features }) => features.includes("AISLE"))).toBe(true);
      expect(pair[0]?.row).toBe(pair[1]?.row ?? 0);
      expect(pair[0]?.row).toBeLessThan(12);
    }
    expect(new Set(found.flatMap(({ seats: pair }) => pair.map(({ name }) => name))).size).toBe(12);
  });

  test("offer nothing that is not free, nor where somebody may not sit", () => {
    const isTaken = (seat: string): boolean => !["30A", "30B", "15D", "15E"].includes(seat);
    const seats = cabinOf("738", B738, (seat) => (isTaken(seat) ? "sold" : "free"));
    const found = proposals(seats, 2, ANY, ({ features }) => !features.includes("EXIT"));
    expect(found.map(({ seats: pair }) => names(pair))).toEqual(["30A 30B"]);
  });

  test("sit four over the aisle or in two rows when no block is so wide", () => {
    const seats = cabinOf("738", B738, (seat) => (/^(20[ABC]|21[ABC]|25[CD]|25[BE])$/.test(seat) ? "free" : "sold"));
    const found = proposals(seats, 4, ANY, () => true);
    expect(found.map(({ seats: all, nearness }) => [names(all), nearness])).toEqual([
      ["25B 25C 25D 25E", "sameRow"],
      ["20A 20B 21A 21B", "rowsBehind"],
    ]);
  });

  test("of people who may sit apart give each a window", () => {
    const seats = cabinOf("738", B738);
    const [first] = proposals(seats, 3, { ...ANY, place: "window", together: false }, () => true);
    expect(first?.nearness).toBe("apart");
    expect(names(first?.seats ?? [])).toBe("1A 1F 2A");
  });

  test("come from the cheapest cabin unless another one is wished for", () => {
    const cabins = [
      { cabin: "J", capacity: 8 },
      { cabin: "Y", capacity: 180 },
    ];
    const seats = cabinOf("321", cabins);
    expect(proposals(seats, 1, ANY, () => true)[0]?.seats[0]?.cabin).toBe("Y");
    expect(proposals(seats, 1, { ...ANY, cabin: "J" }, () => true)[0]?.seats[0]?.name).toBe("1A");
  });

  test("are none where nothing is free", () => {
    expect(
      proposals(
        cabinOf("738", B738, () => "held"),
        1,
        ANY,
        () => true,
      ),
    ).toEqual([]);
  });
});

test("nearestFree() gives the nearest of the same cabin", () => {
  const seats = cabinOf("738", B738, (seat) => (seat === "10B" ? "held" : "free"));
  const gone = seats.find(({ name }) => name === "10A");
  expect(gone).toBeDefined();
  if (gone === undefined) return;
  const found = nearestFree(seats, gone, ({ name }) => name !== "10A", 3);
  expect(names(found)).toBe("9A 10C 11A");
});

describe("SeatStore", () => {
  const seat = (name: string, state: SeatState) => ({ seat: name, cabin: "Y", price: PRICE, features: [], state });

  test("takes a snapshot, then what changes, and tells what did", () => {
    const store = new SeatStore();
    const told: string[] = [];
    store.onChange((changes) => told.push(...changes.map(({ seat: { name }, after }) => `${name} ${after}`)));
    store.hear("snapshot", { version: 3, seats: [seat("1A", "free"), seat("1B", "sold")] });
    store.hear("delta", { from: 3, to: 4, changes: [{ seat: "1A", state: "held" }] });
    expect(store.find("1A")?.state.value).toBe("held");
    // What it knows already is told again after an interruption.
    store.hear("delta", { from: 2, to: 3, changes: [{ seat: "1A", state: "free" }] });
    expect(store.find("1A")?.state.value).toBe("held");
    store.hear("snapshot", { version: 9, seats: [seat("1A", "free"), seat("1B", "sold")] });
    expect(store.free).toBe(1);
    expect(told).toEqual(["1A held", "1A free"]);
  });
});

describe("the party in an address", () => {
  const party = (search: string) => partyIn(new URLSearchParams(search));

  test("is always a possible one", () => {
    expect(party("")).toEqual({ adults: 1, children: 0, infants: 0 });
    expect(party("adults=2&children=1&infants=1")).toEqual({ adults: 2, children: 1, infants: 1 });
    expect(party("adults=99&children=5")).toEqual({ adults: 9, children: 0, infants: 0 });
    expect(party("adults=-1&children=x&infants=4")).toEqual({ adults: 1, children: 0, infants: 1 });
  });

  test("has a seat for each who sits, once", () => {
    const three = party("adults=2&children=1&infants=1");
    expect(typesOf(three)).toEqual(["ADT", "ADT", "CHD", "INF"]);
    expect(seatsIn(new URLSearchParams("seats=12A,,12A,12B"), three)).toEqual(["12A", null, null]);
    expect(seatsIn(new URLSearchParams("seats=<b>,12C"), three)).toEqual([null, "12C", null]);
    expect(seatsParameter([null, "12C", null])).toBe(",12C,");
    expect(seatsParameter([null, null])).toBeNull();
  });
});
