/** Goal: money that comes twice, late, wrong or for seats that are gone ends as it should: ticketed, or given back. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { GivenProgram } from "../support/given-program.ts";
import { until } from "../support/until.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { type AnswerBody, checkOut, Member, seatStates } from "./member.ts";
import { OwnSandbox } from "./own-sandbox.ts";
import { importFlights, numbersTo } from "./timetable.ts";

/** Processes start, and holds and payments run out, on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;
const END_MS_MAX = 20_000;

/** More than tests and their second attempts. */
const FLIGHTS = 24;

setDefaultTimeout(TEST_MS_MAX);

/** A server with payments that time out, before or after the holds that they are for. */
class Shop {
  readonly program: GivenProgram;
  readonly sandbox: OwnSandbox;
  readonly #flights: UntouchedFlights;
  readonly kim: Member;
  readonly lee: Member;
  readonly flightId: string;

  private constructor(
    program: GivenProgram,
    sandbox: OwnSandbox,
    flights: UntouchedFlights,
    [kim, lee]: readonly Member[],
  ) {
    this.program = program;
    this.sandbox = sandbox;
    this.#flights = flights;
    this.kim = present(kim, "a member");
    this.lee = present(lee, "another member");
    this.flightId = flights.next();
  }

  /** The same shop, which sells another flight: each attempt of a test has one of its own. */
  withNextFlight(): Shop {
    return new Shop(this.program, this.sandbox, this.#flights, [this.kim, this.lee]);
  }

  static async open(holdMs: number, paymentMs: number): Promise<Shop> {
    const times = { HOLD_TTL_MS: String(holdMs), PAYMENT_TTL_MS: String(paymentMs) };
    const program = new GivenProgram({ ...times, SEATS_PER_MEMBER: "99" });
    // A late capture leaves the time to sell the seat again before it comes.
    const sandbox = new OwnSandbox(program.folder, { lateCaptureMs: 1_500, silenceMs: 1_500 });
    const flights = new UntouchedFlights(await importFlights(program, numbersTo(FLIGHTS)));
    const { url } = await program.start(sandbox.settings);
    sandbox.tell(url);
    return new Shop(program, sandbox, flights, await Member.signUpMany(program, 2));
  }

  async close(): Promise<void> {
    await this.program.remove();
    await this.sandbox.stop();
  }

  /** A reservation of that seat, held by the member, and where it is paid. */
  async paying(seat: string): Promise<{ id: string; attempt: string; checkoutUrl: string }> {
    const held = await this.kim.hold(this.flightId, [seat]);
    expect(held.status).toBe(201);
    const { status, body } = await this.kim.pay(held.body.id);
    expect(status).toBe(201);
    return { id: held.body.id, attempt: body.id, checkoutUrl: body.checkoutUrl };
  }

  async comes(id: string, status: string): Promise<AnswerBody> {
    let body: AnswerBody | null = null;
    await until(
      async () => {
        body = (await this.kim.reservation(id)).body;
        return body.status === status;
      },
      `reservation ${id} is ${status}`,
      END_MS_MAX,
    );
    return present<AnswerBody>(body, "the reservation");
  }

  /** Waits until the provider has given the money of the attempt back, and the server knows. */
  async isRefunded(id: string, attempt: string): Promise<void> {
    const given = async () => (await this.sandbox.provider.fetch(attempt))?.refundedAmount ?? 0;
    await until(async () => (await given()) > 0, `attempt ${attempt} is refunded`, END_MS_MAX);
    const { total, refund } = (await this.kim.reservation(id)).body;
    expect(await given()).toBe(refund?.amount.amount ?? total.amount);
    await until(
      async () => (await this.kim.reservation(id)).body.refund?.status === "REFUNDED",
      "the refund",
      END_MS_MAX,
    );
  }

  /** Whether the money of the attempt was taken and stayed. */
  async isKept(attempt: string): Promise<boolean> {
    const payment = await this.sandbox.provider.fetch(attempt);
    return payment?.status === "CAPTURED" && payment.refundedAmount === 0;
  }

  /** Why it can't be paid. */
  async pay409(id: string): Promise<string> {
    const { status, body } = await this.kim.pay(id);
    expect(status).toBe(409);
    return body.code;
  }

  async tickets(id: string): Promise<string[]> {
    const { body } = await this.kim.get("/api/v1/tickets?size=100");
    return body.items.filter(({ reservationId }) => reservationId === id).map(({ status }) => status);
  }

  async seat(seat: string): Promise<string | undefined> {
    return (await seatStates(this.program.url, this.flightId)).get(seat);
  }
}

describe("payments that end before their hold", () => {
  let opened: Shop;

  beforeAll(async () => {
    opened = await Shop.open(30_000, 1_500);
  });

  afterAll(() => opened.close());

  test.concurrent("two tabs that pay at once open one payment, and the reservation is paid once", async () => {
    const shop = opened.withNextFlight();
    const held = await shop.kim.hold(shop.flightId, ["1A"]);
    const tabs = await Promise.all([
      shop.kim.pay(held.body.id),
      shop.kim.pay(held.body.id),
      shop.kim.pay(held.body.id),
    ]);
    expect(tabs.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201]);
    const [one] = tabs;
    for (const { body } of tabs) expect<unknown>(body).toEqual(one?.body);
    await Promise.all(tabs.map(({ body }) => checkOut(body.checkoutUrl, { outcome: "approve", webhook: "twice" })));
    await shop.comes(held.body.id, "TICKETED");
    expect(await shop.pay409(held.body.id)).toBe("ALREADY_PAID");
    expect(await shop.isKept(one?.body.id ?? "")).toBe(true);
    expect(await shop.tickets(held.body.id)).toEqual(["ISSUED"]);
    expect(await shop.seat("1A")).toBe("sold");
  });

  test.concurrent("while an attempt is silent no other begins, and when it speaks it is what counts", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("2A");
    await checkOut(checkoutUrl, { outcome: "charge-then-timeout", webhook: "none" });
    const again = await shop.kim.pay(id);
    expect([again.status, again.body.id, again.body.checkoutUrl]).toEqual([200, attempt, checkoutUrl]);
    await shop.comes(id, "TICKETED");
    expect(await shop.isKept(attempt)).toBe(true);
  });

