/** Owns the hint that a browser has a session: the tokens' cookies are for no script, and asking the server each time would cost everybody. */

/** Says nothing about who it is, and opens nothing. */
export const MEMBER_HINT = "member";

/** As long as a refresh token lives, in seconds. */
export const MEMBER_HINT_AGE_S = 30 * 86_400;

/** @param cookies as in the field `Cookie` and in `document.cookie` */
export function isMemberBrowser(cookies: string): boolean {
  return /(?:^|;\s*)member=1(?:;|$)/.test(cookies);
}
