/** Owns `bench/RESULTS.md`: one run as a text that can be read and compared where the code is. `bun bench/report/results.ts REPORT.json > bench/RESULTS.md` */
import { readFileSync } from "node:fs";
import { silentWords } from "../profiles/order.ts";
import { loneOf, loneWords } from "./lone.ts";
import type { Report } from "./model.ts";
import { count, figure, LOADS, millis, shellWord, times } from "./words.ts";

/** @param file where the report is, as the text tells others to say */
export function resultsOf(report: Report, file = "bench/out/report.json"): string {
  return `${[
    head(report, file),
    targets(report),
    comparison(report),
    shares(report),
    ladders(report),
    overload(report),
    sale(report),
    funnel(report),
    techniques(report),
    ground(report),
  ]
    .filter((section) => section !== null)
    .join("\n\n")}\n`;
}

function head({ startedAt, machine, command, failures, tookS }: Report, file: string): string {
  const belief =
    failures.length === 0
      ? "Every hold that was acknowledged was looked up in the database afterwards, with its seat; none is missing."
      : `This run has failed:\n\n${failures.map((failure) => `- ${failure}`).join("\n")}`;
  return `# One run of the bench

\`\`\`sh
${command}
bun bench/report/results.ts ${shellWord(file)} > bench/RESULTS.md
\`\`\`

${startedAt.slice(0, 10)}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${tookS} s. Everything ran on this one machine: the load, the product or the peer, MariaDB, NATS, Redis.
${belief}`;
}

function targets({ targets: all }: Report): string | null {
  if (all.length === 0) return null;
  return section(
    "What was asked for",
    null,
    ["What", "against", "wanted", "measured", ""],
    all.map(({ what, against, atLeast, measured, isReached }) => [
      what,
      against,
      figure(atLeast),
      figure(measured),
      isReached ? "reached" : "**not reached**",
    ]),
  );
}

function comparison({ comparison: found }: Report): string | null {
  if (found === null) return null;
  const { cells, contestants, results } = found;
  const rows = contestants.map(({ name, title, pool }) => [
    title,
    pool === null ? "" : String(pool),
    ...cells.map((cell) => {
      const result = results.find((each) => each.cell === cell.name && each.contestant === name);
      return result === undefined ? "" : `${count(result.perSecond)} (${millis(result.p99Ms)})`;
    }),
  ]);
  const words =
    "Closed loop; a second, and p99; the median of rounds in which the contestants take turns. Holds are those that are in the database; of 95 % refusals every answer counts.";
  return section("Beside the designs with locks", words, ["", "pool", ...cells.map(({ title }) => title)], rows);
}

function shares({ shares: found }: Report): string | null {
  if (found === null) return null;
  const rates = section(
    "Share of the edge alone",
    "The edge alone checks the token and the body, and decides nothing. A second, and p99; the median of rounds in which all take turns. Holds are those that are in the database.",
    ["", "connections", "a second", "of the edge alone"],
    found.rows.map(({ title, connections, perSecond, p99Ms, ofEdgeAlone }) => [
      title,
      count(connections),
      `${count(perSecond)} (${millis(p99Ms)})`,
      ofEdgeAlone === null ? "" : ofEdgeAlone.toFixed(3),
    ]),
  );
  const lone = loneOf(found);
  if (lone === null) return rates;
  const hops = section(
    "A lone request, hop by hop",
    loneWords(lone),
    ["hop", "stage", "on average"],
    lone.hops.map(({ hop, stage, meanMs }) => [hop, stage, meanMs === null ? "" : millis(meanMs)]),
  );
  return `${rates}\n\n${hops}`;
}

function ladders({ ladders: all }: Report): string | null {
  if (all.length === 0) return null;
  return section(
    "Latency against rate",
    "Open loop of the cluster: from when each request was meant to be sent.",
    ["", "asked a second", "answered a second", "not sent", "p50", "p90", "p99", "p99.9"],
    all.flatMap(({ title, steps }) =>
      steps.map(({ share, offeredPerSecond, measure: { load } }) => [
        `${title}, ${Math.round(share * 100)} % of the peak`,
        ...[offeredPerSecond, load.ratePerSecond, load.notSent].map(count),
        ...[load.p50Ms, load.p90Ms, load.p99Ms, load.p999Ms].map(millis),
      ]),
    ),
  );
}

