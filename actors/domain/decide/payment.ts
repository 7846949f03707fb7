/** Owns the money's rules (DESIGN §5): one open attempt a reservation, and every capture ends ticketed or refunded; guards I8. */

import type { Command, SettlePaymentArgs } from "../command.ts";
import type { FlightEvent, RefundReason } from "../event.ts";
import type { AttemptId } from "../ids.ts";
import { sameMoney } from "../money.ts";
import { type Attempt, FlightState, type Reservation } from "../state.ts";
import { paymentView } from "../views.ts";
import {
  accept,
  type Decision,
  flightDeparted,
  reachable,
  reject,
  reservationNotFound,
  type Situation,
} from "./decision.ts";

export function beginPayment({ state, nowMs, rules, supply }: Situation, command: Command<"begin-payment">): Decision {
  const reservation = reachable(state, command, command.args.reservationId);
  if (reservation === null) return reservationNotFound();
  switch (reservation.status) {
    case "PAYING": {
      const open = FlightState.openAttempt(reservation);
      if (open !== null) return accept([], paymentOf(open.id, false));
      return reject("NOT_PAYABLE", "The payment is being settled.");
    }
    case "HELD": {
      if (nowMs >= state.plan.departsAtMs) return flightDeparted();
      const attempt = supply.attemptId();
      // Attempts are read in the order of their ends: one that begins after cluster time was set back still ends after those before it.
      const after = (reservation.attempts.at(-1)?.expiresAtMs ?? 0) + 1;
      const expiresAtMs = Math.max(nowMs + rules.paymentTtlMs, after);
      return accept([{ type: "payment-begun", id: reservation.id, attempt, expiresAtMs }], paymentOf(attempt, true));
    }
    case "EXPIRED":
      return reject("HOLD_EXPIRED", "The hold has run out; the seats are free again.");
    case "TICKETED":
      return reject("ALREADY_PAID", "The reservation is paid and ticketed.");
    case "CANCELLING":
    case "CANCELLED":
    case "RELEASED":
      return reject("NOT_PAYABLE", `A reservation that is ${reservation.status} can't be paid for.`);
  }
}

export function openPayment({ state }: Situation, { args }: Command<"open-payment">): Decision {
  const attempt = state.attempts.get(args.attempt);
  if (attempt === undefined) return attemptNotFound();
  if (attempt.checkoutUrl !== null) return accept([], paymentOf(attempt.id, false));
  return accept(
    [{ type: "payment-opened", attempt: attempt.id, checkoutUrl: args.checkoutUrl }],
    paymentOf(attempt.id, true),
  );
}

export function settlePayment(situation: Situation, { args }: Command<"settle-payment">): Decision {
  const attempt = situation.state.attempts.get(args.attempt);
  if (attempt === undefined) return attemptNotFound();
  const events =
    args.status === "CAPTURED"
      ? captured(situation, attempt, args)
      : endedWithoutMoney(situation, attempt, args.status);
  return accept(events, paymentOf(attempt.id, false));
}

export function settleRefund({ state }: Situation, { args }: Command<"settle-refund">): Decision {
  const attempt = state.attempts.get(args.attempt);
  if (attempt === undefined) return attemptNotFound();
  return accept(
    attempt.status === "REFUNDING" ? [{ type: "refunded", attempt: attempt.id }] : [],
    paymentOf(attempt.id, false),
  );
}

function captured(
  situation: Situation,
  attempt: Attempt,
  { amount, ours, saleClosed }: SettlePaymentArgs,
): FlightEvent[] {
  if (attempt.captured !== null) return [];
  const { state, nowMs } = situation;
  const { reservation } = attempt;
  const money: FlightEvent = {
    type: "captured",
    attempt: attempt.id,
    amount: amount.amount,
    currency: amount.currency,
  };
  const refund = (reason: RefundReason): FlightEvent => ({ type: "refund-due", attempt: attempt.id, reason });
  const isExpected = ours && sameMoney(amount, { amount: attempt.amount, currency: state.plan.currency });
  const isOpen = FlightState.openAttempt(reservation) === attempt;
  const hasLeft = nowMs >= state.plan.departsAtMs;

  if (reservation.status === "CANCELLING" && isOpen) {
    return [money, refund(isExpected ? "CANCELLED" : "WRONG_PAYMENT"), { type: "cancelled", id: reservation.id }];
  }
  if (reservation.status === "PAYING" && isOpen) {
    if (isExpected && !hasLeft) return [money, ticketed(situation, attempt)];
    return [money, refund(isExpected ? "SEATS_GONE" : "WRONG_PAYMENT"), ...expiredIfOver(reservation, nowMs)];
  }
  if (!isExpected) return [money, refund("WRONG_PAYMENT")];
  if (reservation.status === "EXPIRED") {
    if (hasLeft || saleClosed === true || !canRetake(state, reservation)) return [money, refund("SEATS_GONE")];
    return [money, { type: "retaken", id: reservation.id }, ticketed(situation, attempt)];
  }
  return [money, refund("NOT_THE_TICKETING_ATTEMPT")];
}

function endedWithoutMoney({ nowMs }: Situation, attempt: Attempt, status: "FAILED" | "CANCELLED"): FlightEvent[] {
  if (attempt.status !== "PENDING") return [];
  const { reservation } = attempt;
  const ended: FlightEvent = { type: "payment-ended", attempt: attempt.id, status };
  if (reservation.status === "CANCELLING") return [ended, { type: "released", id: reservation.id }];
  return [ended, ...expiredIfOver(reservation, nowMs)];
}

/** After a payment that bought nothing the reservation is HELD again, if there is time left. */
function expiredIfOver(reservation: Reservation, nowMs: number): FlightEvent[] {
  return reservation.expiresAtMs <= nowMs ? [{ type: "expired", id: reservation.id }] : [];
}

function ticketed({ supply }: Situation, { id, reservation }: Attempt): FlightEvent {
  const tickets = reservation.passengers.map(() => supply.ticketNumber());
  return { type: "ticketed", id: reservation.id, attempt: id, tickets };
}

/** Whether the expired reservation's seats are all free, and none of its passengers sits in the flight by now. */
function canRetake(state: FlightState, reservation: Reservation): boolean {
  return (
    reservation.seats.every((seat) => state.isFree(seat)) &&
    reservation.passengers.every(({ person }) => person === undefined || !state.sits(person))
  );
}

function attemptNotFound(): Decision {
  return reject("RESERVATION_NOT_FOUND", "There is no such payment attempt.");
}

function paymentOf(id: AttemptId, isNew: boolean) {
  return (state: FlightState) => {
    const attempt = state.attempt(id);
    return {
      kind: "payment",
      reservationId: attempt.reservation.id,
      payment: paymentView(state, attempt),
      isNew,
    } as const;
  };
}
