/** Owns the frame around the operators' pages: brand, menu, language. Has no state, so that the server writes what the browser takes over. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

import type { ComponentChildren } from "preact";
import { Mark } from "../design/brand.tsx";
import { inLanguage } from "../design/frame.tsx";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../language.ts";
import { OPERATOR_PATHS, type OperatorPage } from "./paths.ts";

export interface OperatorFrameWords {
  readonly title: string;
  readonly menu: string;
  readonly nav: Readonly<Record<"live" | "flights" | "hosts", string>>;
  readonly toSite: string;
  readonly logOut: string;
  readonly skip: string;
}

export interface OperatorFrameProps {
  readonly language: Language;
  readonly words: OperatorFrameWords;
  /** Path and search of the page. */
  readonly address: string;
  readonly page: OperatorPage | null;
  /** Without one, nobody is logged in. */
  readonly onLogOut?: (() => void) | undefined;
  readonly children?: ComponentChildren;
}

const MENU = ["live", "flights", "hosts"] as const;

/** Which entry of the menu a page belongs to. */
const SECTION: Readonly<Record<OperatorPage, (typeof MENU)[number]>> = {
  live: "live",
  flights: "flights",
  flight: "flights",
  journal: "flights",
  hosts: "hosts",
};

export function OperatorFrame({ language, words, address, page, onLogOut, children }: OperatorFrameProps) {
  return (
    <div class="frame">
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <header class="site-header operator-header">
        <div class="row">
          <a class="brand" href={OPERATOR_PATHS.live}>
            <Mark />
            <span>
              PigonAir <span class="section-name">{words.title}</span>
            </span>
          </a>
          <nav aria-label={words.menu}>
            <ul>
              {MENU.map((entry) => (
                <li key={entry}>
                  <a
                    href={OPERATOR_PATHS[entry]}
                    {...(page !== null && SECTION[page] === entry ? { "aria-current": "page" as const } : {})}
                  >
                    {words.nav[entry]}
                  </a>
                </li>
              ))}
              {LANGUAGES.filter((other) => other !== language).map((other) => (
                <li key={other}>
                  <a href={inLanguage(address, other)} lang={other} hreflang={other}>
                    {LANGUAGE_NAMES[other]}
                  </a>
                </li>
              ))}
              {onLogOut !== undefined && (
                <li>
                  <button type="button" onClick={onLogOut}>
                    {words.logOut}
                  </button>
                </li>
              )}
            </ul>
          </nav>
        </div>
      </header>
      {children}
      <footer class="site-footer">
        <div class="row">
          <p>
            <a href="/">{words.toSite}</a>
          </p>
          <p>
            <a href="/openapi">API</a>
          </p>
        </div>
      </footer>
    </div>
  );
}
