/** Owns everything that money needs, for tests: flights on a real database, a real sandbox provider, and what settles between them. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { assert, present } from "../../actors/assert.ts";
import type { ArgsByOp, Op } from "../../actors/domain/command.ts";
import type { AttemptId, FlightId, MemberId, ReservationId, SeatId } from "../../actors/domain/ids.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import type { PaymentView, Reply, ReservationView } from "../../actors/domain/reply.ts";
import type { Rules, Supply } from "../../actors/domain/rules.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { OpenDatabase } from "../../db/open.ts";
import { PaymentStore } from "../../db/stores/payments.ts";
import type { BookedPayment, PaymentBook } from "../../queue/payments/payment-book.ts";
import { type HintOutcome, PaymentDesk } from "../../queue/payments/payment-desk.ts";
import type { PaymentProvider } from "../../queue/payments/provider.ts";
import { Settlement } from "../../queue/payments/settlement.ts";
import { CrashPoints } from "./crashes.ts";
import type { FakeClock } from "./fake-clock.ts";
import { type GivenPlan, givenAdults, givenPlan, givenSupply, paymentIn, reservationIn } from "./given.ts";
import { decide, type GivenOptions, type GivenSandbox, givenSandbox, WEBHOOK_SECRET } from "./given-sandbox.ts";
import { RecordingTelemetry } from "./recording-telemetry.ts";
import { addFlight, openOwnedDatabase, TurnHost } from "./turn-host.ts";

export const entropy: Entropy = {
  uuid: () => Bun.randomUUIDv7(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => 0.5,
};

/** More looks than this without an end is a loop. */
const LOOKS_MAX = 500;

const DAY_MS = 24 * 3_600_000;

export interface GivenPaymentsOptions extends GivenOptions {
  readonly rules?: Partial<Rules>;
}

export class GivenPayments {
  readonly database: OpenDatabase;
  readonly sandbox: GivenSandbox;
  readonly clock: FakeClock;
  readonly host: TurnHost;
  readonly book: PaymentBook;
  readonly telemetry = new RecordingTelemetry();
  /** Watches what the settlement calls, and nothing that the tests call themselves. */
  readonly crashes = new CrashPoints();
  plan: FlightPlan;
  #flights = 0;
  readonly #directory: string;

  private constructor(directory: string, database: OpenDatabase, sandbox: GivenSandbox, options: GivenPaymentsOptions) {
    this.#directory = directory;
    this.database = database;
    this.sandbox = sandbox;
    this.clock = sandbox.clock;
    this.plan = givenPlan();
    const { rules = {} } = options;
    this.host = new TurnHost({ database, clock: sandbox.clock, rules, supply: risingSupply() });
    this.book = new PaymentStore(database);
  }

  static async open(options: GivenPaymentsOptions = {}): Promise<GivenPayments> {
    const directory = mkdtempSync(join(tmpdir(), "payments-"));
    const database = await openOwnedDatabase(join(directory, "pigonair.sqlite"));
    const given = new GivenPayments(directory, database, givenSandbox({ webhooks: "held", ...options }), options);
    await given.fresh();
    return given;
  }

  async close(): Promise<void> {
    await this.sandbox.stop();
    await this.database.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** Goes on with a flight on which nothing has happened, as if there had been no other. */
  async fresh(plan: GivenPlan = {}): Promise<void> {
    await this.database.write.updateTable("payment").set({ next_look_ms: null }).execute();
    this.telemetry.clear();
    this.crashes.disarm();
    const flightId = `PG-${++this.#flights}-20300131-ICN`;
    this.plan = givenPlan({ flightId, departsAtMs: this.clock.nowMs() + 30 * DAY_MS, ...plan });
    await addFlight(this.database, this.plan);
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
      flights: crashes.watch(this.host),
      clock,
      entropy,
      telemetry,
    });
  }

  desk(provider: PaymentProvider = this.provider): PaymentDesk {
    return new PaymentDesk({
      provider,
      book: this.book,
      settlement: this.settlement(provider),
      flights: this.host,
      returnUrl: "https://pigonair.example/reservations",
      telemetry: this.telemetry,
    });
  }

  async ask<O extends Op>(op: O, args: ArgsByOp[O], member: MemberId | null = null): Promise<Reply> {
    const request = { flightId: this.flightId, op, args, member, key: null, fingerprint: "" };
    return (await this.host.call(request as unknown as Parameters<TurnHost["call"]>[0])).reply;
  }

  async hold(seats: number | readonly SeatId[] = ["1A"], member: MemberId = "m1"): Promise<ReservationView> {
    return reservationIn(await this.ask("hold", { passengers: givenAdults(seats) }, member));
  }

  /** Begins a payment and opens it at the provider. */
  async pay(reservation: ReservationView, desk: PaymentDesk = this.desk()): Promise<PaymentView> {
    const payment = await this.begin(reservation);
    const { checkoutUrl } = await this.openAt(desk, reservation, payment);
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
    const url = new URL(present(payment.checkoutUrl, "a payment that is open"));
    // The address changes when the sandbox starts anew.
    const { status, body } = await decide(`${this.sandbox.sandbox.url}${url.pathname}`, choice);
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

  /** `TICKETED CAPTURED`: what became of the reservation and of each of its attempts. */
  async outcome(id: ReservationId): Promise<string> {
    const rows = await this.database.read
      .selectFrom("payment")
      .select("status")
      .where("reservation_id", "=", id)
      .orderBy("id")
      .execute();
    const { status } = await this.reservation(id);
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
    const { next } = await this.database.read
      .selectFrom("payment")
      .select(({ fn }) => fn.min("next_look_ms").as("next"))
      .executeTakeFirstOrThrow();
    return next;
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

  /** Stands in for the edge: the sandbox's webhooks come to `desk` over HTTP. */
  serveWebhooks(desk: PaymentDesk = this.desk()): { readonly answers: number[]; stop(): Promise<void> } {
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

/** Attempts rise, so that those of a reservation can be read in their order. */
function risingSupply(): Supply {
  let attempts = 0;
  return { ...givenSupply(), attemptId: () => `a${String(++attempts).padStart(6, "0")}` };
}
