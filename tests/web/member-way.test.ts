/** Goal: a member gets from the search to the ticket and the refund, in both languages and sizes, and no page on the way has a barrier. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import type * as scripts from "./member-way.browser.ts";

setDefaultTimeout(60_000);

const READERS = [
  ["en", "desktop"],
  ["en", "phone"],
  ["ko", "desktop"],
  ["ko", "phone"],
] as const;

describeInBrowser("a member's way", () => {
  const program = new GivenProgram();
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "member-way.browser.ts"));

  beforeAll(async () => {
    await program.start();
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  for (const [flight, [language, size]] of READERS.entries()) {
    test.concurrent(`leads from the search to the ticket and back to the money: ${language}, ${size}`, async () => {
      const seats = await browser.run("wholeWay", { url: program.url, language, size, flight });
      expect(seats.split(", ")).toHaveLength(3);
    });
  }

  test.concurrent("has no barriers in dark colours either", async () => {
    await browser.run("inTheDark", { url: program.url });
  });
});
