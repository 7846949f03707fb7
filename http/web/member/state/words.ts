/** Owns the language of the pages and all their words in it: one language a bundle, since nobody reads two. */

import { ENGLISH } from "../../i18n/en.ts";
import { KOREAN } from "../../i18n/ko.ts";
import { PROBLEMS_EN } from "../../i18n/problems-en.ts";
import { PROBLEMS_KO } from "../../i18n/problems-ko.ts";
import type { Words } from "../../i18n/words.ts";
import type { Language } from "../../language.ts";

/** Written in by the bundler. Where it is one language, the words of the other are left out. */
declare const PAGE_LANGUAGE: Language;

export const language: Language = PAGE_LANGUAGE;

export const words: Words = PAGE_LANGUAGE === "ko" ? KOREAN : ENGLISH;

/** What is said of each code with which the API refuses. */
export const problemTexts: Readonly<Record<string, string>> = PAGE_LANGUAGE === "ko" ? PROBLEMS_KO : PROBLEMS_EN;
