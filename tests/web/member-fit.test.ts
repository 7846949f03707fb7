/** Goal: whatever is long or large, nothing of a member's page is cut off or beside the screen. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import type * as scripts from "./member-fit.browser.ts";
import { flightsOf } from "./member-rivals.ts";

setDefaultTimeout(60_000);

describeInBrowser("a member's page on a phone", () => {
  const program = new GivenProgram();
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "member-fit.browser.ts"));
  let flights: UntouchedFlights;

  beforeAll(async () => {
    await program.start();
    flights = new UntouchedFlights(await flightsOf(program.url));
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  test("has room for letters of twice the size", async () => {
    expect(await browser.run("inLargeText", { url: program.url, flight: flights.next() })).toEqual([]);
  });

  test("has room for a long name without a space", async () => {
    expect(await browser.run("longName", { url: program.url, flight: flights.next() })).toEqual([]);
  });
});
