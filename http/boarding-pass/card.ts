/** Owns how a boarding pass looks: one picture without anything from elsewhere, and styled by attributes alone, which no policy forbids. */

import { Mark } from "../web/design/brand.tsx";
import { renderHtml } from "../web/render-html.ts";
import { escaped, SANS, textAt } from "./svg.ts";
import type { AztecSymbol } from "./symbol.ts";

export interface Place {
  readonly code: string;
  readonly city: string;
  /** ISO 8601 with the offset of the place. */
  readonly local: string;
}

export interface CardContent {
  readonly passenger: string;
  /** As the code says it. */
  readonly travelName: string;
  readonly airline: string;
  readonly flightNumber: string;
  readonly from: Place;
  readonly to: Place;
  readonly cabin: string;
  /** null for an infant. */
  readonly seat: string | null;
  readonly sequence: string;
  readonly pnr: string;
  readonly ticketNumber: string;
  readonly checkDigit: number;
  readonly symbol: AztecSymbol;
}

/** Boarding begins so long before the departure, and ends so long before it, in minutes. */
const BOARDING_BEFORE_MIN = 30;
const GATE_CLOSES_MIN = 10;

const WIDTH = 400;
const HEIGHT = 712;
const MARGIN = 28;
const RIGHT = WIDTH - MARGIN;
const CENTRE = WIDTH / 2;
/** Where the part with the code is torn off. */
const TEAR = 446;

// The light values of http/web/design/tokens.css: a pass is paper, at night as well.
const PLUMAGE = "#1d2a4d";
const ON_PLUMAGE = "#f3f5fb";
const ON_PLUMAGE_SOFT = "#b9c3dd";
const NECK_GREEN = "#17a38a";
const NECK_VIOLET = "#8f6be0";
const CORAL = "#f0806c";
const INK = "#161e36";
const QUIET = "#4c5670";
const LINE = "#dadee8";
const PAPER = "#ffffff";

const CABINS: Readonly<Record<string, string>> = {
  F: "First 일등석",
  C: "Business 비즈니스",
  J: "Business 비즈니스",
  W: "Premium 프리미엄",
  Y: "Economy 일반석",
};

export function boardingPassCard(content: CardContent): string {
  const { passenger, airline, flightNumber, from, to, seat } = content;
  const flight = `${airline} ${flightNumber}`;
  const title = `Boarding pass 탑승권 · ${passenger} · ${flight} ${from.code}–${to.code}`;
  const description =
    `${flight}, ${dateText(from.local)}, from ${from.city} (${from.code}) at ${timeOf(from.local)} ` +
    `to ${to.city} (${to.code}) at ${timeOf(to.local)}. Seat ${seat ?? "none, an infant"}. Boarding from ${timeOf(minutesBefore(from.local, BOARDING_BEFORE_MIN))}. ` +
    `Booking reference ${content.pnr}.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" `,
    `role="img" aria-labelledby="title description" font-family="${SANS}">`,
    `<title id="title">${escaped(title)}</title><desc id="description">${escaped(description)}</desc>`,
    paper(),
    header(),
    route(content),
    facts(content),
    stub(content),
    "</svg>",
  ].join("");
}

