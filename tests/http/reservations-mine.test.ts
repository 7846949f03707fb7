// Goal: members see their reservations and tickets as they are, give them up in any state, and see nothing of anybody else's.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { FlightClient } from "../../actors/client.ts";
import { givenPlan } from "../support/given.ts";
import { type Answered, type Caller, GivenShop } from "../support/given-shop.ts";

const DEPARTING = "PG-99-DEPARTING";
const DEPARTS_AT_MS = Date.UTC(2030, 0, 1, 2);

/** At least one for each test. */
const FLIGHTS = 30;

let shop: GivenShop;
let kim: Caller;
let flights = 0;
let flightId: string;
/** Happens once the edge has read the reservation's row, before the flight is asked. */
let beforeCancel = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  const plans = Array.from({ length: FLIGHTS }, (_, at) => givenPlan({ flightId: `PG-${at + 1}` }));
  const departing = givenPlan({ flightId: DEPARTING, departsAtMs: DEPARTS_AT_MS });
  const around = (client: FlightClient): FlightClient => ({
    async call(request) {
      if (request.op === "cancel") await beforeCancel();
      return client.call(request);
    },
  });
  shop = await GivenShop.open({ plans: [...plans, departing], around });
});

afterAll(() => shop.close());

beforeEach(async () => {
  flightId = `PG-${++flights}`;
  kim = await shop.as(`kim-${flights}`);
  beforeCancel = () => Promise.resolve();
});

function find({ body }: Answered, who = kim): Promise<Answered> {
  return who.get(`/api/v1/reservations/${body.id}`);
}

function cancel({ body }: Answered, who = kim): Promise<Answered> {
  return who.delete(`/api/v1/reservations/${body.id}`);
}

async function paying(): Promise<Answered> {
  const held = await kim.hold(["1A", "1B"], undefined, flightId);
  await kim.post(`/api/v1/reservations/${held.body.id}/payments`, {});
  return held;
}

/** As the provider's word that comes out of order. */
async function settled(attempt: string, status: "CAPTURED" | "FAILED" | "CANCELLED"): Promise<void> {
  const args = { attempt, status, amount: { amount: 180_000, currency: "KRW" }, ours: true };
  const { reply } = await shop.host.client.call({
    flightId,
    op: "settle-payment",
    args,
    member: null,
    key: null,
    fingerprint: "",
  });
  expect(reply.ok).toBe(true);
}

async function ticketed(): Promise<Answered> {
  const held = await paying();
  const { payment } = (await find(held)).body;
  await shop.checkout(payment.checkoutUrl, { outcome: "approve" });
  await shop.settle(payment.id);
  return held;
}

describe("GET /reservations", () => {
  test("lists mine, newest first, page by page", async () => {
    const held = [];
    for (const seat of ["1A", "1B", "1C"]) held.push((await kim.hold([seat], undefined, flightId)).body.id);
    const lee = await shop.as("lee");
    await lee.hold(["1D"], undefined, flightId);

    const first = (await kim.get("/api/v1/reservations?page=1&size=2")).body;
    const second = (await kim.get("/api/v1/reservations?page=2&size=2")).body;
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(held.reverse());
    expect([first.page, first.size, first.total, second.page]).toEqual([1, 2, 3, 2]);
  });

  test("is empty for whoever has none, and for a page behind the last", async () => {
    expect((await kim.get("/api/v1/reservations")).body).toMatchObject({ items: [], page: 1, size: 20, total: 0 });
    expect((await kim.get("/api/v1/reservations?page=10000&size=100")).body.items).toEqual([]);
  });

  test.each(["page=0", "page=x", "size=101", "size=0", "member=lee"])("refuses ?%s", async (query) => {
    const { status, body } = await kim.get(`/api/v1/reservations?${query}`);
    expect([status, body.code, body.field]).toEqual([400, "VALIDATION", query.split("=")[0] ?? ""]);
  });
});

describe("GET /reservations/{id}", () => {
  test("shows what was answered to the hold", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    const found = await find(held);
    expect([found.status, found.text]).toEqual([200, held.text]);
  });

  test("shows the open payment", async () => {
    const { body } = await find(await paying());
    expect(body.status).toBe("PAYING");
    expect(body.payment as unknown).toEqual({
      id: expect.any(String),
      status: "PENDING",
      amount: { amount: 180_000, currency: "KRW" },
      checkoutUrl: expect.stringContaining("/checkout/"),
      expiresAt: new Date(shop.clock.nowMs() + 10 * 60_000).toISOString(),
    });
    expect(body.refund).toBeUndefined();
  });

  test("is the same for somebody else's reservation as for one that does not exist", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    const lee = await shop.as("lee");
    const others = [
      await find(held, lee),
      await cancel(held, lee),
      await lee.post(`/api/v1/reservations/${held.body.id}/payments`, {}),
      await lee.get("/api/v1/reservations/01a20643-c08f-776f-95aa-000000000000"),
      await lee.delete("/api/v1/reservations/%FF"),
      await lee.post("/api/v1/reservations/nothing/payments", {}),
    ];
    expect(new Set(others.map(({ text }) => text)).size).toBe(1);
    expect(others.map(({ status, body }) => `${status} ${body.code}`)).toEqual(
      others.map(() => "404 RESERVATION_NOT_FOUND"),
    );
    const headers = others.map((other) => [...other.headers].filter(([name]) => name !== "x-request-id"));
    expect(headers.every((each) => Bun.deepEquals(each, headers[0]))).toBe(true);
    expect((await find(held)).body.status).toBe("HELD");
  });

  test("needs a member", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    expect((await find(held, shop.nobody())).body.code).toBe("UNAUTHENTICATED");
  });
});

