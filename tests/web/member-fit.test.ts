/** Goal: whatever is long or large, nothing of a member's page is cut off or beside the screen. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { givenMemberPages } from "./given-member-pages.ts";
import { describeInBrowser } from "./harness/given-browser.ts";
import type * as scripts from "./member-fit.browser.ts";

setDefaultTimeout(60_000);

describeInBrowser("a member's page on a phone", () => {
  const { program, browser, nextFlight } = givenMemberPages<typeof scripts>(
    join(import.meta.dir, "member-fit.browser.ts"),
  );

  test.concurrent("has room for letters of twice the size", async () => {
    expect(await browser.run("inLargeText", { url: program.url, flight: nextFlight() })).toEqual([]);
  });

  test.concurrent("has room for a long name without a space", async () => {
    expect(await browser.run("longName", { url: program.url, flight: nextFlight() })).toEqual([]);
  });
});
