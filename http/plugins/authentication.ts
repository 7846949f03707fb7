/** Owns whom a request comes from: a member, by an access token in `Authorization` or in a cookie. */

import type { AccessTokens } from "../accounts/access-tokens.ts";
import { ACCESS_COOKIE, cookieOf } from "../accounts/cookies.ts";
import type { AuthenticatedMember } from "../accounts/member.ts";
import { Problem, problemOf } from "../problem.ts";
import type { Who } from "./documented.ts";
import { refuseCrossOrigin } from "./origin.ts";

const SCHEME = "bearer ";

/** RFC 6750 §3: what a client is told that has no good token. */
const CHALLENGE = { "www-authenticate": "Bearer" };

/**
 * Handlers ask it themselves, as measured: nothing of Elysia's stands between, and a member whose token was seen before
 * is there at once. `const asked = authentication.memberOf(request); const member = asked instanceof Promise ? await asked : asked;`
 */
export class Authentication {
  readonly #tokens: AccessTokens;

  constructor(tokens: AccessTokens) {
    this.#tokens = tokens;
  }

  /**
   * The member; a promise only for a token that was not seen before.
   * @throws (or rejects with) Problem 401 UNAUTHENTICATED, and 403 CROSS_ORIGIN when a cookie would authenticate a request of another site
   */
  memberOf(request: Request): AuthenticatedMember | Promise<AuthenticatedMember> {
    const member = this.memberIfAny(request);
    return member instanceof Promise ? member.then(authenticated) : authenticated(member);
  }

  /** As {@link memberOf}, for admins only. @throws (or rejects with) Problem 403 FORBIDDEN as well */
  adminOf(request: Request): AuthenticatedMember | Promise<AuthenticatedMember> {
    const member = this.memberOf(request);
    return member instanceof Promise ? member.then(admin) : admin(member);
  }

  /** Why a route that is for `who` is closed to the sender of the request; null when it is open to them. */
  async refusalOf(request: Request, who: Who): Promise<Problem | null> {
    try {
      if (who === "member") await this.memberOf(request);
      else if (who === "admin") await this.adminOf(request);
      return null;
    } catch (error) {
      return problemOf(error);
    }
  }

  /** Whether the session goes on by which somebody was authenticated: for what is answered long after the request came. */
  isLoggedIn({ sessionId }: AuthenticatedMember): boolean {
    return !this.#tokens.isRevoked(sessionId);
  }

  /** As {@link memberOf}, but null without a good token. */
  memberIfAny(request: Request): AuthenticatedMember | null | Promise<AuthenticatedMember | null> {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) {
      // RFC 9110 §11.1: the scheme's case doesn't matter.
      const isBearer = authorization.slice(0, SCHEME.length).toLowerCase() === SCHEME;
      return isBearer ? this.#tokens.memberOf(authorization.slice(SCHEME.length)) : null;
    }
    const token = cookieOf(request, ACCESS_COOKIE);
    if (token === null) return null;
    refuseCrossOrigin(request);
    return this.#tokens.memberOf(token);
  }
}

function authenticated(member: AuthenticatedMember | null): AuthenticatedMember {
  if (member !== null) return member;
  throw new Problem(401, "UNAUTHENTICATED", "This needs a valid access token.", {}, CHALLENGE);
}

function admin(member: AuthenticatedMember): AuthenticatedMember {
  if (member.role === "ADMIN") return member;
  throw new Problem(403, "FORBIDDEN", "This is for admins.");
}
