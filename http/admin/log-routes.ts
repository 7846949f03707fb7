/** Owns the routes by which operators see and change what is logged, while the program runs. */

import { Elysia, t } from "elysia";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { closed, jsonBody, noQuery } from "../plugins/fields.ts";
import { Problem } from "../problem.ts";
import { LOG_PARTS, type LogPart, type LogSettings } from "../telemetry/json-log.ts";

export interface LogLevels {
  readonly settings: LogSettings;
  /** Of all processes that can be reached, from the next line on. */
  change(settings: LogSettings): void;
}

export interface LogServices {
  readonly authentication: Authentication;
  /** Missing where the log is somebody else's. */
  readonly logLevels?: LogLevels;
}

// Elysia checks bodies by no schema that TypeBox doesn't know [1.4.30].
const level = t.Union([
  t.Literal("debug"),
  t.Literal("info"),
  t.Literal("warn"),
  t.Literal("error"),
  t.Literal("silent"),
]);

const settings = closed({
  level,
  parts: t.Optional(
    closed(Object.fromEntries(LOG_PARTS.map((part) => [part, t.Optional(level)])) as Record<LogPart, typeof level>),
  ),
});

export function logRoutes({ authentication, logLevels }: LogServices) {
  const levels = (): LogLevels => {
    if (logLevels !== undefined) return logLevels;
    throw new Problem(503, "UNAVAILABLE", "This process does not decide what is logged.");
  };
  const answer = () => ({ level: levels().settings.level, parts: { ...levels().settings.parts } });

  return new Elysia({ normalize: false })
    .get(
      "/api/v1/admin/log-level",
      async ({ request }) => {
        await authentication.adminOf(request);
        return answer();
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "What is logged",
          answers: { 200: { description: "The level, and those of parts that have their own.", schema: settings } },
          problems: ["UNAVAILABLE"],
        }),
      },
    )
    .put(
      "/api/v1/admin/log-level",
      async ({ body, request }) => {
        await authentication.adminOf(request);
        levels().change({ level: body.level, parts: body.parts ?? {} });
        return answer();
      },
      {
        ...jsonBody(settings),
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "Log more, or less",
          description:
            "At once, in every process that the bus reaches, and until the process starts anew: `LOG_LEVEL` is for then.",
          answers: { 200: { description: "What is logged from now on.", schema: settings } },
          problems: ["VALIDATION", "UNAVAILABLE"],
        }),
      },
    );
}
