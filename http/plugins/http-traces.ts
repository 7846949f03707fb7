/** Owns the span of a request: the first of its trace, or a part of what a client or a proxy has begun. */

import type { RequestScope } from "../../actors/request-scope.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { noTraces, spanIdOf, TRACEPARENT } from "../../actors/tracing.ts";
import type { Ended } from "./http-metrics.ts";

/** W3C Trace Context. */
const HEADER = "traceparent";

/** From here the server has failed. */
const FAILED = 500;

export interface HttpTraces {
  begin(scope: RequestScope, headers: Headers): void;
  ended(request: Ended): void;
}

export function httpTraces(telemetry: Telemetry): HttpTraces {
  const traces = telemetry.traces ?? noTraces;
  return {
    begin(scope, headers) {
      if (!traces.isOn) return;
      scope.parent = headers.get(HEADER);
      scope.trace = traces.begin(scope.parent);
    },
    ended({ method, route = "", status, startedMs, endedMs, scope }) {
      if (scope === null || scope.trace === null) return;
      const { trace, parent } = scope;
      // Once: what has hung is told of when it is given up.
      scope.trace = null;
      if (!traces.keeps(trace, status >= FAILED, endedMs - startedMs)) return;
      traces.record({
        name: route === "" ? method : `${method} ${route}`,
        kind: "server",
        trace,
        parentId: parent !== null && TRACEPARENT.test(parent) ? spanIdOf(parent) : null,
        startMs: startedMs,
        endMs: endedMs,
        attributes: {
          "http.request.method": method,
          "http.response.status_code": status,
          ...(route === "" ? {} : { "http.route": route }),
        },
        ...(status >= FAILED ? { failure: String(status) } : {}),
      });
    },
  };
}
