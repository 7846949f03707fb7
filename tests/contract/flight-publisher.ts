/** Owns what every publication of flights must keep to, whatever database the catalogue is in: run over each of them. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { shardOf } from "../../actors/domain/ids.ts";
import { money } from "../../actors/domain/money.ts";
import { cabinSummaries } from "../../actors/domain/projection.ts";
import { FlightState } from "../../actors/domain/state.ts";
import { seatsOf } from "../../db/catalogue/layout.ts";
import { openDemo } from "../../db/catalogue/open-demo.ts";
import type { PlannedFlight } from "../../db/catalogue/planned-flight.ts";
import type { FlightPart } from "../../db/stores/flight-differences.ts";
import { FlightLoader } from "../../db/stores/flight-loader.ts";
import { FlightPublisher } from "../../db/stores/flight-publisher.ts";
import { failureOf } from "../support/failure-of.ts";
import { catalogueOf, catalogueSizes, plannedFlight, plannedSeason } from "../support/given-catalogue.ts";
import type { FreshDatabase, GivenDatabase } from "../support/given-database.ts";

const NONE = { count: 0, withReservations: 0, listed: [] };

export function flightPublisherContract(fresh: FreshDatabase): void {
  let given: GivenDatabase;
  let publisher: FlightPublisher;

  beforeEach(async () => {
    given = await fresh();
    publisher = new FlightPublisher(given.db.write, given.db.dialect);
  });
  afterEach(() => given.remove());

  describe("publish()", () => {
    test("makes a flight that an actor can load and sell", async () => {
      const flight = plannedFlight({ suffix: "A" });
      expect(await publisher.publish([flight])).toEqual({ added: 1, unchanged: 0, differing: NONE });

      const loaded = await new FlightLoader(given.db.read).load(flight.id, 0);
      expect(loaded?.snapshot).toBeNull();
      expect(loaded?.tail).toEqual([]);
      expect(loaded?.plan.departsAtMs).toBe(flight.departsAtMs);
      expect(loaded?.plan.fareByCabin).toEqual({ J: 192_000, Y: 64_000 });
      expect(loaded?.plan.seatPlan.seats).toEqual(seatsOf(flight.aircraft, flight.cabins));

      const head = await given.db.read.selectFrom("flight_head").selectAll().executeTakeFirstOrThrow();
      expect({ ...head, version: Number(head.version), logical_ms: Number(head.logical_ms) }).toEqual({
        flight_id: flight.id,
        shard: shardOf(flight.id),
        version: 0,
        last_batch: null,
        logical_ms: 0,
        next_deadline_ms: null,
        cabins: JSON.stringify(loaded === null ? null : cabinSummaries(new FlightState(loaded.plan))),
      });
      const row = await given.db.read.selectFrom("flight").selectAll().executeTakeFirstOrThrow();
      expect(row).toMatchObject({ number: "101A", departs_on: "2030-06-01", currency: "KRW" });
      // MySQL gives a BIGINT as text.
      expect(Number(row.lowest_fare)).toBe(64_000);
    });

    test("keeps one seat plan for all flights that fly the same", async () => {
      await publisher.publish(plannedSeason(3));
      await publisher.publish([plannedFlight({ id: "GS-102-2030-06-01-GMP" })]);
      const { flights, seatPlans } = await catalogueOf(given.db);
      expect(seatPlans).toHaveLength(1);
      expect(new Set(flights.map(({ seat_plan }) => seat_plan))).toEqual(new Set([seatPlans[0]?.id ?? ""]));
    });

    test("of no flights adds none", async () => {
      expect(await publisher.publish([])).toEqual({ added: 0, unchanged: 0, differing: NONE });
    });

    test("of more flights than one statement stages adds all, and tells how far it is", async () => {
      const steps: number[] = [];
      expect((await publisher.publish(plannedSeason(600), (count) => steps.push(count))).added).toBe(600);
      expect(steps).toEqual([250, 500, 600]);
      expect(await catalogueSizes(given.db)).toEqual({ flights: 600, heads: 600, fares: 1_200 });
    });

    test("of the same flights again changes nothing", async () => {
      await publisher.publish(plannedSeason(30));
      const before = await catalogueOf(given.db);
      expect(await publisher.publish(plannedSeason(30))).toEqual({ added: 0, unchanged: 30, differing: NONE });
      expect(await catalogueOf(given.db)).toEqual(before);
    });

    test("adds what is missing beside what is there", async () => {
      await publisher.publish(plannedSeason(10));
      expect(await publisher.publish(plannedSeason(12))).toEqual({ added: 2, unchanged: 10, differing: NONE });
      expect((await catalogueSizes(given.db)).heads).toBe(12);
    });
  });

  describe("publish() of a flight that is on sale otherwise", () => {
    const cabins = (business: number, economy: number, currency = "KRW"): Partial<PlannedFlight> => ({
      cabins: [
        { cabin: "J", capacity: 8, fare: money(business, currency) },
        { cabin: "Y", capacity: 180, fare: money(economy, currency) },
      ],
    });
    const changes: readonly (readonly [string, Partial<PlannedFlight>, readonly FlightPart[]])[] = [
      ["leaves later", { departsLocal: "2030-06-01T08:05:00+09:00" }, ["times"]],
      ["arrives later", { arrivesLocal: "2030-06-01T09:15:00+09:00" }, ["times"]],
      ["goes elsewhere", { destination: "PUS" }, ["destination"]],
      ["flies another type", { aircraft: "320" }, ["aircraft"]],
      ["has one cabin", { cabins: [{ cabin: "Y", capacity: 180, fare: money(64_000, "KRW") }] }, ["cabins"]],
      ["costs more in one cabin", cabins(192_000, 65_000), ["fares"]],
      ["costs the same in another currency", cabins(192_000, 64_000, "USD"), ["fares"]],
    ];

    test.each(changes)("that %s reports it and changes nothing", async (_, change, what) => {
      await publisher.publish([plannedFlight()]);
      const before = await catalogueOf(given.db);
      const { added, unchanged, differing } = await publisher.publish([plannedFlight(change)]);
      expect([added, unchanged, differing.count]).toEqual([0, 0, 1]);
      expect(differing.listed).toEqual([{ id: plannedFlight().id, what, hasReservations: false }]);
      expect(await catalogueOf(given.db)).toEqual(before);
    });

    test("says of which flights seats are held or sold, and lists those first", async () => {
      const season = plannedSeason(3);
      await publisher.publish(season);
      const sold = season[2]?.id ?? "";
      await given.db.write
        .insertInto("seat_claim")
        .values({ flight_id: sold, seat: "3A", reservation_id: "r1" })
        .execute();
      const { differing } = await publisher.publish(season.map((flight) => ({ ...flight, aircraft: "320" })));
      expect([differing.count, differing.withReservations]).toEqual([3, 1]);
      expect(differing.listed.map(({ id, hasReservations }) => [id, hasReservations])).toEqual([
        [sold, true],
        [season[0]?.id ?? "", false],
        [season[1]?.id ?? "", false],
      ]);
    });

    test("counts all and lists a bounded number", async () => {
      const season = plannedSeason(1_101);
      await publisher.publish(season);
      const { differing } = await publisher.publish(season.map((flight) => ({ ...flight, destination: "PUS" })));
      expect(differing.count).toBe(1_101);
      expect(differing.listed).toHaveLength(100);
    });

    test("doesn't take sold seats for a difference", async () => {
      await publisher.publish([plannedFlight()]);
      const cabins = [
        { cabin: "J", capacity: 8, free: 0, lowestFare: 192_000 },
        { cabin: "Y", capacity: 180, free: 179, lowestFare: 64_000 },
      ];
      await given.db.write
        .updateTable("flight_head")
        .set({ version: 9, cabins: JSON.stringify(cabins) })
        .execute();
      expect(await publisher.publish([plannedFlight()])).toEqual({ added: 0, unchanged: 1, differing: NONE });
    });

    test("doesn't take the layout of an earlier version of the program for a difference", async () => {
      await publisher.publish([plannedFlight()]);
      await given.db.write.updateTable("flight").set({ seat_plan: "made-by-older-rules" }).execute();
      expect(await publisher.publish([plannedFlight()])).toEqual({ added: 0, unchanged: 1, differing: NONE });
    });
  });

  describe("publish() beside others", () => {
    test("goes on beside another publication of the same flights", async () => {
      const other = await given.again();
      const results = await Promise.all([
        publisher.publish(plannedSeason(20)),
        new FlightPublisher(other.write, other.dialect).publish(plannedSeason(25)),
      ]);
      expect(results.reduce((sum, { added }) => sum + added, 0)).toBe(25);
      expect(results.reduce((sum, { unchanged }) => sum + unchanged, 0)).toBe(20);
      expect(await catalogueSizes(given.db)).toEqual({ flights: 25, heads: 25, fares: 50 });
    });

    test("goes on beside many publications of the same flights, each of which adds what the others have not", async () => {
      const others = await Promise.all(Array.from({ length: 3 }, () => given.again()));
      const results = await Promise.all(
        others.map((db, at) => new FlightPublisher(db.write, db.dialect).publish(plannedSeason(20 + 5 * at))),
      );
      expect(results.reduce((sum, { added }) => sum + added, 0)).toBe(30);
      expect(await catalogueSizes(given.db)).toEqual({ flights: 30, heads: 30, fares: 60 });
    });

    test("shows nothing before it shows all", async () => {
      const seen: number[] = [];
      const other = await given.again();
      const looks: Promise<void>[] = [];
      const look = (): void => {
        looks.push(catalogueSizes(other).then(({ flights, heads, fares }) => void seen.push(flights, heads, fares)));
      };
      await publisher.publish(plannedSeason(600), look);
      await Promise.all(looks);
      expect(new Set(seen).difference(new Set([0, 600, 1_200]))).toEqual(new Set());
      expect(await catalogueSizes(other)).toEqual({ flights: 600, heads: 600, fares: 1_200 });
    });

    test("fills an empty catalogue at the first starts, once, however many there are", async () => {
      const others = await Promise.all(Array.from({ length: 2 }, () => given.again()));
      const added = await Promise.all(others.map((db) => openDemo(db, Date.UTC(2030, 0, 1))));
      const { flights, heads } = await catalogueSizes(given.db);
      expect(added.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(flights);
      expect(heads).toBe(flights);
      expect(await openDemo(given.db, Date.UTC(2030, 0, 2))).toBeNull();
    });

    test("leaves nothing of flights that break off, and can be called again", async () => {
      function* broken(): Generator<PlannedFlight> {
        yield* plannedSeason(300);
        throw new Error("the source broke");
      }
      expect(await failureOf(publisher.publish(broken()))).toMatchObject({ message: "the source broke" });
      expect(await catalogueSizes(given.db)).toEqual({ flights: 0, heads: 0, fares: 0 });
      expect((await publisher.publish(plannedSeason(300))).added).toBe(300);
    });
  });
}
