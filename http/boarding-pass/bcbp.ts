/**
 * Owns what a boarding pass's code says: IATA's bar coded boarding pass (Resolution 792, version 6), one leg, with the conditional items that
 * are known of a passenger who checks in on the web.
 */

import { encode } from "bcbp";
import type { PassengerType } from "../../actors/domain/command.ts";
import { travelName } from "./travel-name.ts";

export interface BoardingData {
  /** As the passenger wrote it. */
  readonly passenger: string;
  readonly type: PassengerType;
  readonly pnr: string;
  /** 13 digits. */
  readonly ticketNumber: string;
  readonly origin: string;
  readonly destination: string;
  /** Airline designator of two or three characters. */
  readonly airline: string;
  /** Digits and an operational suffix: `102`, `102A`. */
  readonly flightNumber: string;
  /** Local date of departure, `YYYY-MM-DD`. */
  readonly date: string;
  readonly cabin: string;
  /** `12A`; null for an infant. */
  readonly seat: string | null;
  readonly sequence: string;
  /** Whether passports are looked at. */
  readonly isInternational: boolean;
  /** Local date of the check-in. */
  readonly issued: string;
}

/** Item 113. */
const CHECKED_IN = "1";

/** Item 15. The adult with an infant is an ordinary one: the infant has a pass of its own (Implementation Guide §5.3.6). */
const DESCRIPTION: Record<PassengerType, string> = { ADT: "0", CHD: "3", INF: "4" };

const WEB = "W";
const BOARDING_PASS = "B";

/** @returns about 90 characters, digits, capitals, spaces, `/` and `>` */
export function bcbpOf(data: BoardingData): string {
  const { passenger, type, pnr, ticketNumber, origin, destination, airline, cabin, seat, isInternational } = data;
  return encode({
    data: {
      passengerName: travelName(passenger),
      passengerDescription: DESCRIPTION[type],
      checkInSource: WEB,
      boardingPassIssuanceSource: WEB,
      issuanceDate: dateOf(data.issued),
      documentType: BOARDING_PASS,
      boardingPassIssuerDesignator: airline,
      legs: [
        {
          operatingCarrierPNR: pnr,
          departureAirport: origin,
          arrivalAirport: destination,
          operatingCarrierDesignator: airline,
          flightNumber: paddedNumber(data.flightNumber),
          flightDate: dateOf(data.date),
          compartmentCode: cabin,
          seatNumber: seat === null ? "INF" : seat.padStart(4, "0"),
          checkInSequenceNumber: data.sequence,
          passengerStatus: CHECKED_IN,
          airlineNumericCode: ticketNumber.slice(0, 3),
          serialNumber: ticketNumber.slice(3),
          internationalDocumentationVerification: isInternational ? "1" : "0",
          marketingCarrierDesignator: airline,
        },
      ],
    },
  });
}

/** Four digits, and a blank or a suffix. */
function paddedNumber(number: string): string {
  const [, digits = "", suffix = ""] = /^(\d+)([A-Z]?)$/.exec(number) ?? [];
  return digits.padStart(4, "0") + suffix;
}

function dateOf(local: string): Date {
  return new Date(`${local}T00:00:00Z`);
}

const LETTERS = 26;

/**
 * A check-in sequence number (item 107: four digits and a blank or a suffix), which must be another for everybody on a flight. It is made of
 * the seat, which nobody else has either: no counter needs to be kept, and the same pass always shows the same number.
 * @param seat of the passenger; of the adult on whose lap an infant sits
 */
export function sequenceOf(seat: string, isInfant: boolean): string {
  const row = Number.parseInt(seat, 10);
  const column = seat.charCodeAt(seat.length - 1) - "A".charCodeAt(0);
  const number = (row - 1) * LETTERS + column + 1;
  return String(number).padStart(4, "0") + (isInfant ? "A" : "");
}
