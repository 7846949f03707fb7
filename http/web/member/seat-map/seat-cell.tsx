/** Owns one seat in the picture: its shape by state, never by colour alone, and its name for those who don't see it. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import { words } from "../state/words.ts";
import { type PlacedSeat, SEAT_HEIGHT } from "./layout.ts";
import { type Chosen, nameOf } from "./seat-name.ts";

/** Who has chosen a seat, by its name. */
export type Choice = ReadonlyMap<string, Chosen>;

export interface SeatCellProps {
  readonly placed: PlacedSeat;
  readonly y: number;
  readonly choice: ReadonlySignal<Choice>;
  /** The one seat that the Tab key reaches; arrow keys lead on from it. */
  readonly isEntry: boolean;
}

/** What a finger may hit around the drawn seat. */
const MARGIN = 2;

export function SeatCell({ placed, y, choice, isEntry }: SeatCellProps) {
  const { seat, x, width } = placed;
  const chosen = useComputed(() => choice.value.get(seat.name)).value;
  const state = seat.state.value;
  const look = chosen === undefined ? state : "chosen";
  return (
    <g
      role="gridcell"
      id={`seat-${seat.name}`}
      data-seat={seat.name}
      class={`seat ${look}`}
      transform={`translate(${x} ${y})`}
      // In SVG the attribute has no capitals.
      tabindex={isEntry ? 0 : -1}
      aria-selected={chosen !== undefined}
      aria-disabled={chosen === undefined && state !== "free"}
      aria-label={nameOf(seat, state, chosen ?? null)}
    >
      <rect class="hit" x={-MARGIN} y={-MARGIN} width={width + 2 * MARGIN} height={SEAT_HEIGHT + 2 * MARGIN} rx="8" />
      <rect class="back" width={width} height={SEAT_HEIGHT} rx="6" />
      <Sign look={look} middle={width / 2} number={chosen?.number ?? 0} />
    </g>
  );
}

function Sign({ look, middle, number }: { readonly look: string; readonly middle: number; readonly number: number }) {
  const y = SEAT_HEIGHT / 2;
  switch (look) {
    case "chosen":
      return (
        <text class="sign" aria-hidden="true" x={middle} y={y + 5} text-anchor="middle">
          {number}
        </text>
      );
    case "sold":
      return <path class="sign" d={`M${middle - 5} ${y - 5}l10 10m0-10l-10 10`} />;
    case "held":
      return <path class="sign" d={`M${middle - 6} ${y}h.01M${middle} ${y}h.01M${middle + 6} ${y}h.01`} />;
    case "blocked":
      return <path class="sign" d={`M${middle - 6} ${y}h12`} />;
    default:
      return <path class="sign" d={`M5 ${SEAT_HEIGHT - 7}h${2 * middle - 10}`} />;
  }
}

const SHOWN = ["free", "chosen", "held", "sold"] as const;

/** The same shapes with their meaning. */
export function Legend() {
  const m = words.seats;
  const names = { free: m.legendFree, chosen: m.legendChosen, held: m.legendHeld, sold: m.legendTaken };
  return (
    <ul class="legend" aria-label={m.legend}>
      {SHOWN.map((look) => (
        <li key={look}>
          <svg viewBox="-2 -2 32 34" class={`seat ${look}`} aria-hidden="true" focusable="false">
            <rect class="back" width="28" height={SEAT_HEIGHT} rx="6" />
            <Sign look={look} middle={14} number={1} />
          </svg>
          {names[look]}
        </li>
      ))}
      <li>
        <svg viewBox="0 0 32 34" class="exit-mark" aria-hidden="true" focusable="false">
          <path d="M8 10l12 7-12 7z" />
        </svg>
        {m.legendExit}
      </li>
    </ul>
  );
}
