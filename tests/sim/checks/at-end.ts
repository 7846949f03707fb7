/** Owns the last judgement on a run: histories of all seats, money, and everything that is derived from the journal. */

import { EPOCH_MS, type World } from "../world/world.ts";

export function judgeAtEnd(world: World): void {
  judgeSeats(world);
  judgeMoney(world);
}

function judgeSeats({ flights, history, findings, hasClockJumped }: World): void {
  for (const { flightId, seatPlan } of flights) {
    const seats = seatPlan.seats.map(({ seat }) => seat);
    const why = history.judge(flightId, seats, hasClockJumped ? null : EPOCH_MS);
    if (why !== null) findings.report("linearizability", why);
  }
}

/** I8: every captured payment is ticketed or refunded, and by now none is in flight. */
function judgeMoney({ bank, models, findings }: World): void {
  const attempts = new Map([...models.values()].flatMap(({ attempts }) => [...attempts]));
  for (const { attempt, status, captured, refunds } of bank.server.payments) {
    if (status !== "CAPTURED" || captured === null) continue;
    const known = attempts.get(attempt);
    const isTicketed =
      known?.status === "CAPTURED" &&
      known.reservation.ticketedBy === attempt &&
      known.reservation.status === "TICKETED";
    const isRefunded = known?.status === "REFUNDED" && refunds.size === 1;
    findings.expect(isTicketed !== isRefunded && (isRefunded || refunds.size === 0), "I8", () => {
      return `${attempt} took ${captured.amount}, is ${known?.status} and its reservation ${known?.reservation.status}, given back ${refunds.size} times`;
    });
  }
}
