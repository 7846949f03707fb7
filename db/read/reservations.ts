/** Owns the reading of members' reservations and tickets from the projections. */

import type { Kysely, Selectable } from "kysely";
import { present } from "../../actors/assert.ts";
import type { MemberId, ReservationId } from "../../actors/domain/ids.ts";
import type { ReservationRow } from "../../actors/domain/projection.ts";
import type { PaymentStatus, ReservationStatus } from "../../actors/domain/reply.ts";
import type { Page, PageRequest } from "../../http/plugins/paging.ts";
import type {
  FoundTicket,
  ReservationReader,
  StoredPayment,
  StoredReservation,
  StoredTicket,
  TicketStatus,
} from "../../http/reservations/reservation-reader.ts";
import type { Database, PassengerTable, PaymentTable, ReservationTable } from "../schema.ts";

type SeatedPassengers = ReservationRow["passengers"];

export class SqlReservationReader implements ReservationReader {
  readonly #db: Kysely<Database>;

  /** @param db a handle that only reads, outside the commit lane */
  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async find(id: ReservationId): Promise<StoredReservation | null> {
    const row = await this.#db.selectFrom("reservation").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) return null;
    return present((await this.#complete([row]))[0], "one row makes one reservation");
  }

  async ofMember(member: MemberId, { page, size }: PageRequest): Promise<Page<StoredReservation>> {
    const mine = this.#db.selectFrom("reservation_of_member as mine").where("mine.member_id", "=", member);
    const { total } = await mine.select((e) => e.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
    const rows = await mine
      .innerJoin("reservation", "reservation.id", "mine.reservation_id")
      .selectAll("reservation")
      // Ids rise with time.
      .orderBy("mine.reservation_id", "desc")
      .limit(size)
      .offset((page - 1) * size)
      .execute();
    return { items: await this.#complete(rows), total: Number(total) };
  }

  async ticketsOf(member: MemberId, { page, size }: PageRequest): Promise<Page<StoredTicket>> {
    const mine = this.#db
      .selectFrom("reservation_of_member as mine")
      .innerJoin("ticket", "ticket.reservation_id", "mine.reservation_id")
      .where("mine.member_id", "=", member);
    const { total } = await mine.select((e) => e.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
    const rows = await mine
      .innerJoin("reservation", "reservation.id", "mine.reservation_id")
      .innerJoin("passenger", (join) =>
        join
          .onRef("passenger.reservation_id", "=", "ticket.reservation_id")
          .onRef("passenger.ordinal", "=", "ticket.ordinal"),
      )
      .select([
        "ticket.number",
        "ticket.ordinal",
        "ticket.status",
        "reservation.id",
        "reservation.pnr",
        "reservation.flight_id",
        "reservation.passengers",
        "passenger.name",
      ])
      .orderBy("ticket.reservation_id", "desc")
      .orderBy("ticket.ordinal")
      .limit(size)
      .offset((page - 1) * size)
      .execute();
    const items = rows.map(
      (row): StoredTicket => ({
        number: row.number,
        pnr: row.pnr,
        reservationId: row.id,
        flightId: row.flight_id,
        passenger: row.name,
        seat: present(seated(row.passengers)[row.ordinal], "a ticket's passenger").seat,
        status: row.status as TicketStatus,
      }),
    );
    return { items, total: Number(total) };
  }

  async findTicket(number: string): Promise<FoundTicket | null> {
    const row = await this.#db.selectFrom("ticket").selectAll().where("number", "=", number).executeTakeFirst();
    if (row === undefined) return null;
    const { reservation_id: reservationId, ordinal, status } = row;
    return { number, reservationId, ordinal, status: status as TicketStatus };
  }

  /**
   * Adds names and payments, in two statements however many reservations there are. They are read after the reservations, so that a
   * payment is never older than the state that it brought about.
   */
  async #complete(rows: readonly Selectable<ReservationTable>[]): Promise<StoredReservation[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const names = await this.#db
      .selectFrom("passenger")
      .selectAll()
      .where("reservation_id", "in", ids)
      .orderBy("ordinal")
      .execute();
    const payments = await this.#db
      .selectFrom("payment")
      .selectAll()
      .where("reservation_id", "in", ids)
      // The one that began later ends later: the flight sees to it.
      .orderBy("expires_at_ms")
      .orderBy("id")
      .execute();
    const namesOf = Map.groupBy(names, (each) => each.reservation_id);
    const paymentsOf = Map.groupBy(payments, (each) => each.reservation_id);
    return rows.map((row) => storedReservation(row, namesOf.get(row.id) ?? [], paymentsOf.get(row.id) ?? []));
  }
}

function storedReservation(
  row: Selectable<ReservationTable>,
  names: readonly Selectable<PassengerTable>[],
  payments: readonly Selectable<PaymentTable>[],
): StoredReservation {
  return {
    id: row.id,
    flightId: row.flight_id,
    member: row.member_id,
    pnr: row.pnr,
    status: row.status as ReservationStatus,
    passengers: seated(row.passengers).map(({ type, seat }, ordinal) => ({
      name: present(names[ordinal], `passenger ${ordinal} of reservation ${row.id}`).name,
      type,
      seat,
    })),
    total: { amount: Number(row.total_amount), currency: row.currency },
    expiresAtMs: Number(row.expires_at_ms),
    payments: payments.map(storedPayment),
  };
}

function storedPayment(row: Selectable<PaymentTable>): StoredPayment {
  const { captured_amount: amount, captured_currency: currency } = row;
  return {
    id: row.id,
    status: row.status as PaymentStatus,
    amount: { amount: Number(row.amount), currency: row.currency },
    captured: amount === null || currency === null ? null : { amount: Number(amount), currency },
    refundReason: row.refund_reason as StoredPayment["refundReason"],
    checkoutUrl: row.checkout_url,
    expiresAtMs: Number(row.expires_at_ms),
  };
}

function seated(passengers: string): SeatedPassengers {
  return JSON.parse(passengers) as SeatedPassengers;
}
