/** Owns what people see of a number that a host gives out. */

import { Permutation } from "./permutation.ts";
import { PNR_COUNT, pnrOf } from "./pnr.ts";
import { TICKET_SERIAL_COUNT, ticketNumber } from "./ticket-number.ts";

/** From a number of the sequence to what people see. */
export interface NumberForms {
  pnr(number: number): string;
  ticketNumber(number: number): string;
}

/**
 * @param key secret, and the same for ever: another one would give numbers a second time
 * @param airlineCode the airline's three-digit accounting code
 */
export function numberForms(key: Uint8Array, airlineCode: string): NumberForms {
  const pnrs = new Permutation(key, "pnr", PNR_COUNT);
  const serials = new Permutation(key, "ticket", TICKET_SERIAL_COUNT);
  return {
    pnr: (number) => pnrOf(pnrs.of(number)),
    ticketNumber: (number) => ticketNumber(airlineCode, serials.of(number)),
  };
}
