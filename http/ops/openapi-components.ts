/** Owns what operations of the API's document refer to by name: the problem, header fields, and ways to authenticate. */

import { ACCESS_COOKIE, REFRESH_COOKIE } from "../accounts/cookies.ts";
import type { AnswerHeader, RequestHeader } from "../plugins/documented.ts";
import { PROBLEM_CODES } from "../problem-codes.ts";

interface HeaderText {
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

const REQUEST_HEADERS: Record<RequestHeader, HeaderText & { readonly required: boolean }> = {
  "Idempotency-Key": {
    description:
      "Made up by the client, once for each thing that it wants done. The same key with the same body gives the same answer, byte for byte; " +
      "it is scoped to member, flight and operation. Successes are kept for 24 hours, refusals for 90 seconds.",
    required: true,
    schema: { type: "string", pattern: "^[!-~]{1,255}$" },
  },
  "Admission-Pass": {
    description: "The pass of the flight's waiting room; needed while the room is on.",
    required: false,
    schema: { type: "string" },
  },
  "If-None-Match": {
    description: "The `ETag` of the answer that the client has.",
    required: false,
    schema: { type: "string" },
  },
  "Last-Event-ID": {
    description: "The id of the last event that the client has heard: the stream goes on after it.",
    required: false,
    schema: { type: "string" },
  },
};

type DocumentedHeader = AnswerHeader | "Retry-After" | "WWW-Authenticate";

const ANSWER_HEADERS: Record<DocumentedHeader, HeaderText> = {
  ETag: { description: "Names this answer for `If-None-Match`.", schema: { type: "string" } },
  Location: { description: "Where it is from now on.", schema: { type: "string", format: "uri-reference" } },
  "Idempotency-Replayed": {
    description: "The answer was given before, under the same key; it shows what was true then.",
    schema: { type: "string", const: "true" },
  },
  "Set-Cookie": { description: "The access token and the refresh token, for browsers.", schema: { type: "string" } },
  "Cache-Control": { description: "How long caches may keep the answer.", schema: { type: "string" } },
  "Retry-After": { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } },
  "WWW-Authenticate": { description: "RFC 6750.", schema: { type: "string" } },
};

const Problem = {
  type: "object",
  description: "RFC 9457. Some codes have members of their own beside these.",
  required: ["type", "title", "status", "detail", "code", "retryable"],
  properties: {
    type: { type: "string", format: "uri-reference", description: "Where the code is explained." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "For a person." },
    code: { type: "string", enum: Object.keys(PROBLEM_CODES) },
    retryable: {
      type: "boolean",
      description: "Whether the same request, with the same idempotency key, may succeed later.",
    },
    field: { type: "string", description: "The field at fault." },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["field", "detail"],
        properties: { field: { type: "string" }, detail: { type: "string" } },
      },
    },
    seats: { type: "array", items: { type: "string" }, description: "The seats in question." },
    alternatives: { type: "array", items: { type: "string" }, description: "Free seats near those asked for." },
    reason: { type: "string" },
  },
} as const;

export const COMPONENTS = {
  schemas: { Problem },
  parameters: Object.fromEntries(
    Object.entries(REQUEST_HEADERS).map(([name, text]) => [name, { name, in: "header", ...text }]),
  ),
  headers: ANSWER_HEADERS,
  securitySchemes: {
    bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "The access token." },
    cookie: { type: "apiKey", in: "cookie", name: ACCESS_COOKIE, description: "The access token, in a browser." },
    refresh: { type: "apiKey", in: "cookie", name: REFRESH_COOKIE, description: "The refresh token." },
    webhook: { type: "apiKey", in: "header", name: "webhook-signature", description: "Standard Webhooks." },
  },
};
