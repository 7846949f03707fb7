/** The scripts of operator.test.ts. */

import type { Stage } from "./harness/stage.ts";
import type { Account, Language, Size, Visitor } from "./harness/visitor.ts";

interface Where {
  readonly url: string;
  readonly operator: Account;
}

interface Look extends Where {
  readonly flightId: string;
  readonly language: Language;
  readonly size: Size;
}

const TITLES = {
  en: {
    live: "Where is the bottleneck?",
    sales: "Sales",
    journal: /^Journal/,
    hosts: "Hosts and shards",
    run: /Load run evening/,
  },
  ko: { live: "병목은 어디인가", sales: "판매", journal: /^저널/, hosts: "호스트와 샤드", run: /부하 시험 evening/ },
};

/** Looks at every page while a load run goes on. */
export async function looksAround(stage: Stage, { url, operator, flightId, language, size }: Look): Promise<void> {
  const visitor = await stage.visitor({ language, size });
  await logIn(visitor, url, operator);
  const { page } = visitor;
  const titles = TITLES[language];
  const arrived = (name: string | RegExp) => page.getByRole("heading", { level: 1, name }).waitFor();

  await page.goto(`${url}/operator`);
  await arrived(titles.live);
  await page.getByRole("rowheader", { name: titles.run }).waitFor();
  // Charts have something to show at once, since the server keeps what was.
  await page.locator(".u-over").first().waitFor();
  await visitor.inspect("operator-live");

  await page.goto(`${url}/operator/flights`);
  await arrived(titles.sales);
  await page.getByRole("table").waitFor();
  await visitor.inspect("operator-sales");

  await page.goto(`${url}/operator/flights/${flightId}`);
  await page.getByRole("heading", { level: 1, name: "→" }).waitFor();
  await page.getByRole("heading", { level: 3 }).first().waitFor();
  await visitor.inspect("operator-flight");

  await page.goto(`${url}/operator/flights/${flightId}/journal`);
  await arrived(titles.journal);
  await page.getByRole("table").waitFor();
  await visitor.inspect("operator-journal");

  await page.goto(`${url}/operator/hosts`);
  await arrived(titles.hosts);
  await page.getByRole("table").waitFor();
  await visitor.inspect("operator-hosts");
}

/** The server is away while figures are looked at, and comes back. @returns what the consoles said of a flight without a room before that */
export async function isCutOff(
  stage: Stage,
  { url, operator, flightId }: Where & { readonly flightId: string },
): Promise<string[]> {
  const visitor = await stage.visitor();
  await logIn(visitor, url, operator);
  const { page } = visitor;
  const banner = page.getByRole("status");
  await page.goto(`${url}/operator/flights/${flightId}`);
  await page.getByRole("button", { name: "Open the room now" }).waitFor();
  // As long as it takes to ask for the details again.
  await page.waitForTimeout(4_500);
  const said = [...visitor.console];
  for (const path of [`/operator/flights/${flightId}`, "/operator/hosts", "/operator"]) {
    await page.goto(url + path);
    await page.locator(".waiting").first().waitFor({ state: "detached" });
    await stage.ask("cut");
    await banner.getByText("No connection.").waitFor();
    await visitor.inspect("operator-cut-off");
    await stage.ask("mend");
    await banner.getByText("Connected again.").waitFor();
  }
  return said;
}

/** Who may see what: nobody, a member, an operator. */
export async function isKeptOut(stage: Stage, { url, member }: { url: string; member: Account }): Promise<string[]> {
  const seen: string[] = [];
  const heading = async (visitor: Visitor): Promise<void> => {
    await visitor.page.goto(`${url}/operator/hosts`);
    seen.push((await visitor.page.getByRole("heading", { level: 1 }).textContent()) ?? "");
  };
  const stranger = await stage.visitor();
  await heading(stranger);
  seen.push((await stranger.page.getByRole("main").getByRole("link", { name: "Log in" }).getAttribute("href")) ?? "");
  const guest = await stage.visitor();
  await logIn(guest, url, member);
  await heading(guest);
  // Whoever is both has to be asked who they are.
  await guest.page.getByRole("main").getByRole("button", { name: "Log in" }).click();
  await guest.page.getByLabel("Password", { exact: true }).waitFor();
  const { pathname, search } = new URL(guest.page.url());
  seen.push(pathname + search);
  return seen;
}

