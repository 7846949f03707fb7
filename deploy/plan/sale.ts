/** Owns the question: a sale of so many seats to so many people, what is assumed of them, and the bounds of each. */

export interface Sale {
  readonly people: number;
  readonly seats: number;
  /** In which all seats shall be sold. */
  readonly minutes: number;
  readonly flights: number;
  /** The share of all commands that the busiest flight gets. */
  readonly hotShare: number;
  /** This share of the people comes within the first `rushSeconds`, the others evenly over the rest. */
  readonly rushShare: number;
  readonly rushSeconds: number;
  /** Of those who come, who log in then, and not beforehand. */
  readonly loginShare: number;
  readonly seatsPerReservation: number;
  /** Of those who get to the seats, who buy. */
  readonly buyShare: number;
  readonly hasRoom: boolean;
  /** Whether nginx or a delivery network answers for the room's status, once a second. */
  readonly isStatusShared: boolean;
  /** How full a part may be at the busiest. */
  readonly utilisationMax: number;
  /** The largest database that can be had. */
  readonly databaseCores: number;
  readonly databaseIops: number;
  readonly seed: number;
}

interface Option {
  readonly initial: number | null;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
  readonly meaning: string;
}

const whole = (initial: number | null, min: number, max: number, meaning: string): Option => ({
  initial,
  min,
  max,
  isWhole: true,
  meaning,
});
const part = (initial: number | null, min: number, max: number, meaning: string): Option => ({
  ...whole(initial, min, max, meaning),
  isWhole: false,
});

/** By the name on the command line. */
export const OPTIONS = {
  people: whole(null, 1, 100_000_000, "how many come; needed"),
  seats: whole(null, 1, 10_000_000, "how many seats are sold; needed"),
  minutes: part(10, 0.5, 1_440, "in which all are to be sold"),
  flights: whole(null, 1, 100_000, "that the seats are in (one for each 180 seats)"),
  "hot-share": part(null, 0, 1, "of all commands, what the busiest flight gets (twice its even share)"),
  "rush-share": part(0.5, 0, 1, "of the people, who come in the rush at the opening"),
  "rush-seconds": whole(60, 1, 3_600, "how long that rush lasts"),
  "login-share": part(0.3, 0, 1, "of those who come, who log in only then"),
  party: part(1.6, 1, 9, "seats in a reservation"),
  "buy-share": part(0.7, 0.01, 1, "of those who get to the seats, who buy"),
  utilisation: part(0.6, 0.05, 0.95, "how full a part may be at the busiest"),
  "database-cores": whole(32, 1, 512, "of the largest database that can be had"),
  "database-iops": whole(20_000, 100, 10_000_000, "flushes a second of its disk"),
  seed: whole(1, 0, 4_294_967_295, "of the simulation: the same seed gives the same figures"),
} as const satisfies Record<string, Option>;

export const FLAGS = {
  "no-room": "nobody waits: all go to the seats at once",
  "no-shared-status": "each client's look at the room goes to an edge: no nginx or delivery network answers for it",
} as const;

type Name = keyof typeof OPTIONS;
const NAMES = Object.keys(OPTIONS) as readonly Name[];
const SEATS_OF_A_FLIGHT = 180;

/** What was given, by name: numbers as text, and flags. */
export type Given = Readonly<Partial<Record<Name, string>>> & Readonly<Partial<Record<keyof typeof FLAGS, boolean>>>;

/** The sale, or everything that is wrong with what was given. */
export function readSale(given: Given): Sale | readonly string[] {
  const errors: string[] = [];
  const values = new Map<Name, number>();
  for (const name of NAMES) {
    const { initial, min, max, isWhole }: Option = OPTIONS[name];
    const text = given[name];
    if (text === undefined) {
      if (initial !== null) values.set(name, initial);
      else if (name === "people" || name === "seats") errors.push(`--${name} is missing`);
      continue;
    }
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) values.set(name, value);
    else errors.push(`--${name} must be a ${isWhole ? "whole " : ""}number from ${min} to ${max}, not "${text}"`);
  }
  const value = (name: Name): number => values.get(name) ?? 0;
  const flights = values.get("flights") ?? Math.ceil(value("seats") / SEATS_OF_A_FLIGHT);
  const hotShare = values.get("hot-share") ?? Math.min(1, 2 / flights);
  if (errors.length === 0 && flights > value("seats")) errors.push("--flights can't be more than --seats");
  if (errors.length === 0 && hotShare < 1 / flights - 1e-9) {
    errors.push(
      `--hot-share must be at least ${(1 / flights).toFixed(4)}: the busiest of ${flights} flights gets no less`,
    );
  }
  if (errors.length === 0 && value("rush-seconds") > value("minutes") * 60) {
    errors.push("--rush-seconds can't be longer than --minutes");
  }
  if (errors.length > 0) return errors;
  return {
    people: value("people"),
    seats: value("seats"),
    minutes: value("minutes"),
    flights,
    hotShare,
    rushShare: value("rush-share"),
    rushSeconds: value("rush-seconds"),
    loginShare: value("login-share"),
    seatsPerReservation: value("party"),
    buyShare: value("buy-share"),
    hasRoom: given["no-room"] !== true,
    isStatusShared: given["no-shared-status"] !== true,
    utilisationMax: value("utilisation"),
    databaseCores: value("database-cores"),
    databaseIops: value("database-iops"),
    seed: value("seed"),
  };
}
