/** Owns the look for barriers: axe-core in the page, and its findings as a text that says what to mend. */

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly helpUrl: string;
  readonly nodes: readonly {
    readonly html: string;
    readonly target: readonly string[];
    readonly failureSummary?: string;
  }[];
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** More places of one finding than this tell nothing new. */
const PLACES_MAX = 5;

let source: string | null = null;

/** @param axe path of axe-core's script. @returns null when nothing is wrong */
export async function accessibilityReport(page: Page, axe: string): Promise<string | null> {
  source ??= readFileSync(axe, "utf8");
  // Given as text and not as a script tag, which the page's own policy would refuse; once for each document.
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(source);
  const findings: Finding[] = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] }).then((found) => found.violations)`,
  );
  return findings.length === 0 ? null : findings.map(written).join("\n");
}

function written({ id, impact, help, helpUrl, nodes }: Finding): string {
  const places = nodes.slice(0, PLACES_MAX).map(({ html, target, failureSummary = "" }) => {
    const why = failureSummary.split("\n").slice(1).join("; ").trim();
    return `    ${target.join(" ")}\n      ${html}\n      ${why}`;
  });
  const more = nodes.length > PLACES_MAX ? `\n    … and ${nodes.length - PLACES_MAX} more` : "";
  return `  ${id} (${impact ?? "?"}): ${help}\n    ${helpUrl}\n${places.join("\n")}${more}`;
}
