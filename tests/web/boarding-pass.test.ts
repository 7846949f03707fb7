/** Goal: a boarding pass is its member's alone, and what its code says is what was bought, field by field, read off a phone's screen. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { decode } from "bcbp";
import { present } from "../../actors/assert.ts";
import { checkOut, Member, send } from "../process/member.ts";
import { importFlights } from "../process/timetable.ts";
import { GivenProgram } from "../support/given-program.ts";
import { until } from "../support/until.ts";
import type * as scripts from "./boarding-pass.browser.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";

setDefaultTimeout(60_000);

const ADMIN = { email: "operator@example.com", password: "an operator's password" };
const PASSWORD = "a password for tests";
const DATE = `${new Date().getUTCFullYear() + 1}-03-01`;

/** Seoul to Tokyo on 1 March, with a suffix to its number. */
const FLIGHT = {
  airline: "PG",
  number: "102A",
  origin: "ICN",
  destination: "NRT",
  departsAt: `${DATE}T00:20:00+09:00`,
  arrivesAt: `${DATE}T02:45:00+09:00`,
  aircraft: "738",
  cabins: [
    { cabin: "C", capacity: 12, fare: { amount: 480_000, currency: "KRW" } },
    { cabin: "Y", capacity: 150, fare: { amount: 189_000, currency: "KRW" } },
  ],
};

const FAMILY = [
  { name: "김민지", type: "ADT" },
  { name: "Müller-Lüdenscheidt/Hans Jürgen", type: "ADT" },
  { name: "김하늘", type: "CHD" },
  { name: "Kim <Baby> & Co", type: "INF" },
];

interface Ticket {
  readonly number: string;
  readonly pnr: string;
  readonly reservationId: string;
  /** Null for an infant. */
  readonly seat: string | null;
}