/** A card with two notches where it is torn. */
function paper(): string {
  const radius = 24;
  const notch = 12;
  const outline =
    `M${radius} 0H${WIDTH - radius}A${radius} ${radius} 0 0 1 ${WIDTH} ${radius}V${TEAR - notch}` +
    `A${notch} ${notch} 0 0 0 ${WIDTH} ${TEAR + notch}V${HEIGHT - radius}A${radius} ${radius} 0 0 1 ${WIDTH - radius} ${HEIGHT}` +
    `H${radius}A${radius} ${radius} 0 0 1 0 ${HEIGHT - radius}V${TEAR + notch}A${notch} ${notch} 0 0 0 0 ${TEAR - notch}` +
    `V${radius}A${radius} ${radius} 0 0 1 ${radius} 0Z`;
  const head = `M${radius} 0H${WIDTH - radius}A${radius} ${radius} 0 0 1 ${WIDTH} ${radius}V84H0V${radius}A${radius} ${radius} 0 0 1 ${radius} 0Z`;
  return (
    `<path d="${outline}" fill="${PAPER}" stroke="${LINE}"/><path d="${head}" fill="${PLUMAGE}"/>` +
    `<path d="M0 84h${WIDTH / 3}v4H0z" fill="${NECK_GREEN}"/><path d="M${WIDTH / 3} 84h${WIDTH / 3}v4h-${WIDTH / 3}z" fill="${NECK_VIOLET}"/>` +
    `<path d="M${(2 * WIDTH) / 3} 84h${WIDTH / 3}v4h-${WIDTH / 3}z" fill="${CORAL}"/>` +
    `<path d="M${notch + 10} ${TEAR}H${WIDTH - notch - 10}" stroke="${LINE}" stroke-width="1.5" stroke-dasharray="2 6" stroke-linecap="round"/>`
  );
}

const MARK = renderHtml(Mark()).replace(
  "<svg",
  `<svg x="${MARGIN - 4}" y="24" width="38" height="38" color="${ON_PLUMAGE}"`,
);

function header(): string {
  return (
    MARK +
    textAt(MARGIN + 42, 50, "PigonAir", { size: 21, fill: ON_PLUMAGE, weight: 700, spacing: -0.4 }) +
    textAt(RIGHT, 40, "BOARDING PASS", { size: 11, fill: ON_PLUMAGE_SOFT, weight: 600, anchor: "end", spacing: 1.4 }) +
    textAt(RIGHT, 58, "탑승권", { size: 13, fill: ON_PLUMAGE, weight: 600, anchor: "end" })
  );
}

const PLANE =
  "M9 0c.9 0 1.5.9 1.5 2v4.6L18 11v1.8l-7.500-2.300v4.600l2.300 1.700V18.200L9 17.100l-3.800 1.100v-1.400l2.300-1.700v-4.600L0 12.800V11l7.500-4.400V2c0-1.100.6-2 1.500-2z";

function route({ from, to }: CardContent): string {
  const half = (RIGHT - MARGIN) / 2 - 30;
  const place = (at: Place, x: number, anchor: "start" | "end", later: string): string =>
    textAt(x, 116, at.city, { size: 13, fill: QUIET, anchor, widthMax: half }) +
    textAt(x, 158, at.code, { size: 44, fill: INK, weight: 700, anchor, spacing: 0.5 }) +
    textAt(x, 186, timeOf(at.local) + later, { size: 20, fill: INK, weight: 600, anchor });
  return (
    place(from, MARGIN, "start", "") +
    place(to, RIGHT, "end", laterText(from.local, to.local)) +
    `<path d="M${CENTRE - 56} 143H${CENTRE - 18}M${CENTRE + 18} 143H${CENTRE + 56}" stroke="${LINE}" stroke-width="2" stroke-linecap="round"/>` +
    `<g transform="translate(${CENTRE + 9.5} 134) rotate(90)"><path d="${PLANE}" fill="${PLUMAGE}"/></g>` +
    textAt(CENTRE, 172, durationText(from.local, to.local), { size: 12, fill: QUIET, anchor: "middle" }) +
    `<path d="M${MARGIN} 210H${RIGHT}" stroke="${LINE}"/>`
  );
}

