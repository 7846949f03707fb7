/** Owns the charts of the latest two minutes: how much, how long, and how full. */

import type { BoardView } from "../../../admin/stage-board.ts";
import type { StageName, StageView } from "../../../admin/stage-view.ts";
import { Chart } from "../parts/chart.tsx";
import { words } from "../words.ts";
import { STAGE_ORDER, seriesOf } from "./stages.ts";

const RATES: readonly StageName[] = ["edge", "decide", "database"];

export function LiveCharts({ seconds }: { readonly seconds: readonly BoardView[] }) {
  const m = words.live;
  const times = seconds.map(({ at }) => Date.parse(at) / 1_000);
  const lines = (names: readonly StageName[], value: (stage: StageView) => number | null) => [
    times,
    ...names.map((name) =>
      seconds.map(({ stages }) => {
        const found = stages.find(({ stage }) => stage === name);
        return found === undefined ? null : value(found);
      }),
    ),
  ];
  return (
    <section class="card" aria-labelledby="charts">
      <h2 id="charts">{m.charts}</h2>
      <div class="charts">
        <Chart
          title={m.ratesChart}
          series={RATES.map(seriesOf)}
          data={lines(RATES, ({ ratePerSecond }) => ratePerSecond)}
          least={10}
        />
        <Chart
          title={m.timesChart}
          series={STAGE_ORDER.map(seriesOf)}
          // A logarithm has no zero.
          data={lines(STAGE_ORDER, ({ p99Ms }) => p99Ms || null)}
          logarithmic
          least={10}
        />
        <Chart
          title={m.fullChart}
          series={STAGE_ORDER.map(seriesOf)}
          data={lines(STAGE_ORDER, ({ saturation }) => 100 * saturation)}
          least={100}
        />
      </div>
    </section>
  );
}
