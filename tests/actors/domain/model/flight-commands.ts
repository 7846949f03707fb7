/** Owns the steps of the model test: what may be asked of a flight, and what may happen to it, at any time. */

import fc from "fast-check";
import { assert } from "../../../../actors/assert.ts";
import type {
  ArgsByOp,
  Command,
  HoldArgs,
  HoldPassenger,
  Op,
  PassengerType,
  SettlePaymentArgs,
} from "../../../../actors/domain/command.ts";
import { givenCommand } from "../../../support/given.ts";
import type { FlightModel } from "./flight-model.ts";
import { checkInvariants } from "./invariants.ts";
import { compare } from "./judgement.ts";
import type { RealFlight } from "./real-flight.ts";

type Step = fc.Command<FlightModel, RealFlight>;

/** How a command is sent: by whom, under which key, with how much time left. */
interface Sending {
  readonly member: string | null;
  readonly key: string | null;
  readonly leftMs: number;
}

/** Sends one command and judges the turn. */
class Ask implements Step {
  readonly #name: string;
  readonly #commandOf: (model: Readonly<FlightModel>) => Command | null;

  constructor(name: string, commandOf: (model: Readonly<FlightModel>) => Command | null) {
    this.#name = name;
    this.#commandOf = commandOf;
  }

  check(model: Readonly<FlightModel>): boolean {
    return this.#commandOf(model) !== null;
  }

