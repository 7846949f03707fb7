/** Owns the payment book in SQL: the `payment` rows that the flights' commits write, and their next look. */

import type { Kysely } from "kysely";
import type { AttemptId } from "../../actors/domain/ids.ts";
import type { PaymentStatus } from "../../actors/domain/reply.ts";
import type { BookedPayment, PaymentBook } from "../../queue/payments/payment-book.ts";
import type { Database } from "../schema.ts";

export interface PaymentStoreOptions {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
}

export class PaymentStore implements PaymentBook {
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;

  constructor({ read, write }: PaymentStoreOptions) {
    this.#read = read;
    this.#write = write;
  }

  async due(nowMs: number, limit: number): Promise<readonly BookedPayment[]> {
    const rows = await this.#payments()
      .where("payment.next_look_ms", "<=", nowMs)
      .orderBy("payment.next_look_ms")
      .limit(limit)
      .execute();
    return rows.map(booked);
  }

  async find(attempt: AttemptId): Promise<BookedPayment | null> {
    const row = await this.#payments().where("payment.id", "=", attempt).executeTakeFirst();
    return row === undefined ? null : booked(row);
  }

  async lookAgain(seen: BookedPayment, atMs: number | null): Promise<void> {
    await this.#write
      .updateTable("payment")
      .set({ next_look_ms: atMs, looks: seen.looks + 1 })
      .where("id", "=", seen.id)
      .where("status", "=", seen.status)
      .where("looks", "=", seen.looks)
      .where("next_look_ms", seen.nextLookMs === null ? "is" : "=", seen.nextLookMs)
      .execute();
  }

  async countPendingSince(beforeMs: number): Promise<number> {
    // What is PENDING has a next look. A range of that index, since SQLite scans the table for "is not null".
    const { count } = await this.#read
      .selectFrom("payment")
      .select(({ fn }) => fn.countAll<number | string | bigint>().as("count"))
      .where("next_look_ms", ">=", 0)
      .where("status", "=", "PENDING")
      .where("expires_at_ms", "<=", beforeMs)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  #payments() {
    return this.#read
      .selectFrom("payment")
      .innerJoin("reservation", "reservation.id", "payment.reservation_id")
      .select([
        "payment.id",
        "payment.flight_id",
        "payment.reservation_id",
        "payment.status",
        "payment.amount",
        "payment.currency",
        "payment.captured_amount",
        "payment.captured_currency",
        "payment.expires_at_ms",
        "payment.next_look_ms",
        "payment.looks",
        "reservation.status as reservation_status",
      ]);
  }
}

interface Row {
  readonly id: string;
  readonly flight_id: string;
  readonly reservation_id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly captured_amount: number | null;
  readonly captured_currency: string | null;
  readonly expires_at_ms: number;
  readonly next_look_ms: number | null;
  readonly looks: number;
  readonly reservation_status: string;
}

/** A driver may give a BIGINT as a string. */
function booked(row: Row): BookedPayment {
  return {
    id: row.id,
    flightId: row.flight_id,
    reservationId: row.reservation_id,
    status: row.status as PaymentStatus,
    amount: { amount: Number(row.amount), currency: row.currency },
    captured:
      row.captured_amount === null || row.captured_currency === null
        ? null
        : { amount: Number(row.captured_amount), currency: row.captured_currency },
    expiresAtMs: Number(row.expires_at_ms),
    isCancelling: row.reservation_status === "CANCELLING",
    nextLookMs: row.next_look_ms === null ? null : Number(row.next_look_ms),
    looks: row.looks,
  };
}
