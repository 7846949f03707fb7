/** Owns a transaction as one statement, which MariaDB alone takes: the server runs all of it before it answers, and answers once. */

import type { Write } from "./batch-statements.ts";
import type { Statement } from "./dedicated.ts";

/** Begins a guard: a step that looks for one row, and may lock it. Guards come first. */
export const GUARD = "select 1";

/** Ends the statement, and leaves its transaction open for whoever ends the connection. */
const REFUSE = "signal sqlstate '45000' set message_text = 'rows are missing'";

/**
 * Runs the steps in their order, and COMMIT after the last. One that fails, finds nothing as a guard, or affects another number of rows than
 * it must, ends the statement before its COMMIT (https://mariadb.com/kb/en/begin-end/).
 */
export function compound(steps: readonly Write[]): Statement {
  return { sql: textOf(steps), values: steps.flatMap(({ values = [] }) => values) };
}

/** Texts by the steps that they are made of, one after another: to look one up costs a tenth of making it. */
interface Known {
  text: string | null;
  readonly next: Map<string, Known>;
}

const KNOWN_MAX = 2_000;
let knownCount = 0;
let known: Known = { text: null, next: new Map() };

function textOf(steps: readonly Write[]): string {
  let at = known;
  for (const { sql } of steps) {
    let next = at.next.get(sql);
    if (next === undefined) {
      next = { text: null, next: new Map() };
      at.next.set(sql, next);
    }
    at = next;
  }
  if (at.text !== null) return at.text;
  if (++knownCount > KNOWN_MAX) {
    knownCount = 0;
    known = { text: null, next: new Map() };
  }
  const guards = steps.filter(({ sql }) => sql.startsWith(GUARD)).length;
  const parts = steps.map((step, index) =>
    index < guards ? guarding(step, index + 1 === guards, guards) : checked(step),
  );
  at.text = `begin not atomic declare found int default 0; ${parts.join("")}commit; end`;
  return at.text;
}

/** Adds to what the guards have found; whether it is all of them is asked after the last one. */
function guarding({ sql }: Write, isLast: boolean, guards: number): string {
  const found = `${GUARD.replace("1", "found + 1")} into found${sql.slice(GUARD.length)}; `;
  return isLast ? `${found}if found <> ${guards} then ${REFUSE}; end if; ` : found;
}

function checked({ sql, affects }: Write): string {
  // An insert makes all of its rows, or fails.
  const isSure = affects === null || sql.startsWith("insert");
  return isSure ? `${sql}; ` : `${sql}; if row_count() <> ${affects} then ${REFUSE}; end if; `;
}
