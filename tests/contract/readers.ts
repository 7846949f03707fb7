/** Owns what everybody who reads the tables for people must keep to, whatever database they are in: run over each of them. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { money } from "../../actors/domain/money.ts";
import type { PaymentView, ReservationView } from "../../actors/domain/reply.ts";
import { SqlAdminReader } from "../../db/read/admin.ts";
import { SqlCatalogueReader } from "../../db/read/catalogue.ts";
import { SqlReservationReader } from "../../db/read/reservations.ts";
import { FlightPublisher } from "../../db/stores/flight-publisher.ts";
import { MailDirectoryStore } from "../../db/stores/mail-directory.ts";
import type { FlightFilter, FlightOrder } from "../../http/catalogue/catalogue-reader.ts";
import { plannedFlight, plannedSeason } from "../support/given-catalogue.ts";
import type { FreshDatabase, GivenDatabase } from "../support/given-database.ts";
import { GivenPayments } from "../support/given-payments.ts";

const HOUR_MS = 3_600_000;

export function catalogueReaderContract(fresh: FreshDatabase): void {
  describe("catalogue", () => {
    let given: GivenDatabase;
    let reader: SqlCatalogueReader;

    beforeAll(async () => {
      given = await fresh();
      reader = new SqlCatalogueReader(given.db.read);
      const { departsAtMs } = plannedFlight();
      const season = plannedSeason(5);
      const dear = plannedFlight({
        id: "GS-900-2030-06-02-GMP",
        number: 900,
        localDate: "2030-06-02",
        departsAtMs: departsAtMs + 25 * HOUR_MS,
        arrivesAtMs: departsAtMs + 30 * HOUR_MS,
        destination: "PUS",
        // Beyond what 32 bits hold.
        cabins: [{ cabin: "Y", capacity: 180, fare: money(9_000_000_000, "KRW") }],
      });
      await new FlightPublisher(given.db.write, given.db.dialect).publish([...season, dear]);
    });
    afterAll(() => given.remove());

    const page = { page: 1, size: 100 };
    const byTime: FlightOrder = { by: "departsAt", descending: false };

    async function days(filter: FlightFilter, order: FlightOrder = byTime, at = page): Promise<string[]> {
      return (await reader.flights(filter, order, at)).items.map(({ id }) => id.slice(3, 17));
    }

    test("flight() gives a flight as it was published, its numbers as numbers", async () => {
      const planned = plannedFlight();
      expect(await reader.flight(planned.id)).toEqual({
        id: planned.id,
        airline: "GS",
        number: "101",
        origin: "GMP",
        destination: "CJU",
        departsAtMs: planned.departsAtMs,
        arrivesAtMs: planned.arrivesAtMs,
        departsLocal: planned.departsLocal,
        arrivesLocal: planned.arrivesLocal,
        aircraft: "321",
        currency: "KRW",
        cabins: [
          { cabin: "J", capacity: 8, free: 8, lowestFare: 192_000 },
          { cabin: "Y", capacity: 180, free: 180, lowestFare: 64_000 },
        ],
      });
      expect(await reader.flight("GS-999-2030-06-01-GMP")).toBeNull();
    });

    test("flights() filters by route and by local day, both ends included", async () => {
      expect(await days({ origin: "GMP", destination: "CJU", from: "2030-06-02", to: "2030-06-04" })).toEqual([
        "101-2030-06-02",
        "101-2030-06-03",
        "101-2030-06-04",
      ]);
      expect(await days({ destination: "PUS" })).toEqual(["900-2030-06-02"]);
      expect(await days({ origin: "CJU" })).toEqual([]);
      expect(await days({ origin: "gmp" })).toEqual([]);
    });

    test("flights() sorts by departure, price and duration, both ways, and what is equal by departure", async () => {
      const inTime = [
        "101-2030-06-01",
        "101-2030-06-02",
        "900-2030-06-02",
        "101-2030-06-03",
        "101-2030-06-04",
        "101-2030-06-05",
      ];
      expect(await days({})).toEqual(inTime);
      expect(await days({}, { by: "departsAt", descending: true })).toEqual(inTime.toReversed());
      const cheapFirst = [...inTime.filter((id) => !id.startsWith("900")), "900-2030-06-02"];
      for (const by of ["price", "duration"] as const) {
        expect(await days({}, { by, descending: false })).toEqual(cheapFirst);
        expect((await days({}, { by, descending: true }))[0]).toBe("900-2030-06-02");
      }
    });

    test("flights() gives a page, and how many there are in all", async () => {
      expect(await days({}, byTime, { page: 2, size: 4 })).toEqual(["101-2030-06-04", "101-2030-06-05"]);
      const { items, total } = await reader.flights({}, byTime, { page: 7, size: 4 });
      expect({ items, total }).toEqual({ items: [], total: 6 });
    });

    test("airports() gives each once, in order", async () => {
      expect(await reader.airports()).toEqual(["CJU", "GMP", "PUS"]);
    });
  });
}

export function reservationReaderContract(fresh: FreshDatabase): void {
  describe("reservations, tickets, mail and the operators' view", () => {
    let given: GivenPayments;
    let reader: SqlReservationReader;
    let bought: ReservationView;
    let payment: PaymentView;
    let failed: PaymentView;
    let held: ReservationView;
    let theirs: ReservationView;

    beforeAll(async () => {
      given = await GivenPayments.open({ database: fresh });
      reader = new SqlReservationReader(given.database.read);
      bought = await given.hold(["1A", "1B"]);
      failed = await given.begin(bought);
      await given.ask("settle-payment", { attempt: failed.id, status: "FAILED", amount: failed.amount, ours: true });
      given.clock.advance(1_000);
      payment = await given.begin(bought);
      const checkoutUrl = "https://pay.example/checkout?id=1&x='\\";
      await given.ask("open-payment", { attempt: payment.id, checkoutUrl });
      await given.ask("settle-payment", {
        attempt: payment.id,
        status: "CAPTURED",
        amount: payment.amount,
        ours: true,
      });
      held = await given.hold(["2A"]);
      theirs = await given.hold(["3A"], "m2");
      await given.database.write
        .insertInto("member")
        .values({
          id: "m1",
          email: "kim@example.com",
          name: "김민지",
          password_hash: "",
          phone: null,
          role: "MEMBER",
          created_at_ms: given.clock.nowMs(),
        })
        .execute();
    });
    afterAll(() => given.close());

    const page = { page: 1, size: 10 };

    test("find() gives a reservation with names, and its payments in the order of their beginning", async () => {
      const found = present(await reader.find(bought.id), "the reservation");
      expect(found).toMatchObject({
        id: bought.id,
        flightId: given.flightId,
        member: "m1",
        pnr: bought.pnr,
        status: "TICKETED",
        passengers: [
          { name: "Adult 1", type: "ADT", seat: "1A" },
          { name: "Adult 2", type: "ADT", seat: "1B" },
        ],
        total: { amount: 180_000, currency: "KRW" },
      });
      expect(found.payments).toEqual([
        {
          id: failed.id,
          status: "FAILED",
          amount: { amount: 180_000, currency: "KRW" },
          captured: null,
          refundReason: null,
          checkoutUrl: null,
          expiresAtMs: failed.expiresAtMs,
        },
        {
          id: payment.id,
          status: "CAPTURED",
          amount: { amount: 180_000, currency: "KRW" },
          captured: { amount: 180_000, currency: "KRW" },
          refundReason: null,
          checkoutUrl: "https://pay.example/checkout?id=1&x='\\",
          expiresAtMs: payment.expiresAtMs,
        },
      ]);
      expect(await reader.find("nobody-s")).toBeNull();
    });

    test("ofMember() gives a member's own, the newest first, by pages", async () => {
      const mine = await reader.ofMember("m1", page);
      expect(mine.items.map(({ id }) => id)).toEqual([held.id, bought.id]);
      expect(mine.total).toBe(2);
      expect((await reader.ofMember("m1", { page: 2, size: 1 })).items.map(({ id }) => id)).toEqual([bought.id]);
      expect((await reader.ofMember("m2", page)).items.map(({ id }) => id)).toEqual([theirs.id]);
      expect(await reader.ofMember("nobody", page)).toEqual({ items: [], total: 0 });
    });

    test("ticketsOf() gives a member's tickets in the order of the passengers, and findTicket() each of them", async () => {
      const { items, total } = await reader.ticketsOf("m1", page);
      expect(total).toBe(2);
      expect(items.map(({ passenger, seat, status }) => [passenger, seat, status])).toEqual([
        ["Adult 1", "1A", "ISSUED"],
        ["Adult 2", "1B", "ISSUED"],
      ]);
      for (const [ordinal, { number }] of items.entries()) {
        expect(number).toMatch(/^\d{13}$/);
        expect(await reader.findTicket(number)).toEqual({
          number,
          reservationId: bought.id,
          ordinal,
          status: "ISSUED",
        });
      }
      expect(await reader.findTicket("0000000000000")).toBeNull();
      expect(await reader.ticketsOf("m2", page)).toEqual({ items: [], total: 0 });
    });

    test("the mail directory names who a mail goes to, and what it says", async () => {
      const directory = new MailDirectoryStore(given.database);
      expect(await directory.reservation(bought.id)).toMatchObject({
        pnr: bought.pnr,
        member: { address: "kim@example.com", name: "김민지" },
        flight: { airline: "PG", number: "101", origin: "ICN", destination: "CJU" },
        passengers: [
          { type: "ADT", seat: "1A", name: "Adult 1" },
          { type: "ADT", seat: "1B", name: "Adult 2" },
        ],
        total: { amount: 180_000, currency: "KRW" },
      });
      expect((await directory.reservation(theirs.id))?.member).toBeNull();
      expect(await directory.reservation("nobody-s")).toBeNull();
      expect(await directory.payment(payment.id)).toEqual({
        reservationId: bought.id,
        amount: { amount: 180_000, currency: "KRW" },
        captured: { amount: 180_000, currency: "KRW" },
      });
      expect(await directory.payment("never-begun")).toBeNull();
    });

    test("operators see the journal, entry by entry, and the hosts with their shards", async () => {
      const admin = new SqlAdminReader(given.database.read);
      const entries = present(await admin.journal(given.flightId, 0, 100), "the flight's journal");
      expect(entries.map(({ version }) => version)).toEqual(entries.map((_, at) => at + 1));
      expect(entries.every(({ atMs }) => atMs >= bought.expiresAtMs - 24 * HOUR_MS)).toBe(true);
      expect(entries.flatMap(({ turns }) => turns.flatMap(({ events }) => events.map(({ type }) => type)))).toContain(
        "ticketed",
      );
      expect((await admin.journal(given.flightId, entries.length - 1, 100))?.map(({ version }) => version)).toEqual([
        entries.length,
      ]);
      expect(await admin.journal(given.flightId, entries.length, 100)).toEqual([]);
      expect(await admin.journal("PG-0-20300131-ICN", 0, 100)).toBeNull();
      const { items, total } = await admin.hosts(page);
      expect(total).toBe(items.length);
      expect(items.filter(({ shards }) => shards === 256)).toHaveLength(1);
      for (const { expiresAtMs, busOkAtMs } of items)
        expect([expiresAtMs, busOkAtMs].every(Number.isFinite)).toBe(true);
    });
  });
}
