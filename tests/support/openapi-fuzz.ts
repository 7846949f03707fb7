/** Owns what garbage is: for each operation of the API's document, requests of which a few parts are wrong, as they stand on the wire. */

import * as fc from "fast-check";

export interface Schema {
  /** Several where `null` may stand, too. */
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
}

export interface Operation {
  /** `POST /api/v1/members` */
  readonly name: string;
  readonly method: string;
  /** With `{id}` where a parameter stands. */
  readonly path: string;
  readonly query: readonly string[];
  readonly body: Schema | null;
  readonly isBodyRequired: boolean;
  /** That the document lists. */
  readonly statuses: readonly number[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

interface DocumentedOperation {
  readonly parameters: readonly { readonly in?: string; readonly name?: string }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly "application/json": { readonly schema: Schema } };
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

/** The document's operations, as far as a request needs them. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries((document as Document).paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, { parameters, requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      query: parameters.flatMap((each) => (each.in === "query" ? [each.name ?? ""] : [])),
      body: requestBody?.content["application/json"].schema ?? null,
      isBodyRequired: requestBody?.required ?? false,
      statuses: Object.keys(responses).map(Number),
    })),
  );
}

/** A request as it stands on the wire. */
export interface WireRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  /** By lower-case name. Latin-1, as header fields are. */
  readonly headers: Readonly<Record<string, string>>;
  /** One character a byte. */
  readonly body: string | null;
  /** Whether the document says that it can't succeed. */
  readonly mustFail: boolean;
}

/** What a request is made of that is as it should be. `nonce` makes what must be new. */
export interface Samples {
  pathParameter(operation: Operation, name: string, nonce: number): string;
  /** A field's JSON value; undefined where the schema's own example will do. */
  field(operation: Operation, name: string, nonce: number): unknown;
}

type Change = (request: WireRequest) => WireRequest;

const HOLE = "<hole>";

/** The request that the document asks for, with every optional field. */
export function sampleRequest(operation: Operation, samples: Samples, nonce: number): WireRequest {
  const { method, path, body } = operation;
  return {
    method,
    target: path.replace(/\{(\w+)\}/g, (_, name: string) => samples.pathParameter(operation, name, nonce)),
    headers: {
      "idempotency-key": `key-${nonce}`,
      ...(body === null ? {} : { "content-type": "application/json" }),
    },
    body: body === null ? null : bytes(JSON.stringify(sampleBody(operation, body, samples, nonce))),
    mustFail: false,
  };
}

/** One to three parts of the sample request are made garbage. */
export function fuzzedRequest(operation: Operation, samples: Samples): fc.Arbitrary<WireRequest> {
  // Few: so that keys, e-mail addresses and seats meet again.
  return fc.nat({ max: 9_999 }).chain((nonce) =>
    fc.array(changeOf(operation, samples, nonce), { minLength: 1, maxLength: 3 }).map((changes) => {
      const changed = changes.reduce((request, change) => change(request), sampleRequest(operation, samples, nonce));
      // A later change may have taken back what an earlier one spoilt.
      return { ...changed, mustFail: changed.mustFail && changes.length === 1 };
    }),
  );
}

function changeOf(operation: Operation, samples: Samples, nonce: number): fc.Arbitrary<Change> {
  const always = [
    { weight: 2, arbitrary: headerChange },
    { weight: 2, arbitrary: queryChange(operation) },
    { weight: 1, arbitrary: rawBody.map((body): Change => withBody(body)) },
    { weight: 1, arbitrary: contentType.map((type): Change => withHeader("content-type", type)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...METHODS).map(
        (method): Change =>
          (request) => ({ ...request, method }),
      ),
    },
  ];
  const { path, body } = operation;
  return fc.oneof(
    ...always,
    ...(path.includes("{") ? [{ weight: 3, arbitrary: pathChange(operation, samples, nonce) }] : []),
    ...(body === null ? [] : [{ weight: 8, arbitrary: fieldChange(operation, body, samples, nonce) }]),
  );
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

// Paths.

/** Without segments of dots alone, which clients and servers resolve: they ask for another path. */
const SEGMENTS = [
  ..."%|%zz|%ff|%00|%0d%0aX-Evil:1|%2F|%5c|a%20b|'%20OR%201=1--|%F0%9F%92%A9|%ED%A0%80|;a=b|null|-1|0".split("|"),
  "__proto__",
  "constructor",
  "\u00e9",
  "9".repeat(49),
  "x".repeat(6_000),
];

function pathChange(operation: Operation, samples: Samples, nonce: number): fc.Arbitrary<Change> {
  const segment = fc.oneof(
    fc.constantFrom(...SEGMENTS),
    fc.string({ unit: "grapheme", minLength: 1 }).map((text) => encodeURIComponent(text).replace(/^\.+$/, "dots")),
    fc.uuid({ version: 7 }),
  );
  const names = Array.from(operation.path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
  return fc.tuple(fc.constantFrom(...names), segment).map(
    ([garbled, text]): Change =>
      (request) => {
        const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
          name === garbled ? text : samples.pathParameter(operation, name, nonce),
        );
        const [, query] = request.target.split("?");
        return { ...request, target: query === undefined ? path : `${path}?${query}` };
      },
  );
}

// Queries.

const QUERY_TEXTS = [
  ..."|0|-1|1.5|1e9|99999999999999999999|NaN|null|true|%|%zz|%ff|%00|%ED%A0%80|%F0%9F%92%A9|[]|{}|'%20OR%201=1--|2030-02-30|GMP".split(
    "|",
  ),
  "x".repeat(4_000),
];
const WHOLE_QUERIES = "&&&|=|=1|%ff=1|%|?|a[b]=1|__proto__[x]=1|#|+".split("|");
const UNKNOWN_QUERIES = "unknown=1|__proto__=1|constructor=1|toString=1".split("|");

function queryChange({ query }: Operation): fc.Arbitrary<Change> {
  const withQuery =
    (text: string, isUnknown: boolean): Change =>
    (request) => ({ ...request, target: `${request.target}?${text}`, mustFail: request.mustFail || isUnknown });
  const known =
    query.length === 0
      ? []
      : [
          fc
            .tuple(
              fc.constantFrom(...query),
              fc.constantFrom("=", "[]=", "[0]=", "=1&"),
              fc.constantFrom(...QUERY_TEXTS),
            )
            .map(([name, infix, text]) =>
              withQuery(infix === "=1&" ? `${name}=1&${name}=${text}` : name + infix + text, false),
            ),
        ];
  return fc.oneof(
    ...known,
    fc.constantFrom(...WHOLE_QUERIES).map((text) => withQuery(text, false)),
    fc.constantFrom(...UNKNOWN_QUERIES).map((text) => withQuery(text, true)),
  );
}

// Header fields.

const HEADER_NAMES = [
  ..."idempotency-key|admission-pass|if-none-match|last-event-id|authorization|cookie|x-forwarded-for|x-request-id".split(
    "|",
  ),
  ..."origin|sec-fetch-site|accept|accept-encoding|range|referer|user-agent|webhook-id|webhook-signature|webhook-timestamp".split(
    "|",
  ),
];
const HEADER_TEXTS = [
  ...'|null|*|-1|0|1e999|99999999999999999999|a b|é|,,,|;;;|=|W/"x", "y|__proto__|\' OR 1=1--|%00%ff|http://[|::ffff:1.2.3.4:5, [::1'.split(
    "|",
  ),
  ..."Bearer|Bearer |bearer a.b.c|Bearer eyJhbGciOiJub25lIn0.e30.|Basic bnVsbDpudWxs|__Host-x=1; =; pigonair=%|v1,AAAA".split(
    "|",
  ),
  "\tx\t",
  "\u00f0\u009f\u0092\u00a9",
  "x".repeat(255),
  `Bearer ${"A".repeat(6_000)}`,
];

const headerChange: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...HEADER_NAMES), fc.constantFrom(...HEADER_TEXTS))
  .map(([name, text]) => withHeader(name, text));

