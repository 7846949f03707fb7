/** Owns the headers that keep browsers from doing more with an answer than its route meant. */

/** A year, and the subdomains: what RFC 6797 §6.1 calls max-age and includeSubDomains. */
const HSTS = "max-age=31536000; includeSubDomains";

/**
 * For every answer; a route that serves a page or lets caches keep an answer says so in its own headers.
 * @param isHttps whether the public address is https: over plain HTTP browsers must ignore HSTS (RFC 6797 §7.2)
 */
export function securityHeaders(isHttps: boolean): Record<string, string> {
  return {
    "x-content-type-options": "nosniff",
    // No answer of the API is a document. `frame-ancestors` does what X-Frame-Options did.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    ...(isHttps ? { "strict-transport-security": HSTS } : {}),
  };
}
