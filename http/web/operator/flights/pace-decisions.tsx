/** Owns the table of the pacer's latest decisions: how many it called, and why no more. */

import { formatMoment, formatNumber } from "../../i18n/format.ts";
import { language } from "../../member/state/words.ts";
import { NOTHING } from "../figures.ts";
import { TableBox } from "../parts/table-box.tsx";
import { words } from "../words.ts";
import type { PaceDecision } from "./change-room.ts";

export function PaceDecisions({ decisions }: { readonly decisions: readonly PaceDecision[] }) {
  const m = words.room;
  const number = (value: number | undefined): string =>
    value === undefined ? NOTHING : formatNumber(language, Math.round(value));
  return (
    <details class="decisions">
      <summary>{m.decisions}</summary>
      <TableBox label={m.decisions}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{words.journal.at}</th>
              <th scope="col">{m.reason}</th>
              <th scope="col">{m.called}</th>
              <th scope="col">{m.admitted}</th>
              <th scope="col">{m.rate}</th>
            </tr>
          </thead>
          <tbody>
            {decisions.map(({ at, reason, called, admitted, ratePerMinute }) => (
              <tr key={at}>
                <th scope="row">
                  {formatMoment(language, at)}:{at.slice(17, 19)}
                </th>
                <td>
                  <code>{reason}</code>
                </td>
                <td>{number(called)}</td>
                <td>{number(admitted)}</td>
                <td>{number(ratePerMinute)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </details>
  );
}