const contentType = fc.constantFrom(
  ..."|text/plain|application/x-www-form-urlencoded|multipart/form-data|multipart/form-data; boundary=x|application/jsonx".split(
    "|",
  ),
  ...'application/json; charset=utf-16|APPLICATION/JSON ; x="|application/problem+json|json|application/json, text/plain'.split(
    "|",
  ),
);

function withHeader(name: string, text: string): Change {
  return (request) => ({ ...request, headers: { ...request.headers, [name]: text } });
}

// Bodies.

const NESTED = 5_000;

/** JSON, and what looks like it. */
const JSON_TEXTS = [
  ..."null|true|0|-0|-1|1.5|1e999|-1e999|1e308|9007199254740993|NaN|Infinity|0x10|01|[]|{}|[[]]|[null]|[{}]|undefined|'x'|\"".split(
    "|",
  ),
  ...[
    '""',
    '" "',
    '"1"',
    '"true"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\u0007"',
    '"\\u202e"',
    '"💩"',
    '"\\q"',
  ],
  ...[
    '"\'; DROP TABLE member; --"',
    '"9999-12-31"',
    '"0000-00-00"',
    '"+275760-09-13T00:00:00Z"',
    '"javascript:alert(1)"',
  ],
  ...['"0001-01-01T00:00:00+99:99"', '"9999-12-31T23:59:59-23:59"', '"http://localhost:3000@evil.example/"', '"999Z"'],
  ...[
    '{"__proto__":{"role":"ADMIN"}}',
    '{"constructor":{"prototype":1}}',
    '{"length":1e9}',
    '{"toString":1}',
    '{"then":1}',
  ],
  JSON.stringify("x".repeat(300)),
  JSON.stringify("x".repeat(70_000)),
  "[".repeat(NESTED) + "]".repeat(NESTED),
  `${'{"a":'.repeat(NESTED)}1${"}".repeat(NESTED)}`,
  `[${"{},".repeat(NESTED)}{}]`,
];

