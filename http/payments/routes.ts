/** Owns the routes of payments: to begin one, and the provider's hint that something happened to one. */

import { Elysia, type Static, t } from "elysia";
import { assert } from "../../actors/assert.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { PaymentView, Rejection } from "../../actors/domain/reply.ts";
import type { RequestScope } from "../../actors/request-scope.ts";
import type { PaymentDesk } from "../../queue/payments/payment-desk.ts";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { closed, noQuery } from "../plugins/fields.ts";
import { fingerprint, IDEMPOTENCY_REPLAYED, idempotencyKeyOf } from "../plugins/idempotency.ts";
import { optionalJsonBody } from "../plugins/optional-body.ts";
import { scopeOf } from "../plugins/request-scope.ts";
import { Problem, refuse } from "../problem.ts";
import { isoTime } from "../reservations/answers.ts";
import { myReservation } from "../reservations/my-reservation.ts";
import type { ReservationReader, StoredReservation } from "../reservations/reservation-reader.ts";
import { moneyAnswer } from "../reservations/schemas.ts";
import { checkReturnUrl, RETURN_URL_LENGTH_MAX, type ReturnUrlRules } from "./return-url.ts";

export interface PaymentServices {
  readonly flights: FlightClient;
  readonly reservations: ReservationReader;
  readonly authentication: Authentication;
  readonly desk: PaymentDesk;
  readonly returnUrls: ReturnUrlRules;
}

const payBody = closed({
  returnUrl: t.Optional(
    t.String({ maxLength: RETURN_URL_LENGTH_MAX, description: "Where the checkout sends the browser afterwards." }),
  ),
});

const openedAnswer = t.Object({
  id: t.String(),
  status: t.Unsafe<"PENDING">({ type: "string", enum: ["PENDING"] }),
  amount: moneyAnswer,
  checkoutUrl: t.String({ format: "uri", description: "Where the member pays." }),
  expiresAt: t.String({ format: "date-time" }),
});

export function paymentRoutes({ flights, reservations, authentication, desk, returnUrls }: PaymentServices) {
  /** Where the member pays: as it was answered before, or by asking the provider, which opens an attempt once. */
  const checkoutOf = async (
    stored: StoredReservation,
    payment: PaymentView,
    returnUrl: string | null,
    scope: RequestScope | null,
  ) => {
    if (payment.checkoutUrl !== null) return { checkoutUrl: payment.checkoutUrl, wasKnown: true };
    const row = stored.payments.find(({ id }) => id === payment.id);
    if (row !== undefined) {
      if (row.checkoutUrl !== null) return { checkoutUrl: row.checkoutUrl, wasKnown: true };
      if (row.status !== "PENDING") throw endedUnopened();
    }
    const { id, amount, expiresAtMs } = payment;
    const { flightId, pnr } = stored;
    try {
      const attempt = { id, flightId, reservationId: stored.id, amount, pnr, expiresAtMs, returnUrl };
      return { checkoutUrl: (await desk.open(attempt, scope)).checkoutUrl, wasKnown: false };
    } catch (failure) {
      // Another tab may have opened it meanwhile: then the provider need not say it again.
      const now = (await reservations.find(stored.id))?.payments.find((payment) => payment.id === id);
      if (now === undefined || now.checkoutUrl === null) throw failure;
      return { checkoutUrl: now.checkoutUrl, wasKnown: true };
    }
  };

  return new Elysia({ normalize: false }).post(
    "/api/v1/reservations/:id/payments",
    async ({ params, body, request, set, status }) => {
      const { id: member } = await authentication.memberOf(request);
      const key = idempotencyKeyOf(request.headers);
      const returnUrl = body.returnUrl === undefined ? null : checkReturnUrl(body.returnUrl, returnUrls);
      const stored = await myReservation(reservations, member, params.id);

      const scope = scopeOf(request);
      const begin = {
        flightId: stored.flightId,
        op: "begin-payment" as const,
        args: { reservationId: stored.id },
        member,
        key,
        fingerprint: fingerprint("POST", `/reservations/${stored.id}/payments`, body),
      };
      const { reply, isReplay } = await flights.call(begin, scope);
      if (!reply.ok) {
        if (isReplay) set.headers[IDEMPOTENCY_REPLAYED] = "true";
        if (reply.rejection.code !== "RESERVATION_NOT_FOUND") return refuse(set, reply.rejection);
        return refuse(set, refusalOfEnded(await myReservation(reservations, member, stored.id)));
      }
      const { result } = reply;
      assert(result.kind === "payment", "a payment begins");
      const { payment, isNew } = result;
      const { checkoutUrl, wasKnown } = await checkoutOf(stored, payment, returnUrl, scope);
      // An answer is given again only if it was given: a try that found the provider out of reach had none.
      if (isReplay && wasKnown) set.headers[IDEMPOTENCY_REPLAYED] = "true";
      return status(isNew ? 201 : 200, openedView(payment, checkoutUrl));
    },
    {
      ...optionalJsonBody(payBody),
      query: noQuery,
      detail: documented({
        tag: "Payments",
        who: "member",
        summary: "Pay for a reservation",
        description:
          "Opens a payment over the reservation's total at the provider; the member pays at `checkoutUrl`. While one is open it is " +
          "answered again. If the provider is out of reach the same key completes the request later.",
        requestHeaders: ["Idempotency-Key"],
        answers: {
          201: { description: "The payment is open.", schema: openedAnswer, headers: ["Idempotency-Replayed"] },
          200: { description: "It was open already.", schema: openedAnswer, headers: ["Idempotency-Replayed"] },
        },
        problems: [
          "VALIDATION",
          "RESERVATION_NOT_FOUND",
          "HOLD_EXPIRED",
          "ALREADY_PAID",
          "NOT_PAYABLE",
          "FLIGHT_DEPARTED",
          "IDEMPOTENCY_KEY_REUSED",
          "TOO_MANY_KEYS",
          "PROVIDER_UNAVAILABLE",
          "OVERLOADED",
          "UNAVAILABLE",
          "DEADLINE_EXCEEDED",
        ],
      }),
    },
  );
}

