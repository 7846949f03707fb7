/** The scripts of room.test.ts. */

import type { Page } from "playwright-core";
import type { Stage } from "./harness/stage.ts";
import type { Account, Visitor, VisitorOptions } from "./harness/visitor.ts";

export interface Where {
  readonly url: string;
  readonly path: string;
  readonly member: Account;
}

/** Somebody in a session, as the log-in page leaves a browser. */
async function memberAt(stage: Stage, { url, member }: Where, options: VisitorOptions = {}): Promise<Visitor> {
  const visitor = await stage.visitor(options);
  await visitor.logIn(url, member);
  await visitor.context.addCookies([{ name: "member", value: "1", url }]);
  return visitor;
}

function heading(page: Page, name: string) {
  return page.getByRole("heading", { level: 1, name });
}

/** Somebody is inside: the next in line is the first. The status that a page hears first may be a second old. */
const NEXT = "1";

async function placeOn(page: Page, settled: string | null = NEXT): Promise<number> {
  await heading(page, "Your place in line").waitFor();
  const figure = page.locator(".figure");
  if (settled !== null) await figure.filter({ hasText: new RegExp(`^${settled}$`) }).waitFor();
  return Number(await figure.textContent());
}

/** However far the page's next look at the server is off, it is due after this long. */
const LOOK_MS_MAX = 16_000;

/** A look that came a moment too early is followed by another one. */
const LOOKS_MAX = 20;

/** Has the page's clock go on to where it looks at the server again, until it says that there is no connection, or no longer does. */
async function noticesThatItIs(state: "lost" | "back", page: Page): Promise<void> {
  const note = page.getByText("No connection.");
  const wanted = state === "lost" ? "visible" : "hidden";
  const isThere = (timeout: number) => note.waitFor({ state: wanted, timeout }).then(() => true);
  for (let looks = 1; looks < LOOKS_MAX; looks++) {
    await page.clock.fastForward(LOOK_MS_MAX);
    if (await isThere(1_000).catch(() => false)) return;
  }
  await isThere(1_000);
}

/** Joins, reloads, opens a second tab, is let in, and goes on to the seats. */
export async function waitsAndEnters(
  stage: Stage,
  where: Where,
): Promise<{ places: number[]; returned: boolean; titles: string[]; end: string }> {
  const visitor = await memberAt(stage, where);
  const { page } = visitor;
  await page.goto(where.url + where.path);
  const places = [await placeOn(page)];
  const titles = [await page.title()];
  await page.reload();
  places.push(await placeOn(page));
  const returned = await page.getByText("Welcome back.").isVisible();
  const second = await visitor.newTab();
  await second.goto(where.url + where.path);
  places.push(await placeOn(second));
  await visitor.shot("room-real-line");
  await stage.ask("admit");
  await heading(page, "It's your turn").waitFor();
  titles.push(await page.title());
  await visitor.shot("room-real-turn");
  await page.getByRole("link", { name: "Choose seats" }).click();
  await page.waitForURL(/\/seats/);
  return { places, returned, titles, end: new URL(page.url()).pathname + new URL(page.url()).search };
}

/** Waits while the line to the server is cut and mended, and is let in afterwards. */
export async function livesThroughACut(
  stage: Stage,
  where: Where,
): Promise<{ before: number; during: number; after: number }> {
  const { page } = await memberAt(stage, where);
  await page.clock.install();
  await page.goto(where.url + where.path);
  const before = await placeOn(page);
  await stage.ask("cut");
  await noticesThatItIs("lost", page);
  const during = await placeOn(page);
  await stage.ask("mend");
  await noticesThatItIs("back", page);
  const after = await placeOn(page);
  await stage.ask("admit");
  await heading(page, "It's your turn").waitFor();
  return { before, during, after };
}

/** Waits while the server is killed and started anew. */
export async function livesThroughARestart(stage: Stage, where: Where): Promise<{ before: number; after: number }> {
  const { page } = await memberAt(stage, where);
  await page.clock.install();
  await page.goto(where.url + where.path);
  const before = await placeOn(page);
  await stage.ask("kill");
  await noticesThatItIs("lost", page);
  await stage.ask("start");
  await noticesThatItIs("back", page);
  await page.reload();
  const after = await placeOn(page);
  await stage.ask("admit");
  await heading(page, "It's your turn").waitFor({ timeout: 20_000 });
  return { before, after };
}

