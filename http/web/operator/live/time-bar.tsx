/** Owns the bar that parts the time of requests among the stages, and says each part in words. */

import type { BoardView } from "../../../admin/stage-board.ts";
import { formatShare } from "../figures.ts";
import { stageName, words } from "../words.ts";

const WIDTH = 1_000;

export function TimeBar({ latest }: { readonly latest: BoardView }) {
  const m = words.live;
  let x = 0;
  return (
    <section class="card" aria-labelledby="time">
      <h2 id="time">{m.timeTitle}</h2>
      <svg class="time-bar" viewBox={`0 0 ${WIDTH} 28`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width={WIDTH} height="28" />
        {latest.stages.map(({ stage, timeShare }) => {
          const from = x;
          x += timeShare * WIDTH;
          return (
            <rect key={stage} class={`part ${stage}`} x={from} width={Math.max(0, timeShare * WIDTH - 2)} height="28" />
          );
        })}
      </svg>
      <ul class="time-parts">
        {latest.stages.map(({ stage, timeShare }) => (
          <li key={stage}>
            <span class={`swatch ${stage}`} aria-hidden="true" />
            {stageName(stage)} <b>{formatShare(timeShare)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
