/** Owns everything that money needs, for tests: flights on a real host, a real sandbox provider, and what settles between them. */

import { Webhook } from "standardwebhooks";
import { assert, present } from "../../actors/assert.ts";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { type FlightClient, flightClient, type Request } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import type { ArgsByOp, Op } from "../../actors/domain/command.ts";
import type { AttemptId, FlightId, MemberId, ReservationId, SeatId } from "../../actors/domain/ids.ts";
import { numberForms } from "../../actors/domain/number-forms.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import type { PaymentView, Reply, ReservationView } from "../../actors/domain/reply.ts";
import { DEFAULT_RULES, type Rules } from "../../actors/domain/rules.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { FlightHost } from "../../actors/flight-host.ts";
import { DEFAULT_LIMITS } from "../../actors/limits.ts";
import { Numbers } from "../../actors/numbers.ts";
import { silent } from "../../actors/telemetry.ts";
import type { OpenDatabase } from "../../db/open.ts";
import { journalOn } from "../../db/stores/journal.ts";
import { numberBlocks } from "../../db/stores/number-blocks.ts";
import { PaymentStore } from "../../db/stores/payments.ts";
import type { BookedPayment, PaymentBook } from "../../queue/payments/payment-book.ts";
import { type HintOutcome, PaymentDesk } from "../../queue/payments/payment-desk.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { Settlement } from "../../queue/payments/settlement.ts";
import { CrashPoints } from "./crashes.ts";
import type { FakeClock } from "./fake-clock.ts";
import { type GivenPlan, givenAdults, givenPlan, paymentIn, reservationIn } from "./given.ts";
import { type FreshDatabase, type GivenDatabase, givenSqlite, ownAllShards } from "./given-database.ts";
import { publishPlan } from "./given-host.ts";
import { decide, type GivenOptions, type GivenSandbox, givenSandbox, WEBHOOK_SECRET } from "./given-sandbox.ts";
import { RecordingTelemetry } from "./recording-telemetry.ts";

const DAY_MS = 24 * 3_600_000;

/** More looks than this without an end is a loop. */
const LOOKS_MAX = 500;

