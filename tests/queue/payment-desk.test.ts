// Goal: an attempt is opened once however often and wherever it is asked for, and a webhook is a hint and nothing more:
// forged, foreign, doubled or late, it changes only what the provider confirms, and is answered only once that is durable.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { OperationalError } from "../../actors/errors.ts";
import type { PaymentBook } from "../../queue/payments/payment-book.ts";
import { PaymentDesk } from "../../queue/payments/payment-desk.ts";
import type { CreatePayment, PaymentProvider } from "../../queue/payments/provider.ts";
import { Settlement } from "../../queue/payments/settlement.ts";
import { failureOf } from "../support/failure-of.ts";
import { entropy, GivenPayments } from "../support/given-payments.ts";
import { until } from "../support/until.ts";

let given: GivenPayments;

beforeAll(async () => {
  given = await GivenPayments.open();
});
beforeEach(() => given.fresh());
afterAll(() => given.close());

const approved = { outcome: "approve", webhook: "none" };
const unavailable = () => Promise.reject(new OperationalError("PROVIDER_UNAVAILABLE", "no answer"));

describe("open()", () => {
  test("gives the same URL to two tabs at once and to a later one, for one payment", async () => {
    const reservation = await given.hold();
    const [one, two] = await Promise.all([given.begin(reservation), given.begin(reservation)]);
    expect(two.id).toBe(one.id);
    const desk = given.desk();
    const opened = await Promise.all([given.openAt(desk, reservation, one), given.openAt(desk, reservation, two)]);
    expect(opened[1]).toEqual(opened[0]);
    expect(await given.openAt(given.desk(), reservation, one)).toEqual(opened[0]);
    expect((await given.begin(reservation)).checkoutUrl).toBe(opened[0].checkoutUrl);
  });

  test("opens nothing new after the answer to its create was lost", async () => {
    const reservation = await given.hold();
    const payment = await given.begin(reservation);
    const losing: PaymentProvider = {
      ...given.provider,
      create: async (request) => {
        await given.provider.create(request);
        return unavailable();
      },
    };
    const lost = given.openAt(given.desk(losing), reservation, payment);
    expect(await failureOf(lost)).toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    const { checkoutUrl } = await given.openAt(given.desk(), reservation, payment);
    await given.checkout({ ...payment, checkoutUrl }, approved);
    await given.pass(10_000);
    expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
  });

  test("keeps the first URL when the provider later says another", async () => {
    const reservation = await given.hold();
    const payment = await given.begin(reservation);
    const first = await given.openAt(given.desk(), reservation, payment);
    const moved: PaymentProvider = {
      ...given.provider,
      create: async (request) => ({ ...(await given.provider.create(request)), checkoutUrl: "https://moved.example/" }),
    };
    expect(await given.openAt(given.desk(moved), reservation, payment)).toEqual(first);
  });

  test.each([`https://pay.example/${"x".repeat(2_000)}`, "https://pay.example/한국"])(
    "takes no address that can't be kept, and no seat or money is in doubt",
    async (checkoutUrl) => {
      const reservation = await given.hold();
      const payment = await given.begin(reservation);
      const lengthy: PaymentProvider = {
        ...given.provider,
        create: async (request) => ({ ...(await given.provider.create(request)), checkoutUrl }),
      };
      const refused = given.openAt(given.desk(lengthy), reservation, payment);
      expect(await failureOf(refused)).toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
      // Another try finds the same payment, and where it is paid.
      await given.checkout({ ...payment, ...(await given.openAt(given.desk(), reservation, payment)) }, approved);
      await given.pass(10_000);
      expect(await given.outcome(reservation.id)).toBe("TICKETED CAPTURED");
    },
  );

  test("tells the provider what is to be paid, until when, and where to go afterwards", async () => {
    const reservation = await given.hold();
    const payment = await given.begin(reservation);
    const asked: CreatePayment[] = [];
    const noting: PaymentProvider = {
      ...given.provider,
      create: (request) => {
        asked.push(request);
        return given.provider.create(request);
      },
    };
    await given.openAt(given.desk(noting), reservation, payment);
    expect(asked).toEqual([
      {
        attempt: payment.id,
        amount: reservation.total,
        description: `Reservation ${reservation.pnr}`,
        returnUrl: "https://pigonair.example/reservations",
        expiresAtMs: payment.expiresAtMs,
      },
    ]);
  });
});

