/** Owns the form of a ticket number: the airline's three digits and a serial of ten, and where its check digit stands. */

import { assert } from "../assert.ts";

/** How many serials an airline has. */
export const TICKET_SERIAL_COUNT = 10 ** 10;

/**
 * The 13 digits by which a ticket is known everywhere: the airline's accounting code, then form code and serial number
 * as one number. The check digit is not one of them; see {@link checkDigit}.
 *
 * @param airlineCode the three-digit accounting code that IATA assigns, such as `180`; not the designator `KE`
 * @param serial in [0, {@link TICKET_SERIAL_COUNT})
 */
export function ticketNumber(airlineCode: string, serial: number): string {
  assert(/^[0-9]{3}$/.test(airlineCode), () => `an airline's accounting code has three digits, not ${airlineCode}`);
  assert(
    Number.isInteger(serial) && serial >= 0 && serial < TICKET_SERIAL_COUNT,
    () => `a ticket's serial, not ${serial}`,
  );
  return airlineCode + String(serial).padStart(10, "0");
}

/**
 * The check digit of a ticket number: the remainder of its 13 digits divided by seven, 0 to 6 (unweighted modulus 7).
 *
 * It stands apart, as a 14th digit after the number, and is no part of it: messages carry the number and the check digit
 * in two fields (Amadeus's PNR messages: `companyId` of 3 digits, `ticketNumber` of 10, `ticketNumberCd` of 1). A paper
 * coupon prints its coupon number in front, so that the check digit comes 15th there; with coupon 0, the passenger's
 * receipt, it is the same digit. The rule is of IATA's Resolution 722 series, which is not freely published; it is told,
 * with worked examples, in Rosen, "Discrete Mathematics and Its Applications", 7th edition, section 4.5, and in Kirtland,
 * "Identification Numbers and Check Digit Schemes" (2001), definition 2.3.
 *
 * @param number the 13 digits
 */
export function checkDigit(number: string): number {
  assert(/^[0-9]{13}$/.test(number), () => `a ticket number has 13 digits: ${number}`);
  return Number(number) % 7;
}