/** Joins by the form, keeps the place over reloads, and is let in, without any script. */
export async function worksWithoutScripts(
  stage: Stage,
  where: Where,
): Promise<{ places: number[]; refreshes: string; end: string }> {
  const visitor = await memberAt(stage, where, { javaScript: false });
  const { page } = visitor;
  await page.goto(where.url + where.path);
  const refresh = await page
    .locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]')
    .first()
    .getAttribute("content");
  await page.getByRole("button", { name: "Join the line" }).click();
  const places = [await placeOn(page)];
  await visitor.shot("room-plain-line");
  await page.reload();
  places.push(await placeOn(page));
  await stage.ask("admit");
  for (let tries = 0; !(await heading(page, "It's your turn").isVisible()) && tries < 20; tries++) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  await visitor.shot("room-plain-turn");
  return {
    places,
    refreshes: refresh ?? "",
    end: (await page.getByRole("link", { name: "Choose seats" }).getAttribute("href")) ?? "",
  };
}

/** Looks elsewhere when the turn comes: is called, and comes in when back. */
export async function comesBackForTheTurn(
  stage: Stage,
  where: Where,
): Promise<{ title: string; hadPass: boolean; bells: number; said: string }> {
  const visitor = await memberAt(stage, where);
  await visitor.context.addInitScript(
    `let seen = "visible"; Object.defineProperty(document, "visibilityState", { get: () => seen });
     globalThis.look = (state) => { seen = state; document.dispatchEvent(new Event("visibilitychange")); };
     globalThis.bells = 0;
     const start = OscillatorNode.prototype.start;
     OscillatorNode.prototype.start = function (...at) { globalThis.bells++; return start.apply(this, at); };`,
  );
  const { page } = visitor;
  await page.goto(where.url + where.path);
  await placeOn(page);
  await page.getByRole("button", { name: "Play a sound when it's my turn" }).click();
  await page.getByRole("button", { name: "Sound is on", pressed: true }).waitFor();
  const bellsBefore = Number(await page.evaluate("bells"));
  await page.evaluate(`look("hidden")`);
  await stage.ask("admit");
  await page.getByRole("button", { name: "Come in" }).waitFor();
  const title = await page.title();
  const said = (await page.getByRole("status").textContent()) ?? "";
  const bells = Number(await page.evaluate("bells")) - bellsBefore;
  const hadPass = (await stage.ask("active")) === 2;
  await visitor.inspect("room-call");
  await page.evaluate(`look("visible")`);
  await page.getByRole("link", { name: "Choose seats" }).waitFor();
  return { title, hadPass, bells, said };
}

