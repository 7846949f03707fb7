/** Owns what a member's page shows before its script runs: the frame, and where the content will be, so that nothing moves when it comes. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

import { urlOf } from "../plugins/request-url.ts";
import type { BuiltApp } from "./assets/page-assets.ts";
import { Frame } from "./design/frame.tsx";
import { ENGLISH } from "./i18n/en.ts";
import { FRAME_WORDS } from "./i18n/frame.ts";
import { KOREAN } from "./i18n/ko.ts";
import type { Words } from "./i18n/words.ts";
import type { Language } from "./language.ts";
import { Hero } from "./member/parts/hero.tsx";
import { isMemberBrowser } from "./member-hint.ts";
import { documentHtml } from "./page-document.ts";
import { type MemberPage, NARROW_PAGES, pageAt } from "./paths.ts";
import { renderHtml } from "./render-html.ts";

const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, ko: KOREAN };

export function memberShell(request: Request, language: Language, { script, style }: BuiltApp): string {
  const { pathname, search } = urlOf(request);
  const isMember = isMemberBrowser(request.headers.get("cookie") ?? "");
  const page = pageAt(pathname)?.page ?? null;
  const words = WORDS[language];
  const title = titleOf(page, words);
  const body = renderHtml(
    <Frame language={language} address={pathname + search} isMember={isMember}>
      <main
        id="main"
        class={page !== null && NARROW_PAGES.has(page) ? "page shell narrow" : "page shell"}
        tabIndex={-1}
      >
        {page === "home" ? (
          <>
            <Hero lead={words.home.lead}>
              <h1>{title}</h1>
            </Hero>
            <div class="card search-card shell-search" />
          </>
        ) : (
          <div class={page === "logIn" || page === "signUp" ? "stack account" : "stack wide"}>
            {(page === "seats" || page === "passengers") && <div class="shell-steps" />}
            <h1>{title}</h1>
            <div class="waiting shell-card" />
          </div>
        )}
        <p class="sr-only shell-loading">{FRAME_WORDS[language].loading}</p>
      </main>
    </Frame>,
  );
  return documentHtml({ language, title: `${title} · PigonAir`, body, script, style });
}

/** As the page itself will say it, or nearly so where that depends on what the API says. */
function titleOf(page: MemberPage | null, words: Words): string {
  switch (page) {
    case null:
      return words.missing.title;
    case "home":
      return words.home.title;
    case "results":
      return words.search.label;
    case "seats":
      return words.seats.title;
    case "passengers":
      return words.passengers.title;
    case "reservations":
    case "reservation":
      return words.trips.title;
    case "cancel":
      return words.cancel.title;
    case "ticket":
      return words.trip.boardingPass;
    case "logIn":
      return words.account.logInTitle;
    case "signUp":
      return words.account.signUpTitle;
  }
}
