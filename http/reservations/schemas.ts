/** Owns the bodies of the reservation routes, as they are checked and documented. */

import { type Static, t } from "elysia";
import { PASSENGERS_MAX } from "../../actors/domain/rules.ts";
import { calendarDate, closed, text } from "../plugins/fields.ts";

const NAME_LENGTH_MAX = 100;

// Not Elysia's `t.UnionEnum`, which quietly fills in its first value, and takes `null` and `[]` for an object [1.4.30].
const passengerType = t.Union([t.Literal("ADT"), t.Literal("CHD"), t.Literal("INF")], {
  description: "ADT by default.",
});

const passenger = closed({
  name: text({ minLength: 1, maxLength: NAME_LENGTH_MAX }),
  type: t.Optional(passengerType),
  birthDate: t.Optional(calendarDate("Not in the future.")),
  seat: t.Optional(t.String({ pattern: "^[0-9]{1,3}[A-Z]$", examples: ["12A"] })),
});

export const holdBody = closed({
  passengers: t.Array(passenger, { minItems: 1, maxItems: PASSENGERS_MAX }),
  prefer: t.Optional(
    closed({
      cabin: t.Optional(t.String({ pattern: "^[A-Z]$", examples: ["Y"] })),
      together: t.Optional(t.Boolean()),
    }),
  ),
});

export type HoldBody = Static<typeof holdBody>;

/** One of some texts, for answers: documented, and not checked. */
function oneOf<const Text extends string>(...texts: readonly Text[]) {
  return t.Unsafe<Text>({ type: "string", enum: texts });
}

export const moneyAnswer = t.Object({
  amount: t.Integer({ minimum: 0, description: "In minor units of the currency." }),
  currency: t.String({ description: "ISO 4217.", examples: ["KRW"] }),
});

const seatedPassenger = t.Object({
  name: t.String(),
  type: oneOf("ADT", "CHD", "INF"),
  seat: t.Nullable(t.String({ description: "Null for an infant." })),
});

const timestamp = t.String({ format: "date-time" });

export const heldAnswer = t.Object({
  id: t.String(),
  pnr: t.String(),
  flightId: t.String(),
  status: oneOf("HELD"),
  passengers: t.Array(seatedPassenger),
  total: moneyAnswer,
  expiresAt: timestamp,
});

const paymentStatus = oneOf("PENDING", "CAPTURED", "FAILED", "CANCELLED", "REFUNDING", "REFUNDED");

export const reservationAnswer = t.Object({
  id: t.String(),
  pnr: t.String(),
  flightId: t.String(),
  status: oneOf("HELD", "PAYING", "TICKETED", "CANCELLING", "CANCELLED", "RELEASED", "EXPIRED"),
  passengers: t.Array(seatedPassenger),
  total: moneyAnswer,
  expiresAt: timestamp,
  payment: t.Optional(
    t.Object(
      {
        id: t.String(),
        status: paymentStatus,
        amount: moneyAnswer,
        checkoutUrl: t.Nullable(t.String()),
        expiresAt: timestamp,
      },
      { description: "The attempt that paid, or else the latest." },
    ),
  ),
  refund: t.Optional(
    t.Object({ status: oneOf("REFUNDING", "REFUNDED"), amount: moneyAnswer }, { description: "What is given back." }),
  ),
});

export const ticketAnswer = t.Object({
  number: t.String({ description: "13 digits." }),
  pnr: t.String(),
  reservationId: t.String(),
  flightId: t.String(),
  passenger: t.String(),
  seat: t.Nullable(t.String({ description: "Null for an infant." })),
  status: oneOf("ISSUED", "CANCELLED"),
});
