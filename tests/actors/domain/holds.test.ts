/** Goal: holds end in the order of their deadlines, each once, in whatever order they came, and only those that are still held. */

import { expect, test } from "bun:test";
import { Holds } from "../../../actors/domain/holds.ts";
import { NONE, type Reservation } from "../../../actors/domain/state.ts";
import { seededRandom } from "../../../deploy/seeded-random.ts";

const SEEDS = 40;
const STEPS = 1_500;

function held(id: number, expiresAtMs: number): Reservation {
  return {
    id: `r${id}`,
    pnr: "PNR001",
    member: "m1",
    passengers: [],
    seats: [],
    total: 0,
    createdAtMs: 0,
    expiresAtMs,
    status: "HELD",
    generation: 1,
    isOver: false,
    attempts: NONE,
    ticketedBy: null,
    tickets: NONE,
  };
}

test("as a list does that is sorted anew each time", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const below = (max: number): number => Math.floor(random() * max);
    // Deadlines that only rise, that jump about, and some of each.
    const isEarlier = random();
    const holds = new Holds();
    let known: Reservation[] = [];
    const running = (): Reservation[] => known.filter(({ status, isOver }) => status === "HELD" && !isOver);
    for (let step = 0; step < STEPS; step++) {
      const dice = random();
      const nowMs = step;
      if (dice < 0.5) {
        const reservation = held(step, nowMs + (random() < isEarlier ? below(100) : 100));
        known.push(reservation);
        holds.add(reservation);
      } else if (dice < 0.8) {
        const [one] = running().slice(below(Math.max(1, running().length)));
        if (one !== undefined) one.status = random() < 0.5 ? "PAYING" : "RELEASED";
      } else if (dice < 0.9) {
        const paying = known.find(({ status }) => status === "PAYING");
        if (paying !== undefined) {
          paying.status = "HELD";
          paying.generation += 1;
          holds.add(paying);
        }
      } else {
        const due = running().filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
        const taken = holds.takeDue(nowMs);
        expect(taken.map(({ expiresAtMs }) => expiresAtMs)).toEqual(
          due.map(({ expiresAtMs }) => expiresAtMs).toSorted((a, b) => a - b),
        );
        expect(new Set(taken)).toEqual(new Set(due));
        for (const each of taken) each.status = "EXPIRED";
        known = known.filter(({ status }) => status !== "EXPIRED" && status !== "RELEASED");
      }
      const next = running().map(({ expiresAtMs }) => expiresAtMs);
      expect(holds.nextMs()).toBe(next.length === 0 ? null : Math.min(...next));
    }
  }
});
