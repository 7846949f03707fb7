/** Owns the check that a line was kept: nobody who came later was served before somebody who came earlier, as far as answers can tell. */

/** Somebody who joined. Times on one clock. */
export interface Joining {
  readonly seq: number;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** Somebody who came to the door. */
export interface DoorVisit {
  readonly place: number;
  /** When they were told that they stand at the door; null: they never had to wait there. */
  readonly atDoorSinceMs: number | null;
  /** When they asked for the pass that they got, and when they had it; null: they got none. */
  readonly askedAtMs: number | null;
  readonly passAtMs: number | null;
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

/** People who stood at the door while somebody with a later place came, asked, and had a pass, before they could ask again. */
export function passedOver(visits: readonly DoorVisit[]): number {
  const inOrder = visits.toSorted((a, b) => a.place - b.place);
  const stood = inOrder.flatMap((visit, at) => (visit.atDoorSinceMs === null ? [] : [{ visit, at }]));
  return stood.filter(({ visit, at }) => {
    const since = visit.atDoorSinceMs ?? Number.POSITIVE_INFINITY;
    const until = visit.askedAtMs ?? Number.POSITIVE_INFINITY;
    return inOrder
      .slice(at + 1)
      .some(
        ({ askedAtMs, passAtMs }) => askedAtMs !== null && passAtMs !== null && askedAtMs > since && passAtMs < until,
      );
  }).length;
}