/** As the system's, but looks come at the very times that their rule names. */
export const entropy: Entropy = {
  uuid: () => Bun.randomUUIDv7(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => 0.5,
};

export interface GivenPaymentsOptions extends GivenOptions {
  readonly rules?: Partial<Rules>;
  /** @default SQLite */
  readonly database?: FreshDatabase;
}

export class GivenPayments {
  readonly database: OpenDatabase;
  readonly sandbox: GivenSandbox;
  readonly clock: FakeClock;
  readonly book: PaymentBook;
  readonly telemetry = new RecordingTelemetry();
  /** Watches what settlements call, and nothing that a test calls itself. */
  readonly crashes = new CrashPoints();
  readonly closedSales = new Set<FlightId>();
  readonly flights: FlightClient;
  plan: FlightPlan = givenPlan();
  readonly bus = new InProcessBus();
  readonly #rules: Rules;
  readonly #given: GivenDatabase;
  #host: FlightHost | null = null;
  #flightsGiven = 0;

  private constructor(given: GivenDatabase, options: GivenPaymentsOptions) {
    this.#given = given;
    this.#rules = { ...DEFAULT_RULES, ...options.rules };
    this.database = given.db;
    this.sandbox = givenSandbox({ webhooks: "held", ...options });
    this.clock = this.sandbox.clock;
    this.book = new PaymentStore(this.database);
    this.flights = flightClient(this.bus, this.clock, entropy, { attemptMs: 10_000 });
  }

  static async open(options: GivenPaymentsOptions = {}): Promise<GivenPayments> {
    const given = new GivenPayments(await (options.database ?? givenSqlite)(), options);
    await given.restartHost();
    await given.fresh();
    return given;
  }

  async close(): Promise<void> {
    await this.#host?.stop();
    await this.sandbox.stop();
    await this.#given.remove();
  }

  /** Goes on with a flight on which nothing has happened, as if there had been no other. */
  async fresh(plan: GivenPlan = {}): Promise<void> {
    await this.database.write.updateTable("payment").set({ next_look_ms: null }).execute();
    this.telemetry.clear();
    this.crashes.disarm();
    const flightId = `PG-${++this.#flightsGiven}-20300131-ICN`;
    this.plan = givenPlan({ flightId, departsAtMs: this.clock.nowMs() + 30 * DAY_MS, ...plan });
    await publishPlan(this.database, this.plan);
  }

  /** Another host takes over: it knows what is durable, and nothing else. */
  async restartHost(): Promise<void> {
    await this.#host?.stop();
    const { database } = this;
    // Its durations are real: a jump of the clock while it commits would look as if the database had taken so long.
    const clock: Clock = {
      nowMs: () => this.clock.nowMs(),
      monotonicMs: () => performance.now(),
      after: (delayMs, call) => this.clock.after(delayMs, call),
      soon: (call) => this.clock.soon(call),
    };
    const incarnation = entropy.uuid();
    const ownership = await ownAllShards(database, incarnation, clock.nowMs());
    const forms = numberForms(new Uint8Array(32).fill(7), "999");
    this.#host = new FlightHost(
      {
        bus: this.bus,
        clock,
        entropy,
        telemetry: silent,
        journal: journalOn(database),
        numbers: new Numbers(numberBlocks(database.write), forms, entropy, silent.log),
      },
      this.#rules,
      DEFAULT_LIMITS,
      incarnation,
    );
    await this.#host.take(ownership);
  }

  get flightId(): FlightId {
    return this.plan.flightId;
  }

  get provider(): PaymentProvider {
    return this.sandbox.provider;
  }

  /** What settles, as after a start: nothing is remembered but what is durable. */
  settlement(provider: PaymentProvider = this.provider): Settlement {
    const { crashes, clock, telemetry } = this;
    return new Settlement({
      book: crashes.watch(this.book),
      provider: crashes.watch(provider),
      flights: crashes.watch(this.flights),
      clock,
      entropy,
      telemetry,
      isSaleClosed: (flightId) => this.closedSales.has(flightId),
    });
  }

  desk(provider: PaymentProvider = this.provider): PaymentDesk {
    const { book, flights, telemetry } = this;
    const settlement = this.settlement(provider);
    const returnUrl = "https://pigonair.example/reservations";
    return new PaymentDesk({ provider, book, settlement, flights, returnUrl, telemetry });
  }

  async ask<O extends Op>(op: O, args: ArgsByOp[O], member: MemberId | null = null): Promise<Reply> {
    const request = { flightId: this.flightId, op, args, member, key: null, fingerprint: "" };
    // The type can't follow that `op` and `args` belong together; the signature has made sure of it.
    return (await this.flights.call(request as unknown as Request)).reply;
  }

  async hold(seats: number | readonly SeatId[] = ["1A"], member: MemberId = "m1"): Promise<ReservationView> {
    return reservationIn(await this.ask("hold", { passengers: givenAdults(seats) }, member));
  }

  /** Begins a payment and opens it at the provider. */
  async pay(reservation: ReservationView): Promise<PaymentView> {
    const payment = await this.begin(reservation);
    const { checkoutUrl } = await this.openAt(this.desk(), reservation, payment);
    return { ...payment, checkoutUrl };
  }

  async begin({ id, member }: ReservationView): Promise<PaymentView> {
    return paymentIn(await this.ask("begin-payment", { reservationId: id }, member));
  }

  openAt(desk: PaymentDesk, { id, flightId, pnr }: ReservationView, payment: PaymentView) {
    const { expiresAtMs, amount } = payment;
    return desk.open({ id: payment.id, flightId, reservationId: id, amount, pnr, expiresAtMs, returnUrl: null });
  }

  /** What somebody says at the checkout. */
  async checkout(payment: PaymentView, choice: object): Promise<void> {
    const { status, body } = await decide(present(payment.checkoutUrl, "a payment that is open"), choice);
    assert(status === 200, `the checkout takes it: ${JSON.stringify(body)}`);
  }

  async cancel({ id, member }: ReservationView): Promise<ReservationView> {
    return reservationIn(await this.ask("cancel", { reservationId: id }, member));
  }

  async reservation(id: ReservationId): Promise<ReservationView> {
    return reservationIn(await this.ask("reservation", { reservationId: id }));
  }

  async booked(attempt: AttemptId): Promise<BookedPayment> {
    return present(await this.book.find(attempt), `attempt ${attempt} in the book`);
  }

  /** `TICKETED CAPTURED`: what became of the reservation and of each of its attempts, in their order. */
  async outcome(id: ReservationId): Promise<string> {
    const { status } = await this.reservation(id);
    const attempts = this.database.read.selectFrom("payment").select("status").where("reservation_id", "=", id);
    const rows = await attempts.orderBy("id").execute();
    return [status, ...rows.map((row) => row.status)].join(" ");
  }

  /** Looks at all that is due, until nothing is. */
  async settleDue(settlement: Settlement = this.settlement()): Promise<void> {
    for (let looks = 0; ; looks++) {
      assert(looks < LOOKS_MAX, "looks come to an end");
      const due = await this.book.due(this.clock.nowMs(), 10);
      if (due.length === 0) return;
      for (const payment of due) await settlement.look(payment);
    }
  }

  /** Lets `ms` pass and looks at each attempt when it becomes due. */
  async pass(ms: number, settlement: Settlement = this.settlement()): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    for (;;) {
      await this.settleDue(settlement);
      const nextMs = await this.#nextLookMs();
      if (nextMs === null || nextMs > untilMs) break;
      this.clock.advance(Math.max(0, nextMs - this.clock.nowMs()));
    }
    this.clock.advance(untilMs - this.clock.nowMs());
  }

  async #nextLookMs(): Promise<number | null> {
    const earliest = this.database.read.selectFrom("payment").select(({ fn }) => fn.min("next_look_ms").as("atMs"));
    const { atMs } = await earliest.executeTakeFirstOrThrow();
    return atMs === null ? null : Number(atMs);
  }

  /** A webhook about the attempt, rightly signed now. */
  webhook(attempt: AttemptId, change: { body?: string; secret?: string } = {}): { headers: Headers; body: string } {
    const body = change.body ?? JSON.stringify({ type: "payment.captured", data: { attempt, status: "CAPTURED" } });
    const id = `msg_${Bun.randomUUIDv7()}`;
    const signed = new Webhook(change.secret ?? WEBHOOK_SECRET).sign(id, new Date(this.clock.nowMs()), body);
    const headers = new Headers({
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(this.clock.nowMs() / 1_000)),
      "webhook-signature": signed,
    });
    return { headers, body };
  }

  hint(attempt: AttemptId, desk: PaymentDesk = this.desk()): Promise<HintOutcome> {
    const { headers, body } = this.webhook(attempt);
    return desk.hint("sandbox", headers, body);
  }

  /** Stands in for the edge: the sandbox's webhooks come to the desk over HTTP. */
  serveWebhooks(): { readonly answers: number[]; stop(): Promise<void> } {
    const desk = this.desk();
    const answers: number[] = [];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const outcome = await desk.hint("sandbox", request.headers, await request.text());
        const status = outcome === "settled" ? 204 : 401;
        answers.push(status);
        return new Response(null, { status });
      },
    });
    this.sandbox.sandbox.deliverTo(`${server.url}hook`);
    return { answers, stop: () => server.stop(true) };
  }
}
