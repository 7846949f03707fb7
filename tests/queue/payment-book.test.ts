/** Goal: the payment book in SQL keeps to the contract of every payment book, over rows that real commits have written. */

import { present } from "../../actors/assert.ts";
import { paymentBookContract } from "../contract/payment-book.ts";
import { overDatabases } from "../support/given-database.ts";
import { GivenPayments } from "../support/given-payments.ts";

overDatabases("payments", (fresh, dialect) => {
  paymentBookContract(dialect, async () => {
    const given = await GivenPayments.open({ database: fresh });
    const reservations = new Map<string, string>();
    let seats = 0;
    return {
      book: given.book,
      clear: async () => {
        seats = 0;
        await given.fresh();
      },
      begin: async () => {
        const reservation = await given.hold([`${++seats}A`]);
        const payment = await given.begin(reservation);
        reservations.set(payment.id, reservation.id);
        return payment.id;
      },
      cancel: async (attempt) => {
        const id = present(reservations.get(attempt), "the attempt's reservation");
        await given.cancel(await given.reservation(id));
      },
      settle: async (attempt, status, amount = 90_000) => {
        await given.ask("settle-payment", { attempt, status, amount: { amount, currency: "KRW" }, ours: true });
      },
      nowMs: () => given.clock.nowMs(),
      close: () => given.close(),
    };
  });
});
