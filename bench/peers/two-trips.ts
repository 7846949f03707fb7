/** Owns a hold as a transaction of two trips: all statements at once, and, when all of them did what they should, the commit. */

import { present } from "../../actors/assert.ts";
import type { Answer, HoldRequest } from "./peer.ts";
import { InTheWay, type Link, type Statement } from "./pool.ts";
import {
  claim,
  claimedAt,
  clearExpired,
  decidedNow,
  heldDecision,
  isDuplicate,
  lookAtClaims,
  ROLLBACK,
  recall,
  refuse,
  remember,
  reserve,
  takenDecision,
} from "./writes.ts";

/**
 * The commit can't travel with the rest: one that is on its way could not be held back by a row that was refused.
 * @param locks what comes first in the transaction
 */
export async function holdInTwoTrips(link: Link, request: HoldRequest, locks: readonly Statement[]): Promise<Answer> {
  const held = heldDecision(request);
  const writes = [claim(request), reserve(request), remember(request, held)];
  const outcomes = await link.all([...locks, lookAtClaims(request), ...writes]);
  for (const locked of outcomes.slice(0, locks.length)) isDuplicate(locked);
  const [looked, claimed, reserved, remembered] = outcomes.slice(locks.length);
  isDuplicate(present(reserved, "the reservation was answered"));
  if (isDuplicate(present(remembered, "the key was answered"))) {
    await link.one("rollback");
    return await recall(link, request);
  }
  if (isDuplicate(present(claimed, "the claim was answered"))) {
    const taken = claimedAt(request.nowMs, present(looked, "the look was answered").rows);
    if (taken.length > 0) return await refuse(link, request, takenDecision(taken));
    await takeOver(link, [...locks, clearExpired(request), ...writes]);
  }
  await link.one("commit");
  return decidedNow(held);
}

/** Whoever claimed the seats is out of time, or has come this very moment. */
async function takeOver(link: Link, statements: readonly Statement[]): Promise<void> {
  const [, ...outcomes] = await link.all([ROLLBACK, ...statements]);
  for (const outcome of outcomes) if (isDuplicate(outcome)) throw new InTheWay("somebody else took the seats over");
}
