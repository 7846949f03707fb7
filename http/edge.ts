/** Owns what every request passes on its way in and out, whichever route it is for: id, body, time, measure, headers, problems. */

import { Elysia, ElysiaCustomStatusResponse } from "elysia";
import type { Clock } from "../actors/clock.ts";
import type { Entropy } from "../actors/entropy.ts";
import type { RequestScope } from "../actors/request-scope.ts";
import type { Telemetry } from "../actors/telemetry.ts";
import { traceIdOf } from "../actors/tracing.ts";
import type { Readiness } from "./ops/readiness.ts";
import type { Authentication } from "./plugins/authentication.ts";
import { checkBody } from "./plugins/body-gate.ts";
import { problemOfFailure } from "./plugins/errors.ts";
import { type Ended, httpMetrics } from "./plugins/http-metrics.ts";
import { httpTraces } from "./plugins/http-traces.ts";
import { REQUEST_ID, requestIds } from "./plugins/request-id.ts";
import { openScope, scopeOf } from "./plugins/request-scope.ts";
import { pathOf } from "./plugins/request-url.ts";
import { securityHeaders } from "./plugins/security-headers.ts";
import { TimeLimit } from "./plugins/time-limit.ts";
import { Problem, problemResponse, renderProblem } from "./problem.ts";
import { PROBLEM_CODES, type ProblemCode } from "./problem-codes.ts";
import type { Surface } from "./surface.ts";
import type { LoadRuns } from "./telemetry/load-runs.ts";

/** What a request is refused with by its looks, before its route has begun to ask who sent it. */
const BY_ITS_LOOKS: ReadonlySet<number> = new Set([400, 413, 415]);

type Handle = (request: Request) => Response | Promise<Response>;

export interface EdgeServices {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** Whether clients come over https, be it through a proxy. */
  readonly isHttps: boolean;
  readonly bodyBytesMax: number;
  readonly requestTimeoutMs: number;
  readonly readiness: Readiness;
  /** Missing where nobody asks how load runs fare. */
  readonly loadRuns?: LoadRuns;
}

/**
 * The app that routes are added to. Its hooks name only what they use of a request, because Elysia reads their source to find what it
 * must prepare for each request [1.4.30].
 * @param authentication null where every route is for everybody
 */
