/** The scripts of member-fit.test.ts. */

import type { Page } from "playwright-core";
import type { Stage } from "./harness/stage.ts";
import { Member, type Who } from "./member-steps.ts";

interface OnFlight extends Who {
  readonly flight: string;
}

const PHONE = { width: 375, height: 700 };

/** What reaches over the right edge of the screen, and is in nothing that can be scrolled by itself. */
async function sticksOut(page: Page): Promise<readonly string[]> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator(".waiting").first().waitFor({ state: "detached" });
  return await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const isScrolled = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || isScrolled(element.parentElement));
    const out = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > width + 1 && !isScrolled(element),
    );
    // Of what is in one another the innermost is at fault.
    const inmost = out.filter((element) => !out.some((other) => other !== element && element.contains(other)));
    return [
      ...new Set(inmost.map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`)),
    ];
  });
}

/** Letters of twice the size, as people with weak eyes set them in their browser. */
export async function inLargeText(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const out: string[] = [];
  for (const language of ["en", "ko"] as const) {
    const member = await Member.arriveLoggedIn(stage, { url, language, size: "phone" });
    const { page, visitor } = member;
    await page.setViewportSize(PHONE);
    const protocol = await visitor.context.newCDPSession(page);
    await protocol.send("Page.setFontSizes", { fontSizes: { standard: 32 } });
    for (const [name, path] of [
      ["home", "/"],
      ["results", "/flights?origin=GMP&destination=CJU"],
      ["far", "/flights?origin=ICN&destination=LAX"],
      ["seats", `/flights/${flight}/seats?adults=2`],
      ["passengers", `/flights/${flight}/passengers`],
      ["trips", "/reservations"],
    ] as const) {
      await member.open(path);
      for (const what of await sticksOut(page)) out.push(`${name} ${language}: ${what}`);
      await visitor.shot(`member-large-text-${name}`);
    }
  }
  return out;
}

/** A name without a space, from the hold to the boarding pass. */
export async function longName(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const member = await Member.arriveLoggedIn(stage, { url, size: "phone" });
  const { page, visitor, words } = member;
  await page.setViewportSize(PHONE);
  const out: string[] = [];
  const look = async (name: string): Promise<void> => {
    for (const what of await sticksOut(page)) out.push(`${name}: ${what}`);
    await visitor.shot(`member-long-name-${name}`);
  };
  await member.openSeats(flight);
  await member.choose("9A");
  await member.proceed();
  await member.name("Wolfeschlegelsteinhausenbergerdorff".repeat(2));
  await member.hold();
  await look("hold");
  await member.pay();
  await page.locator(".person-ticket").waitFor();
  await look("ticketed");
  await member.open("/reservations");
  await page.locator(".trip").waitFor();
  await look("trips");
  await member.open("/reservations");
  await member.link(new RegExp(`^${words.trips.details}`)).click();
  await page.getByRole("link", { name: /^Boarding pass of/ }).click();
  await page.locator("img.pass").waitFor();
  await look("pass");
  return out;
}
