/** Owns a transaction as one statement, which MariaDB alone takes: the server runs all of it before it answers, and answers once. */

import type { Write } from "./batch-statements.ts";
import type { Statement } from "./dedicated.ts";

/** Begins a step that only counts rows, and may lock them: what it `affects` is their number. */
export const COUNT = "select count(*)";

/** Ends the statement, and leaves its transaction open for whoever ends the connection. */
const REFUSE = "signal sqlstate '45000' set message_text = 'rows are missing'";

/**
 * Runs the steps in their order, and COMMIT after the last. One that fails, or affects another number of rows than it must, ends the
 * statement before its COMMIT (https://mariadb.com/kb/en/begin-end/).
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
  at.text = `begin not atomic declare counted int; ${steps.map(checked).join("")}commit; end`;
  return at.text;
}

function checked({ sql, affects }: Write): string {
  if (sql.startsWith(COUNT)) {
    return `${COUNT} into counted${sql.slice(COUNT.length)}; if counted <> ${affects} then ${REFUSE}; end if; `;
  }
  return affects === null ? `${sql}; ` : `${sql}; if row_count() <> ${affects} then ${REFUSE}; end if; `;
}
