/** The scripts of member-craft.test.ts: by keyboard alone, how heavy pages are, how soon they are seen, and how smoothly seats change. */

import type { Locator, Page } from "playwright-core";
import type { Stage } from "./harness/stage.ts";
import { weigh } from "./harness/weight.ts";
import { Member, type Who } from "./member-steps.ts";

interface OnFlight extends Who {
  readonly flight: string;
}

/** More presses of Tab than any page has stops. */
const TABS_MAX = 60;

/** Walks on with Tab until that has the focus, as people do who have no mouse. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let presses = 0; presses < TABS_MAX; presses++) {
    if (await target.first().evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reaches ${target}`);
}

async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** From the search to the ticket, and no click. */
export async function byKeyboard(
  stage: Stage,
  { url, rowsBack }: Who & { readonly rowsBack: number },
): Promise<readonly string[]> {
  const member = await Member.arrive(stage, { url });
  const { page, words } = member;
  const type = async (target: Locator, text: string): Promise<void> => {
    await tabTo(page, target);
    await page.keyboard.type(text);
  };
  const focused: string[] = [];
  /** Every step leads the focus to the new page's heading. */
  const arrive = async (heading: string): Promise<void> => {
    await member.heading(heading);
    const text = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    for (let looks = 0; looks < 50 && (await text()) !== heading; looks++) await page.waitForTimeout(20);
    focused.push(await text());
  };

  await member.open("/");
  await member.heading(words.home.title);
  await page.keyboard.press("Tab");
  // The first stop leads past the header.
  await page.keyboard.press("Enter");
  await type(page.getByRole("combobox", { name: words.search.from }), "Gimpo");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await type(page.getByRole("combobox", { name: words.search.to }), "jeju");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await press(page, page.getByRole("button", { name: new RegExp(words.search.travellers) }));
  await press(page, member.button(words.search.more(words.search.adults)));
  await page.keyboard.press("Escape");
  await press(page, member.button(words.search.submit));
  await arrive(words.results.title("Seoul Gimpo", "Jeju"));
  await press(page, member.link(new RegExp(`^${words.results.choose}`)));

  await arrive(words.seats.title);
  await tabTo(page, page.locator("[data-seat][tabindex='0']"));
  // From 1A so many rows back and one seat to the right: B; and next to it C.
  const back = Array.from({ length: rowsBack }, () => "ArrowDown");
  for (const key of [...back, "ArrowRight", "Enter", "ArrowRight", " "]) await page.keyboard.press(key);
  await page.locator(`[data-seat='${rowsBack + 1}C'][aria-selected='true']`).waitFor();
  await press(page, member.link(words.seats.proceed));
  await arrive(words.account.logInTitle);
  await press(page, member.link(words.account.signUp));
  await arrive(words.account.signUpTitle);
  await type(page.getByLabel(words.account.name, { exact: true }), "Kim Minji");
  await type(page.getByLabel(words.account.email), `keys-${Date.now()}@pigonair.example`);
  await type(page.getByLabel(words.account.newPassword), "a long password");
  await page.keyboard.press("Enter");
  await arrive(words.passengers.title);
  const names = page.getByLabel(words.passengers.name, { exact: true });
  await type(names.nth(0), "Kim Minji");
  await type(names.nth(1), "Lee Junho");
  await page.keyboard.press("Enter");
  await arrive(words.hold.title);
  await press(page, member.button(/^Pay /));
  await press(page, member.button(/^Pay /));
  await member.heading(words.trip.ticketedTitle);
  await press(page, page.getByRole("link", { name: words.trip.showPass("Lee Junho") }));
  await arrive(words.ticket.title("Lee Junho"));
  await page.locator("img.pass").waitFor();
  // And back again by the browser's own way.
  await page.goBack();
  await arrive(words.trip.ticketedTitle);
  return focused;
}

export interface Weighed {
  readonly page: string;
  /** Of the page itself, its scripts and its styles, compressed as they came. */
  readonly appBytes: number;
  readonly allBytes: number;
}

/** What comes over the line for the first page of each kind, with nothing kept from before. */
export async function weights(stage: Stage, { url, flight }: OnFlight): Promise<readonly Weighed[]> {
  const weighed: Weighed[] = [];
  for (const [page, path] of [
    ["home", "/"],
    ["results", "/flights?origin=GMP&destination=CJU"],
    ["seats", `/flights/${flight}/seats`],
    ["log-in", "/login"],
  ] as const) {
    for (const language of ["en", "ko"] as const) {
      const member = await Member.arrive(stage, { url, language, size: "phone" });
      const { bytes, parts } = await weigh(member.page, url + path, async () => {
        await member.page.getByRole("heading", { level: 1 }).waitFor();
        await member.page.locator(".waiting").first().waitFor({ state: "detached" });
      });
      const own = Object.entries(parts).filter(([path]) => !path.startsWith("/api/"));
      const appBytes = own.reduce((sum, [, size]) => sum + size, 0);
      weighed.push({ page: `${page} ${language}`, appBytes, allBytes: bytes });
    }
  }
  return weighed;
}

