// Goal: each letter says what happened in words that its reader can rely on, and each event of the journal causes the letter
// that it should, and no other.

import { describe, expect, test } from "bun:test";
import type { FlightEvent, JournalEntry, RefundReason } from "../../actors/domain/event.ts";
import {
  cancellationLetter,
  LETTER_EVENTS,
  lettersOf,
  refundedLetter,
  refundLetter,
  ticketLetter,
} from "../../queue/mail/letters.ts";
import type { MailReservation } from "../../queue/mail/mail-directory.ts";
import { writtenDate, writtenMoney, writtenTime } from "../../queue/mail/wording.ts";

const RESERVATION: MailReservation = {
  pnr: "ABC234",
  member: { address: "kim@example.com", name: "Kim Minji" },
  flight: {
    airline: "PG",
    number: "102A",
    origin: "ICN",
    destination: "CJU",
    departsLocal: "2026-12-01T09:30:00+09:00",
    arrivesLocal: "2026-12-01T10:40:00+09:00",
  },
  passengers: [
    { name: "Kim Minji", type: "ADT", seat: "12A" },
    { name: "Kim Hana", type: "CHD", seat: "12B" },
    { name: "Kim Duri", type: "INF", seat: null },
  ],
  total: { amount: 180_000, currency: "KRW" },
};
const PAID = { amount: 180_000, currency: "KRW" };

test("a ticket letter says who flies where, when, on which seat, under which ticket, and what was paid", () => {
  const tickets = ["1800000000001", "1800000000002", "1800000000003"];
  expect(ticketLetter(RESERVATION, tickets)).toEqual({
    subject: "Your tickets for PG 102A ICN-CJU on Tue 1 Dec 2026 (ABC234)",
    text: `Hello Kim Minji,

Your reservation ABC234 is paid and ticketed.

Flight:  PG 102A ICN-CJU
Departs: Tue 1 Dec 2026, 09:30 (local time)
Arrives: Tue 1 Dec 2026, 10:40 (local time)

1. Kim Minji (adult), seat 12A, ticket 1800000000001
2. Kim Hana (child), seat 12B, ticket 1800000000002
3. Kim Duri (infant), on an adult's lap, ticket 1800000000003

Total paid: KRW 180,000

Have a good flight!

PigonAir
`,
  });
});

test("a letter names nobody who has been erased", () => {
  const passengers = RESERVATION.passengers.map((passenger) => ({ ...passenger, name: null }));
  const member = { address: "kim@example.com", name: null };
  const { text } = ticketLetter({ ...RESERVATION, passengers, member }, ["1", "2", "3"]);
  expect(text).toStartWith("Hello,\n");
  expect(text).toContain("1. Passenger 1 (adult), seat 12A");
  expect(text).not.toContain("Kim");
});

test("a name can't forge lines of a letter", () => {
  const passengers = [{ name: "Kim\r\n2. Somebody Else\u2028(adult)", type: "ADT" as const, seat: "12A" }];
  const { text } = ticketLetter({ ...RESERVATION, passengers }, ["1"]);
  expect(text).toContain("1. Kim 2. Somebody Else (adult) (adult), seat 12A, ticket 1\n");
});

test("a cancellation letter says what comes back, or that there is nothing to give back", () => {
  const paid = cancellationLetter(RESERVATION, PAID);
  expect(paid.subject).toBe("Your reservation ABC234 is cancelled");
  expect(paid.text).toContain("We are giving back your payment of KRW 180,000");
  expect(cancellationLetter(RESERVATION, null).text).toContain("Nothing had been paid");
});

test("a refund letter says why a payment could not be used, and that all of it comes back", () => {
  const text = (reason: RefundReason, amount = 180_000) =>
    refundLetter(RESERVATION, reason, { amount, currency: "KRW" }, PAID).text;
  expect(text("SEATS_GONE")).toContain("reached us too late");
  expect(text("NOT_THE_TICKETING_ATTEMPT")).toContain("no longer expected");
  expect(text("WRONG_PAYMENT", 1)).toContain(
    "a payment of KRW 1 for reservation ABC234, which does not match the KRW 180,000",
  );
  expect(text("WRONG_PAYMENT", 1)).toContain("We are giving back the full KRW 1,");
  expect(text("WRONG_PAYMENT")).toContain("a payment of KRW 180,000 for reservation ABC234 that we could not accept.");
  expect(text("CANCELLED")).toContain("was cancelled after you had paid KRW 180,000");
});

