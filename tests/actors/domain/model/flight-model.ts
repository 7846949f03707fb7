/** Owns the model of a flight: the rules of reservations and money told a second time, as plainly as can be, to judge the domain by. */

import type { Command, HoldPassenger, SettlePaymentArgs } from "../../../../actors/domain/command.ts";
import { EXIT, type FlightPlan } from "../../../../actors/domain/plan.ts";
import type { PaymentStatus, Reply, ReservationStatus, ReservationView } from "../../../../actors/domain/reply.ts";
import type { Rules } from "../../../../actors/domain/rules.ts";
import { NOW_MS } from "../../../support/given.ts";

export interface ModelReservation {
  readonly id: string;
  readonly member: string;
  readonly seats: readonly string[];
  readonly persons: readonly string[];
  readonly total: number;
  readonly expiresAtMs: number;
  readonly attempts: ModelAttempt[];
  status: ReservationStatus;
  /** The flight has let go of it: only the projections know it. */
  isForgotten: boolean;
}

export interface ModelAttempt {
  readonly id: string;
  readonly reservation: ModelReservation;
  status: PaymentStatus;
  isWrong: boolean;
}

interface ModelKey {
  readonly fingerprint: string;
  readonly member: string;
  readonly reply: string;
  readonly untilMs: number;
}

/** What the model says must come of a command. */
export type Verdict =
  /** Not processed. */
  | { readonly kind: "refused"; readonly code: string }
  /** The very same answer as before, told to be one. */
  | { readonly kind: "replay"; readonly reply: string }
  | { readonly kind: "rejection"; readonly code: string }
  /** Seats were to be had; which ones is judged apart. */
  | { readonly kind: "hold" }
  | { readonly kind: "reservation"; readonly reservation: ModelReservation }
  | { readonly kind: "begun"; readonly reservation: ModelReservation }
  | { readonly kind: "payment"; readonly attempt: ModelAttempt }
  | { readonly kind: "done" };

/** How long answers are kept (DESIGN §4), written out again. */
const HOUR_MS = 3_600_000;
const RESULT_KEPT_MS = 24 * HOUR_MS;
const REFUSAL_KEPT_MS = 90_000;

export class FlightModel {
  readonly plan: FlightPlan;
  readonly rules: Rules;
  readonly reservations: ModelReservation[] = [];
  readonly attempts: ModelAttempt[] = [];
  readonly keys = new Map<string, ModelKey>();
  nowMs = NOW_MS;
  /** To be sent again. */
  last: Command | null = null;

  constructor(plan: FlightPlan, rules: Rules) {
    this.plan = plan;
    this.rules = rules;
  }

  /** Who has the seat, if anybody. */
  holderOf(seat: string): ModelReservation | undefined {
    return this.reservations.find((each) => isAlive(each) && each.seats.includes(seat));
  }

  get freeSeats(): string[] {
    return this.plan.seatPlan.seats.map(({ seat }) => seat).filter((seat) => this.holderOf(seat) === undefined);
  }

  /** Works out what must come of the command, and lets it come. */
  judge(command: Command): Verdict {
    const name = `${command.member}|${command.op}|${command.key}`;
    const known = command.key === null ? undefined : this.keys.get(name);
    if (known !== undefined && known.untilMs > this.nowMs) {
      if (known.fingerprint !== command.fingerprint) return { kind: "rejection", code: "IDEMPOTENCY_KEY_REUSED" };
      return { kind: "replay", reply: known.reply };
    }
    for (const each of this.reservations) {
      if (each.status === "HELD" && each.expiresAtMs <= this.nowMs) each.status = "EXPIRED";
    }
    if (command.deadlineMs < this.nowMs) return { kind: "refused", code: "DEADLINE_EXCEEDED" };
    if (command.key !== null && command.member !== null) {
      const alive = [...this.keys.values()].filter(({ untilMs }) => untilMs > this.nowMs);
      const own = alive.filter(({ member }) => member === command.member);
      if (own.length >= this.rules.keysPerMember) return { kind: "refused", code: "TOO_MANY_KEYS" };
      // Who holds already must be able to pay, however many ask for seats.
      const share = command.op === "hold" ? 7 / 8 : 1;
      if (alive.length >= share * this.rules.keysPerFlight) return { kind: "refused", code: "OVERLOADED" };
    }
    return this.#decide(command);
  }

