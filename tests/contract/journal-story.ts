/** Owns one story of everything that a flight can do, told to a journal: every database must be left with the same rows. */

import { assert } from "../../actors/assert.ts";
import { DecidingFlight, givenBatch } from "../support/given-batches.ts";
import type { FreshDatabase } from "../support/given-database.ts";
import { publishPlan } from "../support/given-host.ts";
import { contents, GivenJournal } from "../support/given-journal.ts";

/** Tells one story on an empty database, of everything that a flight can do, and gives all rows that it left. */
export async function tellStory(fresh: FreshDatabase): Promise<Record<string, string[]>> {
  const under = await GivenJournal.open(fresh);
  const host = await under.takeOver();
  const flights = ["PG-0001-20300131-ICN", "PG-0002-20300131-ICN"].map((flightId) => new DecidingFlight(flightId));
  for (const { plan } of flights) await publishPlan(under.given.db, plan);
  let batches = 0;
  const commit = async (): Promise<void> => {
    const writes = flights.map((flight) => flight.write());
    const outcome = await under.journal.commit(
      givenBatch(host.owner, host.ownership, writes, `batch-${++batches}`),
      false,
    );
    assert(outcome.kind === "committed", `committed, not ${JSON.stringify(outcome)}`);
  };
  const story = flights.map((flight) => {
    const [bought, lapsed, dropped] = [flight.hold(["1A", "1B"]), flight.hold(["2A"]), flight.hold(["3A", "3B", "3C"])];
    return { flight, bought, lapsed, dropped };
  });
  await commit();
  const payments = story.map(({ flight, bought, dropped }) => {
    flight.release(dropped);
    return { flight, bought, payment: flight.beginPayment(bought) };
  });
  await commit();
  for (const { flight, payment } of payments) flight.capture(payment);
  await commit();
  for (const { flight, bought } of payments) {
    flight.hold(["3A"]);
    flight.release(bought);
  }
  await commit();
  for (const { flight, lapsed } of story) flight.expire(lapsed);
  await commit();
  for (const { flight } of story) {
    // Too little money: it is to be given back, and the seats stay held.
    const payment = flight.beginPayment(flight.hold(["4A", "4B"]));
    flight.capture({ ...payment, amount: { ...payment.amount, amount: 1 } });
  }
  await commit();
  const rows = await contents(under.given);
  await under.close();
  return rows;
}
