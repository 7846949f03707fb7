/** Goal: a first start has something to sell, and no later one adds to what somebody has put there. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { DEMO_DAYS } from "../../db/catalogue/demo.ts";
import { openDemo } from "../../db/catalogue/open-demo.ts";
import { FlightPublisher } from "../../db/stores/flight-publisher.ts";
import {
  catalogueOf,
  catalogueSizes,
  type GivenDatabase,
  givenDatabase,
  plannedFlight,
} from "../support/given-catalogue.ts";

const NOW_MS = Date.UTC(2030, 0, 1);

let given: GivenDatabase;

beforeEach(async () => {
  given = await givenDatabase();
});

afterEach(() => given.remove());

test("openDemo() fills an empty catalogue with flights of the coming days", async () => {
  const added = await openDemo(given.db, NOW_MS);
  const { flights, heads } = await catalogueOf(given.db);
  expect(added).toBe(flights.length);
  expect(flights.length).toBeGreaterThan(3_000);
  expect(heads).toHaveLength(flights.length);
  for (const { departs_at_ms } of flights) {
    expect(departs_at_ms).toBeWithin(NOW_MS, NOW_MS + DEMO_DAYS * 86_400_000);
  }
});

test("openDemo() adds nothing at the next start, a day later", async () => {
  await openDemo(given.db, NOW_MS);
  const before = await catalogueSizes(given.db);
  expect(await openDemo(given.db, NOW_MS + 86_400_000)).toBeNull();
  expect(await catalogueSizes(given.db)).toEqual(before);
});

test("openDemo() leaves a catalogue alone that has a single flight", async () => {
  await new FlightPublisher(given.db.write, "sqlite").publish([plannedFlight()]);
  expect(await openDemo(given.db, NOW_MS)).toBeNull();
  expect((await catalogueSizes(given.db)).flights).toBe(1);
});