  run(model: FlightModel, real: RealFlight): void {
    const command = this.#commandOf(model);
    assert(command !== null, "checked before");
    model.last = command;
    const verdict = model.judge(command);
    const turn = real.take(command);
    compare(model, command, verdict, turn);
    checkInvariants(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

/** Something that happens without a command. */
class Happen implements Step {
  readonly #name: string;
  readonly #happen: (model: FlightModel, real: RealFlight) => void;

  constructor(name: string, happen: (model: FlightModel, real: RealFlight) => void) {
    this.#name = name;
    this.#happen = happen;
  }

  check(): boolean {
    return true;
  }

  run(model: FlightModel, real: RealFlight): void {
    this.#happen(model, real);
    checkInvariants(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

const MEMBERS = ["m1", "m2", "m3"];

const sendings: fc.Arbitrary<Sending> = fc.record({
  member: fc.constantFrom(...MEMBERS),
  key: fc.option(fc.constantFrom("k1", "k2", "k3"), { freq: 3 }),
  leftMs: fc.oneof({ weight: 18, arbitrary: fc.constant(10_000) }, fc.constant(0), fc.constant(-1)),
});

/** Who asks for the thing, mostly its owner. */
const askers = fc.constantFrom("owner", "owner", "owner", "owner", "other", "system");

/** One of the newest; {@link NOT_THERE} for something that does not exist. */
const newest = fc.nat({ max: 11 });
const NOT_THERE = 11;

function pick<T>(from: readonly T[], at: number): T | undefined {
  return at === NOT_THERE ? undefined : from[from.length - 1 - (at % Math.min(from.length, 4))];
}

/**
 * Anything that may be asked of a flight.
 * @param seats what passengers may ask for
 */
export function flightCommands(seats: readonly string[], cabins: readonly string[]): fc.Arbitrary<Step>[] {
  const hold = holds(seats, cabins);
  const begin = onReservation("begin-payment");
  return [
    ...[hold, hold, hold, hold, begin, begin, begin, settle(), settle(), settle(), settle(), advance(), advance()],
    ...[onReservation("release"), onReservation("cancel"), onReservation("reservation")],
    onAttempt("settle-refund", (attempt) => ({ attempt })),
    onAttempt("open-payment", (attempt) => ({ attempt, checkoutUrl: `https://pay.example/${attempt}` })),
    newest.map((at) =>
      ask("expire", { member: null, key: null, leftMs: 10_000 }, ({ reservations }) => ({
        reservationId: pick(reservations, at)?.id ?? "none",
        generation: 1,
      })),
    ),
    sendings.map((sending) => ask("seat-map", { ...sending, key: null }, () => ({}))),
    fc.constantFrom(0, 10_000).map(again),
    fc.constant(batchCloses),
    fc.constant(snapshotIsKept),
  ];
}

/** Payments above all, in every order: early, late, twice, wrong, and for seats that others want. */
export function moneyCommands(seats: readonly string[], cabins: readonly string[]): fc.Arbitrary<Step>[] {
  const begin = onReservation("begin-payment");
  return [
    ...[
      holds(seats, cabins),
      begin,
      begin,
      settle(),
      settle(),
      settle(),
      settle(),
      advance(),
      fc.constant(batchCloses),
    ],
    ...[onReservation("cancel"), onReservation("release"), onAttempt("settle-refund", (attempt) => ({ attempt }))],
  ];
}

const batchCloses = new Happen("the batch closes", (model, real) => {
  real.ship();
  model.forget();
});

const snapshotIsKept = new Happen("a snapshot is kept", (model, real) => {
  real.keepSnapshot();
  model.forget();
});

function ask<O extends Op>(
  op: O,
  { member, key, leftMs }: Sending,
  argsOf: (model: Readonly<FlightModel>) => ArgsByOp[O] | null,
  shown: object = {},
): Ask {
  return new Ask(`${op} ${member} ${key} ${leftMs} ${JSON.stringify(shown)}`, (model) => {
    const args = argsOf(model);
    return args === null ? null : givenCommand<Op>(op, args, { member, key, deadlineMs: model.nowMs + leftMs });
  });
}

export function holds(seats: readonly string[], cabins: readonly string[]): fc.Arbitrary<Step> {
  const seat = fc.option(fc.oneof({ weight: 15, arbitrary: fc.constantFrom(...seats) }, fc.constant("99Z")), {
    freq: 2,
    nil: undefined,
  });
  const person = fc.option(fc.constantFrom("p1", "p2", "p3", "p4", "p5"), { freq: 2, nil: undefined });
  const passengerOf = (type: fc.Arbitrary<PassengerType>): fc.Arbitrary<HoldPassenger> =>
    fc.record({ name: fc.constant("Somebody"), type, seat, person }).map((all) => ({
      name: all.name,
      type: all.type,
      ...(all.seat === undefined || all.type === "INF" ? {} : { seat: all.seat }),
      ...(all.person === undefined ? {} : { person: all.person }),
    }));
  const party = fc
    .tuple(
      passengerOf(fc.constant("ADT")),
      fc.array(passengerOf(fc.constantFrom<PassengerType>("ADT", "ADT", "CHD", "INF")), { maxLength: 2 }),
    )
    .map(([first, others]) => [first, ...others]);
  // Anything at all, among it what no flight would take.
  const oddParty = fc.array(passengerOf(fc.constantFrom<PassengerType>("ADT", "CHD", "INF")), { maxLength: 10 });
  const prefer: fc.Arbitrary<HoldArgs["prefer"]> = fc.option(
    fc.record({ cabin: fc.constantFrom(...cabins), together: fc.boolean() }, { requiredKeys: [] }),
    { freq: 3, nil: undefined },
  );
  return fc
    .tuple(fc.oneof({ weight: 9, arbitrary: party }, oddParty), prefer, sendings)
    .map(([passengers, wish, sending]) =>
      ask("hold", sending, () => ({ passengers, ...(wish === undefined ? {} : { prefer: wish }) }), {
        passengers: passengers.map(({ type, seat, person }) => [type, seat, person].join(" ").trim()),
        wish,
      }),
    );
}

function onReservation(op: "release" | "cancel" | "begin-payment" | "reservation"): fc.Arbitrary<Step> {
  return fc.tuple(newest, askers, sendings).map(
    ([at, asker, { key, leftMs }]) =>
      new Ask(`${op} #${at} by ${asker} ${key} ${leftMs}`, ({ reservations, nowMs }) => {
        const target = pick(at < 9 ? reservations.filter(({ isForgotten }) => !isForgotten) : reservations, at);
        if (target === undefined && at !== NOT_THERE) return null;
        const owner = target?.member ?? "m1";
        const other = MEMBERS.find((each) => each !== owner) ?? "m9";
        const member = { owner, other, system: null }[asker] ?? null;
        const args = { reservationId: target?.id ?? "none" };
        return givenCommand<Op>(op, args, {
          member,
          key: op === "reservation" ? null : key,
          deadlineMs: nowMs + leftMs,
        });
      }),
  );
}

function onAttempt<O extends "settle-refund" | "open-payment">(
  op: O,
  argsOf: (attempt: string) => ArgsByOp[O],
): fc.Arbitrary<Step> {
  return newest.map((at) =>
    ask(op, { member: null, key: null, leftMs: 10_000 }, ({ attempts }) => {
      const attempt = pick(attempts, at);
      return attempt === undefined && at !== NOT_THERE ? null : argsOf(attempt?.id ?? "none");
    }),
  );
}

/** What a provider may say of any attempt at any time; now and then it says the wrong amount, or it is not our money. */
function settle(): fc.Arbitrary<Step> {
  return fc
    .record({
      at: newest,
      status: fc.constantFrom("CAPTURED", "CAPTURED", "FAILED", "CANCELLED"),
      over: fc.constantFrom(0, 0, 0, 0, 0, 0, 1),
      currency: fc.constantFrom("KRW", "KRW", "KRW", "KRW", "KRW", "KRW", "USD"),
      ours: fc.constantFrom(true, true, true, true, true, true, false),
      isKeyed: fc.boolean(),
    })
    .map(
      ({ at, status, over, currency, ours, isKeyed }) =>
        new Ask(`settle-payment #${at} ${status} ${over} ${currency} ${ours} ${isKeyed}`, ({ attempts, nowMs }) => {
          const attempt = pick(attempts, at);
          if (attempt === undefined && at !== NOT_THERE) return null;
          const amount = { amount: (attempt?.reservation.total ?? 0) + over, currency };
          const id = attempt?.id ?? "none";
          const args = { attempt: id, status: status as SettlePaymentArgs["status"], amount, ours };
          const key = isKeyed ? `pay:${id}:${status}` : null;
          return givenCommand<Op>("settle-payment", args, { member: null, key, deadlineMs: nowMs + 10_000 });
        }),
    );
}

/** The last command again: byte for byte, or with a new deadline. */
function again(laterMs: number): Step {
  return new Ask(`again ${laterMs}`, ({ last, nowMs }) =>
    last === null || laterMs === 0 ? last : { ...last, deadlineMs: nowMs + laterMs },
  );
}

function advance(): fc.Arbitrary<Step> {
  const steps = [1, 1_000, 89_999, 90_000, 5 * 60_000, 10 * 60_000, 15 * 60_000];
  const ms = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...steps) },
    { weight: 4, arbitrary: fc.nat({ max: 1_200_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(24 * 3_600_000, 10 * 24 * 3_600_000) },
  );
  return ms.map(
    (passing) =>
      new Happen(`${passing} ms pass`, (model, real) => {
        model.nowMs += passing;
        real.advance(passing);
      }),
  );
}
