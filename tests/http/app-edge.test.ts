// Goal: the edge answers whatever its routes do: what they throw, what never ends, and what is refused before they begin; and it notes it.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Elysia, t } from "elysia";
import { OperationalError } from "../../actors/errors.ts";
import type { Labels } from "../../actors/telemetry.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { edge } from "../../http/edge.ts";
import { Readiness } from "../../http/ops/readiness.ts";
import { calendarDate, closed, integer, jsonBody, positive, text } from "../../http/plugins/fields.ts";
import { Problem } from "../../http/problem.ts";
import { serverOptions } from "../../http/server-options.ts";
import { Surface } from "../../http/surface.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { exchange } from "../support/raw-http.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { until } from "../support/until.ts";

const LIMIT_MS = 8_000;

let clock: FakeClock;
let telemetry: RecordingTelemetry;
let recorded: Labels[];
let streaming: { begun: number; ended: number };
let readiness: Readiness;
let app: ReturnType<typeof givenApp>;

const body = closed({
  passengers: t.Array(
    closed({
      name: text({ minLength: 1, maxLength: 5 }),
      type: t.Optional(t.Union([t.Literal("ADT"), t.Literal("CHD")])),
      age: t.Optional(integer({ minimum: 0, maximum: 150 })),
    }),
    { minItems: 1, maxItems: 2 },
  ),
});

function givenApp() {
  const surface = new Surface();
  const { log } = telemetry;
  const histogram = () => ({ record: (_: number, labels: Labels = {}) => recorded.push(labels) });
  const app = edge(
    {
      clock,
      entropy: systemEntropy(),
      telemetry: { log, histogram, counter: () => telemetry.counter(""), gauge: () => {}, total: () => {} },
      isHttps: false,
      bodyBytesMax: 1_000,
      requestTimeoutMs: LIMIT_MS,
      readiness,
    },
    surface,
  ).use(
    new Elysia({ normalize: false })
      .get("/throws", () => {
        throw new Error("the password is 1234");
      })
      .get("/rejects", async () => {
        await Promise.resolve();
        throw new Error("the password is 1234");
      })
      .get("/busy", () => {
        throw new OperationalError("OVERLOADED", "Too much is waiting.", { retryAfterMs: 1_500 });
      })
      .get("/problem", ({ set }) => {
        set.headers["x-kept"] = "yes";
        throw new Problem(403, "FORBIDDEN", "No.", { reason: "age" });
      })
      .get("/hangs", async () => {
        await new Promise(() => {});
      })
      .get("/stream", ({ set }) => {
        set.headers["content-type"] = "text/event-stream";
        return endless();
      })
      .get("/text", () => "text")
      .get("/dates", ({ query }) => query, {
        query: closed({ on: t.Optional(calendarDate("A day.")), size: t.Optional(positive(100, "A size.")) }),
      })
      .post("/bodies", ({ body, status }) => status(201, body), jsonBody(body))
      .post("/raw", ({ body }) => ({ raw: body }), { parse: "text" }),
  );
  surface.describe(app);
  return app;
}

async function* endless() {
  streaming.begun++;
  try {
    for (;;) {
      yield { tick: 1 };
      await new Promise((resolve) => clock.after(1_000, () => resolve(undefined)));
    }
  } finally {
    streaming.ended++;
  }
}

beforeEach(() => {
  clock = new FakeClock();
  telemetry = new RecordingTelemetry();
  recorded = [];
  streaming = { begun: 0, ended: 0 };
  readiness = new Readiness(clock, []);
  app = givenApp();
});

afterEach(async () => {
  await app.server?.stop(true);
});

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  return app.handle(new Request(`http://localhost:3000${path}`, init));
}

function post(path: string, value: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return send(path, { method: "POST", headers, body: typeof value === "string" ? value : JSON.stringify(value) });
}

interface InvalidFields {
  readonly field: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly detail: string }[];
}

async function invalidFields(response: Response): Promise<InvalidFields> {
  return (await response.json()) as InvalidFields;
}

