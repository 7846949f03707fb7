/** Owns the bodies of the account routes, as they are checked and documented. */

import { t } from "elysia";
import { closed } from "../plugins/fields.ts";
import { ACCESS_TOKEN_TTL_MS } from "./access-tokens.ts";
import {
  EMAIL_LENGTH_MAX,
  NAME_LENGTH_MAX,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  PHONE_LENGTH_MAX,
  PHONE_PATTERN,
} from "./profile.ts";

const email = t.String({ minLength: 3, maxLength: EMAIL_LENGTH_MAX, examples: ["kim@example.com"] });

export const signUpBody = closed({
  email,
  password: t.String({ minLength: PASSWORD_LENGTH_MIN, maxLength: PASSWORD_LENGTH_MAX }),
  name: t.String({ minLength: 1, maxLength: NAME_LENGTH_MAX, examples: ["Kim Minji"] }),
  phone: t.Optional(t.String({ maxLength: PHONE_LENGTH_MAX, pattern: PHONE_PATTERN, examples: ["+82 10-1234-5678"] })),
});

/** No least length for the password here: a short one is wrong like any other. */
export const logInBody = closed({
  email,
  password: t.String({ minLength: 1, maxLength: PASSWORD_LENGTH_MAX }),
});

export const signedUpAnswer = t.Object({ id: t.String(), email: t.String(), name: t.String() });

export const memberAnswer = t.Object({
  id: t.String(),
  email: t.String(),
  name: t.String(),
  phone: t.Optional(t.String()),
  role: t.UnionEnum(["MEMBER", "ADMIN"]),
});

export const sessionAnswer = t.Object({
  accessToken: t.String({ description: "For `Authorization: Bearer`." }),
  expiresIn: t.Integer({ description: "Seconds that the access token lives.", examples: [ACCESS_TOKEN_TTL_MS / 1000] }),
  member: memberAnswer,
});

export const jwksAnswer = t.Object({
  keys: t.Array(
    t.Object({
      kty: t.String(),
      crv: t.String(),
      x: t.String(),
      kid: t.String(),
      alg: t.String(),
      use: t.String(),
    }),
  ),
});
