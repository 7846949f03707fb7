/** Owns the frame around every page: the way to the content, the header with who is there and in which language, and the footer. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

import type { ComponentChildren } from "preact";
import { FRAME_WORDS } from "../i18n/frame.ts";
import { LANGUAGE_NAMES, LANGUAGE_PARAMETER, LANGUAGES, type Language } from "../language.ts";
import { Mark } from "./brand.tsx";

export interface FrameProps {
  readonly language: Language;
  /** Path and search of the page. */
  readonly address: string;
  readonly isMember: boolean;
  /** Without one, logging out is a page's own business. */
  readonly onLogOut?: (() => void) | undefined;
  /** Between header and content: what is wrong with the connection. */
  readonly banner?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** Has no state of its own, so that the server writes what the browser then takes over. */
export function Frame({ language, address, isMember, onLogOut, banner, children }: FrameProps) {
  const words = FRAME_WORDS[language];
  const [path = "/"] = address.split("?");
  const current = (isHere: boolean) => (isHere ? { "aria-current": "page" as const } : {});
  return (
    <div class="frame">
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <header class="site-header">
        <div class="row">
          <a class="brand" href="/" aria-label={words.home}>
            <Mark />
            <span>PigonAir</span>
          </a>
          <nav aria-label={words.mainMenu}>
            <ul>
              {isMember && (
                <li>
                  <a href="/reservations" {...current(path === "/reservations")}>
                    {words.trips}
                  </a>
                </li>
              )}
              <li>
                {isMember ? (
                  <button type="button" onClick={onLogOut}>
                    {words.logOut}
                  </button>
                ) : (
                  <a href="/login" {...current(path === "/login")}>
                    {words.logIn}
                  </a>
                )}
              </li>
              {LANGUAGES.filter((other) => other !== language).map((other) => (
                <li key={other}>
                  <a href={inLanguage(address, other)} lang={other} hreflang={other}>
                    {LANGUAGE_NAMES[other]}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </header>
      {banner}
      {children}
      <footer class="site-footer">
        <div class="row">
          <p>{words.demo}</p>
          <p>
            <a href="/openapi">{words.api}</a>
          </p>
        </div>
      </footer>
    </div>
  );
}

/** The same page in another language. */
export function inLanguage(address: string, language: Language): string {
  const [path = "/", search = ""] = address.split("?");
  const parameters = new URLSearchParams(search);
  parameters.set(LANGUAGE_PARAMETER, language);
  return `${path}?${parameters}`;
}