describe("hint()", () => {
  test("settles what the provider confirms, and a repeat changes nothing", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.checkout(payment, approved);
    const desk = given.desk();
    const both = await Promise.all([given.hint(payment.id, desk), given.hint(payment.id, desk)]);
    expect(both).toEqual(["settled", "settled"]);
    const ticketed = await given.reservation(reservation.id);
    expect(ticketed.status).toBe("TICKETED");
    expect(await given.hint(payment.id, desk)).toBe("settled");
    expect(await given.reservation(reservation.id)).toEqual(ticketed);
  });

  test("believes the provider, not the webhook that claims a capture", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    expect(await given.hint(payment.id)).toBe("settled");
    expect(await given.outcome(reservation.id)).toBe("PAYING PENDING");
  });

  test("refuses what is not signed with our secret, and asks nobody", async () => {
    const reservation = await given.hold();
    const payment = await given.pay(reservation);
    await given.checkout(payment, approved);
    const stranger = `whsec_${Buffer.from("the secret of somebody else.....").toString("base64")}`;
    const forged = given.webhook(payment.id, { secret: stranger });
    expect(await given.desk().hint("sandbox", forged.headers, forged.body)).toBe("bad-signature");
    const right = given.webhook(payment.id);
    expect(await given.desk().hint("sandbox", right.headers, `${right.body} `)).toBe("bad-signature");
    expect(await given.outcome(reservation.id)).toBe("PAYING PENDING");
  });

  test("knows no other provider", async () => {
    const { headers, body } = given.webhook("a1");
    expect(await given.desk().hint("another", headers, body)).toBe("unknown-provider");
  });

  test("has nothing to do for a webhook about nothing, and raises an alarm for an attempt that we never made", async () => {
    const about = (body: string) => {
      const webhook = given.webhook("", { body });
      return given.desk().hint("sandbox", webhook.headers, webhook.body);
    };
    expect(await about('{"type":"account.updated","data":{}}')).toBe("settled");
    expect(given.telemetry.counts.size).toBe(0);
    expect(await about('{"type":"payment.captured","data":{"attempt":"not-ours"}}')).toBe("settled");
    expect(given.telemetry.count("pigonair_payment_alarms_total{kind=foreign-webhook}")).toBe(1);
  });

  test("is answered when the provider can't be asked, but only after the time of the next look is durable", async () => {
    const payment = await given.pay(await given.hold());
    const before = await given.booked(payment.id);
    given.clock.advance(1_000);
    const desk = given.desk({ ...given.provider, fetch: unavailable });
    expect(await given.hint(payment.id, desk)).toBe("settled");
    const after = await given.booked(payment.id);
    expect(after.looks).toBe(1);
    expect(after.nextLookMs).toBe((before.nextLookMs ?? 0) + 1_000);
  });

  test("fails when nothing could be made durable, so that the provider sends it again", async () => {
    const payment = await given.pay(await given.hold());
    const book: PaymentBook = {
      due: (nowMs, limit) => given.book.due(nowMs, limit),
      find: (attempt) => given.book.find(attempt),
      countPendingSince: (beforeMs) => given.book.countPendingSince(beforeMs),
      lookAgain: () => Promise.reject(new Error("the database is gone")),
    };
    const services = { book, provider: given.provider, flights: given.flights, telemetry: given.telemetry };
    const settlement = new Settlement({ ...services, clock: given.clock, entropy });
    const desk = new PaymentDesk({ ...services, settlement, returnUrl: "https://pigonair.example/" });
    expect(await failureOf(given.hint(payment.id, desk))).toEqual(new Error("the database is gone"));
  });
});

describe("webhooks as the sandbox sends them", () => {
  for (const [webhook, count] of [
    ["once", 1],
    ["twice", 2],
    ["reversed", 2],
  ] as const) {
    test(`"${webhook}" leads to a ticket, and each is answered 204`, async () => {
      const own = await GivenPayments.open();
      const endpoint = own.serveWebhooks();
      const reservation = await own.hold();
      await own.checkout(await own.pay(reservation), { outcome: "approve", webhook });
      await until(() => endpoint.answers.length === count, "all webhooks");
      expect(new Set(endpoint.answers)).toEqual(new Set([204]));
      expect(await own.outcome(reservation.id)).toBe("TICKETED CAPTURED");
      await endpoint.stop();
      await own.close();
    });
  }
});
