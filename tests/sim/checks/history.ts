/** Owns what callers asked and were told, and the histories of single seats that follow from it. */

import type { Request } from "../../../actors/client.ts";
import type { Op } from "../../../actors/domain/command.ts";
import type { FlightId, SeatId } from "../../../actors/domain/ids.ts";
import type { Reply, ReservationStatus } from "../../../actors/domain/reply.ts";
import { describeCommand, describeReply } from "./checks.ts";
import { firstInexplicable, type SeatEffect, type SeatOperation } from "./linearizability.ts";

/** One request with all its tries. */
export interface Call {
  readonly request: Request;
  readonly called: number;
  readonly calledMs: number;
  ended: number | null;
  reply: Reply | null;
}

/** So much earlier than it should a process may believe that a hold is over, in milliseconds: clocks are told, and drift between. */
const EARLY_MS = 3_000;

export class History {
  readonly calls: Call[] = [];
  readonly #nowMs: () => number;
  /** When each place in the order was given out. */
  readonly #atMs: number[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  begin(request: Request): Call {
    const call: Call = { request, called: this.#next(), calledMs: this.#nowMs(), ended: null, reply: null };
    this.calls.push(call);
    return call;
  }

  end(call: Call, reply: Reply): void {
    call.ended = this.#next();
    call.reply = reply;
  }

  /**
   * What nobody can explain, in words; null when everything can be.
   * @param epochMs simulated time 0, as everybody's clock has it; null when clocks have jumped, and a hold may end at any time
   */
  judge(flightId: FlightId, seats: readonly SeatId[], epochMs: number | null): string | null {
    const histories = new Map<SeatId, SeatOperation[]>(seats.map((seat) => [seat, []]));
    const add = (seat: SeatId, operation: SeatOperation): void => void histories.get(seat)?.push(operation);
    for (const call of this.calls) {
      if (call.request.flightId !== flightId) continue;
      for (const [seat, operation] of operationsOf(call, seats)) add(seat, operation);
    }
    for (const [seat, operation] of this.#byItself(flightId, seats, epochMs)) add(seat, operation);
    for (const [seat, operations] of histories) {
      const inexplicable = firstInexplicable(operations);
      if (inexplicable !== null) return `${seat} of ${flightId}: ${inexplicable.what} (${lines(operations)})`;
    }
    return null;
  }

  /** What happens without an answer of its own: holds end, payments buy. */
  *#byItself(flightId: FlightId, seats: readonly SeatId[], epochMs: number | null): Iterable<[SeatId, SeatOperation]> {
    const ends = new Map<string, number>();
    const pays = new Map<string, number>();
    const noteFirst = (first: Map<string, number>, id: string, at: number): void => {
      first.set(id, Math.min(first.get(id) ?? at, at));
    };
    for (const { request, called } of this.calls) {
      if (request.op === "cancel" || request.op === "release") noteFirst(ends, request.args.reservationId, called);
      if (request.op === "begin-payment") noteFirst(pays, request.args.reservationId, called);
    }
    for (const call of this.calls) {
      const { request, reply, called } = call;
      if (request.flightId !== flightId || request.op !== "hold") continue;
      const byItself = (effect: SeatEffect, from: number): SeatOperation => ({
        effect,
        called: from,
        ended: null,
        what: `${effect.kind} ${"holder" in effect ? effect.holder : ""} by itself`,
      });
      if (reply === null) {
        for (const seat of askedSeats(call, seats)) yield [seat, byItself({ kind: "take-unknown" }, called)];
        continue;
      }
      if (!reply.ok) {
        // A "no" is forgotten when time jumps, and what comes late may be a "yes" then.
        if (epochMs !== null) continue;
        for (const seat of askedSeats(call, seats)) yield [seat, byItself({ kind: "take-unknown" }, called)];
        continue;
      }
      if (reply.result.kind !== "reservation") continue;
      const { id: holder, passengers, expiresAtMs } = reply.result.reservation;
      const expires = epochMs === null ? called : this.#orderAt(expiresAtMs - epochMs - EARLY_MS);
      const over = Math.max(called, Math.min(expires, ends.get(holder) ?? expires));
      const paid = pays.get(holder);
      for (const { seat } of passengers) {
        if (seat === null) continue;
        yield [seat, byItself({ kind: "free", holder }, over)];
        if (paid === undefined) continue;
        yield [seat, byItself({ kind: "sell", holder }, paid)];
        yield [seat, byItself({ kind: "retake", holder }, paid)];
        yield [seat, byItself({ kind: "free", holder }, paid)];
      }
    }
  }

  #next(): number {
    return this.#atMs.push(this.#nowMs());
  }

  /** After everything that happened before. */
  #orderAt(ms: number): number {
    let [low, high] = [0, this.#atMs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#atMs[middle] ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low + 0.5;
  }
}

/** What the caller was told of each seat. */
function* operationsOf(call: Call, seats: readonly SeatId[]): Iterable<[SeatId, SeatOperation]> {
  const { request, reply, called, ended } = call;
  const seen = (seat: SeatId, effect: SeatEffect): [SeatId, SeatOperation] => [
    seat,
    {
      effect,
      called,
      ended,
      what: `${describeCommand(request)}: ${reply === null ? "?" : describeReply(reply)}`,
    },
  ];
  if (reply === null) return;
  if (!reply.ok) {
    const { code, seats: named = [], alternatives = [] } = reply.rejection;
    if (code === "SEAT_TAKEN") {
      for (const seat of named) yield seen(seat, { kind: "see", state: "taken" });
      for (const seat of alternatives) yield seen(seat, { kind: "see", state: "free" });
    }
    const isAlone = request.op === "hold" && request.args.passengers.length === 1;
    if (code === "SOLD_OUT" && isAlone) for (const seat of seats) yield seen(seat, { kind: "see", state: "taken" });
    return;
  }
  const { result } = reply;
  if (result.kind === "seat-map") {
    for (const { seat, state } of result.seatMap.seats)
      if (state !== "blocked") yield seen(seat, { kind: "see", state });
  }
  if (result.kind !== "reservation") return;
  const { id: holder, passengers, status } = result.reservation;
  for (const { seat } of passengers) {
    if (seat === null) continue;
    yield seen(
      seat,
      request.op === "hold" ? { kind: "take", holder } : { kind: "see-holder", holder, state: SEEN[status] },
    );
  }
}

const SEEN: Readonly<Record<ReservationStatus, "other" | "held" | "sold">> = {
  HELD: "held",
  PAYING: "held",
  CANCELLING: "held",
  TICKETED: "sold",
  CANCELLED: "other",
  RELEASED: "other",
  EXPIRED: "other",
};

function askedSeats({ request }: Call, all: readonly SeatId[]): readonly SeatId[] {
  if (request.op !== "hold") return [];
  const named = request.args.passengers.flatMap(({ seat }) => seat ?? []);
  return named.length === request.args.passengers.length ? named : all;
}

/** Only as much as a person can read. */
const LINES_MAX = 400;

function lines(operations: readonly SeatOperation[]): string {
  const sorted = [...operations].sort((a, b) => a.called - b.called).slice(0, LINES_MAX);
  return sorted
    .map(({ called, ended, effect, what }) => `${called}–${ended ?? "?"} ${JSON.stringify(effect)} ${what}`)
    .join("; ");
}

/** Ops that a member asks for. */
export type MemberOp = Exclude<Op, "expire" | "open-payment" | "settle-payment" | "settle-refund">;