describe("what a route throws", () => {
  test.each(["/throws", "/rejects"])(
    "%s is INTERNAL; the log has the error under the request's id, the answer hasn't",
    async (path) => {
      const response = await send(path, { headers: { "x-request-id": "request-42" } });
      const answer = await response.text();
      expect(response.status).toBe(500);
      expect(JSON.parse(answer)).toMatchObject({ code: "INTERNAL", retryable: false });
      expect(answer).not.toContain("password");
      expect(response.headers.get("x-request-id")).toBe("request-42");
      expect(telemetry.messages).toEqual(["a request failed"]);
      expect(telemetry.lines[0]).toContain('"requestId":"request-42"');
      expect(telemetry.lines[0]).toContain(`"route":"${path}"`);
    },
  );

  test("a failure of the moment is a 503 with Retry-After, and no alarm", async () => {
    const response = await send("/busy");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await response.json()).toMatchObject({ code: "OVERLOADED", retryable: true });
    expect(telemetry.messages).toEqual([]);
  });

  test("a problem is answered with its members, and what the route had said in headers stays", async () => {
    const response = await send("/problem");
    expect(response.status).toBe(403);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("x-kept")).toBe("yes");
    expect(await response.json()).toMatchObject({ code: "FORBIDDEN", reason: "age" });
  });
});

describe("schemas", () => {
  const passenger = { name: "Kim" };

  test.each([
    ["passengers[1].name", { passengers: [passenger, { name: 1 }] }],
    ["passengers[0].name", { passengers: [{ name: "" }] }],
    ["passengers[0].name", { passengers: [{ name: "a\nb" }] }],
    ["passengers[0].name", { passengers: [{}] }],
    ["passengers[0].type", { passengers: [{ ...passenger, type: "XXX" }] }],
    ["passengers[0].age", { passengers: [{ ...passenger, age: "5" }] }],
    ["passengers[0].age", { passengers: [{ ...passenger, age: 1.5 }] }],
    ["passengers[0].nick", { passengers: [{ ...passenger, nick: "K" }] }],
    ["passengers", { passengers: [] }],
    ["passengers", { passengers: [passenger, passenger, passenger] }],
    ["passengers", {}],
    ["extra", { passengers: [passenger], extra: 1 }],
    ["body", []],
  ])("%s is named as the field at fault", async (field, value) => {
    const response = await post("/bodies", value);
    expect(response.status).toBe(400);
    const problem = await invalidFields(response);
    expect(problem).toMatchObject({ code: "VALIDATION", field });
    expect(problem.detail).toStartWith(`${field}: `);
    expect(problem.errors.filter((each) => each.field === field)).toHaveLength(1);
  });

  test("choices and patterns are told so that people understand them", async () => {
    const { errors } = await invalidFields(await post("/bodies", { passengers: [{ name: "a\nb", type: "XXX" }] }));
    expect(errors).toEqual([
      { field: "passengers[0].name", detail: "Expected one line of 1 to 5 characters" },
      { field: "passengers[0].type", detail: "Expected one of ADT, CHD" },
    ]);
  });

  test("a body with more errors than anybody reads lists the first", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`u${at}`, 1]));
    const { errors } = await invalidFields(await post("/bodies", { passengers: [passenger], ...unknown }));
    expect(errors).toHaveLength(20);
  });

  test.each(["2027-02-29", "2100-02-29", "2027-13-01", "2027-04-31", "2027-1-1", "27-01-01", "2027-01-01T00:00:00Z"])(
    "no calendar has %s",
    async (day) => {
      expect((await send(`/dates?on=${day}`)).status).toBe(400);
    },
  );

  test.each(["2027-02-28", "2028-02-29", "2000-02-29", "2027-12-31", "2027-04-30"])(
    "a calendar has %s",
    async (day) => {
      expect((await send(`/dates?on=${day}`)).status).toBe(200);
    },
  );

  test.each([
    ["1", 200],
    ["99", 200],
    ["100", 200],
    ["0", 400],
    ["101", 400],
    ["-1", 400],
    ["1e1", 400],
    ["", 400],
    ["١", 400],
  ])("positive(100) takes %p with %i", async (size, status) => {
    expect((await send(`/dates?size=${encodeURIComponent(size)}`)).status).toBe(status);
  });
});

test("a route may have the body as it came, within the same limit", async () => {
  const spaced = '{ "a" : 1 }';
  expect(await (await post("/raw", spaced)).json()).toEqual({ raw: spaced });
  expect((await post("/raw", `"${"x".repeat(1_000)}"`)).status).toBe(413);
});

