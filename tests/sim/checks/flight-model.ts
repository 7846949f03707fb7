/**
 * Owns an independent reading of a flight's journal: who has which seat, what became of each reservation and payment, and what each key
 * was answered. It shares no code with the flight that wrote it; guards I5, I7 and I8.
 */

import type { FlightEvent, JournalEntry, RefundReason, TurnRecord } from "../../../actors/domain/event.ts";
import type { FlightId, SeatId } from "../../../actors/domain/ids.ts";
import type { FlightPlan } from "../../../actors/domain/plan.ts";
import type { PaymentStatus, ReservationStatus } from "../../../actors/domain/reply.ts";
import type { Rules } from "../../../actors/domain/rules.ts";
import type { Findings } from "../world/findings.ts";
import { untrue } from "./replies.ts";

export interface ModelReservation {
  readonly id: string;
  readonly member: string;
  readonly seats: readonly SeatId[];
  readonly passengers: number;
  /** Those of them that were said. */
  readonly persons: readonly string[];
  readonly total: number;
  readonly expiresAtMs: number;
  status: ReservationStatus;
  /** Its hold is over, and its end is still to be told: nobody else has its seats yet, and everybody may. */
  isOver: boolean;
  tickets: readonly string[];
  ticketedBy: string | null;
}

/** Whether its passengers have their seats: nobody else has these, and they have no others. */
export function hasSeats({ status, isOver }: ModelReservation): boolean {
  return !isOver && (status === "HELD" || status === "PAYING" || status === "CANCELLING" || status === "TICKETED");
}

export interface ModelAttempt {
  readonly id: string;
  readonly reservation: ModelReservation;
  status: PaymentStatus;
  captured: number | null;
}

export interface ModelKey {
  /** The latest, and those before it whose retention had ended. */
  readonly replies: readonly string[];
  readonly fingerprint: string;
  /** When the latest was given. */
  readonly atMs: number;
  readonly keptUntilMs: number;
}

/** What the provider must have done before the journal says so. */
export interface Money {
  isCaptured(attempt: string, amount: number): boolean;
  isRefunded(attempt: string): boolean;
  /** It was taken for us and for nobody else, and nothing of it has gone back. */
  isOurs(attempt: string): boolean;
  /** Nothing can come of it without the provider's saying so. */
  isEnded(attempt: string): boolean;
}

interface ModelRules extends Pick<Rules, "seatsPerMember" | "keysPerMember"> {
  /** The flight's sale may be closed before its seats are gone. */
  readonly mayClose: boolean;
}

type Ended = "RELEASED" | "EXPIRED" | "CANCELLED";

const MAY_END_FROM: Readonly<Record<Ended, readonly ReservationStatus[]>> = {
  RELEASED: ["HELD", "CANCELLING"],
  EXPIRED: ["HELD"],
  CANCELLED: ["TICKETED", "CANCELLING"],
};

export class FlightModel {
  readonly flightId: FlightId;
  readonly capacity: number;
  version = 0;
  /** Whose each seat is; missing while it is free. */
  readonly holders = new Map<SeatId, string>();
  readonly sold = new Set<SeatId>();
  readonly reservations = new Map<string, ModelReservation>();
  readonly attempts = new Map<string, ModelAttempt>();
  readonly keys = new Map<string, ModelKey>();
  readonly #findings: Findings;
  readonly #money: Money;
  readonly #rules: ModelRules;
  /** Record locators and ticket numbers that were given out, of all flights. */
  readonly #numbers: Set<string>;

  constructor(
    { flightId, seatPlan: { capacity } }: FlightPlan,
    rules: ModelRules,
    findings: Findings,
    money: Money,
    numbers: Set<string>,
  ) {
    this.#rules = rules;
    this.#numbers = numbers;
    this.flightId = flightId;
    this.capacity = capacity;
    this.#findings = findings;
    this.#money = money;
  }

  /** As everybody is told. */
  get free(): number {
    return [...this.holders.values()].reduce(
      (free, id) => (this.reservations.get(id)?.isOver === true ? free : free - 1),
      this.capacity,
    );
  }

  /** Whether the person has a place in the flight, but by the reservation `except`. */
  sits(person: string, except: string | null = null): boolean {
    return [...this.reservations.values()].some(
      (each) => each.id !== except && hasSeats(each) && each.persons.includes(person),
    );
  }

