/** Owns what a route says of itself beyond its schemas: who may use it, what it answers, and with which problems it refuses. */

import type { DocumentDecoration, TSchema } from "elysia";
import type { ProblemCode } from "../problem-codes.ts";

export type Tag =
  | "Accounts"
  | "Flights"
  | "Seats"
  | "Reservations"
  | "Payments"
  | "Tickets"
  | "Waiting room"
  | "Admin"
  | "Operation";

/** DESIGN §7: public, member, admin, signature; `refresh` is whoever has the cookie with the refresh token. */
export type Who = "public" | "member" | "admin" | "signature" | "refresh";

export type RequestHeader = "Idempotency-Key" | "Admission-Pass" | "If-None-Match" | "Last-Event-ID";

export type AnswerHeader = "ETag" | "Location" | "Idempotency-Replayed" | "Set-Cookie" | "Cache-Control";

export interface DocumentedAnswer {
  readonly description: string;
  /** Without one, the answer has no body. It is documented and not checked at run time. */
  readonly schema?: TSchema;
  /** @default "application/json" */
  readonly mediaType?: string;
  readonly headers?: readonly AnswerHeader[];
}

export interface Documented {
  readonly tag: Tag;
  readonly who: Who;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  readonly requestHeaders?: readonly RequestHeader[];
  /** By status. */
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  /**
   * The codes with which the route itself refuses. Those that follow from the rest of the route are added by ops/openapi-document.ts: of
   * schemas, bodies and media types, of `who` and `requestHeaders`, 500, and the request's time-out.
   */
  readonly problems?: readonly ProblemCode[];
}

/** An OpenAPI operation, as far as a route says it itself. */
export interface RouteDetail extends DocumentDecoration {
  tags: string[];
  "x-who": Who;
  "x-problems": ProblemCode[];
}

const SECURITY: Record<Who, NonNullable<DocumentDecoration["security"]>> = {
  public: [],
  member: [{ bearer: [] }, { cookie: [] }],
  admin: [{ bearer: [] }, { cookie: [] }],
  signature: [{ webhook: [] }],
  refresh: [{ refresh: [] }],
};

/**
 * A route's `detail`.
 * @example .get("/flights/:id", handler, { query: noQuery, detail: documented({ tag: "Flights", who: "public", … }) })
 */
export function documented(route: Documented): RouteDetail {
  const { tag, who, summary, description, requestHeaders = [], answers, problems = [] } = route;
  return {
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[who],
    parameters: requestHeaders.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    responses: answersOf(answers),
    "x-who": who,
    "x-problems": [...problems],
  };
}

function answersOf(answers: Documented["answers"]): NonNullable<DocumentDecoration["responses"]> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, mediaType = "application/json", headers = [] }]) => [
      status,
      {
        description,
        headers: Object.fromEntries(headers.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
        ...(schema === undefined ? {} : { content: { [mediaType]: { schema } } }),
      },
    ]),
  );
}
