/** Owns how a flight's journal is shown to operators: what happened, and nothing by which a person is known or a payment reached. */

import type { FlightEvent, KeyRecord } from "../../actors/domain/event.ts";
import { isoTime } from "../reservations/answers.ts";
import type { StoredEntry } from "./admin-reader.ts";

export function journalEntryView({ version, batch, atMs, schema, turns }: StoredEntry) {
  return {
    version,
    batch,
    at: isoTime(atMs),
    schema,
    turns: turns.map((turn) => ({
      at: isoTime(turn.atMs),
      events: turn.events.map(eventView),
      answered: turn.key === null ? null : answeredView(turn.key),
    })),
  };
}

function eventView(event: FlightEvent): object {
  switch (event.type) {
    case "held":
      // The keyed hash over name and birth date stays inside.
      return { ...event, passengers: event.passengers.map(({ type, seat }) => ({ type, seat })) };
    case "payment-opened":
      // Whoever has the URL can say how the payment goes.
      return { type: event.type, attempt: event.attempt };
    default:
      return event;
  }
}

/** What was answered under a key. The key itself is the client's text, and may say anything. */
function answeredView({ name, reply }: KeyRecord) {
  const [, op = ""] = name.split("/", 2);
  return { op, outcome: reply.ok ? "OK" : reply.rejection.code };
}