  /** Notes what was really answered, which the key stands for from now on. */
  answered(command: Command, reply: Reply, isReplay: boolean): void {
    if (command.key === null || isReplay) return;
    if (!reply.ok && ["IDEMPOTENCY_KEY_REUSED", "VALIDATION"].includes(reply.rejection.code)) return;
    this.keys.set(`${command.member}|${command.op}|${command.key}`, {
      fingerprint: command.fingerprint,
      member: String(command.member),
      reply: JSON.stringify(reply),
      untilMs: this.nowMs + (reply.ok ? RESULT_KEPT_MS : REFUSAL_KEPT_MS),
    });
  }

  /** The batch is closed: who ended without ever paying is let go of. */
  forget(): void {
    for (const each of this.reservations) {
      const isOver = each.status === "RELEASED" || each.status === "EXPIRED";
      if (isOver && each.attempts.length === 0) each.isForgotten = true;
    }
  }

  held(view: ReservationView, persons: readonly string[]): void {
    this.reservations.push({
      id: view.id,
      member: view.member,
      seats: view.passengers.flatMap(({ seat }) => seat ?? []),
      persons,
      total: view.total.amount,
      expiresAtMs: view.expiresAtMs,
      attempts: [],
      status: "HELD",
      isForgotten: false,
    });
  }

  begun(reservation: ModelReservation, id: string): void {
    const attempt: ModelAttempt = { id, reservation, status: "PENDING", isWrong: false };
    reservation.attempts.push(attempt);
    this.attempts.push(attempt);
    reservation.status = "PAYING";
  }

  #decide(command: Command): Verdict {
    const hasLeft = this.nowMs >= this.plan.departsAtMs;
    switch (command.op) {
      case "hold":
        return this.#hold(command.args.passengers, command.args.prefer?.cabin, String(command.member));
      case "seat-map":
      case "expire":
        return { kind: "done" };
      case "settle-payment": {
        const attempt = this.attempts.find(({ id }) => id === command.args.attempt);
        if (attempt === undefined) return { kind: "rejection", code: "RESERVATION_NOT_FOUND" };
        this.#settle(attempt, command.args, hasLeft);
        return { kind: "payment", attempt };
      }
      case "settle-refund": {
        const attempt = this.attempts.find(({ id }) => id === command.args.attempt);
        if (attempt === undefined) return { kind: "rejection", code: "RESERVATION_NOT_FOUND" };
        if (attempt.status === "REFUNDING") attempt.status = "REFUNDED";
        return { kind: "payment", attempt };
      }
      case "open-payment": {
        const attempt = this.attempts.find(({ id }) => id === command.args.attempt);
        return attempt === undefined
          ? { kind: "rejection", code: "RESERVATION_NOT_FOUND" }
          : { kind: "payment", attempt };
      }
      default: {
        const reservation = this.reservations.find(({ id }) => id === command.args.reservationId);
        const isTheirs = command.member === null || command.member === reservation?.member;
        if (reservation === undefined || reservation.isForgotten || !isTheirs) {
          return { kind: "rejection", code: "RESERVATION_NOT_FOUND" };
        }
        if (command.op === "begin-payment") return beginPayment(reservation, hasLeft);
        if (command.op === "release") return release(reservation);
        if (command.op === "cancel") return cancel(reservation, hasLeft);
        return { kind: "reservation", reservation };
      }
    }
  }

  #hold(passengers: readonly HoldPassenger[], cabin: string | undefined, member: string): Verdict {
    const no = (code: string): Verdict => ({ kind: "rejection", code });
    const of = (type: string): HoldPassenger[] => passengers.filter((each) => each.type === type);
    const named = passengers.flatMap(({ seat }) => seat ?? []);
    const persons = passengers.flatMap(({ person }) => person ?? []);
    if (passengers.length === 0 || passengers.length > 9) return no("VALIDATION");
    if (of("INF").some(({ seat }) => seat !== undefined)) return no("VALIDATION");
    if (new Set(named).size < named.length || new Set(persons).size < persons.length) return no("VALIDATION");
    if (of("INF").length > of("ADT").length) return no("VALIDATION");
    if (this.nowMs >= this.plan.departsAtMs) return no("FLIGHT_DEPARTED");

    const alive = this.reservations.filter(isAlive);
    const theirs = alive.filter((each) => each.member === member).flatMap(({ seats }) => seats);
    const seated = passengers.length - of("INF").length;
    if (theirs.length + seated > this.rules.seatsPerMember) return no("LIMIT_EXCEEDED");
    const aboard = alive.flatMap((each) => each.persons);
    if (persons.some((person) => aboard.includes(person))) return no("LIMIT_EXCEEDED");

    const plan = new Map(this.plan.seatPlan.seats.map((each) => [each.seat, each]));
    if (named.some((seat) => !plan.has(seat))) return no("SEAT_NOT_FOUND");
    const isExit = (seat: string): boolean => plan.get(seat)?.features.includes(EXIT) === true;
    // The first adults have the infants on their laps.
    const kept = [...of("CHD"), ...of("ADT").slice(0, of("INF").length)];
    if (kept.some(({ seat }) => seat !== undefined && isExit(seat))) return no("SEAT_NOT_ALLOWED");
    const free = this.freeSeats;
    if (named.some((seat) => !free.includes(seat))) return no(free.length === 0 ? "SOLD_OUT" : "SEAT_TAKEN");

    const usable = free.filter(
      (seat) => !named.includes(seat) && (cabin === undefined || plan.get(seat)?.cabin === cabin),
    );
    const away = kept.filter(({ seat }) => seat === undefined).length;
    const isEnough = usable.length >= seated - named.length && usable.filter((seat) => !isExit(seat)).length >= away;
    return isEnough ? { kind: "hold" } : no("SOLD_OUT");
  }

  #settle(attempt: ModelAttempt, { status, amount, ours }: SettlePaymentArgs, hasLeft: boolean): void {
    const { reservation } = attempt;
    const isOpen = attempt.status === "PENDING";
    const heldAgain = reservation.expiresAtMs > this.nowMs ? "HELD" : "EXPIRED";
    if (status !== "CAPTURED") {
      if (!isOpen) return;
      attempt.status = status;
      reservation.status = reservation.status === "CANCELLING" ? "RELEASED" : heldAgain;
      return;
    }
    if (["CAPTURED", "REFUNDING", "REFUNDED"].includes(attempt.status)) return;
    attempt.isWrong = !ours || amount.amount !== reservation.total || amount.currency !== this.plan.currency;
    const buys = !attempt.isWrong && !hasLeft;
    const canRetake =
      reservation.status === "EXPIRED" &&
      reservation.seats.every((seat) => this.holderOf(seat) === undefined) &&
      this.reservations.filter(isAlive).every((each) => !each.persons.some((one) => reservation.persons.includes(one)));
    if (buys && ((isOpen && reservation.status === "PAYING") || (!isOpen && canRetake))) {
      attempt.status = "CAPTURED";
      reservation.status = "TICKETED";
      return;
    }
    attempt.status = "REFUNDING";
    if (isOpen) reservation.status = reservation.status === "CANCELLING" ? "CANCELLED" : heldAgain;
  }
}

