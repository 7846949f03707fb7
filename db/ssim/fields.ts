/** Owns where the fields of a record stand: byte positions of SSIM chapter 7, sections 7.5.1 to 7.5.5. */

export const RECORD_BYTES = 200;

export interface Field {
  readonly name: string;
  /** First and last byte, counted from 1, inclusive. */
  readonly from: number;
  readonly to: number;
}

function field(name: string, from: number, to: number = from): Field {
  return { name, from, to };
}

export const ANY = {
  type: field("record type", 1),
  serial: field("record serial number", 195, 200),
} as const;

export const HEADER = {
  title: field("title of contents", 2, 35),
} as const;

export const CARRIER = {
  timeMode: field("time mode", 2),
  airline: field("airline designator", 3, 5),
  validFrom: field("period of schedule validity, from", 15, 21),
  validTo: field("period of schedule validity, to", 22, 28),
} as const;

/** Bytes 2 to 14, by which a segment record names the leg that it speaks of. */
export const LEG_NAME = {
  suffix: field("operational suffix", 2),
  airline: field("airline designator", 3, 5),
  number: field("flight number", 6, 9),
  variation: field("itinerary variation identifier", 10, 11),
  sequence: field("leg sequence number", 12, 13),
  service: field("service type", 14),
} as const;

export const LEG = {
  ...LEG_NAME,
  from: field("period of operation, from", 15, 21),
  to: field("period of operation, to", 22, 28),
  days: field("days of operation", 29, 35),
  frequency: field("frequency rate", 36),
  origin: field("departure station", 37, 39),
  passengerDeparture: field("passenger departure time", 40, 43),
  departure: field("aircraft departure time", 44, 47),
  departureOffset: field("UTC variation of departure", 48, 52),
  destination: field("arrival station", 55, 57),
  arrival: field("aircraft arrival time", 58, 61),
  passengerArrival: field("passenger arrival time", 62, 65),
  arrivalOffset: field("UTC variation of arrival", 66, 70),
  aircraft: field("aircraft type", 73, 75),
  overflow: field("itinerary variation overflow", 128),
  disclosure: field("operating airline disclosure", 149),
  configuration: field("aircraft configuration", 173, 192),
  dateVariation: field("date variation", 193, 194),
} as const;

export const SEGMENT = {
  ...LEG_NAME,
  overflow: field("itinerary variation overflow", 28),
  boardIndicator: field("board point indicator", 29),
  offIndicator: field("off point indicator", 30),
  element: field("data element identifier", 31, 33),
  board: field("board point", 34, 36),
  off: field("off point", 37, 39),
  data: field("data", 40, 194),
} as const;

export const TRAILER = {
  airline: field("airline designator", 3, 5),
  check: field("serial number check reference", 188, 193),
  end: field("continuation/end code", 194),
} as const;
