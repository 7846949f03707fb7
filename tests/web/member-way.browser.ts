/** The scripts of member-way.test.ts. */

import type { Stage } from "./harness/stage.ts";
import { Member, type Who } from "./member-steps.ts";

/**
 * From the start to the refund, in a reader's language and size, with a picture of and a look for barriers at every page.
 * @param who `flight`: which of those that are found, so that all have one to themselves
 */
export async function wholeWay(stage: Stage, who: Who & { readonly flight: number }): Promise<string> {
  const member = await Member.arrive(stage, who);
  const { page, visitor, words } = member;
  const look = (name: string): Promise<void> => visitor.inspect(`member-${name}`);

  await member.open("/");
  await member.heading(words.home.title);
  await page.getByRole("heading", { name: words.home.fares }).waitFor();
  await page.locator(".fare-card").first().waitFor();
  await look("01-home");
  await member.button(words.search.submit).click();
  await look("02-home-errors");
  const from = page.getByRole("combobox", { name: words.search.from });
  await from.fill(visitor.language === "ko" ? "김포" : "gimpo");
  await page.getByRole("option").first().waitFor();
  await look("03-suggestions");
  await page.getByRole("option").first().click();
  await page.getByRole("combobox", { name: words.search.to }).fill("CJU");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: new RegExp(words.search.travellers) }).click();
  await member.button(words.search.more(words.search.adults)).click();
  await member.button(words.search.more(words.search.children)).click();
  await look("04-travellers");
  await member.button(words.search.done).click();
  await member.button(words.search.submit).click();

  const choose = member.link(new RegExp(`^${words.results.choose}`));
  await choose.first().waitFor();
  await look("05-results");
  const left = async (part: string): Promise<number> => (await page.locator(part).first().boundingBox())?.x ?? 0;
  const line = [await left(".end"), await left(".way"), await left(".way + .end")];
  if (line.some((x, at) => x <= (line[at - 1] ?? -1)))
    throw new Error(`the flight does not run from left to right: ${line}`);
  await choose.nth(who.flight).click();

  await member.heading(words.seats.title);
  await page.getByRole("gridcell").first().waitFor();
  await member.choose("7A", "7B", "7C");
  await look("06-seats");
  await member.link(words.seats.list).click();
  await page.getByRole("heading", { name: words.suggest.found(6) }).waitFor();
  await page.getByRole("radio", { name: words.suggest.places.aisle }).check();
  await look("07-seats-by-wish");
  await member
    .button(new RegExp(`^${words.suggest.take}`))
    .nth(1)
    .click();
  const chosen = await page.locator(".proposal.taken strong").textContent();
  await member.link(words.seats.proceed).click();

  await member.heading(words.account.logInTitle);
  await look("08-log-in");
  await member.link(words.account.signUp).click();
  await member.heading(words.account.signUpTitle);
  await member.button(words.account.signUp).click();
  await look("09-sign-up-errors");
  await member.signUp(visitor.language === "ko" ? "김민지" : "Kim Minji");

  await member.heading(words.passengers.title);
  await member.button(words.passengers.submit).click();
  await look("10-passengers-errors");
  await member.button(new RegExp(`^${words.passengers.me}`)).click();
  await page.getByLabel(words.passengers.name, { exact: true }).nth(1).fill("이준호");
  await page.getByLabel(words.passengers.name, { exact: true }).nth(2).fill("Lee Sua");
  await page.locator("#passenger-2-birthDate").fill("2019-05-04");
  await look("11-passengers");
  await member.hold();
  await look("12-hold");

  await member.goToPayment();
  await member.decide("Decline");
  await member.text(words.hold.declined);
  await look("13-declined");
  await member.pay();
  const passes = page.getByRole("link", { name: words.trip.showPass("Lee Sua") });
  await passes.waitFor();
  await look("14-ticketed");
  const seats = await page.locator(".person-seat strong").allTextContents();

  await passes.click();
  await page.locator("img.pass").waitFor();
  await page.locator("img.pass").evaluate((picture: HTMLImageElement) => picture.decode());
  await look("15-boarding-pass");
  await member.link(words.ticket.back).click();
  await member.link(words.trip.all).click();
  await member.heading(words.trips.title);
  await page.locator(".trip").waitFor();
  await look("16-trips");
  await member.link(new RegExp(`^${words.trips.details}`)).click();
  await member.link(words.trip.cancel).click();
  await member.heading(words.cancel.title);
  await member.text(words.cancel.refundText);
  await look("17-cancel");
  await member.button(words.cancel.confirm).click();
  await member.heading(words.trip.cancelledTitle);
  await page.locator(".note.good").waitFor();
  await look("18-cancelled");
  await member.open("/nowhere");
  await member.heading(words.missing.title);
  await look("19-missing");
  if (seats.join(", ") !== chosen) throw new Error(`chosen ${chosen}, and given ${seats}`);
  return seats.join(", ");
}

/** Every page again in the dark. */
export async function inTheDark(stage: Stage, { url }: Who): Promise<void> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor } = member;
  await page.emulateMedia({ colorScheme: "dark" });
  const pages = ["/", "/flights?origin=GMP&destination=CJU", "/login", "/reservations", "/nowhere"];
  for (const [at, path] of pages.entries()) {
    await member.open(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator(".waiting").first().waitFor({ state: "detached" });
    await visitor.inspect(`member-dark-${at + 1}`);
  }
}
