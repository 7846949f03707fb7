/** Owns what callers measure of flights: how long a call takes there and back, and how many attempts that takes. */

import type { Bus } from "./bus/bus.ts";
import type { FlightClient } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Telemetry } from "./telemetry.ts";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function meteredClient(inner: FlightClient, clock: Clock, telemetry: Telemetry): FlightClient {
  const calls = telemetry.histogram(
    "pigonair_flight_call_seconds",
    "From asking a flight to its answer, with all attempts.",
    SECONDS,
  );
  return {
    async call(request) {
      const startedMs = clock.monotonicMs();
      try {
        return await inner.call(request);
      } finally {
        calls.record((clock.monotonicMs() - startedMs) / 1_000);
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
