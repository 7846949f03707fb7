/** Owns the mail directory in SQL: who a mail goes to and what it names, read when it is sent. */

import type { Kysely } from "kysely";
import type { PassengerType } from "../../actors/domain/command.ts";
import type { AttemptId, ReservationId } from "../../actors/domain/ids.ts";
import type { MailDirectory, MailPayment, MailReservation } from "../../queue/mail/mail-directory.ts";
import type { Database } from "../schema.ts";

export class MailDirectoryStore implements MailDirectory {
  readonly #read: Kysely<Database>;

  constructor({ read }: { readonly read: Kysely<Database> }) {
    this.#read = read;
  }

  async reservation(id: ReservationId): Promise<MailReservation | null> {
    const row = await this.#read
      .selectFrom("reservation")
      .innerJoin("flight", "flight.id", "reservation.flight_id")
      .leftJoin("member", "member.id", "reservation.member_id")
      .select([
        "reservation.pnr",
        "reservation.passengers",
        "reservation.total_amount",
        "reservation.currency",
        "flight.airline",
        "flight.number",
        "flight.origin",
        "flight.destination",
        "flight.departs_local",
        "flight.arrives_local",
        "member.email",
        "member.name",
      ])
      .where("reservation.id", "=", id)
      .executeTakeFirst();
    if (row === undefined) return null;
    const names = await this.#names(id);
    const passengers = JSON.parse(row.passengers) as { readonly type: PassengerType; readonly seat: string | null }[];
    return {
      pnr: row.pnr,
      member: row.email === null ? null : { address: row.email, name: row.name },
      flight: {
        airline: row.airline,
        number: row.number,
        origin: row.origin,
        destination: row.destination,
        departsLocal: row.departs_local,
        arrivesLocal: row.arrives_local,
      },
      passengers: passengers.map(({ type, seat }, ordinal) => ({ type, seat, name: names.get(ordinal) ?? null })),
      total: { amount: Number(row.total_amount), currency: row.currency },
    };
  }

  async payment(attempt: AttemptId): Promise<MailPayment | null> {
    const row = await this.#read
      .selectFrom("payment")
      .select(["reservation_id", "amount", "currency", "captured_amount", "captured_currency"])
      .where("id", "=", attempt)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { captured_amount, captured_currency } = row;
    return {
      reservationId: row.reservation_id,
      amount: { amount: Number(row.amount), currency: row.currency },
      captured:
        captured_amount === null || captured_currency === null
          ? null
          : { amount: Number(captured_amount), currency: captured_currency },
    };
  }

  async #names(reservation: ReservationId): Promise<ReadonlyMap<number, string>> {
    const rows = await this.#read
      .selectFrom("passenger")
      .select(["ordinal", "name"])
      .where("reservation_id", "=", reservation)
      .execute();
    return new Map(rows.map(({ ordinal, name }) => [ordinal, name]));
  }
}
