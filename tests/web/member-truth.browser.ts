/** The scripts of member-truth.test.ts: something changes while its page is open, or has changed since. */

import type { Stage } from "./harness/stage.ts";
import { Member, type Who } from "./member-steps.ts";

interface OnFlight extends Who {
  readonly flight: string;
}

/** A chosen seat goes, then one of those that are offered for it; and in the end the chosen one comes back. */
export async function offersGo(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const member = await Member.arrive(stage, { url });
  const { page, words } = member;
  await member.openSeats(flight);
  await member.choose("10A");
  await stage.ask("take", "10A");
  await member.text(words.seats.taken("10A"));
  const offers = page.getByRole("alert").getByRole("button");
  const before = await offers.allTextContents();
  await stage.ask("take", "10B");
  await page.getByRole("gridcell", { name: new RegExp(`^10B,.*${words.states.held}$`) }).waitFor();
  await member.button(words.seats.take("10B")).waitFor({ state: "detached" });
  const after = await offers.allTextContents();
  await stage.ask("giveUp", "10A");
  await page.getByText(words.seats.taken("10A")).waitFor({ state: "detached" });
  return before.filter((offer) => !after.includes(offer));
}

/** Two chosen seats are taken while names are typed: each is replaced. @returns the seats in the address before and after */
export async function twoAreTaken(stage: Stage, { url, flight }: OnFlight): Promise<readonly (string | null)[]> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, words } = member;
  await member.openSeats(flight, "?adults=2");
  await member.choose("14A", "14B");
  await member.proceed();
  await member.name("First", "Second");
  await stage.ask("take", "14A");
  await stage.ask("take", "14B");
  await member.button(words.passengers.submit).click();
  const offers = page.getByRole("alert").getByRole("button");
  await offers.first().waitFor();
  const seats = (): string | null => new URL(page.url()).searchParams.get("seats");
  const found = [seats()];
  await page.getByRole("alert").getByText("14B", { exact: true }).waitFor();
  await offers.first().click();
  await page.getByRole("alert").getByText("14A", { exact: true }).waitFor({ state: "detached" });
  await page.getByRole("alert").getByText("14B", { exact: true }).waitFor();
  await offers.first().click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  found.push(seats());
  await member.hold();
  return found;
}

/** The sale is closed before somebody looks at the seats, and while somebody else, who was let in, types names. */
export async function saleCloses(stage: Stage, { url, flight }: OnFlight): Promise<readonly number[]> {
  const inside = await Member.arriveLoggedIn(stage, { url });
  const { page, words } = inside;
  await inside.open(`/flights/${flight}/waiting-room`);
  await page.getByRole("link", { name: "Choose seats" }).click();
  await inside.heading(words.seats.title);
  await page.getByRole("gridcell").first().waitFor();
  await inside.choose("16A");
  await inside.proceed();
  await inside.name("Too Late");
  await stage.ask("close");
  await inside.button(words.passengers.submit).click();
  await page.getByRole("alert").getByText(words.seats.roomClosed).waitFor();
  const ways = [await inside.link(words.results.join).count()];
  await inside.openSeats(flight);
  await inside.text(words.seats.roomClosed);
  ways.push(await page.locator(".choice").getByRole("link").count());
  const other = await Member.arriveLoggedIn(stage, { url });
  await other.openSeats(flight);
  await other.text(words.seats.roomClosed);
  ways.push(await other.page.locator(".choice").getByRole("link").count());
  await other.open(`/flights/${flight}/passengers`);
  await other.page.locator(".summary-day").waitFor();
  ways.push(await other.link(words.results.join).count());
  return ways;
}

/** A date of birth is begun and not finished. @returns what is said of it, and which field has the focus */
export async function dateIsBegun(stage: Stage, { url, flight }: OnFlight): Promise<readonly (string | null)[]> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.openSeats(flight, "?adults=2");
  await member.choose("17A", "17B");
  await member.proceed();
  await member.name("First", "Second");
  const date = page.locator("#passenger-1-birthDate");
  await date.focus();
  await page.keyboard.type("12");
  await member.button(words.passengers.submit).click();
  const said = await page.locator("#passenger-1-birthDate-error").textContent();
  const focused = await page.evaluate(() => document.activeElement?.id ?? null);
  await visitor.inspect("member-date-begun");
  await date.fill("2001-02-03");
  await member.hold();
  return [said, focused];
}

/** The page that asks whether to give a reservation up is opened when that was done already. @returns its title, and the ways on */
export async function isOverAlready(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.holdSeats(flight, "18C");
  await member.link(words.hold.release).click();
  await member.heading(words.cancel.releaseTitle);
  const path = new URL(page.url()).pathname;
  await member.button(words.cancel.confirmRelease).click();
  await member.heading(words.trip.releasedTitle);
  await member.open(path);
  await page.locator(".tag").filter({ hasText: words.trip.statuses.RELEASED }).waitFor();
  await visitor.inspect("member-over-already");
  const main = page.getByRole("main");
  const ways = [
    ...(await main.getByRole("button").allTextContents()),
    ...(await main.getByRole("link").allTextContents()),
  ];
  return [(await page.getByRole("heading", { level: 1 }).textContent()) ?? "", ...ways];
}
