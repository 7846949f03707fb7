/** Owns the routes of the operators' live view: what each stage does, second by second. */

import { Elysia, t } from "elysia";
import { EVENT_STREAM } from "../live/event.ts";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { noQuery } from "../plugins/fields.ts";
import { Problem } from "../problem.ts";
import type { StageBoard } from "./stage-board.ts";
import { STAGES } from "./stage-view.ts";

export interface StageServices {
  readonly authentication: Authentication;
  /** Missing where nobody gathers what the processes report. */
  readonly stages?: StageBoard;
}

const share = (description: string) => t.Number({ minimum: 0, maximum: 1, description });
const stageName = t.Unsafe<(typeof STAGES)[number]>({ type: "string", enum: STAGES });

const times = {
  ratePerSecond: t.Number(),
  p50Ms: t.Nullable(t.Number()),
  p95Ms: t.Nullable(t.Number()),
  p99Ms: t.Nullable(t.Number()),
};

const second = t.Object({
  at: t.String({ format: "date-time" }),
  limiting: t.Nullable(stageName, { description: "The stage that is full; null while none is." }),
  stages: t.Array(
    t.Object({
      stage: stageName,
      ...times,
      saturation: share("How much of what the stage can do is used. Of several processes, the fullest."),
      timeShare: share("The share of the time that requests for flights spend there."),
    }),
  ),
  members: t.Object(times, { description: "Requests that no load run marked as its own." }),
  runs: t.Array(t.Object({ run: t.String(), failedPerSecond: t.Number(), ...times })),
  commandsPerBatch: t.Nullable(t.Number()),
  processes: t.Array(
    t.Object({
      process: t.String(),
      name: t.String(),
      isEdge: t.Boolean(),
      isHost: t.Boolean(),
      threadShare: share("How much of the second the thread of its event loop has worked."),
      waiting: t.Integer({ description: "Commands that wait in its mailboxes." }),
    }),
  ),
});

export function stageRoutes({ authentication, stages }: StageServices) {
  const board = (): StageBoard => {
    if (stages !== undefined) return stages;
    throw new Problem(503, "UNAVAILABLE", "This process does not gather what the stages do.");
  };

  return new Elysia({ normalize: false })
    .get(
      "/api/v1/admin/stages",
      async ({ request }) => {
        await authentication.adminOf(request);
        return { items: [...board().history] };
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "What each stage has done in the latest seconds",
          description:
            "Of all processes together. Requests with the header `X-Load-Run: <name>` are shown apart, under `runs`. " +
            "`bus` is what callers wait beyond the hosts' own time.",
          answers: {
            200: { description: "Second by second, the oldest first.", schema: t.Object({ items: t.Array(second) }) },
          },
          problems: ["UNAVAILABLE"],
        }),
      },
    )
    .get(
      "/api/v1/admin/stages/stream",
      async ({ request, server }) => {
        const admin = await authentication.adminOf(request);
        const stream = board().open(request, server, () => authentication.isLoggedIn(admin));
        return new Response(stream.body, { headers: EVENT_STREAM });
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "What each stage does, as it happens",
          description:
            "An event `stages` each second, as in the list; `ping` each 15 s, `bye` before a stop and after a log-out.",
          answers: {
            200: { description: "A stream without an end.", schema: t.String(), mediaType: "text/event-stream" },
          },
          problems: ["OVERLOADED", "NOT_READY", "UNAVAILABLE"],
        }),
      },
    );
}
