// Goal: the API as it listens: whatever comes on the wire is answered, refusals are problems, nothing is a 500, and every answer has its headers.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { client } from "../../http/client.ts";
import { BODY_BYTES_MAX, GivenApp } from "../support/given-app.ts";
import { chunked, exchange, type RawAnswer, readAnswers, request } from "../support/raw-http.ts";

const JSON_FIELDS = "Content-Type: application/json";
const SIGN_UP = "POST /api/v1/members HTTP/1.1";

let given: GivenApp;
let port: number;

beforeAll(async () => {
  given = await GivenApp.open();
  port = given.listen().port ?? 0;
});

afterAll(() => given.close());

function problemIn({ headers, body }: RawAnswer) {
  expect(headers["content-type"]).toBe("application/problem+json");
  return JSON.parse(body);
}

function post(body: string, fields = JSON_FIELDS, line = SIGN_UP): Promise<RawAnswer> {
  return request(port, `${line}\r\n${fields}\r\nContent-Length: ${Buffer.byteLength(body, "latin1")}`, body);
}

describe("paths and methods", () => {
  test.each([
    "/nothing",
    "/api/v1",
    "/api/v1/flights/%zz",
    "/api/v1/flights/%00",
    "/api/v1/flights/%ff",
    "/api/v1/flights/%E0%A4%A",
    "/api/v1/flights/a%2Fb",
    "/api/v1/flights/..",
    `/api/v1/flights/${"x".repeat(5_000)}`,
    "//api/v1/airports",
    "/%zz",
    "/%00",
  ])("GET %s is a 404", async (path) => {
    const answer = await request(port, `GET ${path} HTTP/1.1`);
    expect(answer.status).toBe(404);
    expect(problemIn(answer).code).toMatch(/NOT_FOUND$/);
  });

  test.each([
    "?%zz=1",
    "?origin=%zz",
    "?origin=%00",
    "?from=%ff",
    "?__proto__=1",
    "?page=%F0%9F%98%80",
    "?=",
    "?page=1&x",
  ])("GET /api/v1/flights%s is a 400 that names the field", async (query) => {
    const answer = await request(port, `GET /api/v1/flights${query} HTTP/1.1`);
    expect(answer.status).toBe(400);
    const problem = problemIn(answer);
    expect(problem.code).toBe("VALIDATION");
    expect(problem.field).toBeString();
    expect(problem.errors[0].field).toBe(problem.field);
  });

  test.each([
    ["PUT", "/api/v1/flights/XX-1", "GET, HEAD"],
    ["DELETE", "/api/v1/flights", "GET, HEAD"],
    ["OPTIONS", "/api/v1/sessions", "POST, DELETE"],
    ["GET", "/api/v1/sessions/refresh", "POST"],
    ["PATCH", "/livez", "GET, HEAD"],
  ])("%s %s is a 405 that allows %s", async (method, path, allow) => {
    const answer = await request(port, `${method} ${path} HTTP/1.1`);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(problemIn(answer).code).toBe("METHOD_NOT_ALLOWED");
  });

  test("HEAD gives the fields of GET, and no body", async () => {
    const got = await request(port, "GET /livez HTTP/1.1");
    const head = await request(port, "HEAD /livez HTTP/1.1");
    expect(head.status).toBe(200);
    expect(head.body).toBe("");
    expect(head.headers["content-length"]).toBe(String(got.body.length));
    expect(head.headers["content-type"]).toBe(got.headers["content-type"] ?? "");
  });

  // RFC 9110 §8.6: the length would be that of the answer which the client has.
  test.each(["GET", "HEAD"])("%s of what the client has already says nothing of a length", async (method) => {
    for (const path of ["/", "/api/v1/airports", "/openapi/json"]) {
      const answer = await request(port, `${method} ${path} HTTP/1.1\r\nIf-None-Match: *`);
      expect([path, answer.status, answer.headers["content-length"]]).toEqual([path, 304, undefined]);
      expect(answer.headers.etag).toBeString();
    }
  });

  test("a host of one letter is found as well", async () => {
    const text = await exchange(port, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(readAnswers(text)[0]?.status).toBe(200);
    const missing = await exchange(port, "PUT /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(readAnswers(missing)[0]?.status).toBe(405);
  });

  // RFC 9112 §3.2.
  test.each(["[", "%", "a@b", "", "localhost:99999", "999.1.1.1"])(
    "the host %p makes no URL: each page is a 400, as an answer and not as a failure",
    async (host) => {
      const room = "/flights/PG-1/waiting-room";
      const lines = ["/", "/?lang=ko", "/nowhere", "/operator", room].map((path) => `GET ${path}`);
      for (const line of [...lines, "HEAD /", `POST ${room}`]) {
        const fields = `Host: ${host}\r\nAccept: text/html\r\nConnection: close`;
        const text = await exchange(port, `${line} HTTP/1.1\r\n${fields}\r\n\r\n`);
        const answer = present(readAnswers(text)[0], "an answer");
        expect([line, answer.status]).toEqual([line, 400]);
        if (!line.startsWith("HEAD")) expect(problemIn(answer)).toMatchObject({ code: "VALIDATION", field: "Host" });
      }
      expect(given.log.messages).not.toContain("a request failed");
    },
  );
});

describe("bodies", () => {
  test.each([
    ["nothing", ""],
    ["half an object", '{"email":'],
    ["a null byte", '{"email":"\u0000"}'],
    ["no JSON at all", "email=kim"],
    ["bytes that are no UTF-8", "\u00ff\u00fe{}"],
  ])("%s is MALFORMED_JSON", async (_, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(problemIn(answer).code).toBe("MALFORMED_JSON");
  });

  test.each([
    ["an unknown field", '{"email":"a@b.example","password":"12345678","name":"Kim","admin":true}', "admin"],
    [
      "a prototype",
      '{"email":"a@b.example","password":"12345678","name":"Kim","__proto__":{"role":"ADMIN"}}',
      "__proto__",
    ],
    ["a constructor", '{"email":"a@b.example","password":"12345678","name":"Kim","constructor":1}', "constructor"],
    ["a number for a text", '{"email":1,"password":"12345678","name":"Kim"}', "email"],
    ["a huge number", '{"email":1e999,"password":"12345678","name":"Kim"}', "email"],
    ["a missing field", '{"email":"a@b.example","password":"12345678"}', "name"],
    ["an array", "[]", "body"],
    ["null", "null", "body"],
    ["deep nesting", `{"email":${"[".repeat(900)}${"]".repeat(900)}}`, "email"],
    ["deep nesting alone", "[".repeat(990) + "]".repeat(990), "body"],
  ])("%s is VALIDATION and names the field", async (_, body, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const problem = problemIn(answer);
    expect(problem.code).toBe("VALIDATION");
    expect(problem.errors.map((each: { field: string }) => each.field)).toContain(field);
  });

  test.each([
    ["half of a surrogate pair", '{"email":"a@b.example","password":"12345678","name":"\\ud800"}'],
    ["a null character", '{"email":"a@b.example","password":"12345678","name":"\\u0000"}'],
  ])("%s in a name is refused", async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });

  test.each([
    "Content-Type: text/plain",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: application/jsonp",
    "Accept: */*",
  ])("%s is UNSUPPORTED_MEDIA_TYPE", async (field) => {
    const answer = await post("{}", field);
    expect(answer.status).toBe(415);
    expect(problemIn(answer).code).toBe("UNSUPPORTED_MEDIA_TYPE");
  });

  test.each(["Content-Type: application/json; charset=utf-8", "content-type: Application/JSON"])(
    "%s is JSON",
    async (field) => {
      const answer = await post("{}", field);
      expect(problemIn(answer).code).toBe("VALIDATION");
    },
  );

  test("DELETE needs no body, and takes none but JSON", async () => {
    expect((await request(port, "DELETE /api/v1/sessions HTTP/1.1")).status).toBe(204);
    expect((await post("x", "Content-Type: text/plain", "DELETE /api/v1/sessions HTTP/1.1")).status).toBe(415);
  });

  test("one byte too many is BODY_TOO_LARGE, announced or in chunks; the longest that fits is read", async () => {
    const fits = `{"email":"${"x".repeat(BODY_BYTES_MAX - 12)}"}`;
    expect(fits).toHaveLength(BODY_BYTES_MAX);
    expect(problemIn(await post(fits)).code).toBe("VALIDATION");
    const tooLong = `${fits} `;
    const announced = await post(tooLong);
    expect(announced.status).toBe(413);
    expect(problemIn(announced)).toMatchObject({ code: "BODY_TOO_LARGE", bytesMax: BODY_BYTES_MAX });

    const inChunks = (body: string) =>
      request(
        port,
        `${SIGN_UP}\r\n${JSON_FIELDS}\r\nTransfer-Encoding: chunked`,
        chunked(body.slice(0, 9), body.slice(9)),
      );
    expect(problemIn(await inChunks(fits)).code).toBe("VALIDATION");
    const unannounced = await inChunks(tooLong);
    expect(unannounced.status).toBe(413);
    expect(problemIn(unannounced).code).toBe("BODY_TOO_LARGE");
  });

  test("after a body that was too long the connection goes on with the next request", async () => {
    const tooLong = "x".repeat(BODY_BYTES_MAX * 50);
    const head = `${SIGN_UP}\r\nHost: localhost\r\n${JSON_FIELDS}\r\n`;
    const next = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const announced = await exchange(port, `${head}Content-Length: ${tooLong.length}\r\n\r\n${tooLong}${next}`);
    expect(readAnswers(announced).map(({ status }) => status)).toEqual([413, 200]);
    const inChunks = await exchange(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(tooLong)}${next}`);
    expect(readAnswers(inChunks).map(({ status }) => status)).toEqual([413, 200]);
  });
});

describe("headers", () => {
  const EXPECTED = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };

  test.each([
    ["an answer", "GET /livez HTTP/1.1"],
    ["a path without a route", "GET /nothing HTTP/1.1"],
    ["a method that isn't allowed", "PUT /livez HTTP/1.1"],
    ["a refused query", "GET /livez?x=1 HTTP/1.1"],
    ["a refused body", `${SIGN_UP}\r\nContent-Length: 99999`],
    ["no access", "GET /api/v1/members/me HTTP/1.1"],
  ])("%s has those of security, and no HSTS over plain HTTP", async (_, head) => {
    const { headers } = await request(port, head);
    expect(headers).toMatchObject(EXPECTED);
    expect(headers).not.toHaveProperty("strict-transport-security");
    expect(headers).not.toHaveProperty("server");
  });

  test("HSTS is sent when clients come over https", async () => {
    const secure = await GivenApp.open({ isHttps: true });
    expect((await secure.get("/livez")).headers.get("strict-transport-security")).toStartWith("max-age=");
    await secure.close();
  });

  test("a sane X-Request-Id comes back; any other is replaced, and no two are the same", async () => {
    const idOf = async (given: string) =>
      (await request(port, `GET /livez HTTP/1.1\r\nX-Request-Id: ${given}`)).headers["x-request-id"];
    expect(await idOf("from-client.42")).toBe("from-client.42");
    const replaced = await Promise.all(["short", "x".repeat(65), "with blank", '"quoted"'].map(idOf));
    for (const id of replaced) expect(id).toMatch(/^[0-9a-f]{12}-[0-9]+$/);
    expect(new Set(replaced).size).toBe(4);
  });

  test("public answers set no cookies and don't look at credentials", async () => {
    const { status, headers } = await request(
      port,
      "GET /api/v1/flights HTTP/1.1\r\nAuthorization: Bearer nonsense\r\nCookie: access_token=nonsense",
    );
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty("set-cookie");
  });
});

test("the typed client speaks to it", async () => {
  const { data, error } = await client(`http://127.0.0.1:${port}`).api.v1.flights.get({ query: { size: "5" } });
  expect(error).toBeNull();
  expect(data).toEqual({ items: [], page: 1, size: 5, total: 0 });
  const missing = await client(`http://127.0.0.1:${port}`).api.v1.flights({ id: "XX-1" }).get();
  expect(missing.status).toBe(404);
  expect(missing.error?.value).toMatchObject({ code: "FLIGHT_NOT_FOUND" });
});
