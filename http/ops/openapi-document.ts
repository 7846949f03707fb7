/** Owns the API's document (OpenAPI 3.1): what the routes say of themselves, and what follows for each from the edge. */

import { toOpenAPISchema } from "@elysia/openapi";
import type { AnyElysia, InternalRoute } from "elysia";
import type { RouteDetail, Who } from "../plugins/documented.ts";
import { OPTIONAL_BODY } from "../plugins/optional-body.ts";
import { PROBLEM_TYPE } from "../problem.ts";
import { PROBLEM_CODES, type ProblemCode } from "../problem-codes.ts";
import { COMPONENTS } from "./openapi-components.ts";

type Json = Record<string, unknown>;

/** What may refuse whoever asks, before the route itself does. */
const PROBLEMS_OF_WHO: Record<Who, readonly ProblemCode[]> = {
  public: [],
  member: ["UNAUTHENTICATED"],
  admin: ["UNAUTHENTICATED", "FORBIDDEN"],
  signature: ["BAD_SIGNATURE"],
  refresh: ["REFRESH_INVALID"],
};

const KEYED = "#/components/parameters/Idempotency-Key";

const PROBLEMS_OF_HEADER: Readonly<Record<string, readonly ProblemCode[]>> = {
  [KEYED]: ["IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED"],
  "#/components/parameters/Admission-Pass": ["ADMISSION_REQUIRED"],
};

const INTRODUCTION = [
  "Flights, seats, reservations, payments and tickets.",
  "Every answer has an `X-Request-Id`, by which the log knows the request; a client may send its own.",
  "Every refusal is a problem (RFC 9457) with a `code` for programs:",
  [
    "| Code | Status | Meaning |",
    "|---|---|---|",
    ...Object.entries(PROBLEM_CODES).map(([code, { status, meaning }]) => `| ${code} | ${status} | ${meaning} |`),
  ].join("\n"),
].join("\n\n");

export function openApiDocument(app: AnyElysia): Json {
  const { paths, components } = toOpenAPISchema(app, { staticFile: false });
  const routes = app.routes.filter(({ hooks }) => hooks.detail?.hide !== true);
  for (const route of routes) {
    const operations = paths[route.path.replace(/:([^/]+)/g, "{$1}")] as Json | undefined;
    const method = route.method.toLowerCase();
    const operation = operations?.[method] as Json | undefined;
    if (operations !== undefined && operation !== undefined) operations[method] = complete(operation, route);
  }
  return plain({
    openapi: "3.1.0",
    info: {
      title: "PigonAir",
      version: "1",
      description: INTRODUCTION,
    },
    // Relative to where the document came from, whatever proxies are between.
    servers: [{ url: "/" }],
    paths,
    components: { ...COMPONENTS, schemas: { ...components.schemas, ...COMPONENTS.schemas } },
  }) as Json;
}

/** Written for 3.1: Elysia's `t.Integer` and `t.Numeric` are unions with a text that says the same number; the document says the number alone. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  // `nullable` is of OpenAPI 3.0; what it says is in the types as well.
  const { anyOf, nullable: _, ...rest } = value as Json;
  if (Array.isArray(anyOf) && anyOf.length === 2 && NUMBER_TEXTS.has((anyOf[0] as Json).format)) {
    return { ...rest, ...(anyOf[1] as Json) };
  }
  const members = anyOf === undefined ? rest : { ...rest, anyOf };
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, plain(member)]));
}

const NUMBER_TEXTS: ReadonlySet<unknown> = new Set(["integer", "numeric"]);

/** An operation as the generator wrote it, with what that leaves out or knows nothing of. */
function complete(operation: Json, { method, hooks }: InternalRoute): Json {
  const {
    "x-problems": own = [],
    "x-who": who = "public",
    parameters = [],
  } = (hooks.detail ?? {}) as Partial<RouteDetail>;
  const isUnsafe = method !== "GET";
  const isKeyed = parameters.some((each) => "$ref" in each && each.$ref === KEYED);
  const codes = new Set<ProblemCode>([
    ...(hooks.body || hooks.query || hooks.params ? (["VALIDATION"] as const) : []),
    ...(isUnsafe ? (["BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const) : []),
    ...(hooks.body ? (["MALFORMED_JSON"] as const) : []),
    ...PROBLEMS_OF_WHO[who],
    ...(isUnsafe && who !== "public" && who !== "signature" ? (["CROSS_ORIGIN"] as const) : []),
    ...parameters.flatMap((each) => ("$ref" in each ? (PROBLEMS_OF_HEADER[each.$ref] ?? []) : [])),
    ...own,
    "INTERNAL",
    "DEADLINE_EXCEEDED",
  ]);
  const generated = (operation.parameters ?? []) as readonly unknown[];
  const { "x-who": _who, "x-problems": _problems, ...rest } = operation;
  return {
    ...rest,
    // The generator puts its own in the place of what a route says.
    parameters: [...new Set([...generated, ...parameters])],
    ...requestBodyOf(operation.requestBody as { content: Json } | undefined, who),
    responses: { ...(operation.responses as Json), ...problemResponses([...codes], isKeyed) },
  };
}

/** Bodies are JSON, whatever else the generator thinks of; of a signed one only the signature's check reads the bytes. */
function requestBodyOf(generated: { readonly content: Json } | undefined, who: Who): Json {
  const content = (schema: unknown): Json => ({ "application/json": { schema } });
  if (generated !== undefined) {
    const { [OPTIONAL_BODY]: isOptional, ...schema } = (generated.content["application/json"] as Json).schema as Json;
    return { requestBody: { ...generated, required: isOptional !== true, content: content(schema) } };
  }
  if (who !== "signature") return {};
  const description = "Signed as it is, byte by byte.";
  return { requestBody: { required: true, description, content: content({ type: "object" }) } };
}

function problemResponses(codes: readonly ProblemCode[], isKeyed: boolean): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = PROBLEM_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => {
      const replayed = isKeyed && RECORDED.has(status) ? ["Idempotency-Replayed"] : [];
      return [status, problemResponse(ofStatus, [...(HEADERS_OF_STATUS[status] ?? []), ...replayed])];
    }),
  );
}

function problemResponse(codes: readonly ProblemCode[], headers: readonly string[]): Json {
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEM_CODES[code].meaning}`).join("\n\n"),
    ...(headers.length === 0
      ? {}
      : { headers: Object.fromEntries(headers.map((name) => [name, { $ref: `#/components/headers/${name}` }])) }),
    content: {
      [PROBLEM_TYPE]: {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { type: "object", properties: { code: { type: "string", enum: codes } } },
          ],
        },
      },
    },
  };
}

const HEADERS_OF_STATUS: Readonly<Record<number, readonly string[]>> = {
  401: ["WWW-Authenticate"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};

/** Refusals that are recorded under their key, and answered again. */
const RECORDED: ReadonlySet<number> = new Set([404, 409]);
