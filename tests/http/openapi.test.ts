// Goal: the API's document is complete enough to drive every route from it, says what the routes really do, and its page needs no internet.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PROBLEM_CODES, type ProblemCode } from "../../http/problem-codes.ts";
import { GivenApp } from "../support/given-app.ts";
import { type Answered, GivenShop } from "../support/given-shop.ts";
import { Visitor } from "../support/visitor.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>;
}

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: unknown }>>;
  };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** May use every route. */
const ADMIN = { email: "root@example.com", password: "a password for tests" };

let given: GivenApp;
let document: Document;
let bearer: Readonly<Record<string, string>>;
let operations: readonly (readonly [name: string, method: string, path: string, operation: Operation])[];

beforeAll(async () => {
  given = await GivenApp.open({ admin: ADMIN });
  document = (await (await given.get("/openapi/json")).json()) as Document;
  const { body } = await new Visitor((request) => given.app.handle(request)).send("POST", "/api/v1/sessions", {
    body: ADMIN,
  });
  bearer = { authorization: `Bearer ${body.accessToken}` };
  operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, method.toUpperCase(), path, operation] as const,
    ),
  );
});

afterAll(() => given.close());

/** What a reference names; anything else as it is. */
function resolved<T>(value: T | { readonly $ref: string }): T {
  if (typeof value !== "object" || value === null || !("$ref" in value)) return value as T;
  const [, , kind = "", name = ""] = value.$ref.split("/");
  const component = document.components[kind]?.[name];
  expect(component, value.$ref).toBeDefined();
  return component as T;
}

function operation(name: string): Operation {
  const found = operations.find(([each]) => each === name);
  expect(found, name).toBeDefined();
  return (found as (typeof operations)[number])[3];
}

function codesOf(operation: Operation): ProblemCode[] {
  return Object.values(operation.responses).flatMap(({ content }) => {
    const [, narrowed] = (content?.["application/problem+json"]?.schema.allOf ?? []) as {
      properties: { code: { enum: ProblemCode[] } };
    }[];
    return narrowed?.properties.code.enum ?? [];
  });
}

