/** Owns how full a flight is: for each cabin, how many seats are in each state, as a bar and in words. */

import { formatNumber } from "../../i18n/format.ts";
import { language } from "../../member/state/words.ts";
import { filled, words } from "../words.ts";
import type { SeatCounts, SeatState } from "./flight-facts.ts";

const STATES: readonly SeatState[] = ["sold", "held", "blocked", "free"];
const WIDTH = 1_000;

export function Occupancy({ counts }: { readonly counts: SeatCounts | null }) {
  const m = words.flight;
  return (
    <section class="card" aria-labelledby="seats">
      <h2 id="seats">{m.seats}</h2>
      {counts === null ? (
        <div class="waiting">
          <p class="sr-only">{words.loading}</p>
        </div>
      ) : (
        Array.from(counts, ([cabin, ofCabin]) => (
          <div key={cabin} class="cabin-bar">
            <h3>{filled(m.cabin, { cabin })}</h3>
            <Bar counts={ofCabin} />
            <ul class="time-parts">
              {STATES.filter((state) => state !== "blocked" || ofCabin.blocked > 0).map((state) => (
                <li key={state}>
                  <span class={`swatch seat-${state}`} aria-hidden="true" />
                  {m[state]} <b>{formatNumber(language, ofCabin[state])}</b>
                </li>
              ))}
            </ul>
          </div>
        ))
      )}
    </section>
  );
}

function Bar({ counts }: { readonly counts: Readonly<Record<SeatState, number>> }) {
  const all = Math.max(
    1,
    STATES.reduce((sum, state) => sum + counts[state], 0),
  );
  let x = 0;
  return (
    <svg class="time-bar" viewBox={`0 0 ${WIDTH} 28`} preserveAspectRatio="none" aria-hidden="true">
      {STATES.map((state) => {
        const from = x;
        const width = (WIDTH * counts[state]) / all;
        x += width;
        return <rect key={state} class={`part seat-${state}`} x={from} width={Math.max(0, width - 1)} height="28" />;
      })}
    </svg>
  );
}
