/** Owns what becomes of an itinerary's legs: which are sold, and with which seats, after its segments have been read. */

import type { CabinSize } from "../catalogue/planned-flight.ts";
import { ELSEWHERE, type readCabins } from "./configuration.ts";
import { LEG, SEGMENT } from "./fields.ts";
import { type FileRecord, printable } from "./file-record.ts";
import { type Carrier, isSold, itineraryOf, type Leg, type LegRecord, readLegName, STATION } from "./leg.ts";

/** "Duplicate leg cross reference: operational leg identification": the seats are those of the flight that it names. */
const OPERATED_ELSEWHERE = "050";

/** The aircraft configuration, where it doesn't fit its field. */
const CONFIGURATION = "108";

interface Member {
  readonly record: FileRecord;
  readonly leg: LegRecord;
  codeshare: boolean;
  configuration: string;
}

/** How many leg records were read and are not sold, by the reason. */
export interface NotSold {
  codeshares: number;
  readonly byServiceType: Map<string, number>;
}

/** One variation of one flight: its legs in their order, each followed by, or all before, their segment data. */
export class Itinerary {
  readonly #members: Member[] = [];

  /** Whether the leg is a further one of this itinerary. */
  continues(leg: LegRecord): boolean {
    return this.#members[0]?.leg.itinerary === leg.itinerary;
  }

  add(record: FileRecord, leg: LegRecord): void {
    const previous = this.#members.at(-1)?.leg;
    if (previous !== undefined && leg.sequence <= previous.sequence) {
      record.reject(LEG.sequence, `the legs of a variation rise; line ${previous.line} has ${previous.sequence}`);
    }
    const first = this.#members[0]?.leg;
    if (first?.sequence === 1 && leg.departureDays !== null) {
      const later = leg.days.fromDay - first.days.fromDay;
      if (later !== leg.departureDays) {
        record.reject(
          LEG.dateVariation,
          `says that it leaves ${leg.departureDays} day(s) after the first leg; by their periods it is ${later}`,
        );
      }
    }
    this.#members.push({ record, leg, codeshare: leg.codeshare, configuration: leg.configuration });
  }

  /** Takes a segment data record of this itinerary. */
  note(record: FileRecord, carrier: Carrier): void {
    const { sequence } = readLegName(record, carrier);
    record.matching(SEGMENT.boardIndicator, /^[A-Z]$/, "a letter");
    record.matching(SEGMENT.offIndicator, /^[A-Z]$/, "a letter");
    record.matching(SEGMENT.board, STATION, "a location identifier of three letters");
    record.matching(SEGMENT.off, STATION, "a location identifier of three letters");
    const element = record.matching(SEGMENT.element, /^(?!000)\d{3}$/, "three digits");
    const overflow = record.matching(SEGMENT.overflow, /^[A-Z0-9 ]$/, "a letter, a digit or blank");
    if (!record.sound) return;
    const named = this.#members.find(
      ({ leg }) => leg.sequence === sequence && leg.service === record.get(SEGMENT.service),
    );
    if (named === undefined || named.leg.itinerary !== itineraryOf(record, overflow)) {
      record.reject(SEGMENT.sequence, "there is no such leg before it");
      return;
    }
    const data = record.get(SEGMENT.data).trimEnd();
    if (element === CONFIGURATION && named.configuration.trimEnd() === ELSEWHERE) named.configuration = data;
    if (element !== OPERATED_ELSEWHERE) return;
    if (data === "") record.reject(SEGMENT.data, "doesn't say which flight operates the leg");
    for (const member of this.#within(record)) member.codeshare = true;
    named.codeshare = true;
  }

  /** The legs between the points of a segment: A is where the first leg begins, B where it ends. */
  #within(record: FileRecord): readonly Member[] {
    const ordinal = (letter: string): number => letter.charCodeAt(0) - "A".charCodeAt(0) + 1;
    const first = ordinal(record.get(SEGMENT.boardIndicator));
    const last = ordinal(record.get(SEGMENT.offIndicator)) - 1;
    return this.#members.filter(({ leg }) => leg.sequence >= first && leg.sequence <= last);
  }

  /** The legs that are sold; counts the others. `cabinsOf` reads a configuration, or says what is wrong with it. */
  close(notSold: NotSold, cabinsOf: typeof readCabins): readonly Leg[] {
    const legs: Leg[] = [];
    for (const { record, leg, codeshare, configuration } of this.#members) {
      if (codeshare) {
        notSold.codeshares += 1;
      } else if (!isSold(leg.service)) {
        notSold.byServiceType.set(leg.service, (notSold.byServiceType.get(leg.service) ?? 0) + 1);
      } else {
        const cabins = soldCabins(record, configuration, cabinsOf);
        if (cabins !== null) legs.push(soldLeg(leg, cabins));
      }
    }
    this.#members.length = 0;
    return legs;
  }
}

function soldCabins(
  record: FileRecord,
  configuration: string,
  cabinsOf: typeof readCabins,
): readonly CabinSize[] | null {
  const cabins = cabinsOf(configuration);
  if (typeof cabins !== "string") return cabins;
  record.reject(LEG.configuration, `"${printable(configuration.trimEnd())}" ${cabins}`);
  return null;
}

function soldLeg(leg: LegRecord, cabins: readonly CabinSize[]): Leg {
  return {
    line: leg.line,
    airline: leg.airline,
    number: leg.number,
    suffix: leg.suffix,
    origin: leg.origin,
    destination: leg.destination,
    aircraft: leg.aircraft,
    cabins,
    days: leg.days,
    departsAfterMinutes: leg.departsAfterMinutes,
    blockMinutes: leg.blockMinutes,
    departureOffsetMinutes: leg.departureOffsetMinutes,
    arrivalOffsetMinutes: leg.arrivalOffsetMinutes,
  };
}
