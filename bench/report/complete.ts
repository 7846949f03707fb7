/** Owns whether a report has everything that it should: a number that is missing is a failure, and never a gap in a plot. */
import type { Report } from "./model.ts";

/** Where a number should be and none is, as paths into the report. */
export function missingNumbers(report: Omit<Report, "failures">): string[] {
  const missing: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value === "number" && !Number.isFinite(value)) missing.push(path);
    else if (Array.isArray(value)) for (const [at, each] of value.entries()) look(each, `${path}[${at}]`);
    else if (typeof value === "object" && value !== null)
      for (const [name, each] of Object.entries(value)) look(each, `${path}.${name}`);
  };
  look(report.comparison, "comparison");
  look(report.shares, "shares");
  look(report.ladders, "ladders");
  look(report.overload, "overload");
  look(report.sale, "sale");
  look(report.funnel, "funnel");
  look(report.techniques, "techniques");
  return [...missing, ...missingStages(report), ...missingTargets(report), ...missingProcesses(report)];
}

/** The product was loaded, and one of its stages says that nothing passed it. Within one process nothing goes over a bus. */
function missingStages({ ladders, comparison, shares }: Omit<Report, "failures">): string[] {
  const measures = [
    ...ladders.flatMap(({ steps }) => steps.map(({ measure }) => measure)),
    ...(comparison?.results ?? []).flatMap(({ rounds }) => rounds),
  ];
  const sampled = (shares?.rows ?? []).flatMap(({ contender, rounds }) =>
    rounds.map(({ stages }) => ({ contestant: contender, stages })),
  );
  const silent = [...measures, ...sampled].flatMap(({ contestant, stages }) =>
    stages.filter(({ meanMs }) => meanMs === null).map(({ stage }) => `stage ${stage} of ${contestant}`),
  );
  return [...new Set(silent)].filter((what) => what !== "stage bus of alone");
}

function missingTargets({ targets }: Omit<Report, "failures">): string[] {
  return targets.filter(({ measured }) => measured === null).map(({ what }) => what);
}

function missingProcesses({ resources }: Omit<Report, "failures">): string[] {
  return resources.processes
    .filter(({ cores }) => cores.every((value) => value === null))
    .map(({ name }) => `CPU time of ${name}`);
}