/** Apart from the other routes: where the sandbox runs there is somebody to hear it, whether or not members are served there. */
export function webhookRoutes({ desk }: Pick<PaymentServices, "desk">) {
  return new Elysia({ normalize: false }).post(
    "/api/v1/payments/webhooks/:provider",
    async ({ params, request, status }) => {
      // The signature is over the bytes as they came: nothing may parse them first.
      const outcome = await desk.hint(params.provider, request.headers, await request.text(), scopeOf(request));
      switch (outcome) {
        case "settled":
          return status(204, undefined);
        case "bad-signature":
          throw new Problem(401, "BAD_SIGNATURE", "The webhook's signature or time is wrong.");
        case "unknown-provider":
          throw new Problem(404, "PROVIDER_NOT_FOUND", "There is no such payment provider.");
      }
    },
    {
      parse: "none",
      query: noQuery,
      detail: documented({
        tag: "Payments",
        who: "signature",
        summary: "A provider's hint that something happened to a payment",
        description:
          "Signed after the Standard Webhooks specification, over the raw body. What it claims is not believed: the payment is " +
          "fetched from the provider. 204 only when all that follows is durable; anything else is to be sent again.",
        answers: { 204: { description: "All that follows from it is durable." } },
        problems: ["BAD_SIGNATURE", "PROVIDER_NOT_FOUND", "OVERLOADED", "UNAVAILABLE", "DEADLINE_EXCEEDED"],
      }),
    },
  );
}

function openedView(
  { id, status, amount, expiresAtMs }: PaymentView,
  checkoutUrl: string,
): Static<typeof openedAnswer> {
  assert(status === "PENDING", `attempt ${id} was open when this was decided`);
  return { id, status, amount, checkoutUrl, expiresAt: isoTime(expiresAtMs) };
}

/** A flight forgets what ended without a payment; its row still says how. */
function refusalOfEnded({ id, status }: StoredReservation): Rejection {
  assert(status === "EXPIRED" || status === "RELEASED", `the flight knows reservation ${id}, which is ${status}`);
  if (status === "EXPIRED") {
    return { code: "HOLD_EXPIRED", detail: "The hold has run out; the seats are free again." };
  }
  return { code: "NOT_PAYABLE", detail: `A reservation that is ${status} can't be paid for.` };
}

/** Only a key that began an attempt before finds it ended, and whoever sends it again is told the same. */
function endedUnopened(): Problem {
  return new Problem(
    409,
    "NOT_PAYABLE",
    "This attempt ended before the provider opened it; begin another one with a new key.",
    {},
    { [IDEMPOTENCY_REPLAYED.toLowerCase()]: "true" },
  );
}
