/** Goal: a batch whose COMMIT was lost on the way, in whatever manner, is in the journal once or not at all, and its host learns which. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Batch } from "../../../actors/journal.ts";
import type { DecidingFlight } from "../../support/given-batches.ts";
import { COMMIT_ON_THE_WIRE, GivenFarJournal } from "../../support/given-far-journal.ts";
import type { GivenOwner } from "../../support/given-journal.ts";
import { describeWithService } from "../../support/services.ts";
import type { Break, Broken } from "../../support/tcp-proxy.ts";

for (const way of ["two trips", "one trip"] as const)
  describeWithService("mariadbd", `a COMMIT in ${way} that was lost`, () => {
    let far: GivenFarJournal;
    let host: GivenOwner;
    let flight: DecidingFlight;
    let batch: Batch;

    beforeAll(async () => {
      far = await GivenFarJournal.open(way);
    });
    beforeEach(async () => {
      host = await far.takeOver();
      flight = await far.near.newFlight();
      flight.hold(["1A"]);
      // The lane's connection is open, and its statements prepared.
      await far.committed(host.batch(flight.write()));
      flight.hold(["1B"]);
      batch = host.batch(flight.write());
    });
    afterEach(() => far.proxy.mend());
    afterAll(() => far.close());

    /** Sends the batch, and breaks its COMMIT. */
    async function lose(how: Break): Promise<Broken> {
      const breaking = far.proxy.breakAt(commitOf(batch), how);
      expect(await far.commit(batch)).toMatchObject({ kind: "unknown" });
      return await breaking;
    }

    /** In one trip, the COMMIT comes with what it commits. */
    function commitOf({ id }: Batch): string {
      return way === "one trip" ? id : COMMIT_ON_THE_WIRE;
    }

    async function entries(): Promise<string[]> {
      const found = await far.near.entriesOf(flight.flightId);
      return found.map(({ version, batch: id }) => `${version} ${id === batch.id ? "this" : "another"}`);
    }

    test("on its way to the server: the repeat writes the batch", async () => {
      await lose("before");
      await far.committed(batch, true);
      expect(await entries()).toEqual(["1 another", "2 this"]);
    });

    test("on its way back: the repeat finds the batch, and writes nothing", async () => {
      await lose("after");
      await far.near.changesNothing(() => far.committed(batch, true));
      expect(await entries()).toEqual(["1 another", "2 this"]);
    });

    test("and nobody takes the repeat either, until the connection holds", async () => {
      await lose("before");
      far.proxy.down();
      expect(await far.commit(batch, true)).toMatchObject({ kind: "passing" });
      far.proxy.mend();
      // A repeat always takes two.
      const again = far.proxy.breakAt(COMMIT_ON_THE_WIRE, "after");
      expect(await far.commit(batch, true)).toMatchObject({ kind: "unknown" });
      await again;
      await far.near.changesNothing(() => far.committed(batch, true));
      expect(await entries()).toEqual(["1 another", "2 this"]);
    });

    test("on its way back, and another host claims the flight and goes on: the repeat still finds the batch", async () => {
      await lose("after");
      const next = await far.takeOver();
      flight.hold(["1C"]);
      await next.commit(flight.write());
      await far.near.changesNothing(() => far.committed(batch, true));
      expect(await entries()).toEqual(["1 another", "2 this", "3 another"]);
    });

    test("on its way to the server, and another host claims the flight: the batch is lost, and nothing of it written", async () => {
      await lose("before");
      await far.takeOver();
      await far.near.changesNothing(async () => {
        expect(await far.commit(batch, true)).toEqual({ kind: "lost", flights: [flight.flightId] });
      });
      expect(await entries()).toEqual(["1 another"]);
    });

    test("on its way to the server, and another host has taken the version: the batch is lost", async () => {
      await lose("before");
      const next = await far.takeOver();
      await next.commit(...batch.flights);
      await far.near.changesNothing(async () => {
        expect(await far.commit(batch, true)).toEqual({ kind: "lost", flights: [flight.flightId] });
      });
      expect(await entries()).toEqual(["1 another", "2 another"]);
    });

    if (way === "two trips") {
      test("but only delayed: the repeat waits for its locks, and when it arrives meanwhile, finds the batch", async () => {
        const { deliver } = await lose("held");
        const repeat = far.commit(batch, true);
        await far.someoneWaits();
        await deliver();
        expect(await repeat).toEqual({ kind: "committed" });
        expect(await entries()).toEqual(["1 another", "2 this"]);
      });
    } else {
      test("but only delayed: the repeat finds nothing locked and writes the batch, and what arrives at last is refused", async () => {
        const { deliver } = await lose("held");
        await far.committed(batch, true);
        await far.near.changesNothing(deliver);
        expect(await entries()).toEqual(["1 another", "2 this"]);
      });
    }

    test("but only delayed, for longer than the server lets a transaction stand idle: the repeat writes the batch, once", async () => {
      const beganMs = performance.now();
      const { deliver } = await lose("held");
      await far.committed(batch, true);
      expect(performance.now() - beganMs).toBeLessThan(2_500);
      // It arrives at last, where nobody knows it any more.
      await far.near.changesNothing(deliver);
      expect(await entries()).toEqual(["1 another", "2 this"]);
    });

    test("but only delayed, while another host claims the flight: the claim waits until the old transaction is over", async () => {
      const { deliver } = await lose("held");
      const beganMs = performance.now();
      const next = await far.takeOver();
      expect(performance.now() - beganMs).toBeLessThan(2_000);
      await far.near.changesNothing(deliver);
      expect(await entries()).toEqual(["1 another"]);
      expect(await far.commit(batch, true)).toEqual({ kind: "lost", flights: [flight.flightId] });
      await next.commit(...batch.flights);
      expect(await entries()).toEqual(["1 another", "2 another"]);
    });

    test("with every flight of a batch of many: one flight tells for all", async () => {
      const many = await far.near.newFlights(way === "one trip" ? 8 : 20);
      for (const each of many) each.hold(["1A"]);
      batch = host.batch(...many.map((each) => each.write()));
      await lose("after");
      await far.near.changesNothing(() => far.committed(batch, true));
      for (const { flightId } of many) expect(await far.near.entriesOf(flightId)).toHaveLength(1);
    });
  });
