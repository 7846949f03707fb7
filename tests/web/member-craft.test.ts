/** Goal: the member's pages are light, seen at once, smooth under load, and complete by keyboard. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import type * as scripts from "./member-craft.browser.ts";
import { flightsOf, giveUp, hold, largeFlight, type Rival, rivalAt, takeSeat } from "./member-rivals.ts";

setDefaultTimeout(60_000);

const APP_BYTES_MAX = 60_000;

/** Each takes a seat and gives it back in turn: so many changes a second together. */
const CHANGES_A_SECOND = 50;
const RIVALS = 10;
/** Of five seconds, on a machine that does all of this at once. */
const CHANGES_MIN = 150;

/** A frame that takes longer is seen as a jerk, in milliseconds. */
const FRAME_MS_MAX = 50;

describeInBrowser("the member's pages", () => {
  // A key for each change: more than one member tries in so short a time.
  const program = new GivenProgram({ KEYS_PER_MEMBER: "10000" });
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "member-craft.browser.ts"));
  let flights: UntouchedFlights;
  let flight = "";
  let rowsBack = 0;

  beforeAll(async () => {
    await program.start();
    flights = new UntouchedFlights(await flightsOf(program.url));
    flight = flights.next();
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  test.concurrent("lead from the search to the ticket by keyboard alone, and say where one is", async () => {
    // Each attempt has a row of its own.
    rowsBack += 1;
    const headings = await browser.run("byKeyboard", { url: program.url, rowsBack });
    expect(headings).toEqual([
      "Seoul Gimpo to Jeju",
      "Choose your seats",
      "Log in",
      "Create an account",
      "Who is travelling?",
      "Your seats are held",
      "Boarding pass, Lee Junho",
      "You are flying!",
    ]);
  });

  test.concurrent("have an address at every step, which keeps what was chosen and typed", async () => {
    expect(await browser.run("backAndForth", { url: program.url })).toEqual([
      "/flights/…/seats?adults=2&seats=18A,18B",
      "/flights/…/passengers?adults=2&seats=18A,18B",
      "/flights?origin=GMP&destination=CJU&adults=2",
      "Kim Minji, Lee Junho",
    ]);
  });

  test.concurrent("lead back to where one was in the list", async () => {
    const [before = 0, onFlight, after] = await browser.run("backToThePlace", { url: program.url });
    expect(before).toBeGreaterThan(500);
    expect([onFlight, after]).toEqual([0, before]);
  });

  test.concurrent("say of each flight the day, above those that come day by day and else in the flight", async () => {
    const [byDay = [], anywhere, byPrice] = await browser.run("daysOfLists", { url: program.url });
    expect(byDay[0]).toBeGreaterThan(1);
    expect(byDay.slice(1)).toEqual([0, 0]);
    expect(anywhere).toEqual([0, 0, 10]);
    expect(byPrice).toEqual([0, 0, 10]);
  });

  test.concurrent("warn a minute before a hold ends", async () => {
    expect(await browser.run("warnsInTime", { url: program.url, flight: flights.next() })).toEqual([
      false,
      false,
      true,
    ]);
  });

  test.concurrent("say of others' seats how many went, at most every half minute", async () => {
    const quiet = flights.next();
    const helpers = { takeSeat: (seat: string) => takeSeat(program.url, quiet, seat) };
    expect(await browser.run("tellsSeldom", { url: program.url, flight: quiet }, helpers)).toEqual([
      "",
      "",
      "",
      "3 seats were taken. 186 seats free.",
      "3 seats were taken. 186 seats free.",
      "1 seat was taken. 185 seats free.",
    ]);
  });

  test("weigh little", async () => {
    const weighed = await browser.run("weights", { url: program.url, flight });
    for (const { page, appBytes, allBytes } of weighed) {
      console.log(`${page}: ${appBytes} bytes, ${allBytes} with the answers of the API`);
      expect(appBytes, page).toBeLessThan(APP_BYTES_MAX);
    }
    expect(weighed).toHaveLength(8);
  });

  test("are there before any answer of the API, and their frame before any script", async () => {
    await browser.run("seenAtOnce", { url: program.url, flight });
  });

  test.concurrent("fit on the narrowest screen", async () => {
    expect(await browser.run("tooWide", { url: program.url, flight: flights.next() })).toEqual([]);
  });

  test.concurrent("hear of seats only while somebody looks, and go on where they were", async () => {
    const quiet = flights.next();
    const helpers = { takeSeat: (seat: string) => takeSeat(program.url, quiet, seat) };
    expect(await browser.run("hearsOnlyWhenSeen", { url: program.url, flight: quiet }, helpers)).toMatch(/^\d+$/);
  });

  test(`stay fluid at 400 seats with ${CHANGES_A_SECOND} changes a second`, async () => {
    const { id, seats } = await largeFlight(program.url);
    const rivals = await Promise.all(Array.from({ length: RIVALS }, () => rivalAt(program.url)));
    const churn = (forMs: number) => takeAndGive(rivals, id, seats, forMs);
    const watched = async (): Promise<scripts.Frames> => {
      const frames = await browser.run("staysFluid", { url: program.url, flight: id }, { churn });
      console.log(`${seats.length} seats:`, frames);
      return frames;
    };
    // Something else may keep the machine busy once; what is too slow itself is so each time.
    let frames = await watched();
    if (frames.p95Ms >= FRAME_MS_MAX || frames.changes <= CHANGES_MIN) frames = await watched();
    expect(seats.length).toBeGreaterThan(400);
    expect(frames.changes).toBeGreaterThan(CHANGES_MIN);
    expect(frames.p95Ms).toBeLessThan(FRAME_MS_MAX);
  });
});

/** Seats are taken and given back at an even pace. */
async function takeAndGive(rivals: readonly Rival[], flight: string, seats: readonly string[], forMs: number) {
  const pairMs = (2 * rivals.length * 1000) / CHANGES_A_SECOND;
  const endMs = performance.now() + forMs;
  let next = 0;
  await Promise.all(
    rivals.map(async (rival, at) => {
      await Bun.sleep((at * pairMs) / rivals.length);
      while (performance.now() < endMs) {
        const begunMs = performance.now();
        next = (next + 37) % seats.length;
        const reservation = await hold(rival, flight, seats[next] ?? "");
        // Changes within one beat of the stream would cancel each other out.
        await Bun.sleep(pairMs / 2);
        await giveUp(rival, reservation);
        await Bun.sleep(Math.max(0, pairMs - (performance.now() - begunMs)));
      }
    }),
  );
}
