/** Owns a small writer of SSIM chapter 7 records for tests: every field can be set to anything, right or wrong. */

/** A record without its serial number, which {@link fileOf} gives it. */
export type Unnumbered = string;

export interface LegFields {
  readonly suffix?: string;
  readonly airline?: string;
  readonly number?: string;
  readonly variation?: string;
  readonly sequence?: string;
  readonly service?: string;
  readonly from?: string;
  readonly to?: string;
  readonly days?: string;
  readonly frequency?: string;
  readonly origin?: string;
  readonly passengerDeparture?: string;
  readonly departure?: string;
  readonly departureOffset?: string;
  readonly destination?: string;
  readonly arrival?: string;
  readonly passengerArrival?: string;
  readonly arrivalOffset?: string;
  readonly aircraft?: string;
  readonly overflow?: string;
  readonly disclosure?: string;
  readonly configuration?: string;
  readonly dateVariation?: string;
}

/** Puts texts at columns, counted from 1. */
function record(parts: readonly (readonly [number, string])[]): Unnumbered {
  let text = " ".repeat(194);
  for (const [column, part] of parts) text = text.slice(0, column - 1) + part + text.slice(column - 1 + part.length);
  return text;
}

export function header(title = "AIRLINE STANDARD SCHEDULE DATA SET"): Unnumbered {
  return record([
    [1, "1"],
    [2, title],
  ]);
}

export function carrier(fields: { mode?: string; airline?: string; from?: string; to?: string } = {}): Unnumbered {
  return record([
    [1, "2"],
    [2, fields.mode ?? "L"],
    [3, (fields.airline ?? "XX").padEnd(3)],
    [15, fields.from ?? "29MAR26"],
    [22, fields.to ?? "24OCT26"],
    [29, "01JAN26"],
    [72, "P"],
    [191, "1200"],
  ]);
}

/** By default XX 102 on Monday, 1 June 2026: RUN 08:00 (+4) to MRU 08:40 (+4), 118 seats in Y. */
export function leg(fields: LegFields = {}): Unnumbered {
  const departure = fields.departure ?? "0800";
  const arrival = fields.arrival ?? "0840";
  return record([
    [1, "3"],
    [2, fields.suffix ?? " "],
    [3, (fields.airline ?? "XX").padEnd(3)],
    [6, (fields.number ?? "102").padStart(4)],
    [10, fields.variation ?? "01"],
    [12, fields.sequence ?? "01"],
    [14, fields.service ?? "J"],
    [15, fields.from ?? "01JUN26"],
    [22, fields.to ?? "01JUN26"],
    [29, fields.days ?? "1      "],
    [36, fields.frequency ?? " "],
    [37, fields.origin ?? "RUN"],
    [40, fields.passengerDeparture ?? departure],
    [44, departure],
    [48, fields.departureOffset ?? "+0400"],
    [55, fields.destination ?? "MRU"],
    [58, arrival],
    [62, fields.passengerArrival ?? arrival],
    [66, fields.arrivalOffset ?? "+0400"],
    [73, fields.aircraft ?? "735"],
    [128, fields.overflow ?? " "],
    [149, fields.disclosure ?? " "],
    [173, (fields.configuration ?? "Y118VV118").padEnd(20)],
    [193, fields.dateVariation ?? "  "],
  ]);
}

export function segment(fields: {
  number?: string;
  variation?: string;
  sequence?: string;
  points?: string;
  element?: string;
  stations?: string;
  data?: string;
}): Unnumbered {
  return record([
    [1, "4"],
    [3, "XX "],
    [6, (fields.number ?? "102").padStart(4)],
    [10, fields.variation ?? "01"],
    [12, fields.sequence ?? "01"],
    [14, "J"],
    [29, fields.points ?? "AB"],
    [31, fields.element ?? "050"],
    [34, fields.stations ?? "RUNMRU"],
    [40, fields.data ?? "YY  1234"],
  ]);
}

/** Its check reference is that of the record before it unless one is given. */
export function trailer(fields: { airline?: string; check?: string; end?: string } = {}): Unnumbered {
  return record([
    [1, "5"],
    [3, (fields.airline ?? "XX").padEnd(3)],
    [188, fields.check ?? "<last>"],
    [194, fields.end ?? "E"],
  ]);
}

/** Fills a block up, and isn't counted. */
export const PADDING = "0".repeat(200);

export function serial(number: number): string {
  return String(number).padStart(6, "0");
}

/** Numbers the records from `first` on and fills in the trailers' check references. */
export function numbered(records: readonly string[], first = 1): readonly string[] {
  let next = first;
  return records.map((text) => {
    if (text.length === 200) return text;
    const line = text.replace("<last>", serial(next - 1)) + serial(next);
    next += 1;
    return line;
  });
}

export function bytesOf(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

/** A whole file of one carrier with these records. */
export function fileOf(
  records: readonly string[],
  of: Unnumbered = carrier(),
  end: Unnumbered = trailer(),
): Uint8Array {
  return bytesOf(numbered([header(), PADDING, of, PADDING, ...records, PADDING, end, PADDING]));
}
