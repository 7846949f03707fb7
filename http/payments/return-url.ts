/** Owns where a checkout may send a member afterwards: back to this service, and nowhere else. */

import { invalidField } from "../plugins/invalid-field.ts";

export interface ReturnUrlRules {
  /** The address by which clients know the service. */
  readonly publicUrl: string;
  /** Whether pages on the developer's own machine count as well. */
  readonly allowLoopback: boolean;
}

/** In characters, also of the address as it is written out: a letter outside ASCII becomes up to nine of them there. */
export const RETURN_URL_LENGTH_MAX = 1_024;

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** @throws Problem 400 VALIDATION: otherwise a link to our checkout could lead to anybody's page */
export function checkReturnUrl(text: string, { publicUrl, allowLoopback }: ReturnUrlRules): string {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  const isOurs = url?.origin === new URL(publicUrl).origin;
  if (url === null || !isWeb || !(isOurs || (allowLoopback && LOOPBACK.has(url.hostname))))
    throw invalidField("returnUrl", "It must be a page of this service.");
  // The provider is given this form of it, and refuses what is longer, when the payment has begun already.
  if (url.href.length > RETURN_URL_LENGTH_MAX)
    throw invalidField("returnUrl", `Written out it must have at most ${RETURN_URL_LENGTH_MAX} characters.`);
  return url.href;
}
