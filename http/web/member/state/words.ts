/** Owns the language of the pages, and all their words in it. */

import { computed, signal } from "@preact/signals";
import { ENGLISH } from "../../i18n/en.ts";
import { KOREAN } from "../../i18n/ko.ts";
import type { Words } from "../../i18n/words.ts";
import { LANGUAGE_COOKIE, LANGUAGE_COOKIE_AGE_S, type Language, readLanguage } from "../../language.ts";

/** What the server chose for this page. */
export const language = signal<Language>(readLanguage(document.documentElement.lang) ?? "en");

export const words = computed<Words>(() => (language.value === "ko" ? KOREAN : ENGLISH));

/** For this page, without loading it anew, and for all that come. */
export function chooseLanguage(chosen: Language): void {
  document.documentElement.lang = chosen;
  document.cookie = `${LANGUAGE_COOKIE}=${chosen}; Path=/; Max-Age=${LANGUAGE_COOKIE_AGE_S}; SameSite=Lax`;
  language.value = chosen;
}
