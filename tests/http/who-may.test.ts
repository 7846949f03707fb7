/** Goal: whoever may not use a route is told that, however wrong their request is, and nothing of what it should have been. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { BODY_BYTES_MAX, GivenApp } from "../support/given-app.ts";
import { Visitor } from "../support/visitor.ts";

const PASSWORD = "a password for tests";
const ADMIN = { email: "root@example.com", password: PASSWORD };

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly security: readonly Record<string, unknown>[] }>>>
  >;
}

/** What no route takes, or none before it knows who asks. */
const WRONG: readonly (readonly [what: string, target: string, init: RequestInit])[] = [
  ["a query that nobody knows", "?surprise=1", {}],
  ["a body that is no JSON", "", { headers: { "content-type": "application/json" }, body: "{" }],
  ["a body of another kind", "", { headers: { "content-type": "text/plain" }, body: "hello" }],
  ["a body with a field too many", "", { headers: { "content-type": "application/json" }, body: '{"surprise":1}' }],
  [
    "a body that is too long",
    "",
    { headers: { "content-type": "application/json" }, body: JSON.stringify("x".repeat(BODY_BYTES_MAX)) },
  ],
];

let given: GivenApp;
let protectedRoutes: readonly (readonly [method: string, path: string])[];
let member: string;
let admin: string;

beforeAll(async () => {
  given = await GivenApp.open({ admin: ADMIN });
  const { paths } = (await (await given.get("/openapi/json")).json()) as Document;
  protectedRoutes = Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod)
      .filter(([, { security }]) => security.some((each) => "bearer" in each))
      .map(([method]) => [method.toUpperCase(), path.replace(/\{\w+\}/g, "X-1")] as const),
  );
  const kim = { email: "kim@example.com", password: PASSWORD };
  await new Visitor((request) => given.app.handle(request)).send("POST", "/api/v1/members", {
    body: { ...kim, name: "Kim" },
  });
  [member, admin] = await Promise.all([tokenOf(kim), tokenOf(ADMIN)]);
});

afterAll(() => given.close());

async function tokenOf(credentials: object): Promise<string> {
  const visitor = new Visitor((request) => given.app.handle(request));
  const { body } = await visitor.send("POST", "/api/v1/sessions", { body: credentials });
  return String(body.accessToken);
}

/** Every request that is wrong in one way, of those that its method can have, and what it is answered. */
async function refusals(routes: typeof protectedRoutes, token: string | null): Promise<string[]> {
  const answers: string[] = [];
  for (const [method, path] of routes) {
    for (const [what, query, init] of WRONG) {
      if (method === "GET" && init.body !== undefined) continue;
      const request = new Request(`http://localhost${path}${query}`, { method, ...init });
      if (token !== null) request.headers.set("authorization", `Bearer ${token}`);
      const answer = await given.app.handle(request);
      const { code } = (await answer.json()) as { code: string };
      if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      answers.push(`${answer.status} ${code}: ${method} ${path} with ${what}`);
    }
  }
  return answers;
}

const ofAdmins = () => protectedRoutes.filter(([, path]) => path.startsWith("/api/v1/admin/"));

test("the API has routes for members and routes for admins", () => {
  expect(ofAdmins().length).toBeGreaterThan(5);
  expect(protectedRoutes.length - ofAdmins().length).toBeGreaterThan(5);
});

test.each([
  ["nobody", null],
  ["a token that is none", "nonsense"],
])("with %s every one of them asks who it is", async (_, token) => {
  const answers = await refusals(protectedRoutes, token);
  expect(answers.filter((answer) => !answer.startsWith("401 UNAUTHENTICATED"))).toEqual([]);
});

test("a member is told that the routes of admins are for admins", async () => {
  const answers = await refusals(ofAdmins(), member);
  expect(answers.filter((answer) => !answer.startsWith("403 FORBIDDEN"))).toEqual([]);
});

test("whoever may is told what is wrong", async () => {
  const answers = await refusals(ofAdmins(), admin);
  expect(answers.filter((answer) => !/^4(00|13|15) /.test(answer))).toEqual([]);
});