/** Reads the live view, holds it still, and lets it go on. */
export async function watches(
  stage: Stage,
  { url, operator }: Where,
): Promise<{ rates: number[]; held: string[]; after: boolean }> {
  const visitor = await stage.visitor();
  await logIn(visitor, url, operator);
  const { page } = visitor;
  await page.goto(`${url}/operator`);
  const row = page.getByRole("row", { name: /^Edge/ });
  await row.waitFor();
  await page.getByRole("rowheader", { name: /Load run evening/ }).waitFor();
  const cells = async (name: RegExp): Promise<string> =>
    (await page.getByRole("row", { name }).getByRole("cell").first().textContent()) ?? "";
  const rates = [/^Edge/, /^Bus/, /^Decide/, /^Database/, /^Load run/].map(async (name) =>
    Number((await cells(name)).replaceAll(",", "")),
  );
  const shown = async (): Promise<string> => (await row.textContent()) ?? "";
  await page.getByRole("button", { name: "Hold still" }).click();
  const held = [await shown()];
  await page.waitForTimeout(2_500);
  held.push(await shown());
  await page.getByRole("button", { name: "Go on" }).click();
  await page.waitForFunction(
    (before) => ![...document.querySelectorAll("tr")].some((each) => each.textContent === before),
    held[0],
  );
  return { rates: await Promise.all(rates), held, after: (await shown()) !== held[0] };
}

async function logIn(visitor: Visitor, url: string, account: Account): Promise<void> {
  await visitor.logIn(url, account);
  // What the log-in page writes: that this browser has a session.
  await visitor.context.addCookies([{ name: "member", value: "1", url }]);
}

interface Sale extends Where {
  readonly flightId: string;
}

/** Opens a room, watches the line drain, sets the pace, pauses, goes on, and closes: with the keyboard alone. */
export async function runsASale(
  stage: Stage,
  { url, operator, flightId }: Sale,
): Promise<{ waiting: number[]; states: string[] }> {
  const visitor = await stage.visitor();
  await logIn(visitor, url, operator);
  const { page } = visitor;
  await page.goto(`${url}/operator/flights/${flightId}`);
  const room = page.getByRole("region", { name: "Waiting room" });
  const press = async (name: string): Promise<void> => {
    const button = room.getByRole("button", { name, exact: true });
    await button.waitFor();
    for (let tabs = 0; !(await button.evaluate((element) => element === document.activeElement)); tabs++) {
      if (tabs > 60) throw new Error(`${name} can't be reached by the keyboard`);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
  };
  const states: string[] = [];
  const isNow = async (state: string): Promise<void> => {
    await room.locator(".tag", { hasText: new RegExp(`^${state}$`) }).waitFor();
    states.push(state);
  };
  const figure = async (name: string): Promise<number> => {
    const text = await room.locator("dl div", { hasText: name }).first().locator("dd").textContent();
    return Number((text ?? "").replaceAll(",", ""));
  };

  await isNow("off");
  await press("Open the room now");
  await isNow("open");
  await room.getByLabel("Admit per minute, at most").fill("60");
  await room.getByLabel("Passes valid at once, at most").fill("2");
  await press("Set");
  await stage.ask("crowd");
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".room-figures dd")].some((each) => each.textContent === "12"),
  );
  const waiting = [await figure("Waiting")];
  await visitor.inspect("operator-room");
  await room.getByLabel("Admit per minute, at most").fill("6000");
  await room.getByLabel("Passes valid at once, at most").fill("100");
  await press("Set");
  await page.waitForFunction(() => document.querySelector(".room-figures dd")?.textContent === "0", null, {
    timeout: 20_000,
  });
  waiting.push(await figure("Waiting"));
  await press("Pause");
  await isNow("paused");
  await press("Resume");
  await isNow("open");
  await press("Close the sale");
  await press("No");
  await press("Close the sale");
  await press("Yes");
  await isNow("closed");
  await visitor.shot("operator-room-closed");
  return { waiting, states };
}

/** In the dark. */
export async function looksInTheDark(stage: Stage, { url, operator }: Where): Promise<void> {
  const visitor = await stage.visitor({ dark: true });
  await logIn(visitor, url, operator);
  const { page } = visitor;
  await page.goto(`${url}/operator`);
  await page.getByRole("rowheader", { name: /Load run evening/ }).waitFor();
  await page.locator(".u-over").first().waitFor();
  await visitor.inspect("operator-dark-live");
  await page.goto(`${url}/operator/hosts`);
  await page.getByRole("table").waitFor();
  await visitor.inspect("operator-dark-hosts");
}
