/** Owns the forms of names, amounts and states wherever they travel: on the bus, and in what is published from it. */

import type { PassengerType } from "../domain/command.ts";
import { FLIGHT_ID } from "../domain/ids.ts";
import type { Money } from "../domain/money.ts";
import type { SeatState } from "../domain/reply.ts";
import { closed, count, oneOf, open, type Schema, text } from "./schema.ts";

export const flightId = text({
  pattern: FLIGHT_ID,
  expected: "1 to 48 letters, digits and hyphens",
  description: "`airline-number[suffix]-departure date-origin`",
  examples: ["PG-101-2030-01-31-ICN"],
});

/** Not `-`, under which the system's own keys stand, and no slash, which ends a member's name within a key's. As long as an account's id. */
export const memberId = text({
  pattern: /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,35}$/,
  expected: "the id of a member: 1 to 36 letters, digits and . : _ -",
  description: "The account that the reservation belongs to.",
  examples: ["0197f0c2-aaaa-7aaa-bbbb-000000000001"],
});

/** Ids that this program has made: reservations and payment attempts. */
export const madeId = text({
  pattern: /^[A-Za-z0-9_-]{1,64}$/,
  expected: "an id of 1 to 64 letters, digits, _ and -",
  examples: ["0197f0c2-bbbb-7aaa-bbbb-000000000001"],
});

export const seatId = text({
  pattern: /^[0-9]{1,3}[A-Z]$/,
  expected: "a seat: row, then column letter",
  examples: ["12A"],
});

export const cabin = text({ pattern: /^[A-Z]$/, expected: "one capital letter", examples: ["Y"] });

export const pnr = text({
  expected: "a record locator",
  description: "Record locator, 6 characters.",
  examples: ["QK3X7M"],
});

export const passengerType: Schema<PassengerType> = oneOf(
  ["ADT", "CHD", "INF"],
  "Adult, child, infant. An infant has no seat of its own, and needs an adult.",
);

export const seatState: Schema<SeatState> = oneOf(["free", "held", "sold", "blocked"]);

const currency = text({ pattern: /^[A-Z]{3}$/, expected: "a currency of ISO 4217", examples: ["KRW"] });

const moneyMembers = { amount: count("In minor units of the currency."), currency };

/** In what is asked: no member but these. */
export const money: Schema<Money> = closed(moneyMembers);

/** In what is told. */
export const moneyTold: Schema<Money> = open(moneyMembers);

export const timeMs = count("Milliseconds since 1970-01-01T00:00:00Z.");