export function edge(services: EdgeServices, surface: Surface, authentication: Authentication | null = null) {
  const { clock, entropy, telemetry, isHttps, bodyBytesMax, requestTimeoutMs, readiness, loadRuns } = services;
  const { log } = telemetry;
  const headers = securityHeaders(isHttps);
  const idOf = requestIds(entropy);
  const metrics = httpMetrics(telemetry);
  const traces = httpTraces(telemetry);

  const ended = (request: Ended & { readonly headers: Headers; readonly requestId: unknown }): void => {
    const { method, route, status, startedMs, endedMs, scope, headers, requestId } = request;
    const durationMs = endedMs - startedMs;
    log.debug({ requestId, ...tracedAs(scope), method, route, status, durationMs }, "a request");
    metrics.ended(request);
    traces.ended(request);
    loadRuns?.record(headers, status, durationMs);
  };

  /** Whoever may not use a route at all is told that, and not what is wrong with their request. */
  const problemFor = async (error: unknown, request: Request, path: string): Promise<Problem> => {
    const problem = problemOfFailure(error, () => surface.methodsOf(path));
    const who = BY_ITS_LOOKS.has(problem.status) ? surface.whoOf(request.method, path) : null;
    return (who === null ? null : await authentication?.refusalOf(request, who)) ?? problem;
  };

  /** Where no route's own answer is: nothing came in time. The connection is given up, since its request may never end. */
  const late = (request: Request): Response => {
    const requestId = idOf(request.headers);
    const scope = scopeOf(request);
    const { method } = request;
    const path = pathOf(request);
    log.warn({ requestId, ...tracedAs(scope), method, path }, "a request took too long");
    const endedMs = clock.monotonicMs();
    const startedMs = endedMs - requestTimeoutMs;
    traces.ended({ method, route: undefined, status: 503, startedMs, endedMs, scope });
    const detail = `The request took longer than ${requestTimeoutMs} ms. It may have happened: ask again.`;
    const problem = new Problem(503, "DEADLINE_EXCEEDED", detail);
    metrics.problem(problem.code);
    return problemResponse(problem, { ...headers, [REQUEST_ID]: requestId, connection: "close" });
  };

  const timeLimit = new TimeLimit(clock, requestTimeoutMs, late);

  const around =
    (handle: Handle): Handle =>
    (request) => {
      const answer =
        request.method === "HEAD"
          ? headOf(handle(Object.defineProperty(request, "method", { value: "GET" })))
          : handle(request);
      return answer instanceof Promise ? timeLimit.guard(request, answer) : answer;
    };

  return (
    // Without `normalize: false` Elysia drops unknown fields instead of refusing them; without `standardHostname: false` it looks for
    // the path in the wrong place when the host has less than four letters (`http://api/…`).
    new Elysia({ normalize: false, handler: { standardHostname: false } })
      .headers(headers)
      .decorate("startedMs", 0)
      .wrap((handle) => around(handle as unknown as Handle))
      .onRequest((context) => {
        const { request, set } = context;
        context.startedMs = clock.monotonicMs();
        traces.begin(openScope(request), request.headers);
        set.headers[REQUEST_ID] = idOf(request.headers);
        // Whoever keeps a connection open finds another server before this one is gone.
        if (readiness.isStopping) set.headers.connection = "close";
        if (request.method !== "GET") checkBody(request, bodyBytesMax);
      })
      .onAfterHandle({ as: "global" }, ({ request, route, set, startedMs, responseValue }) => {
        const status = statusOf(responseValue, set.status);
        const code = status < 400 ? null : refusalOf(responseValue);
        if (code !== null) metrics.problem(code);
        const { method, headers } = request;
        const scope = scopeOf(request);
        const requestId = set.headers[REQUEST_ID];
        ended({ method, route, status, startedMs, endedMs: clock.monotonicMs(), scope, headers, requestId });
      })
      .onError({ as: "global" }, async ({ error, request, path, route, set, startedMs }) => {
        const problem = await problemFor(error, request, path);
        const body = renderProblem(problem, set);
        const { method, headers } = request;
        const { status, code } = problem;
        const scope = scopeOf(request);
        const requestId = set.headers[REQUEST_ID];
        if (status === 500) log.error({ requestId, ...tracedAs(scope), method, route, err: error }, "a request failed");
        metrics.problem(code);
        ended({ method, route, status, startedMs, endedMs: clock.monotonicMs(), scope, headers, requestId });
        return body;
      })
  );
}

/** By which the log finds the trace, and the trace the log. */
function tracedAs(scope: RequestScope | null): { readonly traceId?: string } {
  return scope === null || scope.trace === null ? {} : { traceId: traceIdOf(scope.trace) };
}

function statusOf(answer: unknown, status: number | string | undefined): number {
  if (answer instanceof ElysiaCustomStatusResponse) return answer.code;
  return answer instanceof Response ? answer.status : Number(status);
}

/** The code of a problem that a route gave back without throwing it; null for any other answer. */
function refusalOf(answer: unknown): ProblemCode | null {
  if (!(answer instanceof ElysiaCustomStatusResponse)) return null;
  const { code } = (answer.response ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && Object.hasOwn(PROBLEM_CODES, code) ? (code as ProblemCode) : null;
}

/** The answer to HEAD: that of GET, without its body. A stream is broken off, which has no length; nor has what the client has already. */
async function headOf(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  const headers = new Headers(response.headers);
  if (headers.has("transfer-encoding") || headers.get("content-type")?.startsWith("text/event-stream"))
    await response.body?.cancel();
  else if (response.status !== 304) headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status: response.status, headers });
}