/** Whether it has its seats. */
export function isAlive({ status }: ModelReservation): boolean {
  return status === "HELD" || status === "PAYING" || status === "CANCELLING" || status === "TICKETED";
}

function beginPayment(reservation: ModelReservation, hasLeft: boolean): Verdict {
  switch (reservation.status) {
    case "HELD":
      return hasLeft ? { kind: "rejection", code: "FLIGHT_DEPARTED" } : { kind: "begun", reservation };
    case "PAYING":
      return { kind: "begun", reservation };
    case "EXPIRED":
      return { kind: "rejection", code: "HOLD_EXPIRED" };
    case "TICKETED":
      return { kind: "rejection", code: "ALREADY_PAID" };
    default:
      return { kind: "rejection", code: "NOT_PAYABLE" };
  }
}

function release(reservation: ModelReservation): Verdict {
  if (["PAYING", "CANCELLING", "TICKETED"].includes(reservation.status)) {
    return { kind: "rejection", code: "NOT_RELEASABLE" };
  }
  if (reservation.status === "HELD") reservation.status = "RELEASED";
  return { kind: "reservation", reservation };
}

function cancel(reservation: ModelReservation, hasLeft: boolean): Verdict {
  if (reservation.status === "HELD") reservation.status = "RELEASED";
  else if (reservation.status === "PAYING") reservation.status = "CANCELLING";
  else if (reservation.status === "TICKETED") {
    if (hasLeft) return { kind: "rejection", code: "FLIGHT_DEPARTED" };
    reservation.status = "CANCELLED";
    for (const attempt of reservation.attempts) if (attempt.status === "CAPTURED") attempt.status = "REFUNDING";
  }
  return { kind: "reservation", reservation };
}
