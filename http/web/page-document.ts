/** Owns the HTML document of every page, and the headers under which it is served: no script but our own files, and nothing of others. */

import { urlOf } from "../plugins/request-url.ts";
import type { AnswerSet } from "../problem.ts";
import { FRAME_WORDS } from "./i18n/frame.ts";
import { LANGUAGE_COOKIE, LANGUAGE_COOKIE_AGE_S, LANGUAGE_PARAMETER, type Language, languageOf } from "./language.ts";

export interface PageDocument {
  readonly language: Language;
  readonly title: string;
  /** What the page shows before its script runs, as HTML. */
  readonly body: string;
  /** Address of the page's script, if it has one. */
  readonly script: string | null;
  readonly style: string | null;
  /** Further elements of the head, as HTML. */
  readonly head?: string;
}

/** No inline script runs and nothing of another origin loads; a page can't be framed, and its base can't be moved. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** `#app` is what the page's script takes over. */
export function documentHtml({ language, title, body, script, style, head = "" }: PageDocument): string {
  const { needsScripts } = FRAME_WORDS[language];
  const notice =
    script === null ? "" : `<noscript><p class="needs-scripts">${Bun.escapeHTML(needsScripts)}</p></noscript>\n`;
  const scripts = script === null ? "" : `<script type="module" src="${script}"></script>\n`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="theme-color" content="#1d2a4d">
<title>${Bun.escapeHTML(title)}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
${style === null ? "" : `<link rel="stylesheet" href="${style}">\n`}${head}</head>
<body>
${notice}<div id="app">${body}</div>
${scripts}</body>
</html>
`;
}

/** The language of whoever asks for the page. @throws as {@link urlOf} */
export function languageOfRequest(request: Request): Language {
  return languageOf(urlOf(request), request.headers.get("cookie"), request.headers.get("accept-language"));
}

/**
 * Writes the head of a page's answer, and gives its body. A page holds nothing of its reader but the language, and caches ask for it
 * again each time, since it names files that change.
 */
export function servePage(
  request: Request,
  set: AnswerSet & { readonly headers: CookieHeaders },
  html: string,
): string {
  const { headers } = set;
  headers["content-type"] = "text/html; charset=utf-8";
  headers["content-security-policy"] = PAGE_POLICY;
  // Members' addresses name reservations: they are for nobody else.
  headers["referrer-policy"] = "same-origin";
  headers["cache-control"] = "no-cache";
  headers.vary = "cookie, accept-language, accept-encoding";
  if (urlOf(request).searchParams.has(LANGUAGE_PARAMETER)) headers["set-cookie"] = rememberedLanguage(request);
  return html;
}

interface CookieHeaders {
  "set-cookie"?: string | string[];
}

function rememberedLanguage(request: Request): string {
  return `${LANGUAGE_COOKIE}=${languageOfRequest(request)}; Path=/; Max-Age=${LANGUAGE_COOKIE_AGE_S}; SameSite=Lax`;
}