/** The API answers nothing: the page is there nevertheless, and before its script the frame is. */
export async function seenAtOnce(stage: Stage, { url, flight }: OnFlight): Promise<void> {
  const member = await Member.arrive(stage, { url });
  const { page, visitor, words } = member;
  await page.route("**/api/**", () => {});
  await member.open(`/flights/${flight}/seats`);
  await member.heading(words.seats.title);
  await visitor.inspect("member-without-answers");

  const patient = await Member.arrive(stage, { url, language: "ko" });
  await patient.page.route("**/assets/*.js", () => {});
  await patient.page.goto(`${url}/flights/${flight}/seats`, { waitUntil: "commit" });
  await patient.page.getByRole("link", { name: "로그인" }).waitFor();
  await patient.visitor.inspect("member-before-script");
}

/** The narrowest screen that WCAG 2.2 speaks of (1.4.10): nothing is wider than it. @returns pages that are */
export async function tooWide(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const wide: string[] = [];
  for (const language of ["en", "ko"] as const) {
    const member = await Member.arriveLoggedIn(stage, { url, language, size: "phone" });
    const { page } = member;
    await page.setViewportSize({ width: 320, height: 640 });
    const look = async (name: string): Promise<void> => {
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator(".waiting").first().waitFor({ state: "detached" });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) wide.push(`${name} ${language}: ${width}`);
      await member.visitor.shot(`member-narrow-${name}`);
    };
    for (const [name, path] of [
      ["home", "/"],
      ["results", "/flights?origin=ICN&destination=LAX&adults=2&infants=1"],
      ["seats", `/flights/${flight}/seats?adults=3`],
      ["by-wish", `/flights/${flight}/seats?adults=3&view=list`],
      ["passengers", `/flights/${flight}/passengers?adults=2`],
      ["trips", "/reservations"],
      ["missing", "/nowhere"],
    ] as const) {
      await member.open(path);
      await look(name);
    }
    await member.holdSeats(flight, language === "en" ? "30A" : "31A");
    await look("hold");
    await member.pay();
    await page.locator(".person-ticket").waitFor();
    await look("ticketed");
    await member.link(member.words.trip.cancel).click();
    await look("cancel");
  }
  return wide;
}

/** A page that nobody looks at hears nothing after a while, and goes on where it was. @returns the id after which it went on */
export async function hearsOnlyWhenSeen(stage: Stage, { url, flight }: OnFlight): Promise<string | null> {
  const member = await Member.arrive(stage, { url });
  const { page, words } = member;
  await page.clock.install();
  await member.openSeats(flight);
  const show = (state: "hidden" | "visible"): Promise<void> =>
    page.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  const ended = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/stream"));
  await show("hidden");
  await page.clock.fastForward(21_000);
  await ended;
  await stage.ask("takeSeat", "29A");
  const again = page.waitForRequest((request) => request.url().endsWith("/stream"));
  await show("visible");
  await page.getByRole("gridcell", { name: new RegExp(`^29A,.*${words.states.held}$`) }).waitFor();
  return await (await again).headerValue("last-event-id");
}

/** Every step has an address: going back and forth, and loading it anew, loses nothing. @returns the steps' addresses */
export async function backAndForth(stage: Stage, { url }: Who): Promise<readonly string[]> {
  const member = await Member.arriveLoggedIn(stage, { url, size: "phone" });
  const { page, words } = member;
  const addresses: string[] = [];
  const note = (): void => {
    const { pathname, search } = new URL(page.url());
    addresses.push(pathname.replace(/PI-[^/]+/, "…") + search);
  };
  await member.open("/flights?origin=GMP&destination=CJU&adults=2");
  await member
    .link(new RegExp(`^${words.results.choose}`))
    .nth(4)
    .click();
  await member.heading(words.seats.title);
  await page.getByRole("gridcell").first().waitFor();
  await member.choose("18A", "18B");
  await page.reload();
  await page.locator("[data-seat='18B'][aria-selected='true']").waitFor();
  note();
  await member.proceed();
  await member.name("Kim Minji", "Lee Junho");
  await page.reload();
  await member.heading(words.passengers.title);
  note();
  await page.goBack();
  await member.heading(words.seats.title);
  await page.locator("[data-seat='18A'][aria-selected='true']").waitFor();
  await page.goBack();
  await member.heading(words.results.title("Seoul Gimpo", "Jeju"));
  await page.locator(".flight").first().waitFor();
  note();
  await page.goForward();
  await page.goForward();
  await member.heading(words.passengers.title);
  const names = page.getByLabel(words.passengers.name, { exact: true });
  addresses.push(`${await names.nth(0).inputValue()}, ${await names.nth(1).inputValue()}`);
  return addresses;
}

