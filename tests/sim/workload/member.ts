/** Owns one member: looks, holds, pays or gives up, asks again when nobody answers, and is in no hurry to believe anything. */

import type { Request } from "../../../actors/client.ts";
import type { HoldPassenger } from "../../../actors/domain/command.ts";
import type { FlightId, SeatId } from "../../../actors/domain/ids.ts";
import type { PaymentView, Reply, ReservationView, SeatMapView } from "../../../actors/domain/reply.ts";
import { describeCommand, describeReply } from "../checks/checks.ts";
import { hasTooManyInfants } from "../checks/replies.ts";
import type { Edge } from "../cluster/edge.ts";
import { passElsewhere } from "../room/open-room.ts";
import type { Random } from "../world/random.ts";
import type { World } from "../world/world.ts";

/** How long a member waits for one answer, in milliseconds: longer than an edge takes to give up. */
const PATIENCE_MS = 12_000;
const TRIES_MAX = 4;

/** A refusal is remembered for 90 seconds, by clocks that may run too fast; and the question takes its time. */
const ASKED_AGAIN_MS_MAX = 50_000;

/** How often a member asks at a room's door before giving up. */
const QUESTIONS_MAX = 12;

/** Whom one member books for. */
const PERSONS = 6;

interface Asked {
  readonly request: Request;
  readonly reply: Reply;
  readonly atMs: number;
}

