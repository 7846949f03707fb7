/** Goal: whatever goes wrong on a member's way, nothing that was entered is lost, nothing happens twice, and the pages go on by themselves. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import { GivenLine } from "./harness/line.ts";
import { flightsOf, takeSeat } from "./member-rivals.ts";
import type * as scripts from "./member-troubles.browser.ts";

setDefaultTimeout(60_000);

const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "member-troubles.browser.ts"));
afterAll(() => browser.close());

describeInBrowser("a member in trouble", () => {
  const program = new GivenProgram();
  let flights: UntouchedFlights;
  let line: GivenLine;

  const helpers = (onFlight: string) => ({
    cut: () => line.cut(),
    mend: () => line.mend(),
    takeSeat: (seat: string) => takeSeat(program.url, onFlight, seat),
    stop: async () => void (await program.server.stop()),
    start: async () => {
      await program.start();
      line.leadTo(program.url);
    },
  });

  beforeAll(async () => {
    await program.start();
    flights = new UntouchedFlights(await flightsOf(program.url));
    line = await GivenLine.open(program.url);
  });

  afterAll(async () => {
    await line.close();
    await program.remove();
  });

  test.concurrent("who is slower keeps what was typed and is offered the nearest seats, and who looks on sees the seat go", async () => {
    const { kept, got } = await browser.run("fight", { url: program.url, flight: flights.next() });
    expect(kept).toBe("Slow");
    expect(got).not.toBe("10A");
  });

  test.concurrent("a payment that was left open goes on, and one that was declined is tried again", async () => {
    expect(await browser.run("paysAfterAll", { url: program.url, flight: flights.next() })).toMatch(/\d{13}/);
  });

  test("a cut line is noticed, mends by itself, and a hold that fell into it happens once", async () => {
    const flight = flights.next();
    const reservations = await browser.run("lineIsCut", { url: line.url, flight }, helpers(flight));
    expect(reservations).toBe(1);
  });

  test.concurrent("a hold whose answer was lost is found again after a reload, and happens once", async () => {
    expect(await browser.run("answerIsLost", { url: program.url, flight: flights.next() })).toBe(1);
  });

  test("a server that restarts is waited for", async () => {
    const flight = flights.next();
    const seat = await browser.run("serverRestarts", { url: line.url, flight }, helpers(flight));
    expect(seat).toBe("15B");
  });

  test.concurrent("a session is refreshed without a word, and one that is over leads to the log-in and back", async () => {
    expect(await browser.run("sessionEnds", { url: program.url })).toBe("?next=%2Freservations");
  });

  test.concurrent("the language changes in the middle, and nothing is lost", async () => {
    const kept = await browser.run("changesLanguage", { url: program.url, flight: flights.next() });
    expect(kept).toBe("Kim Minji,Lee Junho ?adults=2&seats=21A,21B");
  });

  test.concurrent("addresses that are wrong are told so, each in its way", async () => {
    await browser.run("wrongAddresses", { url: program.url });
  });

  test.concurrent("who comes too late is told so, and offered nothing that can't be had", async () => {
    expect(await browser.run("comesTooLate", { url: program.url, flight: flights.next() })).toEqual([
      ["This flight is sold out.", 0],
      ["Only 1 seat left: too few for you all", 0],
    ]);
  });

  test.concurrent("a log-in leads to no other site", async () => {
    expect(await browser.run("comesHome", { url: program.url })).toBe(`${program.url}/`);
  });
});

describeInBrowser("a member whose hold is short", () => {
  const program = new GivenProgram({ HOLD_TTL_MS: "6000" });
  let flights: UntouchedFlights;

  beforeAll(async () => {
    await program.start();
    flights = new UntouchedFlights(await flightsOf(program.url));
  });

  afterAll(() => program.remove());

  test.concurrent("is warned, told that the time is over, and finds the names again when choosing anew", async () => {
    const flight = flights.next();
    const { again, name } = await browser.run("holdRunsOut", { url: program.url, flight });
    expect(again).toBe(`/flights/${flight}/seats`);
    expect(name).toBe("Passenger 3A");
  });

  test.concurrent("is told that the time is over although their clock is ahead of the server's", async () => {
    await browser.run("clockIsAhead", { url: program.url, flight: flights.next() });
  });
});