  test.concurrent("an attempt that failed makes way for another; its own money, when it comes late, goes back", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("3A");
    await checkOut(checkoutUrl, { outcome: "approve-late" });
    // At its deadline it is closed at the provider, and the hold still has time.
    await shop.comes(id, "HELD");
    const second = await shop.kim.pay(id);
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(attempt);
    await checkOut(second.body.checkoutUrl, { outcome: "approve" });
    await shop.comes(id, "TICKETED");
    await shop.isRefunded(id, attempt);
    expect(await shop.isKept(second.body.id)).toBe(true);
    expect(await shop.tickets(id)).toEqual(["ISSUED"]);
    expect(await shop.seat("3A")).toBe("sold");
  });

  test.concurrent("a declined payment leaves the hold, and another try buys the seat", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("4A");
    await checkOut(checkoutUrl, { outcome: "decline", webhook: "reversed" });
    await shop.comes(id, "HELD");
    const second = await shop.kim.pay(id);
    await checkOut(second.body.checkoutUrl, { outcome: "approve", webhook: "reversed" });
    await shop.comes(id, "TICKETED");
    expect((await shop.sandbox.provider.fetch(attempt))?.status).toBe("FAILED");
    expect(await shop.isKept(second.body.id)).toBe(true);
  });

  test.concurrent("money for a reservation that was released meanwhile goes back, and the seat is somebody else's", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("5A");
    await checkOut(checkoutUrl, { outcome: "approve-late" });
    expect(await shop.kim.cancel(id)).toMatchObject({ status: 202, body: { status: "CANCELLING" } });
    await shop.comes(id, "RELEASED");
    expect((await shop.lee.hold(shop.flightId, ["5A"])).status).toBe(201);
    await shop.isRefunded(id, attempt);
    await shop.comes(id, "RELEASED");
    expect(await shop.tickets(id)).toEqual([]);
    expect(await shop.seat("5A")).toBe("held");
  });

  test.concurrent("money for a released reservation goes back also when its seat is still free", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("6A");
    await checkOut(checkoutUrl, { outcome: "approve-late" });
    await shop.kim.cancel(id);
    await shop.comes(id, "RELEASED");
    await shop.isRefunded(id, attempt);
    await shop.comes(id, "RELEASED");
    expect(await shop.seat("6A")).toBe("free");
  });

  test.concurrent("a wrong amount, currency or merchant buys nothing, and goes back", async () => {
    const shop = opened.withNextFlight();
    const wrongs = [
      ["7A", { amount: 1 }],
      ["7B", { currency: "USD" }],
      ["7C", { merchant: "somebody-else" }],
    ] as const;
    await Promise.all(
      wrongs.map(async ([seat, wrong]) => {
        const { id, attempt, checkoutUrl } = await shop.paying(seat);
        await checkOut(checkoutUrl, { outcome: "approve", ...wrong });
        await shop.comes(id, "HELD");
        await shop.isRefunded(id, attempt);
        expect(await shop.tickets(id)).toEqual([]);
      }),
    );
  });

  test.concurrent("a paid reservation that is cancelled gets its money back once", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("8A");
    await checkOut(checkoutUrl, { outcome: "approve" });
    await shop.comes(id, "TICKETED");
    const cancelled = await Promise.all([shop.kim.cancel(id), shop.kim.cancel(id)]);
    for (const answer of cancelled) expect(answer).toMatchObject({ status: 200, body: { status: "CANCELLED" } });
    await shop.isRefunded(id, attempt);
    expect(await shop.tickets(id)).toEqual(["CANCELLED"]);
    expect(await shop.seat("8A")).toBe("free");
  });

  test.concurrent("a stranger can neither see, pay nor cancel a reservation", async () => {
    const shop = opened.withNextFlight();
    const { id } = await shop.paying("9A");
    const nothing = await shop.lee.reservation("01a20666-6141-7223-aa61-853a1c548fb8");
    for (const answer of [await shop.lee.reservation(id), await shop.lee.pay(id), await shop.lee.cancel(id)]) {
      expect([answer.status, answer.text]).toEqual([404, nothing.text]);
    }
  });
});

