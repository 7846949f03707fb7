/** Goal: pages say what is and not what was, and offer nothing that can't be had any more. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { givenMemberPages } from "./given-member-pages.ts";
import { describeInBrowser } from "./harness/given-browser.ts";
import { giveUp, hold, openRoom, rivalAt } from "./member-rivals.ts";
import type * as scripts from "./member-truth.browser.ts";

setDefaultTimeout(60_000);

const OPERATOR = { email: "operator@pigonair.example", password: "a long password" };

describeInBrowser("the member's pages, while things change", () => {
  const { program, browser, nextFlight } = givenMemberPages<typeof scripts>(
    join(import.meta.dir, "member-truth.browser.ts"),
    { ADMIN_EMAIL: OPERATOR.email, ADMIN_PASSWORD: OPERATOR.password },
  );

  /** What another member does. */
  async function rivalOn(flight: string) {
    const rival = await rivalAt(program.url);
    const held = new Map<string, string>();
    return {
      take: async (seat: string) => void held.set(seat, await hold(rival, flight, seat)),
      giveUp: async (seat: string) => giveUp(rival, held.get(seat) ?? ""),
    };
  }

  test.concurrent("offer for a seat that has gone what is free now, and say no more of it when it is free again", async () => {
    const flight = nextFlight();
    const gone = await browser.run("offersGo", { url: program.url, flight }, await rivalOn(flight));
    expect(gone).toEqual(["Take 10B"]);
  });

  test.concurrent("have each of two seats replaced that were taken", async () => {
    const flight = nextFlight();
    const [before, after] = await browser.run("twoAreTaken", { url: program.url, flight }, await rivalOn(flight));
    expect(before).toBe("14A,14B");
    expect(after).not.toMatch(/14[AB]/);
  });

  test.concurrent("invite nobody into a sale that is closed", async () => {
    const flight = nextFlight();
    await openRoom(program.url, OPERATOR, flight, { mode: "on", maxActive: 10 });
    const close = () => openRoom(program.url, OPERATOR, flight, { mode: "closed" });
    expect(await browser.run("saleCloses", { url: program.url, flight }, { close })).toEqual([0, 0, 0, 0]);
  });

  test.concurrent("say that a date was begun, and send nothing without it", async () => {
    expect(await browser.run("dateIsBegun", { url: program.url, flight: nextFlight() })).toEqual([
      "Enter day, month and year, or leave the date empty.",
      "passenger-1-birthDate",
    ]);
  });

  test.concurrent("ask of a reservation that is over nothing any more", async () => {
    expect(await browser.run("isOverAlready", { url: program.url, flight: nextFlight() })).toEqual([
      "There is nothing to cancel any more",
      "To the reservation",
    ]);
  });
});