describeInBrowser("the boarding pass", () => {
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "boarding-pass.browser.ts"));
  const program = new GivenProgram({ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  let kim: Member;
  let flightId = "";
  let tickets: readonly Ticket[] = [];

  beforeAll(async () => {
    // Any flight, so that the start makes no demo timetable.
    await importFlights(program, [1]);
    await program.start();
    const operator = await Member.logIn(program, ADMIN.email, ADMIN.password);
    const added = await operator.send("POST", "/api/v1/admin/flights", { body: FLIGHT });
    expect(added.status).toBe(201);
    flightId = added.body.id;
    kim = await Member.signUp(program);
    tickets = await bought(FAMILY);
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  async function bought(passengers: readonly object[]): Promise<readonly Ticket[]> {
    const body = { passengers, prefer: { cabin: "Y", together: true } };
    const held = await kim.send("POST", `/api/v1/flights/${flightId}/reservations`, { body, key: Bun.randomUUIDv7() });
    expect(held.status).toBe(201);
    const paying = await kim.pay(held.body.id);
    await checkOut(paying.body.checkoutUrl, { outcome: "approve" });
    await until(async () => (await kim.reservation(held.body.id)).body.status === "TICKETED", "the tickets", 20_000);
    const { items }: { items: readonly Ticket[] } = JSON.parse((await kim.get("/api/v1/tickets?size=100")).text);
    return items.filter(({ reservationId }) => reservationId === held.body.id);
  }

  function pathOf(ticket: Ticket | undefined): string {
    return `/api/v1/tickets/${present(ticket, "a ticket").number}/boarding-pass.svg`;
  }

  function scan(ticket: Ticket | undefined, shot: string) {
    return browser.run("isScanned", {
      account: { email: kim.email, password: PASSWORD },
      url: program.url,
      path: pathOf(ticket),
      shot,
    });
  }

  test("the code of an adult says who flies when, where and in which seat", async () => {
    const [ticket] = tickets;
    const { code, texts } = await scan(ticket, "boarding-pass");
    const seat = present(ticket?.seat, "a seat");
    const read = decode(code, Number(DATE.slice(0, 4)));
    expect(read.meta).toMatchObject({
      formatCode: "M",
      numberOfLegs: 1,
      electronicTicketIndicator: "E",
      versionNumberIndicator: ">",
      versionNumber: 6,
    });
    const { legs = [], ...passenger } = present(read.data, "data");
    expect(passenger).toMatchObject({
      passengerName: "KIM/MINJI",
      passengerDescription: "0",
      checkInSource: "W",
      boardingPassIssuanceSource: "W",
      documentType: "B",
      boardingPassIssuerDesignator: "PG",
    });
    expect(legs).toHaveLength(1);
    expect(legs[0]).toMatchObject({
      operatingCarrierPNR: ticket?.pnr,
      departureAirport: "ICN",
      arrivalAirport: "NRT",
      operatingCarrierDesignator: "PG",
      flightNumber: "0102A",
      compartmentCode: "Y",
      seatNumber: seat.padStart(4, "0"),
      passengerStatus: "1",
      airlineNumericCode: ticket?.number.slice(0, 3),
      serialNumber: ticket?.number.slice(3),
      internationalDocumentationVerification: "1",
      marketingCarrierDesignator: "PG",
    });
    // The date of the place: 1 March is day 60 of a common year, although the flight leaves on 28 February in UTC.
    expect(code.slice(44, 47)).toBe(Number(DATE.slice(0, 4)) % 4 === 0 ? "061" : "060");
    expect(code).toHaveLength(60 + 4 + 11 + 2 + 18);
    const places = ["ICN", "Seoul Incheon", "NRT", "Tokyo Narita"];
    for (const shown of ["김민지", "KIM/MINJI", ...places, "PG 102A", seat, "00:20", "02:45", "23:50"]) {
      expect(texts).toContain(shown);
    }
  });

  test("the code of an infant has no seat, and nobody else's sequence number", async () => {
    const seen = [];
    for (const [at, ticket] of tickets.entries()) seen.push(await scan(ticket, `boarding-pass-${at + 1}`));
    const read = seen.map(({ code }) => decode(code).data);
    expect(read.map((data) => data?.passengerName)).toEqual([
      "KIM/MINJI",
      "MUELLERLUEDENSCHEI/H",
      "KIM/HANEUL",
      "KIM/BABYCO",
    ]);
    expect(read.map((data) => data?.passengerDescription)).toEqual(["0", "0", "3", "4"]);
    const legs = read.map((data) => data?.legs?.[0]);
    expect(legs[3]?.seatNumber).toBe("INF");
    expect(legs[3]?.compartmentCode).toBe("Y");
    expect(legs[3]?.checkInSequenceNumber).toBe(`${legs[0]?.checkInSequenceNumber}A`);
    expect(new Set(legs.map((leg) => leg?.checkInSequenceNumber)).size).toBe(4);
    expect(seen[3]?.texts).toContain("Kim <Baby> & Co");
  });

  test("nobody else sees it, and it is kept by no shared cache", async () => {
    const path = pathOf(tickets[0]);
    const lee = await Member.signUp(program);
    expect((await lee.get(path)).body.code).toBe("TICKET_NOT_FOUND");
    expect((await lee.get("/api/v1/tickets/0000000000000/boarding-pass.svg")).body.code).toBe("TICKET_NOT_FOUND");
    expect((await lee.get("/api/v1/tickets/12/boarding-pass.svg")).body.code).toBe("TICKET_NOT_FOUND");
    expect((await send(program.url, "GET", path)).status).toBe(401);
    const mine = await fetch(program.url + path, { headers: { authorization: `Bearer ${kim.token}` } });
    expect(mine.headers.get("content-type")).toBe("image/svg+xml;charset=utf-8");
    expect(mine.headers.get("cache-control")).toBe("private, no-cache");
    const text = await mine.text();
    expect(text).not.toMatch(/(href|src|url\(|style=|<style|<script|@import)/);
    const etag = present(mine.headers.get("etag"), "an entity tag");
    const headers = { authorization: `Bearer ${kim.token}`, "if-none-match": etag };
    expect((await fetch(program.url + path, { headers })).status).toBe(304);
  });

  test("a cancelled ticket has none", async () => {
    const [ticket] = await bought([{ name: "Lee Jun" }]);
    await kim.cancel(present(ticket, "a ticket").reservationId);
    const response = await fetch(program.url + pathOf(ticket), { headers: { authorization: `Bearer ${kim.token}` } });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "TICKET_CANCELLED", retryable: false });
  });
});
