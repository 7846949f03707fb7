/** Owns the flight that a step is about, in one line: day, times, places. */

import { formatDate } from "../../i18n/format.ts";
import type { Flight } from "../state/flights.ts";
import { language, words } from "../state/words.ts";
import { FlightTimes } from "./flight-times.tsx";

/** @param flight null until it has come */
export function FlightSummary({ flight }: { readonly flight: Flight | null }) {
  const m = words.flight;
  if (flight === null) return <div class="waiting summary-waiting" />;
  return (
    <section class="card summary" aria-label={m.label}>
      <p class="summary-day">{formatDate(language, flight.departsLocal)}</p>
      <FlightTimes flight={flight} />
    </section>
  );
}