  apply(version: number, entry: JournalEntry): void {
    this.#findings.expect(
      version === this.version + 1,
      "I3",
      () => `${this.flightId} goes from version ${this.version} to ${version}`,
    );
    this.version = version;
    for (const turn of entry.turns) this.#turn(turn);
  }

  #turn({ events, key, atMs }: TurnRecord): void {
    for (const event of events) this.#event(event, atMs);
    if (key === null) return;
    const before = this.keys.get(key.name);
    const reply = JSON.stringify(key.reply);
    const others = this.#liveKeysBeside(key.name, atMs);
    this.#findings.expect(others < this.#rules.keysPerMember, "I5", () => {
      return `${this.flightId} keeps ${others} keys beside ${key.name}`;
    });
    if (before !== undefined && before.keptUntilMs > atMs) {
      this.#findings.report(
        "I5",
        `${this.flightId}: key ${key.name} has two answers: ${before.replies[0]} and ${reply}`,
      );
    }
    const wrong = untrue(this, key, this.#rules.seatsPerMember);
    this.#findings.expect(wrong === null, "replies", () => `${this.flightId} at ${this.version}: ${wrong}`);
    const { fingerprint, keptUntilMs } = key;
    this.keys.set(key.name, { replies: [reply, ...(before?.replies ?? [])], fingerprint, atMs, keptUntilMs });
  }

  /** Of the same member; nobody counts those of the system. */
  #liveKeysBeside(name: string, atMs: number): number {
    const [member] = name.split("/");
    if (member === "-") return 0;
    const isOther = ([other, { keptUntilMs }]: [string, ModelKey]): boolean =>
      other !== name && other.startsWith(`${member}/`) && keptUntilMs > atMs;
    return [...this.keys].filter(isOther).length;
  }

  #event(event: FlightEvent, atMs: number): void {
    switch (event.type) {
      case "held": {
        const seats = event.passengers.flatMap(({ seat }) => seat ?? []);
        const { id, pnr, member, total, passengers, expiresAtMs } = event;
        const reservation: ModelReservation = {
          id,
          member,
          seats,
          passengers: passengers.length,
          persons: passengers.flatMap(({ person }) => person ?? []),
          total,
          expiresAtMs,
          status: "HELD",
          isOver: false,
          tickets: [],
          ticketedBy: null,
        };
        this.#must(!this.reservations.has(id), `reservation ${id} is made once`);
        this.reservations.set(id, reservation);
        this.#giveOut(pnr);
        this.#take(reservation);
        return;
      }
      case "released":
        this.#end(event.id, "RELEASED");
        return;
      case "expired":
        if (event.overUntilMs !== undefined) this.#letGoUntil(event.overUntilMs);
        for (const untilMs of [event.overUntilMs, this.reservations.get(event.id)?.expiresAtMs])
          this.#must((untilMs ?? atMs) <= atMs, `${event.id} ends at ${atMs}, before its time: ${untilMs}`);
        this.#end(event.id, "EXPIRED");
        return;
      case "cancelled":
        this.#end(event.id, "CANCELLED");
        return;
      case "cancelling":
        this.#move(event.id, ["PAYING"], "CANCELLING");
        return;
      case "payment-begun": {
        const reservation = this.#move(event.id, ["HELD"], "PAYING");
        if (reservation === null) return;
        const isOpen = [...this.attempts.values()].some(
          (attempt) => attempt.reservation === reservation && attempt.status === "PENDING",
        );
        this.#must(!isOpen, `reservation ${event.id} has one open payment at most`);
        this.attempts.set(event.attempt, { id: event.attempt, reservation, status: "PENDING", captured: null });
        return;
      }
      case "payment-opened":
        return;
      case "payment-ended": {
        const attempt = this.#attempt(event.attempt);
        if (attempt === null) return;
        this.#must(attempt.status === "PENDING", `attempt ${attempt.id} ends while it is open`);
        attempt.status = event.status;
        if (attempt.reservation.status === "PAYING") attempt.reservation.status = "HELD";
        const isSo = this.#money.isEnded(event.attempt);
        this.#findings.expect(isSo, "I8", () => `attempt ${event.attempt} has ended, but not at the provider`);
        return;
      }
      case "captured": {
        const attempt = this.#attempt(event.attempt);
        if (attempt === null) return;
        this.#must(attempt.captured === null, `attempt ${attempt.id} is captured once`);
        attempt.status = "CAPTURED";
        attempt.captured = event.amount;
        const isSo = this.#money.isCaptured(event.attempt, event.amount);
        this.#findings.expect(isSo, "I8", () => `attempt ${event.attempt} is captured, but not at the provider`);
        return;
      }
      case "ticketed": {
        const reservation = this.#move(event.id, ["PAYING"], "TICKETED");
        const attempt = this.#attempt(event.attempt);
        if (reservation === null || attempt === null) return;
        this.#must(attempt.status === "CAPTURED" && attempt.captured === reservation.total, `${event.id} is paid`);
        const isOurs = this.#money.isOurs(event.attempt);
        this.#findings.expect(isOurs, "I8", () => `${event.id} is ticketed for money that somebody else has`);
        this.#must(event.tickets.length === reservation.passengers, `${event.id} has a ticket for everybody`);
        for (const number of event.tickets) this.#giveOut(number);
        reservation.tickets = event.tickets;
        reservation.ticketedBy = event.attempt;
        for (const seat of reservation.seats) this.sold.add(seat);
        return;
      }
      case "retaken": {
        const reservation = this.#move(event.id, ["EXPIRED"], "PAYING");
        if (reservation !== null) this.#take(reservation);
        return;
      }
      case "refund-due": {
        const attempt = this.#attempt(event.attempt);
        if (attempt === null) return;
        this.#must(attempt.status === "CAPTURED", `attempt ${attempt.id} has money to give back`);
        const isSo = this.#isReason(event.reason, attempt);
        const { status } = attempt.reservation;
        this.#findings.expect(isSo, "I8", () => `${attempt.id} of a reservation that is ${status}: ${event.reason}`);
        attempt.status = "REFUNDING";
        if (attempt.reservation.status === "PAYING") attempt.reservation.status = "HELD";
        return;
      }
      case "refunded": {
        const attempt = this.#attempt(event.attempt);
        if (attempt === null) return;
        this.#must(attempt.status === "REFUNDING", `attempt ${attempt.id} was to be refunded`);
        attempt.status = "REFUNDED";
        const isSo = this.#money.isRefunded(event.attempt);
        this.#findings.expect(isSo, "I8", () => `attempt ${event.attempt} is refunded, but not at the provider`);
        return;
      }
    }
  }

  /** Whether the money goes back for that: whoever has paid for seats that there are has bought them. */
  #isReason(reason: RefundReason, { id, reservation, captured }: ModelAttempt): boolean {
    const { status, seats, persons, total } = reservation;
    const isOpenElsewhere = [...this.attempts.values()].some(
      (other) => other.reservation === reservation && other.status === "PENDING",
    );
    switch (reason) {
      case "CANCELLED":
        return status === "CANCELLING" || status === "CANCELLED";
      case "WRONG_PAYMENT":
        return captured !== total || !this.#money.isOurs(id);
      case "SEATS_GONE":
        return (
          status === "EXPIRED" &&
          (this.#rules.mayClose ||
            seats.some((seat) => this.holders.has(seat)) ||
            persons.some((person) => this.sits(person)))
        );
      case "NOT_THE_TICKETING_ATTEMPT":
        return status !== "EXPIRED" && (isOpenElsewhere || (status !== "PAYING" && status !== "CANCELLING"));
    }
  }

  #giveOut(number: string): void {
    this.#must(!this.#numbers.has(number), `number ${number} is given once`);
    this.#numbers.add(number);
  }

  #take(reservation: ModelReservation): void {
    for (const person of reservation.persons)
      this.#must(!this.sits(person, reservation.id), `${person} of ${reservation.id} sits once`);
    for (const seat of reservation.seats) {
      const holder = this.holders.get(seat);
      this.#must(holder === undefined, `seat ${seat} is ${holder}'s, and given to ${reservation.id}`);
      this.holders.set(seat, reservation.id);
    }
    this.#must(this.free >= 0, "no more seats are taken than there are");
  }

  #letGoUntil(untilMs: number): void {
    for (const reservation of this.reservations.values()) {
      if (reservation.status === "HELD" && reservation.expiresAtMs <= untilMs) reservation.isOver = true;
    }
  }

  #end(id: string, to: Ended): void {
    const reservation = this.#move(id, MAY_END_FROM[to], to);
    if (reservation !== null) reservation.isOver = false;
    for (const seat of reservation?.seats ?? []) {
      this.#must(this.holders.get(seat) === id, `seat ${seat} is ${id}'s to give back`);
      this.holders.delete(seat);
      this.sold.delete(seat);
    }
  }

  #move(id: string, from: readonly ReservationStatus[], to: ReservationStatus): ModelReservation | null {
    const reservation = this.reservations.get(id);
    if (reservation === undefined) {
      this.#must(false, `there is a reservation ${id}`);
      return null;
    }
    this.#must(from.includes(reservation.status), `reservation ${id} goes from ${reservation.status} to ${to}`);
    this.#must(!reservation.isOver || to === "EXPIRED", `reservation ${id} is over, and goes to ${to}`);
    reservation.status = to;
    return reservation;
  }

  #attempt(id: string): ModelAttempt | null {
    const attempt = this.attempts.get(id);
    this.#must(attempt !== undefined, `there is an attempt ${id}`);
    return attempt ?? null;
  }

  #must(isSo: boolean, what: string): void {
    this.#findings.expect(isSo, "I7", () => `${this.flightId} at ${this.version}: ${what}`);
  }
}
