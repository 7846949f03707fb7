/** The scripts of member-session.test.ts. */

import type { Stage } from "./harness/stage.ts";
import { Member, newEmail, PASSWORD, type Who } from "./member-steps.ts";

interface OnFlight extends Who {
  readonly flight: string;
}

/** Refreshing the session is lost once, and refused twice for a trouble of the moment. @returns how often it was tried */
export async function refreshIsLost(stage: Stage, { url }: Who): Promise<number> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await visitor.context.clearCookies({ name: "access_token" });
  let tries = 0;
  await page.route("**/sessions/refresh", async (route) => {
    tries += 1;
    if (tries === 1) await route.abort("connectionreset");
    else if (tries === 2) await route.fulfill({ status: 503, body: "busy" });
    else if (tries === 3) await route.fulfill({ status: 429, body: "slowly" });
    else await route.continue();
  });
  await member.open("/reservations");
  await member.text(words.trips.empty);
  return tries;
}

/** Who the reader is can't be said at once. */
export async function startsInTrouble(stage: Stage, { url }: Who): Promise<void> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, words } = member;
  let tries = 0;
  await page.route("**/members/me", async (route) => {
    tries += 1;
    if (tries === 1) await route.fulfill({ status: 500, body: "a trouble" });
    else await route.continue();
  });
  await member.open("/reservations");
  await member.text(words.trips.empty);
}

/**
 * A session is over, and another member logs in in the same tab.
 * @returns what the next member is told of the first one's reservation, and finds among the names that were typed
 */
export async function anotherComes(stage: Stage, { url, flight }: OnFlight): Promise<readonly string[]> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, visitor, words } = member;
  await member.holdSeats(flight, "5A");
  await visitor.context.clearCookies({ name: /_token$/ });
  await member.link(words.trip.all).click();
  await member.heading(words.account.logInTitle);

  const next = { email: newEmail(), password: PASSWORD };
  const signedUp = await fetch(`${url}/api/v1/members`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...next, name: "Lee Junho" }),
  });
  if (!signedUp.ok) throw new Error(`sign-up: ${signedUp.status}`);
  await page.getByLabel(words.account.email).fill(next.email);
  await page.getByLabel(words.account.password, { exact: true }).fill(next.password);
  await member.button(words.account.logIn).click();
  await member.heading(words.trips.title);
  await page.goBack();
  const told = page.getByRole("alert").getByText("There is no such reservation of yours.");
  await told.waitFor();
  const shown = (await told.textContent()) ?? "";
  if ((await page.locator(".pnr").count()) > 0) throw new Error("the reservation is still shown");
  await member.openSeats(flight);
  await member.choose("6A");
  await member.proceed();
  return [shown, await page.getByLabel(words.passengers.name, { exact: true }).inputValue()];
}

/** The reservation's page is open when it becomes somebody else's browser, as by a log-in in another tab. */
export async function anotherTab(stage: Stage, { url, flight }: OnFlight): Promise<number> {
  const member = await Member.arriveLoggedIn(stage, { url });
  const { page, words } = member;
  await member.holdSeats(flight, "7A");
  await member.haveSession();
  await member.link(words.trip.all).click();
  await member.text(words.trips.empty);
  await page.goBack();
  await page.getByRole("alert").getByText("There is no such reservation of yours.").waitFor();
  await page.goForward();
  await page.goBack();
  return await page.locator(".pnr").count();
}
