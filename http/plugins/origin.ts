/** Owns the refusal of requests that another site makes a browser send with its cookies (CSRF). */

import { Problem } from "../problem.ts";

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * For every request that a cookie authenticates, or that sets one. After Go's `http.CrossOriginProtection`: every
 * browser since 2020 names the origin of an unsafe request in `Sec-Fetch-Site` or `Origin`; a request with neither
 * comes from no browser, and nobody else sends cookies that it was not given. The scheme isn't compared, because it
 * is a proxy that may speak TLS.
 * @throws Problem 403 CROSS_ORIGIN when an unsafe request comes from another origin
 */
export function refuseCrossOrigin(request: Request): void {
  if (SAFE_METHODS.has(request.method)) return;
  const site = request.headers.get("sec-fetch-site");
  if (site === "same-origin" || site === "none") return;
  const origin = request.headers.get("origin");
  if (site === null && (origin === null || hostOf(origin) === hostOf(request.url))) return;
  throw new Problem(403, "CROSS_ORIGIN", "A page of another origin may not do this in a member's name.");
}

/** Null for an opaque origin (`null`) and for what is none. */
function hostOf(url: string): string | null {
  return URL.parse(url)?.host ?? null;
}
