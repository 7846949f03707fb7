/** Owns which language a reader is shown: what the address says, what was chosen before, or what the browser asks for. */

export const LANGUAGES = ["ko", "en"] as const;

export type Language = (typeof LANGUAGES)[number];

/** Not a secret: pages read and write it, and so does the server. */
export const LANGUAGE_COOKIE = "language";

/** In an address: a link that changes the language, also without scripts. */
export const LANGUAGE_PARAMETER = "lang";

export const LANGUAGE_COOKIE_AGE_S = 365 * 86_400;

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ko: "한국어", en: "English" };

const DEFAULT: Language = "en";

export function readLanguage(text: string | null | undefined): Language | null {
  return LANGUAGES.find((language) => language === text) ?? null;
}

/**
 * @param cookies the field `Cookie`
 * @param acceptLanguage the field `Accept-Language`
 */
export function languageOf(url: URL, cookies: string | null, acceptLanguage: string | null): Language {
  return (
    readLanguage(url.searchParams.get(LANGUAGE_PARAMETER)) ??
    readLanguage(/(?:^|;\s*)language=(\w+)/.exec(cookies ?? "")?.[1]) ??
    preferred(acceptLanguage ?? "") ??
    DEFAULT
  );
}

/** The first of ours in the order of the reader's weights (RFC 9110 §12.5.4). */
function preferred(acceptLanguage: string): Language | null {
  const ranges = acceptLanguage.split(",").map((range, order) => {
    const [tag = "", ...parameters] = range.trim().split(";");
    const weight = parameters.map((each) => /^\s*q=([\d.]+)/.exec(each)?.[1]).find((each) => each !== undefined);
    return { language: readLanguage(tag.split("-")[0]?.toLowerCase()), weight: Number(weight ?? 1), order };
  });
  ranges.sort((a, b) => b.weight - a.weight || a.order - b.order);
  return ranges.find(({ language, weight }) => language !== null && weight > 0)?.language ?? null;
}
