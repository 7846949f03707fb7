// Goal: whatever goes wrong is told in one shape, with the status that its code stands for, and nothing of the inside gets out.

import { describe, expect, test } from "bun:test";
import type { RejectionCode } from "../../actors/domain/reply.ts";
import { OperationalError } from "../../actors/errors.ts";
import { type AnswerSet, PROBLEM_TYPE, Problem, problemOf, refuse, renderProblem } from "../../http/problem.ts";
import { PROBLEM_CODES } from "../../http/problem-codes.ts";

function rendered(error: unknown) {
  const set: AnswerSet = { headers: {} };
  return { body: renderProblem(problemOf(error), set), headers: set.headers, status: set.status };
}

describe("renderProblem()", () => {
  test("writes what RFC 9457 wants, the code, and the problem's own members", () => {
    const { body, headers, status } = rendered(new Problem(409, "SEAT_TAKEN", "12A is taken.", { seats: ["12A"] }));
    expect(body).toEqual({
      type: "/openapi#SEAT_TAKEN",
      title: "Seat taken",
      status: 409,
      detail: "12A is taken.",
      code: "SEAT_TAKEN",
      retryable: false,
      seats: ["12A"],
    } as object as typeof body);
    expect(headers).toEqual({ "content-type": PROBLEM_TYPE });
    expect(status).toBe(409);
  });

  test("gives 429 and 503 a Retry-After, unless the problem says its own", () => {
    expect(rendered(new Problem(429, "TOO_MANY_KEYS", "Too many.")).headers["retry-after"]).toBe("1");
    const own = new Problem(503, "LOGIN_BUSY", "Busy.", {}, { "retry-after": "7" });
    expect(rendered(own).headers["retry-after"]).toBe("7");
    expect(rendered(new Problem(404, "NOT_FOUND", "Nothing.")).headers["retry-after"]).toBeUndefined();
  });
});

describe("problemOf()", () => {
  test.each([
    ["OVERLOADED", 503, "OVERLOADED"],
    ["UNAVAILABLE", 503, "UNAVAILABLE"],
    ["DEADLINE_EXCEEDED", 503, "DEADLINE_EXCEEDED"],
    ["PROVIDER_UNAVAILABLE", 503, "PROVIDER_UNAVAILABLE"],
    // Who owns a flight is nobody's business outside.
    ["NOT_OWNER", 503, "UNAVAILABLE"],
    ["TOO_MANY_KEYS", 429, "TOO_MANY_KEYS"],
  ] as const)("answers the failure %s with %i %s, to be tried again", (failure, status, code) => {
    const { body, headers } = rendered(new OperationalError(failure, "Not now."));
    expect(body).toMatchObject({ status, code, detail: "Not now.", retryable: true });
    expect(headers["retry-after"]).toBe("1");
  });

  test("rounds the wait up to seconds, and believes the failure about being retryable", () => {
    const { body, headers } = rendered(
      new OperationalError("OVERLOADED", "Not now.", { retryAfterMs: 2_001, retryable: false }),
    );
    expect(headers["retry-after"]).toBe("3");
    expect(body.retryable).toBe(false);
  });

  test.each([
    ["an error", new Error("SELECT secret FROM member")],
    ["a failure of our own", new OperationalError("INTERNAL", "the journal says otherwise")],
    ["what only this process may not ask", new OperationalError("FORBIDDEN", "secret: the journal is not for edges")],
    ["a text", "a secret"],
    ["nothing", undefined],
  ])("says nothing of what is inside %s", (_, error) => {
    const { body } = rendered(error);
    expect(body).toMatchObject({ status: 500, code: "INTERNAL", retryable: false });
    expect(JSON.stringify(body)).not.toMatch(/secret|journal/);
  });
});

describe("refuse()", () => {
  const STATUS: Record<RejectionCode, number> = {
    VALIDATION: 400,
    FLIGHT_NOT_FOUND: 404,
    SEAT_NOT_FOUND: 404,
    RESERVATION_NOT_FOUND: 404,
    FLIGHT_DEPARTED: 409,
    SOLD_OUT: 409,
    SEAT_TAKEN: 409,
    SEAT_NOT_ALLOWED: 409,
    LIMIT_EXCEEDED: 409,
    HOLD_EXPIRED: 409,
    ALREADY_PAID: 409,
    NOT_PAYABLE: 409,
    NOT_RELEASABLE: 409,
    IDEMPOTENCY_KEY_REUSED: 422,
    ADMISSION_REQUIRED: 403,
  };

  test.each(Object.entries(STATUS))("answers the domain's %s with %i", (code, status) => {
    const set: AnswerSet = { headers: {} };
    const refused = refuse(set, { code: code as RejectionCode, detail: "No." });
    expect(Number(refused.code)).toBe(status);
    expect(refused.response).toMatchObject({ status, code, detail: "No.", retryable: false });
    expect(set.headers["content-type"]).toBe(PROBLEM_TYPE);
  });

  test("passes on the seats, the alternatives and the field", () => {
    const rejection = { code: "SEAT_TAKEN", detail: "Taken.", seats: ["1A"], alternatives: ["1B", "1C"] } as const;
    expect(refuse({ headers: {} }, rejection).response).toMatchObject({ seats: ["1A"], alternatives: ["1B", "1C"] });
    const invalid = { code: "VALIDATION", detail: "No.", field: "passengers[0].seat" } as const;
    expect(refuse({ headers: {} }, invalid).response).toMatchObject({ field: "passengers[0].seat" });
  });
});

test("every code has a status of a refusal, and says what it means", () => {
  for (const [code, { status, meaning }] of Object.entries(PROBLEM_CODES)) {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(status).toBeWithin(400, 600);
    expect(meaning).toEndWith(".");
  }
});
