/** Goal: where a flight has a waiting room, members find it, come back from it with all that they chose, and nobody gets past it. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import { flightsOf, openRoom } from "./member-rivals.ts";
import type * as scripts from "./member-room.browser.ts";

setDefaultTimeout(60_000);

const OPERATOR = { email: "operator@pigonair.example", password: "a long password" };

describeInBrowser("a member and the waiting room", () => {
  const program = new GivenProgram({ ADMIN_EMAIL: OPERATOR.email, ADMIN_PASSWORD: OPERATOR.password });
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "member-room.browser.ts"));
  let flights: UntouchedFlights;

  beforeAll(async () => {
    await program.start();
    flights = new UntouchedFlights(await flightsOf(program.url));
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  for (const language of ["en", "ko"] as const) {
    test(`the line leads to the seats and on, for the party that came: ${language}`, async () => {
      const flight = flights.next();
      await openRoom(program.url, OPERATOR, flight, { mode: "on", maxActive: 10 });
      expect(await browser.run("throughTheLine", { url: program.url, flight, language })).toBe("9A,9B");
    });
  }

  test("who was not let in sees the seats, and is led to the line", async () => {
    const flight = flights.next();
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    await openRoom(program.url, OPERATOR, flight, { mode: "on", opensAt });
    const room = await browser.run("pastTheLine", { url: program.url, flight });
    expect(room).toBe(`/flights/${flight}/waiting-room?adults=2&seats=11A,11B`);
  });
});
