/** Owns the sandbox's refusals: RFC 9457 problem details with a stable code, and the fields at fault where there are any. */

import type { FieldError } from "./fields.ts";

const TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

export type ProblemStatus = keyof typeof TITLES;

export interface ProblemExtras {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function problem(status: ProblemStatus, code: string, detail: string, extras: ProblemExtras = {}): Response {
  const { errors, headers } = extras;
  const body = {
    type: "about:blank",
    title: TITLES[status],
    status,
    detail,
    code,
    retryable: status >= 500,
    ...(errors === undefined ? {} : { errors }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}

export function invalid(errors: readonly FieldError[]): Response {
  const detail = errors.map(({ field, reason }) => `${field} ${reason}`.trim()).join("; ");
  return problem(400, "VALIDATION", detail, { errors });
}

/** The problem that a request with another method is, or null. `methods` as the Allow header wants them. */
export function only(methods: string, request: Request): Response | null {
  if (methods.split(", ").includes(request.method)) return null;
  return problem(405, "METHOD_NOT_ALLOWED", `${request.method} is not allowed here`, { headers: { allow: methods } });
}
