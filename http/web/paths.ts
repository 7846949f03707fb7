/** Owns the addresses of the member's pages, as the server and the pages know them. */

/** Patterns as routes have them: `:id` is one segment. */
export const MEMBER_PATHS = {
  home: "/",
  results: "/flights",
  seats: "/flights/:id/seats",
  passengers: "/flights/:id/passengers",
  reservations: "/reservations",
  reservation: "/reservations/:id",
  cancel: "/reservations/:id/cancel",
  ticket: "/tickets/:number",
  logIn: "/login",
  signUp: "/signup",
} as const;

export type MemberPage = keyof typeof MEMBER_PATHS;

/** One column of text; the others use the whole width. */
export const NARROW_PAGES: ReadonlySet<MemberPage> = new Set(["passengers", "cancel", "logIn", "signUp"]);

export interface PageAt {
  readonly page: MemberPage;
  /** What stands in the pattern's `:` segment, decoded; empty if there is none. */
  readonly id: string;
}

/** The page at a path, or null. A slash at the end makes no difference. */
export function pageAt(path: string): PageAt | null {
  const segments = segmentsOf(path);
  for (const [page, pattern] of Object.entries(MEMBER_PATHS) as [MemberPage, string][]) {
    const expected = segmentsOf(pattern);
    if (expected.length !== segments.length) continue;
    let id = "";
    const isHere = expected.every((each, at) => {
      const segment = segments[at] ?? "";
      if (!each.startsWith(":")) return each === segment;
      id = segment;
      return segment !== "";
    });
    if (isHere) return { page, id: decoded(id) };
  }
  return null;
}

/** The path of a page. @param id what stands in its `:` segment */
export function pathOf(page: MemberPage, id = ""): string {
  return MEMBER_PATHS[page].replace(/:\w+/, encodeURIComponent(id));
}

function segmentsOf(path: string): readonly string[] {
  return path.replace(/\/$/, "").split("/");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
