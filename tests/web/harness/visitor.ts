/** Owns one person at a browser: a context of their own, the size of their screen, their language, and what their pages complained of. */

import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { accessibilityReport } from "./accessibility.ts";

export type Size = "phone" | "desktop";
export type Language = "ko" | "en";

export interface VisitorOptions {
  /** @default "desktop" */
  readonly size?: Size;
  /** What the browser asks servers for. @default "en" */
  readonly language?: Language;
  /** @default true */
  readonly javaScript?: boolean;
  /** @default false */
  readonly reducedMotion?: boolean;
  /** @default false */
  readonly dark?: boolean;
}

const SCREENS: Record<Size, BrowserContextOptions> = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
};

const LOCALES: Record<Language, string> = { ko: "ko-KR", en: "en-GB" };

/** Where everybody is: prices and times of a Korean airline are looked at from there. */
const TIME_ZONE = "Asia/Seoul";

/** A page must have these for its reader, on a busy machine too; a locator that never comes true should fail before its test does. */
const ACTION_MS_MAX = 15_000;

/** What the console says of refused scripts and styles (CSP), and of our own failures. Answers like 404 are for each script to judge. */
const GRAVE = /Content Security Policy|Refused to|Uncaught|Unhandled/i;

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Where pictures of pages are kept, and which. */
export interface Shots {
  readonly folder: string;
  /** Whether those that scripts take are kept; of a script that failed there is always one. */
  readonly areAll: boolean;
}

export interface Account {
  readonly email: string;
  readonly password: string;
}

export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly size: Size;
  readonly language: Language;
  /** Errors of the pages' scripts, and violations of their Content Security Policy. A script that leaves any fails. */
  readonly troubles: string[] = [];
  /** All that the consoles said, for failures. */
  readonly console: string[] = [];
  readonly #shots: Shots;

  private constructor(context: BrowserContext, page: Page, options: VisitorOptions, shots: Shots) {
    this.context = context;
    this.page = page;
    this.size = options.size ?? "desktop";
    this.language = options.language ?? "en";
    this.#shots = shots;
    this.#watch(page);
    context.on("page", (other) => this.#watch(other));
  }

  static async arrive(browser: Browser, options: VisitorOptions, shots: Shots): Promise<Visitor> {
    const { size = "desktop", language = "en", javaScript = true, reducedMotion = false, dark = false } = options;
    const context = await browser.newContext({
      ...SCREENS[size],
      locale: LOCALES[language],
      timezoneId: TIME_ZONE,
      javaScriptEnabled: javaScript,
      reducedMotion: reducedMotion ? "reduce" : "no-preference",
      colorScheme: dark ? "dark" : "light",
    });
    context.setDefaultTimeout(ACTION_MS_MAX);
    return new Visitor(context, await context.newPage(), options, shots);
  }

  /** Another tab of the same browser, with the same cookies and storage. */
  newTab(): Promise<Page> {
    return this.context.newPage();
  }

  /** The session's cookies, as a log-in on a page would set them. */
  async logIn(url: string, { email, password }: Account): Promise<void> {
    const answer = await this.context.request.post(`${url}/api/v1/sessions`, { data: { email, password } });
    if (!answer.ok()) throw new Error(`log-in of ${email}: ${answer.status()} ${await answer.text()}`);
  }

  /** Keeps a picture of the whole page as `tests/web/shots/<name>-<language>-<size>.png`, when pictures are wanted. */
  async shot(name: string, page: Page = this.page): Promise<void> {
    if (this.#shots.areAll) await this.keepPicture(name, page);
  }

  /** As {@link shot}, whether they are wanted or not. */
  async keepPicture(name: string, page: Page): Promise<void> {
    const path = join(this.#shots.folder, `${name}-${this.language}-${this.size}.png`);
    // Moving things are shown where they end, and carets not at all, so that two pictures of a page are the same.
    await page.screenshot({ path, fullPage: true, animations: "disabled", caret: "hide" });
  }

  /** @throws Error that lists what axe-core finds against WCAG 2.2 AA and its own best practices */
  async mustBeAccessible(page: Page = this.page): Promise<void> {
    const report = await accessibilityReport(page, AXE);
    if (report !== null) throw new Error(`axe-core at ${page.url()}:\n${report}`);
  }

  /** A look for violations, and a picture when they are wanted: what is due to every page in every state. */
  async inspect(name: string, page: Page = this.page): Promise<void> {
    await this.shot(name, page);
    await this.mustBeAccessible(page);
  }

  #watch(page: Page): void {
    page.on("pageerror", (error) => this.troubles.push(`${page.url()}: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.console.push(line);
      if (message.type() === "error" && GRAVE.test(line)) this.troubles.push(`${page.url()}: ${line}`);
    });
  }
}
