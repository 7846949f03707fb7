/** Owns what operators and their machines ask of a server: whether it lives, whether it is ready, and what it measures. */

import { Elysia, t } from "elysia";
import { documented } from "../plugins/documented.ts";
import { closed, noQuery } from "../plugins/fields.ts";
import { Problem } from "../problem.ts";
import type { Metrics } from "../telemetry/prometheus.ts";
import type { Readiness } from "./readiness.ts";

export interface OpsServices {
  readonly readiness: Readiness;
  readonly metrics: Metrics;
}

const Status = closed({ status: t.String() });

export function opsRoutes({ readiness, metrics }: OpsServices) {
  return new Elysia()
    .get("/livez", () => ({ status: "alive" }), {
      query: noQuery,
      detail: documented({
        tag: "Operation",
        who: "public",
        summary: "Whether the process answers at all",
        answers: { 200: { description: "It does.", schema: Status } },
      }),
    })
    .get(
      "/readyz",
      async () => {
        const down = await readiness.down();
        if (down.length === 0) return { status: "ready" };
        const parts = down.map(({ name, reason }) => `${name} (${reason})`).join(", ");
        throw new Problem(503, "NOT_READY", `Not ready: ${parts}.`, { down });
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Operation",
          who: "public",
          summary: "Whether the server wants requests",
          answers: { 200: { description: "It does.", schema: Status } },
          problems: ["NOT_READY"],
        }),
      },
    )
    .get(
      "/metrics",
      ({ set }) => {
        set.headers["content-type"] = metrics.contentType;
        return metrics.text();
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Operation",
          who: "public",
          summary: "What the server measures, for Prometheus",
          answers: { 200: { description: "Metrics.", schema: t.String(), mediaType: "text/plain" } },
        }),
      },
    );
}
