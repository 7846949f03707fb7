/** Owns the waiting room's document: its frame, which flight it is for, and the first state, so that it says all it knows without a script. */

import type { BuiltApp } from "../assets/page-assets.ts";
import { Mark } from "../design/brand.tsx";
import { inLanguage } from "../design/frame.tsx";
import { formatDate, formatTime } from "../i18n/format.ts";
import { type Place, placeName } from "../i18n/places.ts";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../language.ts";
import { documentHtml } from "../page-document.ts";
import { renderHtml } from "../render-html.ts";
import { PAGE_DATA_ID, RELOAD_S, type RoomFacts, type RoomPage } from "./facts.ts";
import { escaped, roomHtml, titleOf } from "./html.ts";
import type { RoomFlight } from "./room-flights.ts";
import { filled } from "./words.ts";

export interface RoomDocument {
  /** Path and search of the page. */
  readonly address: string;
  /** Null where the catalogue did not answer in time: the room works without it. */
  readonly flight: RoomFlight | null;
  readonly page: RoomPage;
  readonly facts: RoomFacts;
  readonly app: BuiltApp;
}

export function roomDocument({ address, flight, page, facts, app }: RoomDocument): string {
  const { words, language } = page;
  const body = `<a class="skip" href="#main">${words.skip}</a>
<header>
<div class="top"><a class="brand" href="/" aria-label="${words.home}">${renderHtml(Mark())}<span>PigonAir</span></a>${languageLinks(address, language)}</div>
<div class="flight">${flightHtml(flight, page)}</div>
</header>
<main id="main" tabindex="-1">${roomHtml(facts, page)}</main>
<p id="voice" class="sr-only" role="status"></p>
<footer><p>${words.demo}</p></footer>`;
  // A script that is data is run by no browser, and the policy lets it stand. `<` could end it.
  const data = JSON.stringify(page).replaceAll("<", "\\u003c");
  const scripted =
    `<noscript><meta http-equiv="refresh" content="${RELOAD_S}"></noscript>\n` +
    `<script type="application/json" id="${PAGE_DATA_ID}">${data}</script>\n` +
    `<script type="module" src="${app.script}"></script>\n`;
  // Where there is no such flight, nothing will change.
  const head = facts.stage === "unknown" ? "" : scripted;
  return documentHtml({ language, title: titleOf(facts, page), body, script: null, style: app.style, head });
}

function languageLinks(address: string, language: Language): string {
  return LANGUAGES.filter((other) => other !== language)
    .map((other) => {
      const href = escaped(inLanguage(address, other));
      return `<a href="${href}" lang="${other}" hreflang="${other}">${LANGUAGE_NAMES[other]}</a>`;
    })
    .join("");
}

function flightHtml(flight: RoomFlight | null, { flightId, language, words }: RoomPage): string {
  if (flight === null) return `<p class="route">${escaped(flightId)}</p>`;
  const { number, from, to, departsLocal } = flight;
  const name = (place: Place): string => escaped(placeName(language, place.code, place));
  const time = `${formatDate(language, departsLocal)} ${formatTime(language, departsLocal)}`;
  return (
    `<p>${escaped(number)}</p><p class="route">${name(from)} → ${name(to)}</p>` +
    `<p>${filled(words.departs, { time })}</p>`
  );
}
