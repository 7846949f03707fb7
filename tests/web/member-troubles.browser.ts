/** The scripts of member-troubles.test.ts: what goes wrong on the way, and how the pages go on. */

import { KOREAN } from "../../http/web/i18n/ko.ts";
import type { Stage } from "./harness/stage.ts";
import { Member, type Who } from "./member-steps.ts";

interface OnFlight extends Who {
  readonly flight: string;
}

/** Two want the same seat, and a third looks on. */
export async function fight(stage: Stage, { url, flight }: OnFlight): Promise<{ kept: string; got: string }> {
  const [quick, slow, other] = await Promise.all([
    Member.arriveLoggedIn(stage, { url }),
    Member.arriveLoggedIn(stage, { url, language: "ko", size: "phone" }),
    Member.arrive(stage, { url }),
  ]);
  await other.openSeats(flight);
  await other.choose("10A");
  for (const [member, name] of [
    [quick, "Quick"],
    [slow, "Slow"],
  ] as const) {
    await member.openSeats(flight);
    await member.choose("10A");
    await member.proceed();
    await member.name(name);
  }
  await quick.hold();

  // Who looks on sees it go, under the eye, and is offered what is near.
  await other.text(other.words.seats.taken("10A"));
  await other.page.getByRole("gridcell", { name: new RegExp(`^10A,.*${other.words.states.held}$`) }).waitFor();
  await other.visitor.inspect("member-seat-lost");
  const replacement = other.button(/^Take 1\d[A-F]$/).first();
  const offered = await replacement.textContent();
  await replacement.click();
  await other.page.locator(`[data-seat="${offered?.replace("Take ", "")}"][aria-selected="true"]`).waitFor();

  // Who was slower keeps what was typed, and takes what the server offers.
  const { passengers, seats } = slow.words;
  await slow.button(passengers.submit).click();
  const offers = slow.page.getByRole("alert").getByRole("button");
  await offers.first().waitFor();
  await slow.visitor.inspect("member-seat-taken");
  const kept = await slow.page.getByLabel(passengers.name, { exact: true }).inputValue();
  const got = await offers.first().textContent();
  await offers.first().click();
  await slow.hold();
  const seat = await slow.page.locator(".person-seat strong").textContent();
  if (seats.take(seat ?? "") !== got) throw new Error(`took ${got} and has ${seat}`);
  return { kept, got: seat ?? "" };
}

/** The hold ends while its page is open. */
export async function holdRunsOut(stage: Stage, { url, flight }: OnFlight): Promise<{ again: string; name: string }> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.holdSeats(flight, "3A");
  await member.text(words.hold.lastMinute);
  await visitor.inspect("member-last-minute");
  await member.heading(words.hold.expiredTitle);
  await visitor.inspect("member-expired");
  await member.link(words.hold.expiredAgain).click();
  await member.heading(words.seats.title);
  const again = new URL(page.url()).pathname;
  await member.choose("3A");
  await member.proceed();
  return { again, name: await page.getByLabel(words.passengers.name, { exact: true }).inputValue() };
}

/** As much as the server's `Date` leaves open. */
const AHEAD_MS = 1_200;

/** The hold ends by the reader's clock before it ends by the server's. */
export async function clockIsAhead(stage: Stage, { url, flight }: OnFlight): Promise<void> {
  const member = await Member.arriveLoggedIn(stage, { url });
  await member.page.addInitScript((aheadMs) => {
    const now = Date.now;
    Date.now = () => now() + aheadMs;
  }, AHEAD_MS);
  await member.holdSeats(flight, "3C");
  await member.heading(member.words.hold.expiredTitle);
}

/** Going back from the provider, and paying in the end. */
export async function paysAfterAll(stage: Stage, { url, flight }: OnFlight): Promise<string> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.holdSeats(flight, "4A");
  await member.goToPayment();
  const checkout = page.url();
  await page.goBack();
  await member.heading(words.paying.title);
  await visitor.inspect("member-paying");
  const again = await member.link(words.paying.open).getAttribute("href");
  await member.link(words.paying.open).click();
  if (page.url() !== checkout || again !== checkout) throw new Error(`two checkouts: ${checkout} and ${again}`);
  await member.decide("Decline");
  await member.text(words.hold.declined);
  await page.reload();
  await member.text(words.hold.declined);
  await member.pay();
  return (await page.locator(".person-ticket").textContent()) ?? "";
}

/** The line is cut and mended while seats are looked at, and once more while they are held. */
export async function lineIsCut(stage: Stage, { url, flight }: OnFlight): Promise<number> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.openSeats(flight);
  await member.choose("12C");
  await stage.ask("cut");
  await member.text(words.seats.reconnecting);
  await visitor.inspect("member-line-cut");
  await stage.ask("takeSeat", "12A");
  await stage.ask("mend");
  await member.text(words.seats.live);
  await page.getByRole("gridcell", { name: new RegExp(`^12A,.*${words.states.held}$`) }).waitFor();

  await member.proceed();
  await member.name("Cut Off");
  await stage.ask("cut");
  await member.button(words.passengers.submit).click();
  await member.text(words.connection.lost);
  await visitor.inspect("member-hold-without-line");
  // Whoever loads the page anew meanwhile sends the same request, and reserves once.
  await stage.ask("mend");
  await member.heading(words.hold.title);
  const { total } = await (await visitor.context.request.get(`${url}/api/v1/reservations`)).json();
  return total;
}

