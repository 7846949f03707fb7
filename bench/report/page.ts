/** Owns the page of a report: one file that needs nothing else, so that it can be opened, mailed and kept. */
import type { Markup } from "./markup.ts";
import type { Report } from "./model.ts";
import { comparisonSection } from "./sections/comparison.ts";
import { groundSection } from "./sections/ground.ts";
import { laddersSection } from "./sections/ladders.ts";
import { overloadSection } from "./sections/overload.ts";
import { processesSection } from "./sections/processes.ts";
import { funnelSection, saleSection } from "./sections/sale.ts";
import { sharesSection } from "./sections/shares.ts";
import { stagesSection } from "./sections/stages.ts";
import { summarySection } from "./sections/summary.ts";
import { techniquesSection } from "./sections/techniques.ts";
import { STYLE } from "./style.ts";

export function pageOf(report: Report): string {
  const sections: (Markup | null)[] = [
    summarySection(report),
    comparisonSection(report),
    sharesSection(report),
    laddersSection(report),
    overloadSection(report),
    saleSection(report),
    funnelSection(report),
    stagesSection(report),
    techniquesSection(report),
    processesSection(report),
    groundSection(report),
  ];
  const style = `<style>${STYLE}</style>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PigonAir bench, ${report.startedAt.slice(0, 10)}</title>
${style}
<main>
${sections.map((section) => section?.text ?? "").join("\n")}
</main>
</html>
`;
}
