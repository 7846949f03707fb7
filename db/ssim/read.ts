/** Owns the reading of an IATA SSIM chapter 7 file: all of it is checked, and of a file with any problem nothing is taken. */

import type { CabinSize } from "../catalogue/planned-flight.ts";
import { OPEN, readDate } from "./calendar.ts";
import { readCabins } from "./configuration.ts";
import { reportDuplicates } from "./duplicates.ts";
import { ANY, CARRIER, HEADER, RECORD_BYTES, TRAILER } from "./fields.ts";
import { FileRecord, printable } from "./file-record.ts";
import { Itinerary, type NotSold } from "./itinerary.ts";
import { type Carrier, type Leg, readLeg } from "./leg.ts";
import { linesOf } from "./lines.ts";
import { type Problem, Problems } from "./problem.ts";
import { countFlights, FLIGHTS_MAX, type Schedule } from "./schedule.ts";
import { serialAfter } from "./serial.ts";

/** Twice a world-wide schedule of half a million records. */
export const FILE_BYTES_MAX = 256 * 1024 * 1024;

export type Reading =
  | { readonly ok: true; readonly schedule: Schedule }
  /** `more` problems were found beyond those that are listed. */
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly more: number };

const TITLE = "AIRLINE STANDARD SCHEDULE DATA SET";
const WHOLE = "record";

/** Fills up blocks of five records; it isn't counted by the serial numbers. */
const PADDING = "0".repeat(RECORD_BYTES);

/** Reads a whole file. Never throws for what is in it. */
export function readSsim(bytes: Uint8Array): Reading {
  if (bytes.byteLength > FILE_BYTES_MAX) {
    const reason = `the file has more than ${FILE_BYTES_MAX} bytes`;
    return { ok: false, problems: [{ line: 1, field: WHOLE, reason }], more: 0 };
  }
  const reader = new Reader();
  for (const line of linesOf(bytes)) reader.take(line);
  return reader.finish();
}

/** What is due next. After a trailer comes the end, or the carrier that it announces. */
type Place = "header" | "carrier" | "first leg" | "leg or trailer" | "carrier or end" | "announced carrier";

class Reader {
  readonly #problems = new Problems();
  readonly #legs: Leg[] = [];
  readonly #notSold: NotSold = { codeshares: 0, byServiceType: new Map() };
  readonly #cabins = new Map<string, readonly CabinSize[] | string>();
  readonly #words = new Map<string, string>();
  #line = 0;
  #records = 0;
  #place: Place = "header";
  #serial = 0;
  #carrier: Carrier | null = null;
  #itinerary = new Itinerary();
  /** The latest leg was bad, so what is said about it can't be judged. */
  #legIsBad = false;

