/** Owns the live view: which stage limits now, and what each of them does, renewed each second. */

import { useEffect, useState } from "preact/hooks";
import type { BoardView } from "../../../admin/stage-board.ts";
import { RefusalNote } from "../../member/parts/note.tsx";
import { formatShare } from "../figures.ts";
import { Heading } from "../parts/heading.tsx";
import { filled, stageName, words } from "../words.ts";
import { feedRefusal, followStages, seconds, silentSeconds } from "./feed.ts";
import { LiveCharts } from "./live-charts.tsx";
import { ProcessTable, RequestTable } from "./live-tables.tsx";
import { StageTable } from "./stage-table.tsx";
import { TimeBar } from "./time-bar.tsx";

export function LivePage() {
  const m = words.live;
  const [held, setHeld] = useState<readonly BoardView[] | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    followStages(leaving.signal);
    return () => leaving.abort();
  }, []);
  const shown = held ?? seconds.value;
  const latest = shown.at(-1);
  const refusal = feedRefusal.value;
  return (
    <div class="stack wide">
      <div class="cluster spread">
        <Heading>{m.title}</Heading>
        {/* WCAG 2.2.2: what moves by itself can be held still. */}
        <button
          type="button"
          class="button"
          aria-pressed={held !== null}
          onClick={() => setHeld(held === null ? shown : null)}
        >
          {held === null ? m.pause : m.resume}
        </button>
      </div>
      {refusal !== null && <RefusalNote refusal={refusal} takesFocus={false} />}
      {latest === undefined ? (
        <div class="waiting live-waiting">
          <p class="sr-only">{words.loading}</p>
        </div>
      ) : (
        <>
          <Verdict latest={latest} />
          <StageTable latest={latest} />
          <TimeBar latest={latest} />
          <LiveCharts seconds={shown} />
          <RequestTable latest={latest} />
          <ProcessTable latest={latest} />
        </>
      )}
    </div>
  );
}

/** Read out when it changes, and it changes seldom. */
function Verdict({ latest }: { readonly latest: BoardView }) {
  const m = words.live;
  const { limiting, stages } = latest;
  const longest = stages.reduce((most, stage) => (stage.timeShare > most.timeShare ? stage : most));
  const silent = silentSeconds.value;
  return (
    <div class={`verdict card ${limiting === null ? "" : "bad"}`}>
      <p class="verdict-text" role="status">
        {limiting === null ? m.none : filled(m.limits, { stage: stageName(limiting) })}
      </p>
      <p class="soft">
        {longest.timeShare === 0
          ? m.idle
          : filled(m.most, { stage: stageName(longest.stage), share: formatShare(longest.timeShare) })}
      </p>
      {silent > 0 && <p class="stale">{filled(m.stale, { seconds: silent })}</p>}
    </div>
  );
}
