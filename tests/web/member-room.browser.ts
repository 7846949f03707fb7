/** The scripts of member-room.test.ts. */

import { ROOM_WORDS } from "../../http/web/room/words.ts";
import type { Stage } from "./harness/stage.ts";
import { Member, type Who } from "./member-steps.ts";

interface OnFlight extends Who {
  readonly flight: string;
}

/** From the list of flights through the line to a hold, with a log-in on the way and a reload where the pass is lost from memory. */
export async function throughTheLine(stage: Stage, { url, flight, language = "en" }: OnFlight): Promise<string> {
  const member = await Member.arrive(stage, { url, language, size: "phone" });
  const { page, visitor, words } = member;
  const room = ROOM_WORDS[language];
  const [, number, year, month, day] = flight.split("-");
  await member.open(`/flights?origin=GMP&destination=CJU&date=${year}-${month}-${day}&adults=2`);
  const join = member.link(`${words.results.join}, PI ${number}`);
  await join.waitFor();
  await visitor.inspect("member-results-with-room");
  await join.click();
  await member.link(room.logIn).click();
  await member.heading(words.account.logInTitle);
  await member.link(words.account.signUp).click();
  await member.signUp();
  await member.link(room.choose).click();
  await member.heading(words.seats.title);
  if (!page.url().includes("adults=2")) throw new Error(`the party was forgotten: ${page.url()}`);
  await page.getByRole("gridcell").first().waitFor();
  await member.choose("9A", "9B");
  await member.proceed();
  await member.name("In Line", "Behind Her");
  await page.reload();
  await member.hold();
  return (await page.locator(".person-seat strong").allTextContents()).join();
}

/** Somebody who follows a link to the seats sees them, and is led to the line with all that was chosen. */
export async function pastTheLine(stage: Stage, { url, flight }: OnFlight): Promise<string> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.openSeats(flight, "?adults=2");
  await member.text(words.seats.roomTitle);
  await member.choose("11A", "11B");
  await visitor.inspect("member-seats-with-room");
  await member.link(words.seats.proceed).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  const { pathname, search } = new URL(page.url());
  // And who goes on to the passengers by hand is told, when it comes to it.
  await member.open(`/flights/${flight}/passengers${search}`);
  await member.name("Past", "The Line");
  await member.button(words.passengers.submit).click();
  await member.text("This flight has a waiting room. Join the line to reserve.");
  await visitor.inspect("member-not-admitted");
  return pathname + search;
}