const jsonText = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...JSON_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.json() },
);

const RAW_BODIES = [
  ...["", " ", "{", "}", '{"a"', "{}{}", "\u0000", "a=1&b=2", "<x/>", "/**/{}", "{,}", '{"a":1,}'],
  ...["\u00ef\u00bb\u00bf{}", "\u00ff\u00fe{\u0000}\u0000", '{"\u00ff":1}', '{"a":"\u00ed\u00a0\u0080"}'],
];

const rawBody: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...RAW_BODIES), jsonText.map(bytes));

interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Everything in the body that a schema speaks of. */
function placesOf(schema: Schema, value: unknown, path: Place["path"] = [], isRequired = true): Place[] {
  const inner = Object.entries((value ?? {}) as Readonly<Record<string, unknown>>).flatMap(([name, member]) => {
    const property = schema.properties?.[name];
    if (property !== undefined) {
      return placesOf(property, member, [...path, name], schema.required?.includes(name) ?? false);
    }
    return schema.items === undefined || !Array.isArray(value)
      ? []
      : placesOf(schema.items, member, [...path, Number(name)]);
  });
  return [{ path, schema, isRequired }, ...inner];
}

const EXTRA_NAMES = ["unknown", "__proto__", "constructor", "toString", "", "0", "💩", "\ud800", "x".repeat(300)];

function fieldChange(operation: Operation, schema: Schema, samples: Samples, nonce: number): fc.Arbitrary<Change> {
  const sample = sampleBody(operation, schema, samples, nonce);
  const places = placesOf(schema, sample);
  const put = ({ path }: Place, text: string | undefined): string =>
    JSON.stringify(replaced(sample, path, text === undefined ? undefined : HOLE)).replace(
      `"${HOLE}"`,
      () => text ?? "",
    );

  const garbled = fc
    .tuple(fc.constantFrom(...places), jsonText)
    .map(([place, text]) => withBody(bytes(put(place, text)), contradicts(place.schema, text)));
  const within = places.filter(({ path }) => typeof path.at(-1) === "string");
  const missing =
    within.length === 0
      ? []
      : [fc.constantFrom(...within).map((place) => withBody(bytes(put(place, undefined)), place.isRequired))];
  const objects = places.filter((place) => place.schema.type === "object");
  const extra = fc
    .tuple(fc.constantFrom(...objects), fc.constantFrom(...EXTRA_NAMES), jsonText)
    .map(([place, name, text]) => {
      const whole = JSON.stringify(memberAt(sample, place.path));
      const more = `{${JSON.stringify(name)}:${text}${whole === "{}" ? "" : ","}${whole.slice(1)}`;
      return withBody(bytes(put(place, more)), place.schema.additionalProperties === false);
    });
  const doubled = fc.tuple(fc.constantFrom(...objects), jsonText).map(([place, text]) => {
    const whole = JSON.stringify(memberAt(sample, place.path));
    const name = whole.slice(1).split(":")[0] ?? "";
    return withBody(bytes(put(place, whole === "{}" ? text : `{${name}:${text},${whole.slice(1)}`)));
  });
  const whole = bytes(JSON.stringify(sample));
  const truncated = fc.nat({ max: whole.length - 1 }).map((length) => {
    return withBody(whole.slice(0, length), length > 0 || operation.isBodyRequired);
  });
  return fc.oneof({ weight: 4, arbitrary: garbled }, ...missing, extra, doubled, truncated);
}

function withBody(body: string, mustFail = false): Change {
  return (request) => ({ ...request, body, mustFail: request.mustFail || mustFail });
}

/** Whether the text is no JSON at all, or of another type than the schema's. */
function contradicts({ type }: Schema, text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return true;
  }
  const given = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  return type !== undefined && ![type].flat().includes(given);
}

function sampleBody(operation: Operation, schema: Schema, samples: Samples, nonce: number, name = ""): unknown {
  const own = samples.field(operation, name, nonce);
  if (own !== undefined) return own;
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, property]) => [
          key,
          sampleBody(operation, property, samples, nonce, key),
        ]),
      );
    case "array":
      return schema.items === undefined ? [] : [sampleBody(operation, schema.items, samples, nonce)];
    case "boolean":
      return true;
    case "number":
      return Math.max(schema.minimum ?? 0, 1);
    default:
      return schema.examples?.[0] ?? schema.enum?.[0];
  }
}

function memberAt(value: unknown, path: Place["path"]): unknown {
  return path.reduce<unknown>((member, step) => (member as Readonly<Record<string, unknown>>)[step], value);
}

/** A copy with another member at the path; undefined takes it away. */
function replaced(value: unknown, [step, ...path]: Place["path"], by: string | undefined): unknown {
  if (step === undefined) return by;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[step] = replaced(copy[step], path, by);
  return copy;
}

/** UTF-8, one character a byte. */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
