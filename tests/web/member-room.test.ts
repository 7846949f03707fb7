/** Goal: where a flight has a waiting room, members find it, come back from it with all that they chose, and nobody gets past it. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { givenMemberPages } from "./given-member-pages.ts";
import { describeInBrowser } from "./harness/given-browser.ts";
import { openRoom } from "./member-rivals.ts";
import type * as scripts from "./member-room.browser.ts";

setDefaultTimeout(60_000);

const OPERATOR = { email: "operator@pigonair.example", password: "a long password" };

describeInBrowser("a member and the waiting room", () => {
  const { program, browser, nextFlight } = givenMemberPages<typeof scripts>(
    join(import.meta.dir, "member-room.browser.ts"),
    { ADMIN_EMAIL: OPERATOR.email, ADMIN_PASSWORD: OPERATOR.password },
  );

  for (const language of ["en", "ko"] as const) {
    test.concurrent(`the line leads to the seats and on, for the party that came: ${language}`, async () => {
      const flight = nextFlight();
      await openRoom(program.url, OPERATOR, flight, { mode: "on", maxActive: 10 });
      expect(await browser.run("throughTheLine", { url: program.url, flight, language })).toBe("9A,9B");
    });
  }

  test.concurrent("who was not let in sees the seats, and is led to the line", async () => {
    const flight = nextFlight();
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    await openRoom(program.url, OPERATOR, flight, { mode: "on", opensAt });
    const room = await browser.run("pastTheLine", { url: program.url, flight });
    expect(room).toBe(`/flights/${flight}/waiting-room?adults=2&seats=11A,11B`);
  });
});
