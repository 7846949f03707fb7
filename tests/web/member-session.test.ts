/** Goal: a session ends when the server says so and at no lost answer, and nothing of one member is shown to the next. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { givenMemberPages } from "./given-member-pages.ts";
import { describeInBrowser } from "./harness/given-browser.ts";
import type * as scripts from "./member-session.browser.ts";

setDefaultTimeout(60_000);

describeInBrowser("a member's session", () => {
  const { program, browser, nextFlight } = givenMemberPages<typeof scripts>(
    join(import.meta.dir, "member-session.browser.ts"),
  );

  test.concurrent("outlives a refresh that is lost, and one that a busy server refuses", async () => {
    expect(await browser.run("refreshIsLost", { url: program.url })).toBe(4);
  });

  test.concurrent("outlives a trouble of the server at the start of a page", async () => {
    await browser.run("startsInTrouble", { url: program.url });
  });

  test.concurrent("shows the next member nothing of the one before: neither a reservation nor what was typed", async () => {
    expect(await browser.run("anotherComes", { url: program.url, flight: nextFlight() })).toEqual([
      "There is no such reservation of yours.",
      "",
    ]);
  });

  test.concurrent("that has become another member's in another tab leaves no reservation on the page", async () => {
    expect(await browser.run("anotherTab", { url: program.url, flight: nextFlight() })).toBe(0);
  });
});
