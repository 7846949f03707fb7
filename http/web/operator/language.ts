/** Owns the language of the operator's pages, which changes without loading them anew: what is measured goes on. */

import { signal } from "@preact/signals";
import { LANGUAGE_COOKIE, LANGUAGE_COOKIE_AGE_S, type Language, readLanguage } from "../language.ts";

/** What the server chose for this page. */
export const language = signal<Language>(readLanguage(document.documentElement.lang) ?? "en");

/** For this page, and for all that come. */
export function chooseLanguage(chosen: Language): void {
  document.documentElement.lang = chosen;
  document.cookie = `${LANGUAGE_COOKIE}=${chosen}; Path=/; Max-Age=${LANGUAGE_COOKIE_AGE_S}; SameSite=Lax`;
  language.value = chosen;
}
