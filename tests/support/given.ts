/** Owns the builders of the tests: a plan, a flight, commands and what the host supplies, each with sensible defaults. */

import { assert } from "../../actors/assert.ts";
import { Changes } from "../../actors/domain/changes.ts";
import type { ArgsByOp, Command, HoldArgs, HoldPassenger, Op } from "../../actors/domain/command.ts";
import type { TurnRecord } from "../../actors/domain/event.ts";
import { type Turn, takeTurn } from "../../actors/domain/flight-logic.ts";
import type { Cabin, FlightId, MemberId, SeatId } from "../../actors/domain/ids.ts";
import type { Currency } from "../../actors/domain/money.ts";
import { EXIT, type FlightPlan, type PlannedSeat, type SeatFeature, SeatPlan } from "../../actors/domain/plan.ts";
import type { PaymentView, Rejection, Reply, ReservationView } from "../../actors/domain/reply.ts";
import { DEFAULT_RULES, type Rules, type Supply } from "../../actors/domain/rules.ts";
import { FlightState } from "../../actors/domain/state.ts";

/** Where the clocks of the tests start: 2030-01-01T00:00:00Z, as FakeClock's does. */
export const NOW_MS = Date.UTC(2030, 0, 1);

/** When the given flight leaves. */
export const DEPARTS_AT_MS = NOW_MS + 30 * 24 * 3_600_000;

export const FLIGHT_ID: FlightId = "PG-101-20300131-ICN";

export interface GivenCabin {
  readonly cabin: Cabin;
  readonly rows: number;
  /** Column letters of one row, a space for each aisle. @default "ABC DEF" */
  readonly columns?: string;
  /** Numbers of the rows that stand at an exit. @default none */
  readonly exitRows?: readonly number[];
}

/** Rows count on from cabin to cabin, beginning at 1. @default ten rows of `ABC DEF` in cabin Y */
export function givenSeatPlan(cabins: readonly GivenCabin[] = [{ cabin: "Y", rows: 10 }]): SeatPlan {
  const seats: PlannedSeat[] = [];
  let row = 0;
  for (const { cabin, rows, columns = "ABC DEF", exitRows = [] } of cabins) {
    for (let inCabin = 0; inCabin < rows; inCabin++) {
      row += 1;
      for (const { letter, place } of columnsOf(columns)) {
        const features = [...place, ...(inCabin === 0 ? ["FRONT"] : []), ...(exitRows.includes(row) ? [EXIT] : [])];
        seats.push({ seat: `${row}${letter}`, cabin, row, column: letter, features });
      }
    }
  }
  return new SeatPlan(seats);
}

function columnsOf(columns: string): { letter: string; place: SeatFeature[] }[] {
  const width = columns.length;
  return [...columns].flatMap((letter, at) => {
    if (letter === " ") return [];
    const place: SeatFeature[] = [];
    if (at === 0 || at === width - 1) place.push("WINDOW");
    if (columns[at - 1] === " " || columns[at + 1] === " ") place.push("AISLE");
    return [{ letter, place: place.length > 0 ? place : ["MIDDLE"] }];
  });
}

export interface GivenPlan {
  readonly flightId?: FlightId;
  readonly departsAtMs?: number;
  readonly currency?: Currency;
  readonly cabins?: readonly GivenCabin[];
  /** @default 90,000 for Y, 300,000 for J, 150,000 for any other */
  readonly fareByCabin?: Readonly<Record<Cabin, number>>;
  /** Instead of `cabins`. */
  readonly seatPlan?: SeatPlan;
}

export function givenPlan(given: GivenPlan = {}): FlightPlan {
  const seatPlan = given.seatPlan ?? givenSeatPlan(given.cabins);
  const usual: Readonly<Record<Cabin, number>> = { Y: 90_000, J: 300_000 };
  return {
    flightId: given.flightId ?? FLIGHT_ID,
    departsAtMs: given.departsAtMs ?? DEPARTS_AT_MS,
    currency: given.currency ?? "KRW",
    fareByCabin:
      given.fareByCabin ?? Object.fromEntries(seatPlan.cabins.map((cabin) => [cabin, usual[cabin] ?? 150_000])),
    seatPlan,
  };
}

/** Numbers that say what they are and in which order they were drawn: `r1 a1 PNR001 1800000000001`. */
export function givenSupply(): Supply {
  const drawn = { reservation: 0, attempt: 0, pnr: 0, ticket: 0 };
  const padded = (number: number, length: number): string => String(number).padStart(length, "0");
  return {
    reservationId: () => `r${++drawn.reservation}`,
    attemptId: () => `a${++drawn.attempt}`,
    pnr: () => `PNR${padded(++drawn.pnr, 3)}`,
    ticketNumber: () => `180${padded(++drawn.ticket, 10)}`,
  };
}

export interface GivenAsker {
  /** null for the system. @default "m1" */
  readonly member?: MemberId | null;
  /** @default null: the command leaves no key */
  readonly key?: string | null;
  /** @default the arguments as JSON, which is what a fingerprint stands for */
  readonly fingerprint?: string;
  /** @default ten seconds after {@link NOW_MS} for a command alone; far away when a {@link GivenFlight} makes it */
  readonly deadlineMs?: number;
  readonly flightId?: FlightId;
}

export function givenCommand<O extends Op>(op: O, args: ArgsByOp[O], asker: GivenAsker = {}): Command<O> {
  const command = {
    flightId: asker.flightId ?? FLIGHT_ID,
    op,
    args,
    member: asker.member === undefined ? "m1" : asker.member,
    key: asker.key ?? null,
    fingerprint: asker.fingerprint ?? JSON.stringify(args),
    deadlineMs: asker.deadlineMs ?? NOW_MS + 10_000,
  };
  // The type can't follow that `op` and `args` belong together; the signature has made sure of it.
  return command as unknown as Command<O>;
}

