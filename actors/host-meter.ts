/** Owns what a host measures of its commands' ends: what was answered, and what was sold. */

import type { Answer } from "./bus/bus.ts";
import type { Op } from "./domain/command.ts";
import type { FlightEvent } from "./domain/event.ts";
import type { FlightChange } from "./journal.ts";
import type { Counter, Telemetry } from "./telemetry.ts";

export class HostMeter {
  readonly #outcomes: Counter;
  readonly #events: Counter;
  readonly #seats: Counter;
  readonly #tickets: Counter;
  readonly #money: Counter;

  constructor(telemetry: Telemetry) {
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