  take(text: string): void {
    this.#line += 1;
    if (text === PADDING) return;
    this.#records += 1;
    if (text.length !== RECORD_BYTES) {
      this.#refuse(`has ${text.length} bytes; a record has ${RECORD_BYTES}`);
      this.#serial = serialAfter(this.#serial);
      return;
    }
    const record = new FileRecord(text, this.#line, this.#problems);
    const previousSerial = this.#serial;
    this.#checkSerial(record);
    switch (record.type) {
      case "1":
        this.#header(record);
        break;
      case "2":
        this.#carrierRecord(record);
        break;
      case "3":
        this.#leg(record);
        break;
      case "4":
        this.#segment(record);
        break;
      case "5":
        this.#trailer(record, previousSerial);
        break;
      default:
        record.reject(ANY.type, `"${printable(record.type)}" is not a record type from 1 to 5`);
    }
  }

  finish(): Reading {
    if (this.#records === 0) this.#refuse("the file has no records");
    else if (this.#place === "announced carrier")
      this.#refuse("its trailer announces another carrier, and the file ends");
    else if (this.#place !== "carrier or end") this.#refuse("the file ends without a trailer record");
    const flights = countFlights(this.#legs);
    if (typeof flights === "number") {
      reportDuplicates(this.#legs, this.#problems);
    } else {
      this.#problems.add(flights.line, WHOLE, `with this leg the file has more than ${FLIGHTS_MAX} flights`);
    }
    if (this.#problems.count > 0 || typeof flights !== "number") {
      const kept = this.#problems.kept;
      return { ok: false, problems: kept, more: this.#problems.count - kept.length };
    }
    const byServiceType = Object.fromEntries([...this.#notSold.byServiceType].toSorted(byKey));
    const notSold = { codeshares: this.#notSold.codeshares, byServiceType };
    return { ok: true, schedule: { legs: this.#legs, records: this.#records, flights, notSold } };
  }

  /** Says of the whole line, the last one read, what is wrong. */
  #refuse(reason: string): void {
    this.#problems.add(Math.max(1, this.#line), WHOLE, reason);
  }

  #checkSerial(record: FileRecord): void {
    const text = record.matching(ANY.serial, /^\d{6}$/, "six digits");
    const expected = serialAfter(this.#serial);
    if (!/^\d{6}$/.test(text)) {
      this.#serial = expected;
      return;
    }
    const serial = Number(text);
    // Some writers, that of the public sample file among them, don't count the trailer when another carrier follows it.
    const afterTrailer = this.#place === "carrier or end" || this.#place === "announced carrier";
    const uncountedTrailer = afterTrailer && record.type === "2" && serial === this.#serial;
    if (serial !== expected && !uncountedTrailer) {
      record.reject(ANY.serial, `${text} stands where ${String(expected).padStart(6, "0")} follows`);
    }
    this.#serial = serial;
  }

  #expect(record: FileRecord, ...places: readonly Place[]): boolean {
    if (places.includes(this.#place)) return true;
    record.reject(ANY.type, `a record of type ${record.type} stands where the ${this.#place} is due`);
    return false;
  }

  #header(record: FileRecord): void {
    if (!this.#expect(record, "header")) return;
    this.#place = "carrier";
    if (record.get(HEADER.title) !== TITLE) record.reject(HEADER.title, `is not "${TITLE}"`);
  }

  #carrierRecord(record: FileRecord): void {
    const due = this.#expect(record, "carrier", "carrier or end", "announced carrier");
    this.#place = "first leg";
    const mode = record.matching(CARRIER.timeMode, /^[LU]$/, "L or U");
    const airline = record.matching(CARRIER.airline, /^(?=.*[A-Z])[A-Z0-9]{2}[A-Z0-9 ]$/, "an airline designator");
    const validFrom = record.reading(CARRIER.validFrom, readDate, "a date, ddMMMyy", OPEN);
    const validTo = record.reading(CARRIER.validTo, readDate, "a date, ddMMMyy", OPEN);
    if (validFrom !== OPEN && validTo !== OPEN && validTo < validFrom) {
      record.reject(CARRIER.validTo, "the schedule ends before it begins");
    }
    if (!due) this.#closeItinerary();
    this.#carrier = { airline: airline.trimEnd(), inUtc: mode === "U", validFrom, validTo };
  }

  #leg(record: FileRecord): void {
    if (!this.#expect(record, "first leg", "leg or trailer") || this.#carrier === null) return;
    this.#place = "leg or trailer";
    const leg = readLeg(record, this.#carrier);
    this.#legIsBad = leg === null;
    if (leg === null) return;
    if (!this.#itinerary.continues(leg)) this.#closeItinerary();
    this.#itinerary.add(record, {
      ...leg,
      origin: this.#word(leg.origin),
      destination: this.#word(leg.destination),
      aircraft: this.#word(leg.aircraft),
    });
  }

  #segment(record: FileRecord): void {
    if (!this.#expect(record, "leg or trailer") || this.#carrier === null || this.#legIsBad) return;
    this.#itinerary.note(record, this.#carrier);
  }

  #trailer(record: FileRecord, previousSerial: number): void {
    if (!this.#expect(record, "first leg", "leg or trailer")) return;
    this.#closeItinerary();
    const airline = record.get(TRAILER.airline).trimEnd();
    if (airline !== this.#carrier?.airline) {
      record.reject(TRAILER.airline, `it ends the schedule of ${this.#carrier?.airline ?? "no airline"}`);
    }
    const check = record.get(TRAILER.check);
    if (check !== String(previousSerial).padStart(6, "0")) {
      record.reject(TRAILER.check, `"${printable(check)}" is not the serial number of the record before it`);
    }
    const goesOn = record.matching(TRAILER.end, /^[CE]$/, "C or E") === "C";
    this.#place = goesOn ? "announced carrier" : "carrier or end";
    this.#carrier = null;
  }

  #closeItinerary(): void {
    for (const leg of this.#itinerary.close(this.#notSold, (text) => this.#cabinsOf(text))) this.#legs.push(leg);
  }

  /** Legs share their cabins: a file has few configurations. */
  #cabinsOf(text: string): readonly CabinSize[] | string {
    const known = this.#cabins.get(text);
    if (known !== undefined) return known;
    const cabins = readCabins(text);
    this.#cabins.set(text, cabins);
    return cabins;
  }

  /** The same word as one string: a slice would keep its whole line in memory. */
  #word(text: string): string {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    this.#words.set(text, text);
    return text;
  }
}

function byKey([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}