/** From far down in the list to a flight and back. @returns where the list stands before and after, in pixels */
export async function backToThePlace(stage: Stage, { url }: Who): Promise<readonly number[]> {
  const member = await Member.arrive(stage, { url, size: "phone" });
  const { page, words } = member;
  await member.open("/flights?origin=GMP&destination=CJU");
  const flight = member.link(new RegExp(`^${words.results.choose}`)).nth(7);
  await flight.scrollIntoViewIfNeeded();
  const place = (): Promise<number> => page.evaluate(() => Math.round(scrollY));
  const places = [await place()];
  await flight.click();
  await member.heading(words.seats.title);
  places.push(await place());
  await page.goBack();
  await member.heading(words.results.title("Seoul Gimpo", "Jeju"));
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  places.push(await place());
  return places;
}

/** Lists of several days. @returns of each, how many headings are days, how often one stands there again, and how many cards have a day of their own */
export async function daysOfLists(stage: Stage, { url }: Who): Promise<readonly (readonly number[])[]> {
  const member = await Member.arrive(stage, { url });
  const { page, visitor } = member;
  const found: number[][] = [];
  for (const search of ["origin=ORD&destination=DEN", "destination=ICN", "origin=ORD&destination=DEN&sort=price"]) {
    await member.open(`/flights?${search}`);
    await page.locator(".flight").first().waitFor();
    const days = await page.locator("h3.day").allTextContents();
    found.push([days.length, days.length - new Set(days).size, await page.locator(".flight .summary-day").count()]);
    await visitor.inspect(`member-days-${found.length}`);
  }
  return found;
}

/** The last minute is announced when it begins, and not before. */
export async function warnsInTime(stage: Stage, { url, flight }: OnFlight): Promise<readonly boolean[]> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, words } = member;
  await member.holdSeats(flight, "22A");
  await page.clock.install();
  await page.reload();
  await member.heading(words.hold.title);
  // Time stands still unless told otherwise, however busy the machine is.
  await page.clock.pauseAt(Date.now() + 10_000);
  const isWarned = async (leftS: number): Promise<boolean> => {
    const text = await page.getByRole("timer").textContent();
    const [minutes = 0, seconds = 0] = (text ?? "").split(":").map(Number);
    await page.clock.runFor((minutes * 60 + seconds - leftS) * 1000);
    return (await page.getByRole("alert").getByText(words.hold.lastMinute).count()) > 0;
  };
  return [await isWarned(120), await isWarned(62), await isWarned(59)];
}

/** What happens to others' seats is said to those who hear the page: together, and seldom. @returns what was said, and after how many changes */
export async function tellsSeldom(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const member = await Member.arrive(stage, { url });
  const { page, words } = member;
  await page.clock.install();
  await member.openSeats(flight);
  const said: string[] = [];
  const voice = page.locator("p[role='status']").last();
  for (const seats of [["25A", "25B", "25C"], ["26A"]]) {
    for (const seat of seats) {
      await stage.ask("takeSeat", seat);
      await page.getByRole("gridcell", { name: new RegExp(`^${seat},.*${words.states.held}$`) }).waitFor();
      await page.clock.runFor(5_000);
      said.push((await voice.textContent()) ?? "");
    }
    await page.clock.runFor(30_000);
    said.push((await voice.textContent()) ?? "");
  }
  return said;
}

export interface Frames {
  readonly frames: number;
  readonly changes: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

const WATCHED_MS = 5_000;

/** Watches the largest aircraft while others take and give back its seats; walks through it meanwhile. */
export async function staysFluid(stage: Stage, { url, flight }: OnFlight): Promise<Frames> {
  const member = await Member.arrive(stage, { url });
  const { page } = member;
  await member.openSeats(flight);
  await page.evaluate(() => {
    const seen = { times: [performance.now()], changes: 0 };
    Object.assign(globalThis, { seen });
    const next = (time: number): void => {
      seen.times.push(time);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    new MutationObserver((records) => {
      seen.changes += records.filter(({ attributeName }) => attributeName === "aria-disabled").length;
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-disabled"] });
  });
  await stage.ask("churn", WATCHED_MS);
  const { times, changes } = await page.evaluate(
    () => (globalThis as unknown as { seen: { times: number[]; changes: number } }).seen,
  );
  const gaps = times
    .slice(1)
    .map((time, at) => time - (times[at] ?? time))
    .sort((a, b) => a - b);
  const quantile = (share: number): number => Math.round((gaps[Math.floor((gaps.length - 1) * share)] ?? 0) * 10) / 10;
  return { frames: gaps.length, changes, p50Ms: quantile(0.5), p95Ms: quantile(0.95), maxMs: quantile(1) };
}
