/** Owns the addresses of the operators' pages, as the server and the pages know them. */

/** Patterns as routes have them. */
export const OPERATOR_PATHS = {
  live: "/operator",
  flights: "/operator/flights",
  flight: "/operator/flights/:id",
  journal: "/operator/flights/:id/journal",
  hosts: "/operator/hosts",
} as const;

export type OperatorPage = keyof typeof OPERATOR_PATHS;

export interface OperatorPageAt {
  readonly page: OperatorPage;
  /** What stands in the pattern's `:id`; empty if there is none. */
  readonly id: string;
}

/** The page at a path, or null. A slash at the end makes no difference. */
export function operatorPageAt(path: string): OperatorPageAt | null {
  const segments = path.replace(/\/$/, "").split("/");
  for (const [page, pattern] of Object.entries(OPERATOR_PATHS) as [OperatorPage, string][]) {
    const expected = pattern.split("/");
    if (expected.length !== segments.length) continue;
    const at = expected.indexOf(":id");
    if (!expected.every((each, index) => index === at || each === segments[index])) continue;
    return { page, id: at < 0 ? "" : (segments[at] ?? "") };
  }
  return null;
}

export function operatorPath(page: OperatorPage, id = ""): string {
  return OPERATOR_PATHS[page].replace(":id", encodeURIComponent(id));
}
