/** Owns what callers measure of flights: what a call takes beyond the host's own time, and how many attempts that takes. */

import type { Bus } from "./bus/bus.ts";
import type { FlightClient } from "./client.ts";
import type { Clock } from "./clock.ts";
import { OperationalError } from "./errors.ts";
import { RequestScope } from "./request-scope.ts";
import { stageTimes } from "./stages.ts";
import type { Telemetry } from "./telemetry.ts";
import { isSampled, noTraces, spanIdOf } from "./tracing.ts";

export function meteredClient(inner: FlightClient, clock: Clock, telemetry: Telemetry): FlightClient {
  const took = stageTimes(telemetry);
  const calls = telemetry.counter("pigonair_flight_calls_total", "Calls of flights, each with all its attempts.");
  const traces = telemetry.traces ?? noTraces;

  /** The span of the call, which its command names as what it is a part of, where the trace is kept for sure. */
  const begin = (scope: RequestScope): void => {
    const { trace } = scope;
    scope.sent = trace !== null && isSampled(trace) ? traces.child(trace) : trace;
  };

  const end = ({ trace, sent }: RequestScope, op: string, startMs: number, endMs: number, failure: string | null) => {
    if (trace === null || sent === null || !traces.keeps(trace, failure !== null, endMs - startMs)) return;
    traces.record({
      name: `call ${op}`,
      kind: "client",
      trace: sent === trace ? traces.child(trace) : sent,
      parentId: spanIdOf(trace),
      startMs,
      endMs,
      attributes: { "pigonair.op": op },
      ...(failure === null ? {} : { failure }),
    });
  };

  return {
    async call(request, given = null) {
      const scope = given ?? new RequestScope();
      if (traces.isOn) begin(scope);
      let failure: string | null = null;
      const startedMs = clock.monotonicMs();
      scope.askedMs ??= startedMs;
      scope.hostMs = 0;
      calls.add();
      try {
        return await inner.call(request, scope);
      } catch (error) {
        failure = error instanceof OperationalError ? error.code : "INTERNAL";
        throw error;
      } finally {
        const nowMs = clock.monotonicMs();
        scope.answeredMs = nowMs;
        if (traces.isOn) end(scope, request.op, startedMs, nowMs, failure);
        took("bus", Math.max(0, nowMs - startedMs - scope.hostMs));
      }
    },
  };
}

/** The bus of a caller, with its attempts counted. */
export function countingBus(inner: Bus, telemetry: Telemetry): Bus {
  const attempts = telemetry.counter(
    "pigonair_flight_attempts_total",
    "Commands that were sent to flights, repeats included.",
  );
  return {
    send(shard, sendings) {
      attempts.add(sendings.length);
      inner.send(shard, sendings);
    },
    serve: (shard, serving) => inner.serve(shard, serving),
    publish: (subject, message) => inner.publish(subject, message),
    subscribe: (subject, hear) => inner.subscribe(subject, hear),
    trouble: () => inner.trouble(),
    close: () => inner.close(),
  };
}
