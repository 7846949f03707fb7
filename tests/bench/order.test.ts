/** Goal: a line that was not kept is noticed, and told from one that went on without people who had left. */
import { expect, test } from "bun:test";
import { type DoorAsk, type DoorVisit, joinsOutOfOrder, passedOver, silentWords } from "../../bench/profiles/order.ts";
import { PRESENCE_MS } from "../../queue/room/room-store.ts";

function asked(sentAtMs: number, answeredAtMs = sentAtMs + 5): DoorAsk {
  return { sentAtMs, answeredAtMs };
}

/** Somebody who was turned away each time, but for the last one if they have a pass. */
function visit(place: number, turnedAway: readonly DoorAsk[], pass: DoorAsk | null): DoorVisit {
  return { place, turnedAway, pass };
}

const NOBODY = { present: 0, silent: 0 };

test("joinsOutOfOrder() counts who was put behind somebody who asked after they had their place", () => {
  const first = { seq: 1, sentAtMs: 0, answeredAtMs: 10 };
  const second = { seq: 2, sentAtMs: 5, answeredAtMs: 12 };
  expect(joinsOutOfOrder([second, first])).toBe(0);
  const later = { seq: 1, sentAtMs: 11, answeredAtMs: 20 };
  expect(joinsOutOfOrder([{ ...first, seq: 2 }, later])).toBe(1);
});

test("passedOver() counts who was turned away again after somebody behind them got in", () => {
  const waits = visit(1, [asked(0), asked(2_000), asked(4_000)], asked(6_000));
  expect(passedOver([visit(2, [], asked(3_000)), waits])).toEqual({ present: 1, silent: 0 });
  // Whoever never got in at all is no better off.
  const neverIn = visit(1, [asked(0), asked(2_000), asked(4_000)], null);
  expect(passedOver([neverIn, visit(2, [asked(1_000)], asked(3_000))])).toEqual({ present: 1, silent: 0 });
  expect(passedOver([waits, visit(2, [], asked(3_000)), visit(3, [], asked(3_100))]).present).toBe(1);
});

test("passedOver() lets pass what answers can't tell, and those for whom a pass was kept", () => {
  const waits = visit(3, [asked(0), asked(2_000)], asked(4_000));
  // Asked before they had come, was in before they asked again, and had an answer only when they had been turned away.
  for (const other of [asked(4, 30), asked(2_100), asked(10, 2_001)])
    expect(passedOver([waits, visit(4, [], other)])).toEqual(NOBODY);
  // Came before them, or got nothing.
  expect(passedOver([waits, visit(2, [], asked(1_000))])).toEqual(NOBODY);
  expect(passedOver([waits, visit(4, [asked(1_000)], null)])).toEqual(NOBODY);
  // Others got in before they asked again: but then they did as well.
  expect(passedOver([visit(1, [asked(0)], asked(2_000)), visit(2, [], asked(1_000))])).toEqual(NOBODY);
  expect(passedOver([])).toEqual(NOBODY);
});

test("passedOver() tells those apart who had been silent for longer than a place at the door is kept", () => {
  const late = PRESENCE_MS + 2_000;
  const silent = visit(1, [asked(0), asked(late)], asked(late + 2_000));
  expect(passedOver([silent, visit(2, [], asked(PRESENCE_MS + 1_000))])).toEqual({ present: 0, silent: 1 });
  // The server may have had the question as soon as it was sent, and have decided as late as it answered.
  const edge = (sentAtMs: number, answeredAtMs: number) => visit(2, [], asked(sentAtMs, answeredAtMs));
  expect(passedOver([silent, edge(PRESENCE_MS - 100, PRESENCE_MS - 1)])).toEqual({ present: 1, silent: 0 });
  expect(passedOver([silent, edge(PRESENCE_MS - 100, PRESENCE_MS)])).toEqual({ present: 0, silent: 1 });
  // They had been silent once, and were there again when somebody passed.
  const back = visit(1, [asked(0), asked(late), asked(late + 2_000)], null);
  expect(passedOver([back, visit(2, [], asked(late + 1_000))])).toEqual({ present: 1, silent: 0 });
  expect(silentWords({ present: 0, silent: 7 })).toContain("7 who had been silent for more than 9 s");
});
