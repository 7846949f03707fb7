/** Owns the routes of accounts: members, sessions, and the keys by which anyone may check an access token. */

import { Elysia } from "elysia";
import { documented } from "../plugins/documented.ts";
import { jsonBody, noQuery } from "../plugins/fields.ts";
import { refuseCrossOrigin } from "../plugins/origin.ts";
import { Problem } from "../problem.ts";
import { ACCESS_TOKEN_TTL_MS } from "./access-tokens.ts";
import type { AccountServices } from "./account-services.ts";
import { clearedCookies, cookieOf, REFRESH_COOKIE, sessionCookies } from "./cookies.ts";
import type { Member } from "./member.ts";
import { jwksAnswer, logInBody, memberAnswer, sessionAnswer, signedUpAnswer, signUpBody } from "./schemas.ts";
import type { Grant } from "./sessions.ts";

/** How long others may keep the keys: a rotation waits for as long before it signs with a new one. */
const JWKS_MAX_AGE_S = 300;

export function accountRoutes({ accounts, sessions, authentication, clientAddress, keys }: AccountServices) {
  return new Elysia({ normalize: false })
    .post(
      "/api/v1/members",
      async ({ body, request, server, status }) => {
        const { id, email, name } = await accounts.signUp(body, clientAddress(request, server));
        return status(201, { id, email, name });
      },
      {
        ...jsonBody(signUpBody),
        query: noQuery,
        detail: documented({
          tag: "Accounts",
          who: "public",
          summary: "Sign up",
          answers: { 201: { description: "The member.", schema: signedUpAnswer } },
          problems: ["VALIDATION", "EMAIL_TAKEN", "TOO_MANY_ATTEMPTS", "LOGIN_BUSY"],
        }),
      },
    )
    .post(
      "/api/v1/sessions",
      async ({ body, request, server, set }) => {
        refuseCrossOrigin(request);
        return granted(await accounts.logIn(body, clientAddress(request, server)), request, set.headers);
      },
      {
        ...jsonBody(logInBody),
        query: noQuery,
        detail: documented({
          tag: "Accounts",
          who: "public",
          summary: "Log in",
          description: "The tokens come in cookies as well, for browsers; the refresh token only there.",
          answers: { 200: { description: "A session.", schema: sessionAnswer, headers: ["Set-Cookie"] } },
          problems: ["INVALID_CREDENTIALS", "TOO_MANY_ATTEMPTS", "LOGIN_BUSY", "CROSS_ORIGIN"],
        }),
      },
    )
    .post(
      "/api/v1/sessions/refresh",
      async ({ request, set }) => {
        refuseCrossOrigin(request);
        return granted(await sessions.refresh(cookieOf(request, REFRESH_COOKIE)), request, set.headers);
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Accounts",
          who: "refresh",
          summary: "Refresh a session",
          description:
            "Each refresh token is used once. For ten seconds the one before gives the same successor again, so that two tabs may refresh at once.",
          answers: { 200: { description: "New tokens.", schema: sessionAnswer, headers: ["Set-Cookie"] } },
          problems: ["REFRESH_INVALID", "REFRESH_REUSED", "CROSS_ORIGIN"],
        }),
      },
    )
    .delete(
      "/api/v1/sessions",
      async ({ request, set, status }) => {
        refuseCrossOrigin(request);
        const refreshToken = cookieOf(request, REFRESH_COOKIE);
        const asked = [
          refreshToken === null ? null : await sessions.sessionOf(refreshToken),
          (await authentication.memberIfAny(request))?.sessionId ?? null,
        ];
        for (const session of new Set(asked)) if (session !== null) await sessions.end(session);
        set.headers["set-cookie"] = clearedCookies(request);
        return status(204, undefined);
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Accounts",
          who: "refresh",
          summary: "Log out",
          description: "Ends the session of the refresh cookie, and that of the access token. Fine without either.",
          answers: { 204: { description: "There is no session any more.", headers: ["Set-Cookie"] } },
          problems: ["CROSS_ORIGIN"],
        }),
      },
    )
    .get(
      "/api/v1/members/me",
      async ({ request }) => {
        const { id } = await authentication.memberOf(request);
        const member = await accounts.member(id);
        if (member === null) throw new Problem(401, "UNAUTHENTICATED", "There is no such member any more.");
        return memberView(member);
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Accounts",
          who: "member",
          summary: "Who am I",
          answers: { 200: { description: "The member.", schema: memberAnswer } },
        }),
      },
    )
    .get(
      "/.well-known/jwks.json",
      ({ set }) => {
        set.headers["cache-control"] = `public, max-age=${JWKS_MAX_AGE_S}`;
        return { keys: keys.published };
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Accounts",
          who: "public",
          summary: "Keys that access tokens are signed with (RFC 7517)",
          answers: { 200: { description: "A JWK set.", schema: jwksAnswer, headers: ["Cache-Control"] } },
        }),
      },
    );
}

/** A session as it is answered: tokens in the body and in cookies, and in no cache (RFC 6749 §5.1). */
function granted(
  grant: Grant,
  request: Request,
  headers: { "set-cookie"?: string | string[]; "cache-control"?: string },
) {
  const { accessToken, refreshToken, refreshTtlMs, member } = grant;
  headers["set-cookie"] = sessionCookies(request, {
    accessToken,
    accessTtlMs: ACCESS_TOKEN_TTL_MS,
    refreshToken,
    refreshTtlMs,
  });
  headers["cache-control"] = "no-store";
  return { accessToken, expiresIn: ACCESS_TOKEN_TTL_MS / 1000, member: memberView(member) };
}

function memberView({ id, email, name, phone, role }: Member) {
  return { id, email, name, ...(phone === null ? {} : { phone }), role };
}