/** Is asked to log in, and comes back to where the party was. */
export async function logsIn(stage: Stage, where: Where): Promise<{ next: string; place: number }> {
  const visitor = await stage.visitor();
  const { page } = visitor;
  const link = page.getByRole("link", { name: "Log in to join the line" });
  // What the server has written stands while the API is silent.
  await page.route("**/api/**", () => {});
  const asking = page.waitForRequest("**/waiting-room/stream");
  await page.goto(where.url + where.path);
  await asking;
  await link.waitFor();
  await page.unroute("**/api/**");
  await page.goto(where.url + where.path);
  const next = (await link.getAttribute("href")) ?? "";
  await link.click();
  await page.getByLabel("E-mail").fill(where.member.email);
  await page.getByLabel("Password", { exact: true }).fill(where.member.password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  return { next, place: await placeOn(page) };
}

/** Waits before the opening, sees the time run, and gets a place when it opens, which is sooner than it was said at first. */
export async function waitsForTheOpening(
  stage: Stage,
  where: Where,
): Promise<{ early: string; later: string; place: number }> {
  const visitor = await memberAt(stage, where);
  const { page } = visitor;
  await page.goto(where.url + where.path);
  await heading(page, "The sale opens in").waitFor();
  const clock = async (): Promise<string> => (await page.getByRole("timer").textContent()) ?? "";
  const early = await clock();
  await visitor.inspect("room-real-prequeue");
  await page.waitForFunction((before) => document.querySelector(".figure")?.textContent !== before, early);
  const later = await clock();
  await stage.ask("openSoon");
  // Whom the draw has put first is let in at once.
  const drawn = page.getByRole("heading", { level: 1, name: /Your place in line|It's your turn/ });
  await drawn.waitFor();
  const isFirst = (await drawn.textContent()) === "It's your turn";
  return { early, later, place: isFirst ? 1 : await placeOn(page, null) };
}

/** Waits before an opening that is moved close: the ticket is shown once more, and the page waits on. */
export async function handsItsTicketIn(
  stage: Stage,
  where: Where,
): Promise<{ before: number; kept: unknown; shown: unknown; waitsOn: boolean }> {
  const { page } = await memberAt(stage, where);
  let before = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/waiting-room/passes")) before += 1;
  });
  await page.goto(where.url + where.path);
  const waits = heading(page, "The sale opens in");
  await waits.waitFor();
  const earlier = before;
  const kept: unknown = await page.evaluate("JSON.parse(Object.values(localStorage)[0])");
  const answer = page.waitForResponse("**/waiting-room/passes", { timeout: 30_000 });
  await stage.ask("openSooner");
  const shown: unknown = (await answer).request().postDataJSON();
  return { before: earlier, kept, shown, waitsOn: await waits.isVisible() };
}

/** Works for a place while too many join. */
export async function worksForAPlace(stage: Stage, where: Where): Promise<number> {
  const { page } = await memberAt(stage, where);
  await page.goto(where.url + where.path);
  await heading(page, "Your place in line").waitFor({ timeout: 40_000 });
  return placeOn(page);
}

/** Sees the operator pause, go on, and close the sale. */
export async function isToldOfTheSale(stage: Stage, where: Where): Promise<void> {
  const { page } = await memberAt(stage, where, { language: "ko", size: "phone" });
  await page.goto(where.url + where.path);
  await heading(page, "내 순서").waitFor();
  await stage.ask("pause");
  await heading(page, "판매가 잠시 멈췄습니다").waitFor();
  await stage.ask("resume");
  await heading(page, "내 순서").waitFor();
  await stage.ask("close");
  await heading(page, "판매가 끝났습니다").waitFor();
}

/** Is inside when the sale is closed. @returns how many links lead on to the seats then */
export async function isShutAtTheTurn(stage: Stage, where: Where): Promise<number> {
  const { page } = await memberAt(stage, where);
  await page.goto(where.url + where.path);
  await placeOn(page);
  await stage.ask("admit");
  await heading(page, "It's your turn").waitFor();
  await stage.ask("close");
  await heading(page, "The sale is closed").waitFor();
  return await page.getByRole("link", { name: "Choose seats" }).count();
}

/** Is let in although no stream gets through, and the status has to be asked for: as often as the server wants it, which is soon here. */
export async function hearsWithoutAStream(stage: Stage, where: Where): Promise<number> {
  const { page } = await memberAt(stage, where);
  await page.route("**/waiting-room/stream", (route) => route.abort());
  await page.route("**/api/v1/flights/*/waiting-room", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), pollAfterMs: 500 } });
  });
  await page.goto(where.url + where.path);
  const place = await placeOn(page);
  await stage.ask("admit");
  await heading(page, "It's your turn").waitFor();
  return place;
}

/** Two members at the same browser, one after the other: each has their own place. */
export async function followsAnother(stage: Stage, where: Where & { readonly other: Account }): Promise<number[]> {
  const visitor = await memberAt(stage, where);
  const { page } = visitor;
  await page.goto(where.url + where.path);
  const places = [await placeOn(page)];
  await visitor.logIn(where.url, where.other);
  await page.reload();
  places.push(await placeOn(page, "2"));
  return places;
}

/** In the dark. */
export async function looksInTheDark(stage: Stage, where: Where): Promise<void> {
  const visitor = await memberAt(stage, where, { dark: true, size: "phone", language: "ko" });
  const { page } = visitor;
  await page.goto(where.url + where.path);
  await heading(page, "내 순서").waitFor();
  await visitor.inspect("room-dark-line");
  await stage.ask("admit");
  await heading(page, "입장할 차례입니다").waitFor();
  await visitor.inspect("room-dark-turn");
}
