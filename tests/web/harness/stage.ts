/** Owns what a browser script works with: visitors, and a way to ask its test for what no browser can do. */

import type { Browser } from "playwright-core";
import { type Shots, Visitor, type VisitorOptions } from "./visitor.ts";

/** Asks the test, and gives its answer. */
export type Ask = (what: string, args: unknown) => Promise<unknown>;

export class Stage {
  readonly #browser: Browser;
  readonly #shots: Shots;
  readonly #ask: Ask;
  readonly #visitors: Visitor[] = [];

  constructor(browser: Browser, shots: Shots, ask: Ask) {
    this.#browser = browser;
    this.#shots = shots;
    this.#ask = ask;
  }

  /** Somebody with a browser of their own: no cookies, nothing stored. */
  async visitor(options: VisitorOptions = {}): Promise<Visitor> {
    const visitor = await Visitor.arrive(this.#browser, options, this.#shots);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** Has the test do something, such as start the server anew: `what` names one of the helpers that it gave to `run`. */
  ask(what: string, args: unknown = null): Promise<unknown> {
    return this.#ask(what, args);
  }

  /** @throws Error when a page had errors of its own, or broke its Content Security Policy */
  checkTroubles(): void {
    const troubles = this.#visitors.flatMap((visitor) => visitor.troubles);
    if (troubles.length > 0) throw new Error(`the pages complained:\n  ${troubles.join("\n  ")}`);
  }

  /** For a failure: where everybody was, with a picture of it, and the last that the consoles said. */
  async describe(name: string): Promise<string> {
    const lines: string[] = [];
    for (const [at, visitor] of this.#visitors.entries()) {
      for (const [tab, page] of visitor.context.pages().entries()) {
        const picture = `failed-${name}-${at + 1}-${tab + 1}`;
        const kept = await visitor.keepPicture(picture, page).then(
          () => `tests/web/shots/${picture}-${visitor.language}-${visitor.size}.png`,
          (error: unknown) => `no picture: ${String(error).split("\n")[0]}`,
        );
        lines.push(`visitor ${at + 1}, tab ${tab + 1}: ${page.url()} (${kept})`);
      }
      lines.push(...visitor.console.slice(-10).map((line) => `  console ${line}`));
    }
    return lines.join("\n");
  }

  async close(): Promise<void> {
    const contexts = this.#visitors.splice(0).map(({ context }) => context);
    // What a route was about to answer has nobody any more who could hear that it failed.
    const pages = contexts.flatMap((context) => context.pages());
    await Promise.all(pages.map((page) => page.unrouteAll({ behavior: "ignoreErrors" })));
    await Promise.all(contexts.map((context) => context.close()));
  }
}

/** One way through the pages: a function of a `*.browser.ts` file. What it is given and what it gives must be JSON. */
export type BrowserScript<Args = never, Result = unknown> = (stage: Stage, args: Args) => Promise<Result>;
