/** Owns the page of a flight's journal: what happened, batch by batch. */

import { answerOf, api, inPath } from "../browser/api.ts";
import { formatDate, formatMoment, localDate } from "../i18n/format.ts";
import { RefusalNote } from "../member/parts/note.tsx";
import { useResource } from "../member/state/resource.ts";
import { language } from "../member/state/words.ts";
import { Heading } from "./parts/heading.tsx";
import { TableBox } from "./parts/table-box.tsx";
import { operatorPath } from "./paths.ts";
import { query } from "./router.ts";
import { words } from "./words.ts";

const SIZE = "50";

interface Turn {
  readonly at: string;
  readonly events: readonly { readonly type: string }[];
  readonly answered: { readonly op: string; readonly outcome: string } | null;
}

interface Entry {
  readonly version: number;
  readonly batch: string;
  readonly at: string;
  readonly turns: readonly Turn[];
}

export function JournalPage({ id }: { readonly id: string }) {
  const m = words.journal;
  const flightId = decodeURIComponent(id);
  const after = query.value.get("after") ?? "0";
  const { data, refusal, reload } = useResource(`journal ${flightId} ${after}`, (signal) =>
    answerOf(
      api.admin.flights({ id: inPath(flightId) }).journal.get({ query: { after, size: SIZE }, fetch: { signal } }),
    ),
  );
  const items = (data?.items ?? []) as readonly Entry[];
  return (
    <div class="stack wide">
      <Heading tab={`${m.title} ${flightId}`}>
        {m.title} <span class="flight-id">{flightId}</span>
      </Heading>
      <p class="cluster">
        <a href={operatorPath("flight", flightId)}>{flightId}</a>
        {after !== "0" && <a href={operatorPath("journal", flightId)}>{m.first}</a>}
      </p>
      {refusal !== null && <RefusalNote refusal={refusal} onRetry={reload} takesFocus={false} />}
      {data !== null && items.length === 0 && <p class="card">{m.none}</p>}
      {items.length > 0 && (
        <TableBox label={m.title} isCard>
          <table class="figures journal">
            <thead>
              <tr>
                <th scope="col">{m.version}</th>
                <th scope="col">{m.at}</th>
                <th scope="col">{m.events}</th>
                <th scope="col">{m.answered}</th>
              </tr>
            </thead>
            <tbody>{items.flatMap((entry) => entry.turns.map((turn, at) => turnRow(entry, turn, at)))}</tbody>
          </table>
        </TableBox>
      )}
      {data?.next != null && (
        <p>
          <a class="button" href={`${operatorPath("journal", flightId)}?after=${data.next}`}>
            {m.next}
          </a>
        </p>
      )}
    </div>
  );
}

function turnRow({ version }: Entry, { at, events, answered }: Turn, ordinal: number) {
  return (
    <tr key={`${version} ${ordinal}`}>
      <th scope="row">{version}</th>
      <td>
        {formatDate(language, localDate(Date.parse(at)), "short")} {formatMoment(language, at)}
        {at.slice(16, 23)}
      </td>
      <td>
        <ul>
          {events.map((event, index) => (
            <li key={index}>
              <b>{event.type}</b> <code>{detailOf(event)}</code>
            </li>
          ))}
        </ul>
      </td>
      <td>{answered === null ? "" : `${answered.op}: ${answered.outcome}`}</td>
    </tr>
  );
}

/** What an event holds beside its type. */
function detailOf({ type: _type, ...rest }: { readonly type: string }): string {
  return Object.entries(rest)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
