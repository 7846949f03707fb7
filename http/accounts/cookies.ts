/** Owns the cookies of accounts: what they are called, who may read them, and where browsers send them. */

export const ACCESS_COOKIE = "access_token";
export const REFRESH_COOKIE = "refresh_token";

const REFRESH_PATH = "/api/v1/sessions";
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Null if the request has no such cookie. Ours need no decoding, and so none of the time that `Bun.CookieMap` takes (3x). */
export function cookieOf(request: Request, name: string): string | null {
  const start = `${name}=`;
  for (const cookie of (request.headers.get("cookie") ?? "").split(";")) {
    const pair = cookie.trim();
    if (pair.startsWith(start)) return pair.slice(start.length);
  }
  return null;
}

export interface CookieTokens {
  readonly accessToken: string;
  readonly accessTtlMs: number;
  readonly refreshToken: string;
  readonly refreshTtlMs: number;
}

/** Values of `Set-Cookie`. */
export function sessionCookies(request: Request, tokens: CookieTokens): string[] {
  return [
    accessCookie(request, tokens.accessToken, tokens.accessTtlMs),
    refreshCookie(request, tokens.refreshToken, tokens.refreshTtlMs),
  ];
}

/** Values of `Set-Cookie` with which a browser forgets both. */
export function clearedCookies(request: Request): string[] {
  return [accessCookie(request, "", 0), refreshCookie(request, "", 0)];
}

/** Lax, so that a member who follows a link from elsewhere is logged in. */
function accessCookie(request: Request, value: string, ttlMs: number): string {
  return cookie(request, { name: ACCESS_COOKIE, value, path: "/", sameSite: "lax", maxAge: seconds(ttlMs) });
}

function refreshCookie(request: Request, value: string, ttlMs: number): string {
  return cookie(request, {
    name: REFRESH_COOKIE,
    value,
    path: REFRESH_PATH,
    sameSite: "strict",
    maxAge: seconds(ttlMs),
  });
}

function cookie(request: Request, init: Bun.CookieInit): string {
  return new Bun.Cookie({ ...init, httpOnly: true, secure: !isPlainLoopback(request) }).toString();
}

/**
 * Not every browser keeps a Secure cookie of `http://localhost`. The Origin, which browsers send with every log-in,
 * says what is in the address bar even where a proxy speaks TLS and asks for localhost.
 */
function isPlainLoopback(request: Request): boolean {
  const seen = URL.parse(request.headers.get("origin") ?? request.url);
  return seen !== null && seen.protocol === "http:" && LOOPBACK.test(seen.hostname);
}

function seconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}
