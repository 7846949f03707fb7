/** Owns tables on the page. */
import { type Markup, markup } from "./markup.ts";

/** Hidden until somebody wants the numbers of a plot. */
export function numbers(head: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  return markup`<details><summary>The numbers</summary>${table(head, rows)}</details>`;
}

/** The first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  const side = (at: number): Markup => (at === 0 ? markup`` : markup` class="n"`);
  return markup`<div class="wide"><table><thead><tr>${head.map((name, at) => markup`<th${side(at)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell, at) => markup`<td${side(at)}>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}