/** An answer is lost after the server has done its work; the page is loaded anew, and the request sent once more. */
export async function answerIsLost(stage: Stage, { url, flight }: OnFlight): Promise<number> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.openSeats(flight);
  await member.choose("20C");
  await member.proceed();
  await member.name("Lost Answer");
  let isLost = false;
  const lost = page.waitForEvent("requestfailed");
  await page.route("**/reservations", async (route) => {
    if (!isLost) await route.fetch();
    isLost = true;
    await route.abort("connectionreset");
  });
  await member.button(words.passengers.submit).click();
  await lost;
  await page.unroute("**/reservations");
  await page.reload();
  await member.heading(words.passengers.title);
  await member.button(words.passengers.submit).click();
  await member.heading(words.hold.title);
  const { total } = await (await visitor.context.request.get(`${url}/api/v1/reservations`)).json();
  return total;
}

/** The server stops and comes again while seats are looked at. */
export async function serverRestarts(stage: Stage, { url, flight }: OnFlight): Promise<string> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, words } = member;
  await member.openSeats(flight);
  await member.choose("15B");
  await stage.ask("stop");
  await member.text(words.seats.reconnecting);
  await stage.ask("start");
  await member.text(words.seats.live);
  await stage.ask("takeSeat", "15A");
  await page.getByRole("gridcell", { name: new RegExp(`^15A,.*${words.states.held}$`) }).waitFor();
  await member.proceed();
  await member.name("Still Here");
  await member.hold();
  return (await page.locator(".person-seat strong").textContent()) ?? "";
}

/** The access token has run out, and later the whole session. */
export async function sessionEnds(stage: Stage, { url }: Who): Promise<string> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await visitor.context.clearCookies({ name: "access_token" });
  await member.open("/reservations");
  await member.text(words.trips.empty);
  await visitor.context.clearCookies({ name: /_token$/ });
  await member.link(words.trips.search).click();
  await member.heading(words.home.title);
  // The page learns of it when it asks.
  await page.goBack();
  await member.heading(words.account.logInTitle);
  return new URL(page.url()).search;
}

/** The language changes in the middle, and nothing that was chosen or typed is lost. */
export async function changesLanguage(stage: Stage, { url, flight }: OnFlight): Promise<string> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page } = member;
  await member.openSeats(flight, "?adults=2");
  await member.choose("21A", "21B");
  await member.proceed();
  await member.name("Kim Minji", "Lee Junho");
  await member.link("한국어").click();
  await page.getByRole("heading", { name: KOREAN.passengers.title }).waitFor();
  const names = await page.getByLabel(KOREAN.passengers.name, { exact: true }).evaluateAll((fields) => {
    return fields.map((field) => (field as HTMLInputElement).value).join();
  });
  return `${names} ${new URL(page.url()).search}`;
}

/** Addresses that were mistyped, or are from another time. */
export async function wrongAddresses(stage: Stage, { url }: Who): Promise<void> {
  const member = await Member.arrive(stage, { url });
  const { page, words } = member;
  await member.open("/flights?origin=GMP&destination=CJU&date=2026-02-31&adults=x");
  await page.locator(".flight").first().waitFor();
  await member.open("/flights?origin=GMP&destination=CJU&page=999");
  await page.getByText(/^Page (\d+) of \1$/).waitFor();
  await member.open("/flights?origin=gmp");
  await member.text("Something is missing or can't be right. Please check what you entered.");
  await member.open("/flights/NO-SUCH-FLIGHT/seats?seats=1A");
  await member.text("There is no such flight.");
  await member.visitor.inspect("member-no-such-flight");
  await member.haveSession();
  await member.open("/reservations/none");
  await member.text("There is no such reservation of yours.");
  await member.open("/tickets/9900000000000");
  await member.text("There is no such ticket of yours.");
  await member.visitor.inspect("member-no-such-ticket");
  await member.open("/login?next=/reservations");
  await member.heading(words.trips.title);
}

/** Whoever comes too late is told so, and offered nothing that can't be had. @returns what is said, and how many ways on there are */
export async function comesTooLate(stage: Stage, { url, flight }: OnFlight): Promise<readonly [string, number][]> {
  const member = await Member.arrive(stage, { url, size: "phone" });
  const { page, visitor, words } = member;
  const answer = await visitor.context.request.get(`${url}/api/v1/flights/${flight}/seats`);
  const { version, seats } = (await answer.json()) as { version: number; seats: { seat: string; state: string }[] };
  const found: [string, number][] = [];
  for (const [free, text] of [
    [0, words.seats.soldOut],
    [1, words.results.notEnough(1)],
  ] as const) {
    const rest = seats.map((seat, at) => ({ ...seat, state: at < free ? "free" : "sold" }));
    const body = `event: snapshot\ndata: ${JSON.stringify({ version, seats: rest })}\n\n`;
    await page.unrouteAll();
    await page.route("**/seats/stream", (route) => route.fulfill({ contentType: "text/event-stream", body }));
    await member.openSeats(flight, "?adults=2");
    await member.text(text);
    await visitor.inspect(`member-too-late-${free}`);
    found.push([text, await page.locator(".choice").getByRole("link").count()]);
  }
  return found;
}

/** A link that would lead elsewhere after the log-in leads home. */
export async function comesHome(stage: Stage, { url }: Who): Promise<string> {
  const member = await Member.arrive(stage, { url });
  const { page, words } = member;
  await member.open(`/signup?next=${encodeURIComponent("//elsewhere.example/")}`);
  await member.signUp();
  await member.heading(words.home.title);
  return page.url();
}
