/** Owns the check that a line was kept: nobody who came later was served before somebody who came earlier, as far as answers can tell. */
import { PRESENCE_MS } from "../../queue/room/room-store.ts";

/** Somebody who joined. Times on one clock. */
export interface Joining {
  readonly seq: number;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** A question at the door, and its answer: the server decided between the two. */
export interface DoorAsk {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** Somebody who came to the door. */
export interface DoorVisit {
  readonly place: number;
  /** Each time at which they asked and were told that they stand at the door. */
  readonly turnedAway: readonly DoorAsk[];
  /** What gave them their pass; null: nothing did. */
  readonly pass: DoorAsk | null;
}

/** People who had their place before somebody else had even asked, and were put behind that one. */
export function joinsOutOfOrder(joinings: readonly Joining[]): number {
  let latestSentMs = Number.NEGATIVE_INFINITY;
  let wrong = 0;
  for (const { sentAtMs, answeredAtMs } of joinings.toSorted((a, b) => a.seq - b.seq)) {
    if (answeredAtMs < latestSentMs) wrong += 1;
    latestSentMs = Math.max(latestSentMs, sentAtMs);
  }
  return wrong;
}

/** People who were passed over, by whether the server must have known that they stood there. */
export interface PassedOver {
  /** They had asked within {@link PRESENCE_MS} of whatever moment at which the later one's pass can have been decided. */
  readonly present: number;
  /** They may have been silent for longer: then the line goes on without them until they ask again. */
  readonly silent: number;
}

/**
 * People who stood at the door while somebody with a later place came, asked and had a pass, and who were turned away again after that: nothing was
 * left for them. Whoever gets in when they ask next was not passed over, since a pass was kept for them.
 */
export function passedOver(visits: readonly DoorVisit[]): PassedOver {
  const inOrder = visits.toSorted((a, b) => a.place - b.place);
  let [present, silent] = [0, 0];
  for (const [at, { turnedAway }] of inOrder.entries()) {
    const [first, last] = [turnedAway[0], turnedAway.at(-1)];
    if (first === undefined || last === undefined || first === last) continue;
    let [isPassedOver, wasPresent] = [false, false];
    for (let later = at + 1; later < inOrder.length && !wasPresent; later++) {
      const pass = inOrder[later]?.pass ?? null;
      if (pass === null || pass.sentAtMs <= first.answeredAtMs || pass.answeredAtMs >= last.sentAtMs) continue;
      isPassedOver = true;
      wasPresent = isPresent(turnedAway, pass);
    }
    if (wasPresent) present += 1;
    else if (isPassedOver) silent += 1;
  }
  return { present, silent };
}

/** Whether they had asked shortly enough before a pass was decided, whenever within its question that was. */
function isPresent(asked: readonly DoorAsk[], pass: DoorAsk): boolean {
  return asked.some(
    ({ sentAtMs, answeredAtMs }) => answeredAtMs < pass.sentAtMs && sentAtMs > pass.answeredAtMs - PRESENCE_MS,
  );
}

/** How many the line went on without, and why. */
export function silentWords({ silent }: PassedOver): string {
  return `${silent} who had been silent for more than ${PRESENCE_MS / 1_000} s, which is as long as anybody at the door is waited for`;
}
