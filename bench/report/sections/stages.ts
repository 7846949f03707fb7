/** Owns where the time of a request goes, by the product's own measure of its stages. */
import { STAGES, type StageTime } from "../../watch/stages.ts";
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { legend, type Stack, stackPlot } from "../plot/bars.ts";
import { millis } from "../words.ts";

const COLOUR = {
  edge: "var(--s1)",
  bus: "var(--s2)",
  mailbox: "var(--s3)",
  decide: "var(--s4)",
  commit: "var(--s5)",
  reply: "var(--s6)",
} as const;

/** Of the open loop, the rates that a reader wants to see: half of what it can do, and all of it. */
const SHARES = [0.5, 1];

export function stagesSection({ ladders, comparison }: Report): Markup | null {
  const open = ladders.flatMap(({ title, steps }) =>
    steps
      .filter(({ share }) => SHARES.includes(share))
      .map(({ share, measure }) => stackOf(`${title}, ${Math.round(share * 100)} %`, measure.stages)),
  );
  const closed = (comparison?.results ?? []).flatMap(({ cell, contestant, rounds }) => {
    const middle = rounds[Math.floor(rounds.length / 2)];
    return contestant === "cluster" && middle !== undefined ? [stackOf(`${cell}, closed loop`, middle.stages)] : [];
  });
  const stacks = [...open, ...closed].filter(({ parts }) => parts.length > 0);
  if (stacks.length === 0) return null;
  return markup`<h2>Where the time goes</h2>
<p>The average request of the cluster by stage, as its processes measure it (<code>pigonair_stage_seconds</code>): the way through the edge, there and back over NATS, the wait in the mailbox, the decision, the wait for the
commit, and the answer.</p>
${legend(STAGES.map((name) => ({ name, colour: COLOUR[name] })))}
<figure>${stackPlot("time by stage", stacks, 200)}</figure>`;
}

function stackOf(label: string, stages: readonly StageTime[]): Stack {
  const parts = stages.flatMap(({ stage, meanMs }) =>
    meanMs === null ? [] : [{ name: stage, value: meanMs, colour: COLOUR[stage] }],
  );
  return { label, parts, text: millis(parts.reduce((sum, { value }) => sum + value, 0)) };
}