describe("DELETE /reservations/{id}", () => {
  test("releases a hold, whose seats are free then", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    const { status, body } = await cancel(held);
    expect([status, body.status, body.refund]).toEqual([200, "RELEASED", undefined]);
    const lee = await shop.as("lee");
    expect((await lee.hold(["1A"], undefined, flightId)).status).toBe(201);
  });

  test("leaves what has ended as it is, however often it is asked", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    const first = await cancel(held);
    const second = await cancel(held);
    expect([second.status, second.text]).toEqual([200, first.text]);
  });

  test("shows a hold that ends while it is given up", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    beforeCancel = async () => {
      shop.clock.advance(15 * 60_000);
      // The flight forgets what ended without a payment as soon as that is committed.
      while ((await find(held)).body.status !== "EXPIRED") await Bun.sleep(1);
    };
    const { status, body } = await cancel(held);
    expect([status, body.status]).toEqual([200, "EXPIRED"]);
  });

  test("shows a payment that begins while the hold is given up", async () => {
    const held = await kim.hold(["1A"], undefined, flightId);
    beforeCancel = async () => {
      await kim.post(`/api/v1/reservations/${held.body.id}/payments`, {});
    };
    const { status, body } = await cancel(held);
    expect([status, body.status, body.payment.status]).toEqual([202, "CANCELLING", "PENDING"]);
  });

  test("cancels a paid reservation, and gives its money back", async () => {
    const bought = await ticketed();
    const { status, body } = await cancel(bought);
    expect([status, body.status]).toEqual([200, "CANCELLED"]);
    expect(body.refund).toEqual({ status: "REFUNDING", amount: { amount: 180_000, currency: "KRW" } });
    await shop.settle(body.payment.id);
    expect((await find(bought)).body.refund).toEqual({
      status: "REFUNDED",
      amount: { amount: 180_000, currency: "KRW" },
    });
    const again = await cancel(bought);
    expect([again.status, again.body.status]).toEqual([200, "CANCELLED"]);
  });

  test("shows what paid, and that it goes back, also where money came for an earlier and then for a later attempt", async () => {
    const held = await kim.hold(["1A", "1B"], undefined, flightId);
    const begin = async () => (await kim.post(`/api/v1/reservations/${held.body.id}/payments`, {})).body.id;
    const early = await begin();
    await settled(early, "FAILED");
    const late = await begin();
    shop.clock.advance(15 * 60_000);
    await settled(late, "CANCELLED");
    await settled(early, "CAPTURED");
    await settled(late, "CAPTURED");
    await shop.host.client.call({
      flightId,
      op: "settle-refund",
      args: { attempt: late },
      member: null,
      key: null,
      fingerprint: "",
    });

    const { body } = await find(held);
    expect([body.status, body.payment.id, body.payment.status]).toEqual(["TICKETED", early, "CAPTURED"]);
    expect(body.refund).toMatchObject({ status: "REFUNDED" });
    const cancelled = (await cancel(held)).body;
    expect([cancelled.status, cancelled.payment.id]).toEqual(["CANCELLED", early]);
    expect(cancelled.refund).toMatchObject({ status: "REFUNDING" });
  });

  test("waits for the provider while a payment is open", async () => {
    const held = await paying();
    const first = await cancel(held);
    const second = await cancel(held);
    expect([first.status, first.body.status]).toEqual([202, "CANCELLING"]);
    expect([second.status, second.body.status]).toEqual([202, "CANCELLING"]);
    await shop.settle(first.body.payment.id);
    const { body } = await find(held);
    expect([body.status, body.payment.status]).toEqual(["RELEASED", "CANCELLED"]);
  });

  test("refuses once the flight has left", async () => {
    flightId = DEPARTING;
    const bought = await ticketed();
    shop.clock.advance(DEPARTS_AT_MS - shop.clock.nowMs());
    const { status, body } = await cancel(bought);
    expect([status, body.code]).toEqual([409, "FLIGHT_DEPARTED"]);
    expect((await find(bought)).body.status).toBe("TICKETED");
  });
});

describe("GET /tickets", () => {
  test("lists a ticket for each passenger, and says when it is cancelled", async () => {
    const bought = await ticketed();
    const { body } = await kim.get("/api/v1/tickets");
    const { pnr } = JSON.parse(bought.text);
    const common = {
      number: expect.stringMatching(/^\d{13}$/),
      pnr,
      reservationId: bought.body.id,
      flightId,
      status: "ISSUED",
    };
    expect(body.items as unknown).toEqual([
      { ...common, passenger: "Kim 0", seat: "1A" },
      { ...common, passenger: "Kim 1", seat: "1B" },
    ]);
    expect([body.page, body.size, body.total]).toEqual([1, 20, 2]);
    expect((await (await shop.as("lee")).get("/api/v1/tickets")).body.total).toBe(0);

    await cancel(bought);
    const after = (await kim.get("/api/v1/tickets?size=1&page=2")).body.items;
    expect(after.map(({ status }) => status)).toEqual(["CANCELLED"]);
  });
});
