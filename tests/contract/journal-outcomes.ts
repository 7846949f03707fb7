/** Owns what every journal does with a batch that can't stand, or of which nobody knows whether it does: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { Projection } from "../../actors/domain/projection.ts";
import type { FlightChange } from "../../actors/journal.ts";
import type { DecidingFlight } from "../support/given-batches.ts";
import type { FreshDatabase } from "../support/given-database.ts";
import { GivenJournal, type GivenOwner } from "../support/given-journal.ts";

export function journalOutcomesContract(fresh: FreshDatabase): void {
  let under: GivenJournal;
  let host: GivenOwner;

  beforeAll(async () => {
    under = await GivenJournal.open(fresh);
  });
  beforeEach(async () => {
    host = await under.takeOver();
  });
  afterAll(() => under.close());

  describe("commit() of what contradicts a projection", () => {
    /** Two flights in one batch, the second of which is made wrong. */
    async function violates(spoil: (change: FlightChange) => FlightChange, prepare?: (flight: DecidingFlight) => void) {
      const [sound, wrong] = await under.twoFlights();
      wrong.hold(["9A"]);
      prepare?.(wrong);
      await host.commit(wrong.write());
      sound.hold(["1A"]);
      wrong.hold(["1A"]);
      const write = wrong.write();
      const spoilt = { ...write, change: spoil(present(write.change, "a hold changes")) };
      const good = sound.write();
      await under.changesNothing(async () => {
        expect(await under.journal.commit(host.batch(good, spoilt), false)).toMatchObject({ kind: "violated" });
      });
      // The same without what was wrong goes through: nothing is left over of the try.
      await host.commit(good, write);
    }

    const withProjection = (change: FlightChange, projection: Partial<Projection>): FlightChange => ({
      ...change,
      projection: { ...change.projection, ...projection },
    });

    test("a seat that is claimed already writes nothing", async () => {
      await violates((change) =>
        withProjection(change, { claims: { remove: [], add: [{ seat: "9A", reservationId: "another" }] } }),
      );
    });

    test("a claim that is not there to be removed writes nothing", async () => {
      await violates((change) =>
        withProjection(change, {
          claims: { ...change.projection.claims, remove: [{ seat: "9A", reservationId: "another" }] },
        }),
      );
    });

    test("a reservation that is there already writes nothing", async () => {
      await violates((change) => {
        const { insert, update } = change.projection.reservations;
        return withProjection(change, { reservations: { insert: [...insert, ...insert], update } });
      });
    });

    test("a reservation that is not there to be changed writes nothing", async () => {
      await violates((change) => {
        const { insert } = change.projection.reservations;
        const missing = insert.map((row) => ({ ...row, id: "missing" }));
        return withProjection(change, { reservations: { insert, update: missing } });
      });
    });

    test("a ticket that is not there to be changed writes nothing", async () => {
      const ticket = { reservationId: "missing", ordinal: 0, number: "1", status: "CANCELLED" as const };
      await violates((change) => withProjection(change, { tickets: { insert: [], update: [ticket] } }));
    });

    test("a passenger who is named already writes nothing", async () => {
      await violates((change) => {
        const { passengers } = change.projection;
        return withProjection(change, { passengers: [...passengers, ...passengers] });
      });
    });
  });

  describe("commit() of a batch whose outcome is unknown", () => {
    test("finds that it was committed, and writes nothing again", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      const batch = await host.commit(flight.write());
      await under.changesNothing(async () => {
        expect(await under.journal.commit(batch, true)).toEqual({ kind: "committed" });
      });
    });

    test("finds it before any fence: another host has claimed the flight, and gone on", async () => {
      const [one, two] = await under.twoFlights();
      one.hold(["1A"]);
      two.hold(["1A"]);
      const batch = await host.commit(one.write(), two.write());
      const next = await under.takeOver();
      one.hold(["1B"]);
      await next.commit(one.write());
      await under.changesNothing(async () => {
        expect(await under.journal.commit(batch, true)).toEqual({ kind: "committed" });
      });
    });

    test("writes it when it was not committed", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      const batch = host.batch(flight.write());
      expect(await under.journal.commit(batch, true)).toEqual({ kind: "committed" });
      expect(await under.entriesOf(flight.flightId)).toEqual([{ version: 1, batch: batch.id }]);
    });

    test("is lost when it was not committed and another host has claimed the flight, whether that went on or not", async () => {
      const [still, gone] = await under.twoFlights();
      still.hold(["1A"]);
      gone.hold(["1A"]);
      const writes = [still.write(), gone.write()];
      const batch = host.batch(...writes);
      const next = await under.takeOver();
      await next.commit(present(writes[1], "the write of the second"));
      await under.changesNothing(async () => {
        expect(await under.journal.commit(batch, true)).toEqual({
          kind: "lost",
          flights: [still.flightId, gone.flightId],
        });
      });
    });
  });
}