/** Adults, one for each seat named; a number stands for that many who name none. */
export function givenAdults(seats: number | readonly SeatId[] = 1): HoldPassenger[] {
  const named: readonly (SeatId | undefined)[] =
    typeof seats === "number" ? Array.from({ length: seats }, () => undefined) : seats;
  return named.map((seat, at) => ({ name: `Adult ${at + 1}`, type: "ADT", ...(seat === undefined ? {} : { seat }) }));
}

/** Passengers by type, who name no seat: `givenParty("ADT", "CHD", "INF")`. */
export function givenParty(...types: HoldPassenger["type"][]): HoldPassenger[] {
  return types.map((type, at) => ({ name: `Passenger ${at + 1}`, type }));
}

/** @param passengers as for {@link givenAdults}, or passengers. @default one adult without a seat named */
export function givenHold(
  passengers: number | readonly SeatId[] | readonly HoldPassenger[] = 1,
  asker: GivenAsker & { readonly prefer?: HoldArgs["prefer"] } = {},
): Command<"hold"> {
  const { prefer, ...rest } = asker;
  const args: HoldArgs = {
    passengers: arePassengers(passengers) ? passengers : givenAdults(passengers),
    ...(prefer === undefined ? {} : { prefer }),
  };
  return givenCommand("hold", args, rest);
}

function arePassengers(
  given: number | readonly SeatId[] | readonly HoldPassenger[],
): given is readonly HoldPassenger[] {
  return typeof given !== "number" && given.some((each) => typeof each !== "string");
}

/** A flight on which commands are taken one by one, as its actor would: it keeps the clock, the rules and the journal. */
export class GivenFlight {
  readonly state: FlightState;
  readonly rules: Rules;
  readonly supply: Supply = givenSupply();
  /** Everything that the journal would hold, turn by turn. */
  readonly journal: TurnRecord[] = [];
  /** What the turns since the last {@link takeChanges} changed. */
  changes = new Changes();
  nowMs = NOW_MS;
  /** Rows by which a turn tells of holds that are over. */
  endedRowsMax = Number.POSITIVE_INFINITY;

  /** @param state where the flight is already. @default as it begins */
  constructor(plan: FlightPlan = givenPlan(), rules: Partial<Rules> = {}, state = new FlightState(plan)) {
    this.state = state;
    this.rules = { ...DEFAULT_RULES, ...rules };
  }

  take(command: Command): Turn {
    const { state, nowMs, rules, supply, changes, endedRowsMax } = this;
    const turn = takeTurn(state, command, nowMs, rules, supply, changes, endedRowsMax);
    if (turn.record !== null) this.journal.push(turn.record);
    return turn;
  }

  /** Takes the command and gives its reply; a command that was not processed fails the test. */
  ask(command: Command): Reply {
    const turn = this.take(command);
    assert(turn.kind === "answered", `answered, not ${turn.kind === "refused" ? turn.error.code : turn.kind}`);
    return turn.reply;
  }

  /** As {@link ask}, made from its parts; its deadline never passes unless the asker names one. */
  request<O extends Op>(op: O, args: ArgsByOp[O], asker: GivenAsker = {}): Reply {
    const command: Command = givenCommand<Op>(op, args, { deadlineMs: Number.MAX_SAFE_INTEGER, ...asker });
    return this.ask(command);
  }

  /** Holds and gives the reservation; a rejection fails the test. */
  hold(
    passengers: number | readonly SeatId[] | readonly HoldPassenger[] = 1,
    asker: GivenAsker & { readonly prefer?: HoldArgs["prefer"] } = {},
  ): ReservationView {
    return reservationIn(this.tryHold(passengers, asker));
  }

  tryHold(
    passengers: number | readonly SeatId[] | readonly HoldPassenger[] = 1,
    asker: GivenAsker & { readonly prefer?: HoldArgs["prefer"] } = {},
  ): Reply {
    return this.ask(givenHold(passengers, { deadlineMs: Number.MAX_SAFE_INTEGER, ...asker }));
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }

  /** What changed since the last call: one batch. */
  takeChanges(): Changes {
    const taken = this.changes;
    this.changes = new Changes();
    return taken;
  }

  /** Seats that are not free, as `12A:held`, in the order of the plan. */
  occupied(): string[] {
    return this.state.plan.seatPlan.seats.flatMap(({ seat }, index) =>
      this.state.isFree(index) ? [] : [`${seat}:${this.state.seatState(index)}`],
    );
  }
}

export function reservationIn(reply: Reply): ReservationView {
  assert(reply.ok && reply.result.kind === "reservation", `a reservation, not ${JSON.stringify(reply)}`);
  return reply.result.reservation;
}

export function paymentIn(reply: Reply): PaymentView {
  assert(reply.ok && reply.result.kind === "payment", `a payment, not ${JSON.stringify(reply)}`);
  return reply.result.payment;
}

export function rejectionIn(reply: Reply): Rejection {
  assert(!reply.ok, `a rejection, not ${JSON.stringify(reply)}`);
  return reply.rejection;
}

/** A hold of one named seat, as a caller of the flight client makes it. */
export function requestHold(seat: SeatId, asker: GivenAsker = {}): Omit<Command<"hold">, "deadlineMs"> {
  const { deadlineMs: _, ...request } = givenCommand(
    "hold",
    { passengers: [{ name: "Kim", type: "ADT", seat }] },
    { key: "k1", ...asker },
  );
  return request;
}