describe("time", () => {
  test("what takes longer than the limit is answered 503, once, and its connection is given up", async () => {
    const pending = send("/hangs", { headers: { "x-request-id": "request-42" } });
    clock.advance(LIMIT_MS - 1);
    expect(Bun.peek.status(pending)).toBe("pending");
    clock.advance(LIMIT_MS / 4);
    const response = await pending;
    expect(response.status).toBe(503);
    expect(response.headers.get("connection")).toBe("close");
    expect(response.headers.get("retry-after")).toBe("1");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-request-id")).toBe("request-42");
    expect(await response.json()).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
    expect(telemetry.messages).toEqual(["a request took too long"]);
  });

  test("each request has its own limit, and nothing waits when none is in flight", async () => {
    const first = send("/hangs");
    clock.advance(LIMIT_MS / 2);
    const second = send("/hangs");
    expect((await post("/bodies", { passengers: [{ name: "Kim" }] })).status).toBe(201);
    clock.advance(LIMIT_MS / 2 + LIMIT_MS / 8);
    expect((await first).status).toBe(503);
    expect(Bun.peek.status(second)).toBe("pending");
    clock.advance(LIMIT_MS);
    expect((await second).status).toBe(503);
    expect(clock.pending).toBe(0);
  });

  test("HEAD that takes too long is answered on the wire without a body, and its connection closed", async () => {
    app.listen(serverOptions({ host: "127.0.0.1", port: 0, requestTimeoutMs: LIMIT_MS }));
    const answer = exchange(app.server?.port ?? 0, "HEAD /hangs HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until(() => clock.pending > 0, "the request");
    clock.advance(2 * LIMIT_MS);
    const [head, body] = (await answer).split("\r\n\r\n");
    expect(head).toStartWith("HTTP/1.1 503");
    expect(head?.toLowerCase()).toContain("connection: close");
    expect(body).toBe("");
    expect(telemetry.messages).toEqual(["a request took too long"]);
  });

  test("a stream may last longer", async () => {
    const response = await send("/stream");
    clock.advance(2 * LIMIT_MS);
    expect(response.status).toBe(200);
    expect(telemetry.messages).toEqual([]);
    await response.body?.cancel();
    await until(() => streaming.ended === 1, "the end of the stream");
  });

  test.each(["localhost", "[", "%", "a@b", ""])(
    "a body that never ends is answered 503 on the wire, and its connection closed, also for the host %p",
    async (host) => {
      app.listen(serverOptions({ host: "127.0.0.1", port: 0, requestTimeoutMs: LIMIT_MS }));
      const half = `POST /bodies HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a"`;
      // The second shows that the first has not stopped the sweep.
      for (let times = 0; times < 2; times++) {
        const answer = exchange(app.server?.port ?? 0, half);
        await until(() => clock.pending > 0, "the request");
        clock.advance(2 * LIMIT_MS);
        expect(await answer).toStartWith("HTTP/1.1 503");
      }
      expect(telemetry.messages).toEqual(Array(2).fill("a request took too long"));
      expect(telemetry.lines.every((line) => line.includes('bodies"'))).toBe(true);
    },
  );
});

test("a server that takes its leave says so on every answer, so that no client keeps its connection for another request", async () => {
  expect((await post("/age", { passengers: [] })).headers.get("connection")).toBeNull();
  readiness.stop();
  expect((await send("/nowhere")).headers.get("connection")).toBe("close");
  expect((await post("/age", { passengers: [] })).headers.get("connection")).toBe("close");
});

test("HEAD of a stream begins none that goes on", async () => {
  const response = await send("/stream", { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(response.body).toBeNull();
  await until(() => streaming.begun === streaming.ended, "the end of the stream");
});

test("every request is measured once, by its route and not by its path", async () => {
  await send("/text");
  await post("/bodies", { passengers: [{ name: "Kim" }] });
  await post("/bodies", {});
  await send("/busy");
  await send("/no/such/path/17");
  await send("/text", { method: "PUT" });
  expect(recorded).toEqual([
    { method: "GET", route: "/text", status: "200" },
    { method: "POST", route: "/bodies", status: "201" },
    { method: "POST", route: "/bodies", status: "400" },
    { method: "GET", route: "/busy", status: "503" },
    { method: "GET", route: "unmatched", status: "404" },
    { method: "PUT", route: "unmatched", status: "405" },
  ]);
});