function facts(content: CardContent): string {
  const { passenger, travelName, airline, flightNumber, from, cabin, seat } = content;
  const boards = minutesBefore(from.local, BOARDING_BEFORE_MIN);
  const closes = timeOf(minutesBefore(from.local, GATE_CLOSES_MIN));
  const isDayBefore = dayOf(boards) !== dayOf(from.local);
  const second = MARGIN + 122;
  const third = MARGIN + 228;
  const fact = (
    x: number,
    y: number,
    english: string,
    korean: string,
    value: string,
    widthMax: number,
    size = 18,
  ): string => label(x, y, english, korean) + textAt(x, y + 23, value, { size, fill: INK, weight: 600, widthMax });
  return (
    label(MARGIN, 236, "PASSENGER", "승객") +
    textAt(MARGIN, 262, passenger, { size: 21, fill: INK, weight: 700, widthMax: RIGHT - MARGIN }) +
    textAt(MARGIN, 282, travelName, { size: 13, fill: QUIET, mono: true }) +
    fact(MARGIN, 312, "DATE", "날짜", dateText(from.local), 110) +
    fact(second, 312, "FLIGHT", "편명", `${airline} ${flightNumber}`, 100) +
    fact(third, 312, "CLASS", "등급", CABINS[cabin] ?? cabin, 116) +
    label(MARGIN, 372, "BOARDING", "탑승 시작") +
    textAt(MARGIN, 406, timeOf(boards), { size: 32, fill: PLUMAGE, weight: 700 }) +
    label(second, 372, "GATE", "탑승구") +
    textAt(second, 406, "—", { size: 32, fill: PLUMAGE, weight: 700 }) +
    textAt(second, 424, "see screens 전광판", { size: 11, fill: QUIET }) +
    label(third, 372, "SEAT", "좌석") +
    textAt(third, 406, seat ?? "INF", { size: 32, fill: PLUMAGE, weight: 700 }) +
    textAt(MARGIN, 424, isDayBefore ? `on ${dateText(boards)} 전날` : `until 마감 ${closes}`, { size: 11, fill: QUIET })
  );
}

function label(x: number, y: number, english: string, korean: string): string {
  return (
    `<text x="${x}" y="${y}" font-size="10" fill="${QUIET}"><tspan font-weight="600" letter-spacing="0.8">${english}</tspan>` +
    `<tspan dx="5">${korean}</tspan></text>`
  );
}

function stub({ symbol, sequence, pnr, ticketNumber, checkDigit }: CardContent): string {
  const edge = 176;
  const module = edge / symbol.size;
  const top = TEAR + 22;
  return (
    `<g transform="translate(${CENTRE - edge / 2} ${top}) scale(${module})" shape-rendering="crispEdges">` +
    `<path d="${symbol.path}" fill="#000000"/></g>` +
    textAt(CENTRE, top + edge + 28, `${pnr}  ·  SEQ ${sequence}`, {
      size: 17,
      fill: INK,
      weight: 600,
      anchor: "middle",
      mono: true,
    }) +
    textAt(CENTRE, top + edge + 48, `ETKT ${ticketNumber.slice(0, 3)} ${ticketNumber.slice(3)} ${checkDigit}`, {
      size: 12,
      fill: QUIET,
      anchor: "middle",
      mono: true,
    })
  );
}

function timeOf(local: string): string {
  return local.slice(11, 16);
}

/** A local time, without its offset, so many minutes before another. */
function minutesBefore(local: string, minutes: number): string {
  return new Date(Date.parse(`${local.slice(0, 16)}Z`) - minutes * 60_000).toISOString();
}

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });

function dateText(local: string): string {
  return DAY.format(dayOf(local)).replace(",", "");
}

function dayOf(local: string): number {
  return Date.parse(`${local.slice(0, 10)}T00:00:00Z`);
}

/** ` +1` for an arrival on the next day of the calendar. */
function laterText(from: string, to: string): string {
  const days = (dayOf(to) - dayOf(from)) / 86_400_000;
  return days === 0 ? "" : ` ${days > 0 ? "+" : "−"}${Math.abs(days)}`;
}

function durationText(from: string, to: string): string {
  const minutes = Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
  const hours = Math.floor(minutes / 60);
  return [...(hours > 0 ? [`${hours} h`] : []), `${minutes % 60} min`].join(" ");
}
