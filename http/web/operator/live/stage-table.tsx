/** Owns the table of the stages, in the order in which a request passes them. */

import type { BoardView } from "../../../admin/stage-board.ts";
import type { StageView } from "../../../admin/stage-view.ts";
import { language } from "../../member/state/words.ts";
import { formatMs, formatRate } from "../figures.ts";
import { Meter } from "../parts/meter.tsx";
import { TableBox } from "../parts/table-box.tsx";
import { stageName, words } from "../words.ts";

export function StageTable({ latest }: { readonly latest: BoardView }) {
  const m = words.live;
  return (
    <section class="card" aria-labelledby="stages">
      <h2 id="stages">{m.stages}</h2>
      <p class="soft small">{m.stagesText}</p>
      <TableBox label={m.stages}>
        <table class="figures compact stages">
          <thead>
            <tr>
              <th scope="col">{m.stage}</th>
              <th scope="col">{m.rate}</th>
              <th scope="col">p50</th>
              <th scope="col">p95</th>
              <th scope="col">p99</th>
              <th scope="col">{m.full}</th>
            </tr>
          </thead>
          <tbody>
            {latest.stages.map((stage) => (
              <StageRow key={stage.stage} stage={stage} isLimiting={latest.limiting === stage.stage} />
            ))}
          </tbody>
        </table>
      </TableBox>
    </section>
  );
}

function StageRow({ stage, isLimiting }: { readonly stage: StageView; readonly isLimiting: boolean }) {
  const m = words.live;
  const name = stageName(stage.stage);
  return (
    <tr class={isLimiting ? "limiting" : undefined}>
      <th scope="row">
        <span class={`swatch ${stage.stage}`} aria-hidden="true" />
        {name} {isLimiting && <span class="tag bad">{m.limiting}</span>}
        <span class="about">{m.about[stage.stage]}</span>
      </th>
      <td>{formatRate(language, stage.ratePerSecond)}</td>
      <td>{formatMs(stage.p50Ms)}</td>
      <td>{formatMs(stage.p95Ms)}</td>
      <td>{formatMs(stage.p99Ms)}</td>
      <td>
        <Meter share={stage.saturation} label={`${name}: ${m.full}`} />
      </td>
    </tr>
  );
}
