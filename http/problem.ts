/** Owns the one shape in which the API says no: RFC 9457 problems, made of what the domain refuses and of what is out of order. */

import { type ElysiaCustomStatusResponse, status } from "elysia";
import type { Rejection, RejectionCode } from "../actors/domain/reply.ts";
import { type OperationalCode, OperationalError } from "../actors/errors.ts";
import { PROBLEM_CODES, type ProblemCode, type StatusOf, titleOf } from "./problem-codes.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** What a client does well to wait when nothing better is known, in seconds. */
const RETRY_AFTER_S = 1;

/** RFC 9457 §3, and what this API adds to every problem; some codes have members of their own beside these. */
export interface ProblemBody {
  /** Where the code is documented. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** For a person. Never personal data, secrets, or what is inside the server. */
  readonly detail: string;
  /** For programs. */
  readonly code: ProblemCode;
  /** Whether the same request, with the same idempotency key, may succeed later. */
  readonly retryable: boolean;
}

/** Members beside the usual ones: `seats`, `alternatives`, `field`, `reason`… */
export type ProblemExtras = Readonly<Record<string, unknown>>;

/** Thrown by whatever serves a request; plugins/errors.ts renders it. */
export class Problem<const Code extends ProblemCode = ProblemCode> extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: Code;
  readonly extras: ProblemExtras;
  /** Lower-case names. `retry-after` is added to 429 and 503 when it isn't there. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param status the code's own: problem-codes.ts says which */
  constructor(
    status: StatusOf<Code>,
    code: Code,
    detail: string,
    extras: ProblemExtras = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.extras = extras;
    this.headers = headers;
  }

  /** What is sent. `extras` may also say `retryable`, where the status says too little. */
  body(): ProblemBody {
    return { ...problemBody(this.code, this.message), ...this.extras };
  }
}

function problemBody(code: ProblemCode, detail: string): ProblemBody {
  const { status } = PROBLEM_CODES[code];
  // A fragment of the API's page, so that whoever follows it finds the code explained.
  return { type: `/openapi#${code}`, title: titleOf(code), status, detail, code, retryable: isPassing(status) };
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status === 503;
}

/** The part of a route's context that an answer is written to. */
export interface AnswerSet {
  headers: Record<string, string | number | undefined>;
  status?: number | string;
}

/** Writes what a problem says of the answer's head, and gives its body. */
export function renderProblem(problem: Problem, set: AnswerSet): ProblemBody {
  set.status = problem.status;
  Object.assign(set.headers, problem.headers);
  set.headers["content-type"] = PROBLEM_TYPE;
  if (problem.status === 429 || problem.status === 503) set.headers["retry-after"] ??= String(RETRY_AFTER_S);
  return problem.body();
}

/** The same as an answer of its own, for where no route has begun. */
export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>>): Response {
  const set: AnswerSet = { headers: { ...headers } };
  const body = renderProblem(problem, set);
  return Response.json(body, { status: problem.status, headers: set.headers as Record<string, string> });
}

/**
 * The domain's "no" as a route's return value. Nothing is thrown, because at a sold-out flight this is the most frequent answer.
 * @example if (!reply.ok) return refuse(set, reply.rejection);
 */
export function refuse(
  set: AnswerSet,
  rejection: Rejection,
): ElysiaCustomStatusResponse<StatusOf<RejectionCode>, ProblemBody> {
  const { code, detail, ...extras } = rejection;
  set.headers["content-type"] = PROBLEM_TYPE;
  return status(PROBLEM_CODES[code].status, { ...problemBody(code, detail), ...extras });
}

/** What the edge calls a failure of the moment; who owns a flight is nobody's business outside. */
const CODE_OF_FAILURE = {
  OVERLOADED: "OVERLOADED",
  NOT_OWNER: "UNAVAILABLE",
  DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
  TOO_MANY_KEYS: "TOO_MANY_KEYS",
  UNAVAILABLE: "UNAVAILABLE",
  PROVIDER_UNAVAILABLE: "PROVIDER_UNAVAILABLE",
  // Which process may ask a flight for what is our own affair.
  FORBIDDEN: "INTERNAL",
  INTERNAL: "INTERNAL",
} as const satisfies Record<OperationalCode, ProblemCode>;

/** Any error that a route may throw, as a problem; what is not made for the outside becomes INTERNAL without a word of what it was. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof OperationalError && CODE_OF_FAILURE[error.code] !== "INTERNAL") {
    const code = CODE_OF_FAILURE[error.code];
    const waitS = Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 1000));
    return new Problem(
      PROBLEM_CODES[code].status,
      code,
      error.message,
      { retryable: error.retryable },
      { "retry-after": String(waitS) },
    );
  }
  return new Problem(500, "INTERNAL", "The server failed at this request. It has been noted.");
}