describe("the document", () => {
  test("has every route that the app serves, and no other", () => {
    const served = given.app.routes
      // Pages, and this document itself.
      .filter(({ hooks }) => hooks.detail?.hide !== true)
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    expect(new Set(operations.map(([name]) => name))).toEqual(new Set(served));
    expect(served.length).toBeGreaterThan(20);
    expect(document.openapi).toStartWith("3.1.");
  });

  test("has the routes of the contract that are in this version", () => {
    for (const name of [
      "POST /api/v1/members",
      "POST /api/v1/sessions",
      "POST /api/v1/sessions/refresh",
      "DELETE /api/v1/sessions",
      "GET /api/v1/members/me",
      "GET /api/v1/airports",
      "GET /api/v1/flights",
      "GET /api/v1/flights/{id}",
      "GET /api/v1/flights/{id}/seats",
      "GET /api/v1/flights/{id}/seats/stream",
      "POST /api/v1/flights/{id}/reservations",
      "GET /api/v1/reservations",
      "GET /api/v1/reservations/{id}",
      "DELETE /api/v1/reservations/{id}",
      "POST /api/v1/reservations/{id}/payments",
      "POST /api/v1/payments/webhooks/{provider}",
      "GET /api/v1/tickets",
      "POST /api/v1/admin/flights",
      "GET /api/v1/admin/flights/{id}/journal",
      "GET /api/v1/admin/hosts",
      "POST /api/v1/flights/{id}/waiting-room/tickets",
      "GET /api/v1/flights/{id}/waiting-room",
      "GET /api/v1/flights/{id}/waiting-room/stream",
      "POST /api/v1/flights/{id}/waiting-room/passes",
      "GET /api/v1/flights/{id}/waiting-room/proof",
      "PUT /api/v1/admin/flights/{id}/waiting-room",
      "GET /livez",
      "GET /readyz",
      "GET /metrics",
      "GET /.well-known/jwks.json",
    ]) {
      operation(name);
    }
  });

  test("says which bodies may be left out", () => {
    const optional = operations.filter(([, , , { requestBody }]) => requestBody?.required === false);
    expect(optional.map(([name]) => name)).toEqual([
      "POST /api/v1/reservations/{id}/payments",
      "POST /api/v1/flights/{id}/waiting-room/tickets",
    ]);
    expect(JSON.stringify(document)).not.toContain("x-optional");
  });

  test("says of every operation what it is, who may, what it takes and what it answers", () => {
    for (const [name, method, path, { summary, tags, security, parameters, responses }] of operations) {
      expect(summary, name).not.toBeEmpty();
      expect(tags, name).toHaveLength(1);
      expect(security, name).toBeArray();
      const all = parameters.map(resolved<Parameter>);
      for (const [, inPath] of path.matchAll(/\{(\w+)\}/g)) {
        expect(all, name).toContainEqual(expect.objectContaining({ name: inPath, in: "path", required: true }));
      }
      for (const { schema } of all) expect(schema, name).toHaveProperty("type");
      expect(
        Object.keys(responses).some((status) => status.startsWith("2")),
        name,
      ).toBe(true);
      for (const code of ["400", "500", "503"]) expect(Object.keys(responses), name).toContain(code);
      if (method !== "GET") expect(Object.keys(responses), name).toContainValues(["413", "415"]);
    }
    expect(new Set(operations.map(([, , , { operationId }]) => operationId)).size).toBe(operations.length);
  });

  test("has bodies as JSON only, with schemas that are closed all the way down", () => {
    const bodies = operations.flatMap(([name, , , { requestBody }]) =>
      requestBody ? [[name, requestBody] as const] : [],
    );
    expect(bodies.map(([name]) => name)).toContain("POST /api/v1/flights/{id}/reservations");
    for (const [name, { content }] of bodies) {
      expect(Object.keys(content), name).toEqual(["application/json"]);
      if (name.includes("/webhooks/")) continue;
      for (const each of objectsIn(content["application/json"]?.schema)) {
        expect(each.additionalProperties, `${name} ${JSON.stringify(each)}`).toBe(false);
      }
    }
  });

  test("lists every refusal as a problem under the status of its code", () => {
    for (const [name, , , { responses }] of operations) {
      for (const [status, { description, content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        expect(Object.keys(content ?? {}), name).toEqual(["application/problem+json"]);
        const codes = Object.entries(PROBLEM_CODES).filter(([code]) => description.includes(`\`${code}\`:`));
        expect(codes.length, `${name} ${status}`).toBeGreaterThan(0);
        for (const [code, meaning] of codes) expect(meaning.status, `${name} ${code}`).toBe(Number(status) as never);
      }
      for (const status of ["429", "503"]) {
        const answer = responses[status];
        if (answer !== undefined) expect(answer.headers, name).toHaveProperty("Retry-After");
      }
    }
  });

  test("has the problems and header fields of a hold", () => {
    const hold = operation("POST /api/v1/flights/{id}/reservations");
    expect(codesOf(hold)).toContainValues([
      "SEAT_TAKEN",
      "SOLD_OUT",
      "SEAT_NOT_FOUND",
      "SEAT_NOT_ALLOWED",
      "LIMIT_EXCEEDED",
      "FLIGHT_DEPARTED",
      "ADMISSION_REQUIRED",
      "IDEMPOTENCY_KEY_MISSING",
      "IDEMPOTENCY_KEY_REUSED",
      "TOO_MANY_KEYS",
      "OVERLOADED",
      "UNAUTHENTICATED",
      "MALFORMED_JSON",
    ]);
    const headers = hold.parameters.map(resolved<Parameter>).filter((each) => each.in === "header");
    expect(headers.map(({ name }) => name)).toEqual(["Idempotency-Key", "Admission-Pass"]);
    expect(headers[0]?.required).toBe(true);
    expect(hold.responses["201"]?.headers).toHaveProperty("Idempotency-Replayed");
    expect(hold.security).toEqual([{ bearer: [] }, { cookie: [] }]);
    expect(Object.keys(document.components.securitySchemes ?? {})).toEqual(["bearer", "cookie", "refresh", "webhook"]);
  });

  test("names in references and securities are there", () => {
    const text = JSON.stringify(document);
    for (const [, name = ""] of text.matchAll(/"\$ref":"([^"]+)"/g)) resolved({ $ref: name });
    for (const [name, , , { security }] of operations) {
      for (const each of security.flatMap(Object.keys)) {
        expect(document.components.securitySchemes, name).toHaveProperty(each);
      }
    }
  });

  test("explains every code, as a problem's `type` promises", () => {
    for (const code of Object.keys(PROBLEM_CODES)) expect(document.info.description).toContain(`| ${code} |`);
  });

  test("is not sent again to who has it", async () => {
    const etag = (await given.get("/openapi/json")).headers.get("etag") ?? "";
    const again = await given.get("/openapi/json", { "if-none-match": etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
  });
});

/** Every schema of an object within a schema. */
function objectsIn(schema: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof schema !== "object" || schema === null) return [];
  const inside = Object.values(schema).flatMap(objectsIn);
  return "type" in schema && schema.type === "object" ? [{ ...schema }, ...inside] : inside;
}

describe("the routes as documented", () => {
  const concrete = (path: string) => path.replace(/\{\w+\}/g, "XX-1");

  test("refuse a query field that isn't listed", async () => {
    for (const [name, method, path] of operations) {
      const takesBody = method === "POST" || method === "PUT";
      const headers = { ...bearer, ...(takesBody ? { "content-type": "application/json" } : {}) };
      const url = `http://localhost:3000${concrete(path)}?zzz=1`;
      const response = await given.app.handle(
        new Request(url, { method, headers, ...(takesBody ? { body: "{}" } : {}) }),
      );
      expect(response.status, name).toBe(400);
      const { errors } = (await response.json()) as { errors: { field: string }[] };
      // A body is checked with the query: either names its fields.
      if (!takesBody)
        expect(
          errors.map(({ field }) => field),
          name,
        ).toContain("zzz");
    }
  });

  test("refuse a body's field that isn't listed", async () => {
    for (const [name, method, path, { requestBody }] of operations) {
      if (requestBody === undefined || path.includes("/webhooks/")) continue;
      const headers = { ...bearer, "content-type": "application/json", "idempotency-key": "k" };
      const url = `http://localhost:3000${concrete(path)}`;
      const response = await given.app.handle(new Request(url, { method, headers, body: '{"zzz":1}' }));
      expect(response.status, name).toBe(400);
      const { errors } = (await response.json()) as { errors: { field: string }[] };
      expect(
        errors.map(({ field }) => field),
        name,
      ).toContain("zzz");
    }
  });

  test("ask for a token where one is needed", async () => {
    for (const [name, method, path, { security, requestBody }] of operations) {
      if (method !== "GET" || requestBody !== undefined) continue;
      const { status, body } = await given.get(concrete(path));
      await body?.cancel();
      if (security.length > 0) expect(status, name).toBe(401);
      else expect(status, name).not.toBe(401);
    }
  });
});

describe("the header fields of answers", () => {
  /** Those that a client acts on. */
  const FIELDS = ["ETag", "Location", "Idempotency-Replayed", "Retry-After", "WWW-Authenticate"];
  let shop: GivenShop;

  beforeAll(async () => {
    shop = await GivenShop.open();
  });
  afterAll(() => shop.close());

  function expectDocumented(name: string, { status, headers }: Pick<Response, "status" | "headers">): void {
    const documented = operation(name).responses[status]?.headers ?? {};
    for (const field of FIELDS.filter((each) => headers.has(each))) {
      expect(documented, `${name} ${status}`).toHaveProperty(field);
    }
  }

  test("are documented where a key is answered again, be it a success or a refusal", async () => {
    const kim = await shop.as("kim");
    const hold = "POST /api/v1/flights/{id}/reservations";
    const pay = "POST /api/v1/reservations/{id}/payments";
    const held = await kim.hold(["1A"]);
    const released = await kim.hold(["1B"]);
    await kim.delete(`/api/v1/reservations/${released.body.id}`);
    const payments = (id: string): string => `/api/v1/reservations/${id}/payments`;
    for (const _ of ["first", "again"]) {
      const answers: [name: string, answer: Answered, status: number][] = [
        [hold, await kim.hold(["2A"], "k1"), 201],
        [hold, await kim.hold(["1A"], "k2"), 409],
        [hold, await kim.hold(["99A"], "k3"), 404],
        [pay, await kim.post(payments(released.body.id), {}, "k4"), 409],
        [pay, await kim.post(payments(held.body.id), {}, "k5"), 201],
        [pay, await kim.post(payments(held.body.id), {}, "k6"), 200],
      ];
      for (const [name, answer, status] of answers) {
        expect(answer.status, name).toBe(status);
        expectDocumented(name, answer);
      }
    }
  });

  test("are documented where a new thing has an address, and where a client has an answer already", async () => {
    const operator = await shop.as("operator", "ADMIN");
    const flight = {
      airline: "PG",
      number: "900",
      origin: "ICN",
      destination: "CJU",
      departsAt: "2030-02-01T09:00+09:00",
      arrivesAt: "2030-02-01T10:10+09:00",
      aircraft: "738",
      cabins: [{ cabin: "Y", capacity: 180, fare: { amount: 90_000, currency: "KRW" } }],
    };
    const added = await operator.post("/api/v1/admin/flights", flight);
    expect(added.headers.has("location"), added.text).toBe(true);
    expectDocumented("POST /api/v1/admin/flights", added);
    const { id } = added.body;
    for (const [path, from] of [
      ["/api/v1/airports", given],
      ["/api/v1/flights", given],
      ["/api/v1/flights/{id}/seats", shop.nobody()],
    ] as const) {
      const url = path.replace("{id}", id);
      const first = await from.get(url);
      const again = await from.get(url, { "if-none-match": first.headers.get("etag") ?? "" });
      expect(again.status, path).toBe(304);
      for (const answer of [first, again]) expectDocumented(`GET ${path}`, answer);
    }
  });
});

describe("the page", () => {
  test("is made of this server's files alone, and its policy lets in no others", async () => {
    const page = await given.get("/openapi");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toStartWith("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
    const html = await page.text();
    expect(html).not.toMatch(/<script>|https?:/);
    const files = Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, path = ""]) => path);
    expect(files).toHaveLength(3);
    for (const path of files) {
      const file = await given.get(path);
      expect(file.status, path).toBe(200);
      expect(file.headers.get("content-type"), path).toStartWith(
        path.endsWith(".css") ? "text/css" : "text/javascript",
      );
      expect((await file.text()).length, path).toBeGreaterThan(50);
    }
  });

  test("shows the document of this server", async () => {
    const start = await (await given.get("/openapi/start.js")).text();
    expect(start).toContain('url: "/openapi/json"');
    expect(start).toContain("validatorUrl: null");
  });
});