export class Member {
  readonly #world: World;
  readonly #random: Random;
  readonly #name: string;
  /** By flight and operation: everybody counts alike, so that the same key stands for something else in every scope. */
  readonly #keys = new Map<string, number>();
  #ticket: string | null = null;
  #pass: string | null = null;
  /** What was answered, to be asked once more much later. */
  readonly #asked: Asked[] = [];

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.#random = world.random.fork(name);
  }

  /** Goes on until `isOver`; ends when nothing of it is under way. */
  async live(isOver: () => boolean): Promise<void> {
    await this.#pause(this.#random.between(0, 2_000));
    while (!isOver()) {
      await this.#visit(isOver);
      await this.#think();
    }
  }

  async #visit(isOver: () => boolean): Promise<void> {
    const { flightId } = this.#random.pick(this.#world.flights);
    if (this.#random.chance(0.4)) await this.#look(flightId);
    if (this.#random.chance(this.#world.plan.lookShare)) return;
    if (this.#random.chance(0.15)) await this.#askAgain();
    if (this.#hasRoom(flightId) && !(await this.#queue(flightId, isOver))) return;
    const held = await this.#hold(flightId);
    if (held === null) return;
    await this.#think();
    const dice = this.#random.fraction();
    if (dice < 0.5) await this.#pay(held, isOver);
    else if (dice < 0.75) await this.#ask(this.#keyed(flightId, "cancel", { reservationId: held.id }));
    else if (dice < 0.85) await this.#ask(this.#keyed(flightId, "release", { reservationId: held.id }));
    if (this.#random.chance(0.4)) await this.#show(held);
  }

  #hasRoom(flightId: FlightId): boolean {
    return this.#world.plan.room !== null && this.#world.flights[0]?.flightId === flightId;
  }

  /** Waits in the flight's line. @returns whether there is a pass in the end */
  async #queue(flightId: FlightId, isOver: () => boolean): Promise<boolean> {
    // Some go on with the pass that they have, for as long as it counts or longer.
    if (this.#pass !== null && this.#random.chance(0.3)) return true;
    this.#pass = null;
    for (let asked = 0; asked < QUESTIONS_MAX && !isOver(); asked++) {
      if (this.#ticket === null) {
        const joined = await this.#through((edge) => edge.join(flightId, this.#name, null));
        if (joined.ok && joined.value.kind === "place") this.#ticket = joined.value.ticket;
        else {
          await this.#think();
          continue;
        }
      }
      if (this.#random.chance(0.1)) {
        const ticket = this.#ticket;
        const joined = await this.#through((edge) => edge.join(flightId, this.#name, ticket));
        if (joined.ok && joined.value.kind === "place") this.#ticket = joined.value.ticket;
      }
      // Some never come.
      if (asked === 0 && this.#random.chance(0.25)) return false;
      const ticket = this.#ticket;
      const entered = await this.#through((edge) => edge.enter(flightId, this.#name, ticket));
      if (entered.ok && entered.value.kind === "pass") {
        const { pass, expiresAtMs } = entered.value;
        // Some show another's, or one of before, or one of another flight.
        const others = [...this.#world.passes, passElsewhere(pass)];
        this.#pass = this.#random.chance(0.1) ? this.#random.pick(others) : pass;
        this.#world.passes.push(pass);
        this.#world.roomChecks.handedOut(flightId, this.#name, expiresAtMs);
        return true;
      }
      if (entered.ok && (entered.value.kind === "over" || entered.value.kind === "bad-ticket")) this.#ticket = null;
      const isNotYet = entered.ok && entered.value.kind === "not-yet";
      // Some are impatient, and some look away for too long.
      await this.#pause(isNotYet ? this.#random.between(500, 4_000) : this.#random.between(200, 2_000));
    }
    return false;
  }

  async #look(flightId: FlightId): Promise<SeatMapView | null> {
    const reply = await this.#ask({ flightId, op: "seat-map", args: {}, member: null, key: null, fingerprint: "" });
    const seatMap = reply?.ok === true && reply.result.kind === "seat-map" ? reply.result.seatMap : null;
    if (seatMap !== null) this.#world.checks.seen(seatMap);
    return seatMap;
  }

  async #hold(flightId: FlightId): Promise<ReservationView | null> {
    const count = this.#random.chance(0.7) ? 1 : this.#random.whole(1, 3);
    const seats = this.#random.chance(0.7) ? this.#someSeats(flightId, count) : [];
    const passengers: HoldPassenger[] = Array.from({ length: Math.max(1, seats.length || count) }, (_, at) => {
      const seat = seats[at];
      return { name: `${this.#name} ${at + 1}`, type: "ADT", ...(seat === undefined ? {} : { seat }) };
    });
    if (this.#world.plan.areKnown) this.#describe(passengers);
    return reservationIn(await this.#ask(this.#keyed(flightId, "hold", { passengers })));
  }

  /** Each is a person whom the flight seats once; some have an infant with them, or more than they have laps. */
  #describe(passengers: HoldPassenger[]): void {
    const first = this.#random.whole(1, PERSONS);
    for (const [at, passenger] of passengers.entries())
      passengers[at] = { ...passenger, person: `${this.#name}-${((first + at) % PERSONS) + 1}` };
    const infants = this.#random.chance(0.3) ? this.#random.whole(1, 2) : 0;
    for (let infant = 0; infant < infants; infant++)
      passengers.push({ name: `${this.#name}, infant`, type: "INF", person: `${this.#name}-infant-${infant}` });
  }

  #someSeats(flightId: FlightId, count: number): SeatId[] {
    const plan = this.#world.flights.find((flight) => flight.flightId === flightId);
    const seats = (plan?.seatPlan.seats ?? []).map(({ seat }) => seat);
    const picked = new Set<SeatId>();
    for (let number = 0; number < count; number++) picked.add(this.#random.pick(seats));
    return [...picked];
  }

  async #pay({ id, flightId, pnr }: ReservationView, isOver: () => boolean): Promise<void> {
    const begin = this.#keyed(flightId, "begin-payment", { reservationId: id });
    const payment = paymentIn(await this.#ask(begin));
    if (payment === null) return;
    // Another key, and still the payment that is open.
    if (this.#random.chance(0.15)) await this.#ask(this.#keyed(flightId, "begin-payment", { reservationId: id }));
    const checkoutUrl = await this.#checkout(payment, { id, flightId, pnr });
    if (checkoutUrl === null) return;
    await this.#think();
    // Some go away from the checkout.
    if (this.#random.chance(0.85)) this.#world.bank.decide(checkoutUrl);
    if (this.#random.chance(0.2)) await this.#ask(this.#keyed(flightId, "cancel", { reservationId: id }));
    await this.#think();
    const shown = await this.#show({ id, flightId });
    if (shown?.status === "TICKETED" && this.#random.chance(0.4) && !isOver()) {
      await this.#think();
      await this.#ask(this.#keyed(flightId, "cancel", { reservationId: id }));
    }
  }

  async #checkout(
    payment: PaymentView,
    held: Pick<ReservationView, "id" | "flightId" | "pnr">,
  ): Promise<string | null> {
    const { amount, expiresAtMs } = payment;
    const { flightId, pnr } = held;
    const attempt = { id: payment.id, flightId, reservationId: held.id, amount, pnr, expiresAtMs, returnUrl: null };
    for (let tries = 0; tries < 2; tries++) {
      const opened = await this.#through((edge) => edge.open(attempt));
      if (opened.ok) return opened.value;
      await this.#think();
    }
    return null;
  }

  async #show({ id, flightId }: Pick<ReservationView, "id" | "flightId">): Promise<ReservationView | null> {
    const request = {
      flightId,
      op: "reservation",
      args: { reservationId: id },
      member: this.#name,
      key: null,
      fingerprint: "",
    } as const;
    return reservationIn(await this.#ask(request));
  }

  /** What was answered before is answered again, within its retention; after that it would be another request. */
  async #askAgain(): Promise<void> {
    const { loop, findings, hasClockJumped } = this.#world;
    const remembered = this.#asked.filter(({ reply, atMs }) => reply.ok || loop.nowMs - atMs < ASKED_AGAIN_MS_MAX);
    if (remembered.length === 0 || hasClockJumped) return;
    const asked = this.#random.pick(remembered);
    const isOther = this.#random.chance(0.2);
    const fingerprint = isOther ? `not ${asked.request.fingerprint}` : asked.request.fingerprint;
    const again = await this.#through((edge) => edge.ask({ ...asked.request, fingerprint }));
    if (!again.ok || this.#world.hasClockJumped) return;
    const { reply } = again.value;
    if (isOther) {
      findings.expect(isReused(reply), "I5", () => {
        return `the key of ${describeCommand(asked.request)} was used for something else, and answered ${describeReply(reply)}`;
      });
      return;
    }
    findings.expect(JSON.stringify(reply) === JSON.stringify(asked.reply), "I5", () => {
      return `${describeCommand(asked.request)} was answered ${describeReply(asked.reply)}, and then ${describeReply(reply)}`;
    });
  }

  /** Asks until somebody answers, or patience ends: then nobody knows whether it was done. */
  async #ask(request: Request): Promise<Reply | null> {
    const { history, trace, checks, findings } = this.#world;
    const call = history.begin(request);
    trace.note(this.#name, () => `asks for ${describeCommand(request)} ${JSON.stringify(request.args)}`);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const tried = await this.#through((edge) =>
        request.op === "hold" ? edge.reserve(request, this.#name, this.#pass) : edge.ask(request),
      );
      if (tried.ok && isWithoutPass(tried.value.reply)) return null;
      if (tried.ok) {
        const { reply } = tried.value;
        history.end(call, reply);
        trace.note(this.#name, () => `is told of ${describeCommand(request)}: ${describeReply(reply)}`);
        checks.acknowledged(request, reply);
        const isSo = !isReused(reply);
        findings.expect(isSo, "I5", () => `${describeCommand(request)} is told of another's request under its key`);
        if (isMalformed(reply)) {
          const isSo = request.op === "hold" && hasTooManyInfants(request.args.passengers);
          findings.expect(isSo, "replies", () => `${describeCommand(request)} was called malformed`);
        } else if (request.key !== null) this.#asked.push({ request, reply, atMs: this.#world.loop.nowMs });
        return reply;
      }
      trace.note(this.#name, () => `is not told of ${describeCommand(request)}: ${tried.why}`);
      await this.#think();
    }
    return null;
  }

  /** One try at one edge, which may die with it. */
  #through<T>(call: (edge: Edge) => Promise<T>): Promise<{ ok: true; value: T } | { ok: false; why: string }> {
    const { loop } = this.#world;
    return new Promise((resolve) => {
      const edge = this.#world.someEdge(this.#random);
      if (edge === null) {
        resolve({ ok: false, why: "no edge" });
        return;
      }
      const timer = loop.after(PATIENCE_MS, () => resolve({ ok: false, why: "no answer" }));
      loop.after(this.#random.between(0.2, 1), () =>
        edge.machine.process.receive(() => {
          call(edge).then(
            (value) => {
              timer.cancel();
              resolve({ ok: true, value });
            },
            (cause: unknown) => {
              timer.cancel();
              resolve({ ok: false, why: String(cause) });
            },
          );
        }),
      );
    });
  }

  #keyed<O extends "hold" | "cancel" | "release" | "begin-payment">(
    flightId: FlightId,
    op: O,
    args: Extract<Request, { op: O }>["args"],
  ): Request {
    const scope = `${flightId}/${op}`;
    const number = (this.#keys.get(scope) ?? 0) + 1;
    this.#keys.set(scope, number);
    const fingerprint = JSON.stringify(args);
    // The type can't follow that `op` and `args` belong together; the signature has made sure of it.
    return { flightId, op, args, member: this.#name, key: `key-${number}`, fingerprint } as unknown as Request;
  }

  #think(): Promise<void> {
    const { plan, loop } = this.#world;
    const ms = this.#random.wait(plan.thinkMs);
    if (plan.beatMs === null) return this.#pause(ms);
    return this.#pause(Math.ceil((loop.nowMs + ms) / plan.beatMs) * plan.beatMs - loop.nowMs);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.loop.after(ms, resolve));
  }
}

function isReused(reply: Reply): boolean {
  return !reply.ok && reply.rejection.code === "IDEMPOTENCY_KEY_REUSED";
}

/** Nothing of that is kept under its key. */
function isMalformed(reply: Reply): boolean {
  return !reply.ok && reply.rejection.code === "VALIDATION";
}

function isWithoutPass(reply: Reply): boolean {
  return !reply.ok && reply.rejection.code === "ADMISSION_REQUIRED";
}

function reservationIn(reply: Reply | null): ReservationView | null {
  return reply?.ok === true && reply.result.kind === "reservation" ? reply.result.reservation : null;
}

function paymentIn(reply: Reply | null): PaymentView | null {
  return reply?.ok === true && reply.result.kind === "payment" ? reply.result.payment : null;
}