function overload({ overload: found }: Report): string | null {
  if (found === null) return null;
  const { peakPerSecond, half, overloaded, connections } = found;
  const { load, durablePerSecond, proof } = overloaded;
  return `## Ten times too many

${count((1_000 * load.arrivals) / load.windowMs)} requests a second are asked for over ${connections} connections, ten times the peak of ${count(peakPerSecond)} holds a second. Of ${count(load.arrivals)} arrivals ${count(load.notSent)} found no free
connection and were not sent. Durable holds: ${count(durablePerSecond)} a second. p99 of what is accepted: ${millis(load.accepted.p99Ms)}, at half load ${millis(half.load.accepted.p99Ms)}. Acknowledged ${count(proof.acknowledged)}, confirmed ${count(proof.confirmed)}.`;
}

function sale({ sale: found }: Report): string | null {
  if (found === null) return null;
  const { seats, people, result } = found;
  const { joins, passedOver, soldOutAfterMs } = result;
  return section(
    "The flash sale",
    `${count(people)} people within one second, ${count(seats)} seats. Sold out ${soldOutAfterMs === null ? "never" : `after ${millis(soldOutAfterMs)}`}. Joins, from when each was meant: p50 ${millis(joins.p50Ms)}, p99 ${millis(joins.p99Ms)}. Of those at the door the line passed over ${count(passedOver.present)} while they stood there, and ${silentWords(passedOver)}.`,
    ["step", "went well", "p50", "p99"],
    result.steps.map(({ step, ok, latency }) => [step, count(ok), millis(latency.p50Ms), millis(latency.p99Ms)]),
  );
}

function funnel({ funnel: all }: Report): string | null {
  if (all === null) return null;
  return section(
    "The whole funnel, with payments",
    "Each person takes one of all routes of a day of the demo timetable.",
    ["people a second", "came", "have their ticket", ...(all[0]?.result.steps.map(({ step }) => `${step}, p99`) ?? [])],
    all.map(({ peoplePerSecond, result, confirmed }) => [
      count(peoplePerSecond),
      count(result.ways.came),
      count(confirmed),
      ...result.steps.map(({ latency }) => millis(latency.p99Ms)),
    ]),
  );
}

function techniques({ techniques: all }: Report): string | null {
  if (all === null) return null;
  return section(
    "What each technique gains",
    "The same cluster, with all techniques and with each left out in turn, round after round.",
    ["", "measured by", "left out by", "with it", "without it", "gain"],
    all.map(({ title, load, connections, how, on, off, gain }) => [
      title,
      `${LOADS[load]}, ${connections} connections`,
      `\`${how}\``,
      `${count(on.perSecond)}/s (${millis(on.p99Ms)})`,
      `${count(off.perSecond)}/s (${millis(off.p99Ms)})`,
      times(gain),
    ]),
  );
}

function ground({ machine, doctor }: Report): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return `## The ground

${machine.system}; ${versions.join(", ")}. The doctor afterwards:

${doctor.map(({ of, said }) => `- ${of}: ${said}`).join("\n")}`;
}

function section(
  title: string,
  words: string | null,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
  return [`## ${title}`, ...(words === null ? [] : [words]), table].join("\n\n");
}

/** @throws Error that names the file */
function reportIn(file: string): Report {
  try {
    const report: Partial<Report> | null = JSON.parse(readFileSync(file, "utf8"));
    if (report?.version !== 1) throw new Error(`is no report of the bench, version 1`);
    return report as Report;
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  try {
    if (file === undefined) throw new Error("which report.json? bun bench/report/results.ts REPORT.json");
    process.stdout.write(resultsOf(reportIn(file), file));
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exit(1);
  }
}
