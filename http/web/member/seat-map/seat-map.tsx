/** Owns the picture of the cabin: a grid of seats that can be walked through by keyboard (ARIA Authoring Practices, grid). */

import type { ReadonlySignal, Signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { formatMoney } from "../../i18n/format.ts";
import { cabinClass } from "../../i18n/places.ts";
import { language, words } from "../state/words.ts";
import { type Layout, layoutOf, type PlacedCabin, type PlacedRow, SEAT_HEIGHT, WALL } from "./layout.ts";
import { type Choice, SeatCell } from "./seat-cell.tsx";
import type { Seat, SeatStore } from "./seat-store.ts";

export interface SeatMapProps {
  readonly store: SeatStore;
  readonly choice: ReadonlySignal<Choice>;
  /** The seat under the pointer or the focus. */
  readonly looked: Signal<Seat | null>;
  readonly onPick: (seat: Seat) => void;
}

/** Rows that Page Up and Page Down pass over. */
const ROWS_A_PAGE = 5;

export function SeatMap({ store, choice, looked, onPick }: SeatMapProps) {
  const seats = store.seats.value;
  const layout = useMemo(() => layoutOf(seats), [seats]);
  const rows = useMemo(() => layout.cabins.flatMap((cabin) => cabin.rows), [layout]);
  const entry = useMemo(() => entryOf(seats, choice.peek()), [seats]);
  const picture = useRef<SVGSVGElement>(null);
  const m = words.seats;

  const seatOf = (event: Event): Seat | null => {
    const cell = event.target instanceof Element ? event.target.closest("[data-seat]") : null;
    return store.find(cell?.getAttribute("data-seat") ?? "") ?? null;
  };
  const focus = (seat: Seat | null): void => {
    if (seat === null) return;
    picture.current?.querySelector("[data-seat][tabindex='0']")?.setAttribute("tabindex", "-1");
    const cell = picture.current?.querySelector<SVGGElement>(`#seat-${seat.name}`);
    cell?.setAttribute("tabindex", "0");
    cell?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const seat = seatOf(event);
    if (seat === null) return;
    if (event.key === "Enter" || event.key === " ") onPick(seat);
    else {
      const target = moved(rows, seat, event);
      if (target === undefined) return;
      focus(target);
    }
    event.preventDefault();
  };

  return (
    <svg
      ref={picture}
      class="seat-map"
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      style={{ maxWidth: `${Math.max(layout.width * 1.15, 300)}px` }}
      role="grid"
      aria-label={m.map}
      aria-describedby="seat-map-help"
      onClick={(event) => {
        const seat = seatOf(event);
        if (seat === null) return;
        focus(seat);
        onPick(seat);
      }}
      onKeyDown={onKeyDown}
      onPointerOver={(event) => {
        looked.value = seatOf(event) ?? looked.peek();
      }}
      onFocusIn={(event) => {
        looked.value = seatOf(event);
      }}
    >
      <Fuselage layout={layout} front={m.front} />
      {layout.cabins.map((cabin) => (
        <CabinRows key={cabin.cabin} cabin={cabin} layout={layout} choice={choice} entry={entry} />
      ))}
    </svg>
  );
}

interface CabinRowsProps {
  readonly cabin: PlacedCabin;
  readonly layout: Layout;
  readonly choice: ReadonlySignal<Choice>;
  readonly entry: string;
}

function CabinRows({ cabin, layout, choice, entry }: CabinRowsProps) {
  const m = words;
  const price = cabin.rows[0]?.seats[0]?.seat.price;
  const name = m.cabins[cabinClass(cabin.cabin)];
  return (
    <g role="rowgroup" aria-label={name}>
      <g aria-hidden="true">
        <text class="cabin-name" x={layout.width / 2} y={cabin.y - 27} text-anchor="middle">
          {name}
          {price !== undefined && ` · ${formatMoney(language, price)}`}
        </text>
        {cabin.columns.map(({ letter, x }) => (
          <text key={letter} class="map-label" x={x} y={cabin.y - 7} text-anchor="middle">
            {letter}
          </text>
        ))}
      </g>
      {cabin.rows.map((row) => (
        <g key={row.row} role="row" aria-label={m.seats.row(row.row)}>
          <g aria-hidden="true">
            {cabin.aisles.map((x) => (
              <text key={x} class="map-label" x={x} y={row.y + SEAT_HEIGHT / 2 + 4} text-anchor="middle">
                {row.row}
              </text>
            ))}
            {row.isExit && <ExitMarks y={row.y} width={layout.width} />}
          </g>
          {row.seats.map((placed) => (
            <SeatCell
              key={placed.seat.name}
              placed={placed}
              y={row.y}
              choice={choice}
              isEntry={placed.seat.name === entry}
            />
          ))}
        </g>
      ))}
    </g>
  );
}

function ExitMarks({ y, width }: { readonly y: number; readonly width: number }) {
  const middle = y - 8;
  return <path class="exit-mark" d={`M1 ${middle - 6}l9 6-9 6zM${width - 1} ${middle - 6}l-9 6 9 6z`} />;
}

/** Nose, walls and tail, and the wings where the middle of the cabin is. */
function Fuselage({ layout: { width, height, cabins }, front }: { readonly layout: Layout; readonly front: string }) {
  const top = cabins[0]?.y ?? 0;
  const middle = (top + height) / 2;
  const wing = Math.min(160, height / 5);
  return (
    <g aria-hidden="true">
      <path
        class="wing"
        d={`M2 ${middle - wing}L-220 ${middle + wing * 0.7}V${middle + wing * 1.1}L2 ${middle + wing * 0.6}zM${width - 2} ${middle - wing}l222 ${wing * 1.7}v${wing * 0.4}L${width - 2} ${middle + wing * 0.6}z`}
      />
      <path
        class="hull"
        d={`M1 ${top}C1 ${top * 0.4} ${width * 0.28} 1 ${width / 2} 1S${width - 1} ${top * 0.4} ${width - 1} ${top}V${height - 60}C${width - 1} ${height - 20} ${width * 0.8} ${height - 1} ${width / 2} ${height - 1}S1 ${height - 20} 1 ${height - 60}z`}
      />
      <path class="cockpit" d={`M${width / 2 - 22} 27q22-11 44 0l-5 9q-17-7-34 0z`} />
      <text class="map-label" x={width / 2} y={54} text-anchor="middle">
        {front}
      </text>
      <path class="wall" d={`M${WALL / 2} ${top + 6}V${height - 70}M${width - WALL / 2} ${top + 6}V${height - 70}`} />
    </g>
  );
}

/** Tab reaches a chosen seat, or else the first free one. */
function entryOf(seats: readonly Seat[], choice: Choice): string {
  const chosen = seats.find(({ name }) => choice.has(name));
  return (chosen ?? seats.find(({ state }) => state.peek() === "free") ?? seats[0])?.name ?? "";
}

/** The seat that a key leads to; undefined for a key that leads nowhere. */
function moved(rows: readonly PlacedRow[], from: Seat, { key, ctrlKey }: KeyboardEvent): Seat | undefined {
  const at = rows.findIndex(({ seats }) => seats.some(({ seat }) => seat === from));
  const row = rows[at];
  if (row === undefined) return undefined;
  const column = row.seats.findIndex(({ seat }) => seat === from);
  const place = row.seats[column];
  if (place === undefined) return undefined;
  const inRow = (step: number): Seat | undefined => row.seats[column + step]?.seat ?? from;
  const ofRow = (step: number): Seat | undefined => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    const middle = place.x + place.width / 2;
    const away = ({ x, width }: { readonly x: number; readonly width: number }) => Math.abs(x + width / 2 - middle);
    return target?.seats.reduce((nearest, each) => (away(each) < away(nearest) ? each : nearest)).seat;
  };
  switch (key) {
    case "ArrowLeft":
      return inRow(-1);
    case "ArrowRight":
      return inRow(1);
    case "ArrowUp":
      return ofRow(-1);
    case "ArrowDown":
      return ofRow(1);
    case "PageUp":
      return ofRow(-ROWS_A_PAGE);
    case "PageDown":
      return ofRow(ROWS_A_PAGE);
    case "Home":
      return (ctrlKey ? rows[0] : row)?.seats[0]?.seat;
    case "End":
      return (ctrlKey ? rows.at(-1) : row)?.seats.at(-1)?.seat;
    default:
      return undefined;
  }
}
