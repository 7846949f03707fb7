/** Owns what a reader needs to repeat the run: machine, versions, settings, the doctor's words. */
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { table } from "../table.ts";

export function groundSection({ machine, doctor, command, seed, tookS, scale }: Report): Markup {
  const { cpu, cores, memoryGiB, system, versions } = machine;
  return markup`<h2>The ground</h2>
<div class="grid2"><div>${table(
    ["Machine", ""],
    [
      ["CPU", `${cores} × ${cpu}`],
      ["memory", `${memoryGiB} GiB`],
      ["system", system],
      ["run", `${command} (${scale}, seed ${seed}, ${tookS} s)`],
      ["database", "flushes at each commit (innodb_flush_log_at_trx_commit=1)"],
    ],
  )}</div><div>${table(["Program", "version"], Object.entries(versions))}</div></div>
<h3>The doctor: each database compared with its journals, after everything</h3>
${table(
  ["Of", "what it said"],
  doctor.map(({ of, said, isClean }) => [of, markup`<span class="${isClean ? "yes" : "no"}">${said}</span>`]),
)}`;
}
