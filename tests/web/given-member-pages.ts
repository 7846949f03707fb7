/** Owns what a suite of the member's pages begins with and puts away: a program, a browser with the suite's scripts, flights that nobody has touched. */

import { afterAll, beforeAll } from "bun:test";
import { present } from "../../actors/assert.ts";
import { GivenProgram, type Settings } from "../support/given-program.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { GivenBrowser } from "./harness/given-browser.ts";
import { flightsOf } from "./member-rivals.ts";

export interface GivenMemberPages<Scripts> {
  readonly program: GivenProgram;
  readonly browser: GivenBrowser<Scripts>;
  /** A flight for one test alone. */
  nextFlight(): string;
}

/**
 * To be called within a suite.
 * @param file path of the `*.browser.ts` whose exported functions are the scripts
 */
export function givenMemberPages<Scripts>(file: string, settings: Settings = {}): GivenMemberPages<Scripts> {
  const program = new GivenProgram(settings);
  const browser = new GivenBrowser<Scripts>(file);
  let flights: UntouchedFlights | null = null;

  beforeAll(async () => {
    await program.start();
    flights = new UntouchedFlights(await flightsOf(program.url));
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  return { program, browser, nextFlight: () => present(flights, "a program that was started").next() };
}
