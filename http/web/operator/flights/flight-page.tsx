/** Owns the page of one flight: how full it is, and its waiting room. */

import { answerOf, api, inPath } from "../../browser/api.ts";
import { formatDate, formatTime } from "../../i18n/format.ts";
import { RefusalNote } from "../../member/parts/note.tsx";
import { useResource } from "../../member/state/resource.ts";
import { language } from "../../member/state/words.ts";
import { Heading } from "../parts/heading.tsx";
import { operatorPath } from "../paths.ts";
import { words } from "../words.ts";
import type { FlightFacts } from "./flight-facts.ts";
import { Occupancy } from "./occupancy.tsx";
import { RoomPanel } from "./room-panel.tsx";
import { useSeatCounts } from "./seat-counts.ts";

export function FlightPage({ id }: { readonly id: string }) {
  const m = words.flight;
  const flightId = decodeURIComponent(id);
  const { data, refusal, reload } = useResource(`operator flight ${flightId}`, (signal) =>
    answerOf(api.flights({ id: inPath(flightId) }).get({ fetch: { signal } })),
  );
  const counts = useSeatCounts(flightId);
  const flight = data as FlightFacts | null;
  return (
    <div class="stack wide">
      <Heading tab={flightId}>
        {flight === null ? flightId : `${flight.airline} ${flight.number} ${flight.origin} → ${flight.destination}`}
      </Heading>
      {flight !== null && (
        <p class="cluster">
          <span>
            {formatDate(language, flight.departsLocal)} {formatTime(language, flight.departsLocal)}
          </span>
          <a href={operatorPath("journal", flightId)}>{m.toJournal}</a>
          <a href={`/flights/${encodeURIComponent(flightId)}/seats`}>{m.toMember}</a>
        </p>
      )}
      {refusal !== null && <RefusalNote refusal={refusal} onRetry={reload} takesFocus={false} />}
      {refusal === null && (
        <div class="two">
          <RoomPanel flightId={flightId} />
          <Occupancy counts={counts} />
        </div>
      )}
    </div>
  );
}