test("a refunded letter says what has been given back", () => {
  expect(refundedLetter(RESERVATION, PAID)).toMatchObject({
    subject: "We have given back KRW 180,000 (ABC234)",
    text: expect.stringContaining("We have given back your payment of KRW 180,000 for reservation ABC234."),
  });
});

describe("writtenMoney()", () => {
  test("has as many decimals as the currency has minor units", () => {
    expect(writtenMoney({ amount: 0, currency: "KRW" })).toBe("KRW 0");
    expect(writtenMoney({ amount: 1_234_567, currency: "KRW" })).toBe("KRW 1,234,567");
    expect(writtenMoney({ amount: 5, currency: "USD" })).toBe("USD 0.05");
    expect(writtenMoney({ amount: 123_456_789, currency: "EUR" })).toBe("EUR 1,234,567.89");
    expect(writtenMoney({ amount: 1_500, currency: "KWD" })).toBe("KWD 1.500");
  });

  test("is exact up to the largest safe integer", () => {
    expect(writtenMoney({ amount: Number.MAX_SAFE_INTEGER, currency: "USD" })).toBe("USD 90,071,992,547,409.91");
  });
});

test("dates and times are those of the place, whatever the machine's zone is", () => {
  expect(writtenDate("2026-03-01T00:10:00-08:00")).toBe("Sun 1 Mar 2026");
  expect(writtenTime("2028-02-29T23:59:00+14:00")).toBe("Tue 29 Feb 2028, 23:59");
});

describe("lettersOf()", () => {
  const due = (...turns: FlightEvent[][]) => {
    const entry: JournalEntry = { schema: 1, turns: turns.map((events) => ({ atMs: 0, events, key: null })) };
    return lettersOf(entry).map(({ kind, ordinal }) => `${ordinal} ${kind}`);
  };
  const captured: FlightEvent = { type: "captured", attempt: "a1", amount: 1, currency: "KRW" };
  const ticketed: FlightEvent = { type: "ticketed", id: "r1", attempt: "a1", tickets: ["1"] };
  const cancelled: FlightEvent = { type: "cancelled", id: "r1" };
  const refunded: FlightEvent = { type: "refunded", attempt: "a1" };
  const refund = (reason: RefundReason): FlightEvent => ({ type: "refund-due", attempt: "a1", reason });

  test("gives one for each event that a member must hear of, by its place in the whole entry", () => {
    expect(due([captured, ticketed], [], [{ type: "released", id: "r2" }], [refunded])).toEqual([
      "1 ticket",
      "3 refunded",
    ]);
  });

  test("gives one letter for a cancellation and its refund, however they come", () => {
    expect(due([cancelled, refund("CANCELLED")])).toEqual(["0 cancellation"]);
    expect(due([captured, refund("WRONG_PAYMENT"), cancelled])).toEqual(["2 cancellation"]);
    expect(due([cancelled])).toEqual(["0 cancellation"]);
  });

  test("gives a refund letter for money that bought nothing, also when the hold ends with it", () => {
    expect(due([captured, refund("SEATS_GONE"), { type: "expired", id: "r1" }])).toEqual(["1 refund"]);
    expect(due([captured, refund("NOT_THE_TICKETING_ATTEMPT")])).toEqual(["1 refund"]);
  });

  test("says that nothing was paid only when nothing was", () => {
    const [withRefund] = lettersOf({
      schema: 1,
      turns: [{ atMs: 0, key: null, events: [cancelled, refund("CANCELLED")] }],
    });
    expect(withRefund).toMatchObject({ kind: "cancellation", reservation: "r1", refund: "a1" });
  });

  test("has no interest in other events", () => {
    expect(due([{ type: "released", id: "r1" }, { type: "expired", id: "r2" }, captured])).toEqual([]);
    expect(LETTER_EVENTS).toEqual(["ticketed", "cancelled", "refund-due", "refunded"]);
  });
});