describe("payments that outlast their hold", () => {
  let opened: Shop;

  beforeAll(async () => {
    opened = await Shop.open(1_500, 3_000);
  });

  afterAll(() => opened.close());

  test.concurrent("while it is being paid a hold does not run out", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("1A");
    const { body } = await shop.kim.reservation(id);
    await until(() => Date.now() > Date.parse(body.expiresAt), "the end of the hold");
    expect(await shop.lee.hold(shop.flightId, ["1A"])).toMatchObject({ status: 409, body: { code: "SEAT_TAKEN" } });
    expect((await shop.kim.reservation(id)).body.status).toBe("PAYING");
    await checkOut(checkoutUrl, { outcome: "approve", webhook: "none" });
    await shop.comes(id, "TICKETED");
    expect(await shop.isKept(attempt)).toBe(true);
  });

  test.concurrent("late money for an expired reservation takes its seat again when it is still free", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("2A");
    await checkOut(checkoutUrl, { outcome: "approve-late" });
    await shop.comes(id, "EXPIRED");
    expect(await shop.seat("2A")).toBe("free");
    expect(await shop.pay409(id)).toBe("HOLD_EXPIRED");
    await shop.comes(id, "TICKETED");
    expect(await shop.isKept(attempt)).toBe(true);
    expect(await shop.seat("2A")).toBe("sold");
    expect(await shop.tickets(id)).toEqual(["ISSUED"]);
  });

  test.concurrent("late money for an expired reservation goes back when the seat was sold again", async () => {
    const shop = opened.withNextFlight();
    const { id, attempt, checkoutUrl } = await shop.paying("3A");
    await checkOut(checkoutUrl, { outcome: "approve-late" });
    await shop.comes(id, "EXPIRED");
    const resold = await shop.lee.hold(shop.flightId, ["3A"]);
    expect(resold.status).toBe(201);
    const bought = await shop.lee.pay(resold.body.id);
    await checkOut(bought.body.checkoutUrl, { outcome: "approve" });
    await shop.isRefunded(id, attempt);
    await shop.comes(id, "EXPIRED");
    expect(await shop.tickets(id)).toEqual([]);
    expect((await shop.lee.reservation(resold.body.id)).body.status).toBe("TICKETED");
    expect(await shop.isKept(bought.body.id)).toBe(true);
    expect(await shop.seat("3A")).toBe("sold");
  });
});
