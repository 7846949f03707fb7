/** Owns what a host measures of its commands' ends: what was answered, and what was sold. */

import type { Answer } from "./bus/bus.ts";
import type { Clock } from "./clock.ts";
import type { Command, Op } from "./domain/command.ts";
import type { FlightEvent } from "./domain/event.ts";
import type { OperationalError } from "./errors.ts";
import type { FlightChange } from "./journal.ts";
import type { Counter, Telemetry } from "./telemetry.ts";
import { noTraces, spanIdOf, type Traces } from "./tracing.ts";

export class HostMeter {
  readonly #clock: Clock;
  readonly #traces: Traces;
  readonly #outcomes: Counter;
  readonly #events: Counter;
  readonly #seats: Counter;
  readonly #tickets: Counter;
  readonly #money: Counter;

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#clock = clock;
    this.#traces = telemetry.traces ?? noTraces;
    this.#outcomes = telemetry.counter(
      "pigonair_flight_outcomes_total",
      "Commands to flights, by what they were answered: OK, or the code of a refusal or a failure.",
      ["op", "code"],
    );
    this.#events = telemetry.counter("pigonair_events_total", "Events that are durable.", ["type"]);
    this.#seats = telemetry.counter("pigonair_seats_held_total", "Seats that holds have taken.");
    this.#tickets = telemetry.counter("pigonair_tickets_issued_total", "Tickets that were issued.");
    this.#money = telemetry.counter(
      "pigonair_money_minor_units_total",
      "Money that came and that went back, in minor units of its currency.",
      ["flow", "currency"],
    );
  }

  answered(op: Op, answer: Answer): void {
    const code = !answer.ok ? answer.error.code : answer.reply.ok ? "OK" : answer.reply.rejection.code;
    this.#outcomes.add(1, { op, code });
  }

  /** It was told that it failed, before any commit. "Not mine" is no failure: somebody else answers. */
  failed({ op, trace }: Command, { code }: OperationalError, sinceMs: number): void {
    if (trace === undefined || code === "NOT_OWNER" || !this.#traces.isOn) return;
    this.#traces.record({
      name: `flight ${op}`,
      kind: "server",
      trace: this.#traces.child(trace),
      parentId: spanIdOf(trace),
      startMs: sinceMs,
      endMs: this.#clock.monotonicMs(),
      attributes: { "pigonair.op": op, "pigonair.code": code },
      failure: code,
    });
  }

  committed({ entry, projection }: FlightChange): void {
    for (const { events } of entry.turns) {
      for (const event of events) {
        this.#events.add(1, { type: event.type });
        this.#sold(event, projection);
      }
    }
  }

  #sold(event: FlightEvent, { payments }: FlightChange["projection"]): void {
    switch (event.type) {
      case "held":
        this.#seats.add(event.passengers.reduce((seats, { seat }) => seats + (seat === null ? 0 : 1), 0));
        break;
      case "ticketed":
        this.#tickets.add(event.tickets.length);
        break;
      case "captured":
        this.#money.add(event.amount, { flow: "captured", currency: event.currency });
        break;
      case "refunded": {
        const row = payments.update.find(({ id }) => id === event.attempt);
        const currency = row?.capturedCurrency ?? null;
        if (row !== undefined && currency !== null)
          this.#money.add(row.capturedAmount ?? 0, { flow: "refunded", currency });
        break;
      }
    }
  }
}
