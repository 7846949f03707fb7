/** Owns the envelope in which events leave: CloudEvents 1.0, as JSON (the structured mode of its binding for NATS). */

import { flightId } from "../../actors/bus/forms.ts";
import { count, exactly, type JsonSchema, type ObjectOf, open, text } from "../../actors/bus/schema.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { TailEntry } from "../../actors/journal.ts";
import { aboutOf, dataOf, EVENT_KINDS, timeOf } from "./event-kinds.ts";

/** An event on its way to the stream. */
export interface Envelope {
  /** `event.<flightId>.<name>` */
  readonly subject: string;
  /** `flight:version:ordinal`: the same whenever it is sent again. */
  readonly id: string;
  /** The envelope as JSON. */
  readonly json: string;
}

export const CONTENT_TYPE = "application/cloudevents+json";

const ATTRIBUTES = {
  specversion: exactly("1.0"),
  id: text({
    expected: "an id",
    description:
      "`flight:version:ordinal`, by which a consumer knows a repetition. Within a flight, version and ordinal are the order of what happened.",
    examples: ["PG-101-2030-01-31-ICN:42:0"],
  }),
  source: text({ expected: "a URI reference", examples: ["/flights/PG-101-2030-01-31-ICN"] }),
  subject: text({ expected: "what it is about", examples: ["reservations/0197f0c2-bbbb-7aaa-bbbb-000000000001"] }),
  time: text({ expected: "a time of RFC 3339 in UTC" }),
  datacontenttype: exactly("application/json"),
  flightid: flightId,
  flightversion: count("The flight's version after what happened."),
} as const;

type Attributes = ObjectOf<typeof ATTRIBUTES>;

/** The schema of one kind's envelope, to document. */
export function envelopeDocument(kind: keyof typeof EVENT_KINDS): JsonSchema {
  const { name, data } = EVENT_KINDS[kind];
  return open({ ...ATTRIBUTES, type: exactly(typeOf(name)), data }).document;
}

/** The envelopes of all that happened in the entry, in its order. */
export function envelopesOf(flightId: FlightId, { version, entry }: TailEntry): Envelope[] {
  const envelopes: Envelope[] = [];
  for (const { atMs, events } of entry.turns) {
    for (const event of events) {
      const { name } = EVENT_KINDS[event.type];
      const id = `${flightId}:${version}:${envelopes.length}`;
      const attributes: Attributes = {
        specversion: "1.0",
        id,
        source: `/flights/${flightId}`,
        subject: aboutOf(event),
        time: timeOf(atMs),
        datacontenttype: "application/json",
        flightid: flightId,
        flightversion: version,
      };
      const json = JSON.stringify({ ...attributes, type: typeOf(name), data: dataOf(event) });
      envelopes.push({ subject: subjectOf(flightId, name), id, json });
    }
  }
  return envelopes;
}

function subjectOf(flightId: FlightId, name: string): string {
  return `event.${flightId}.${name}`;
}

function typeOf(name: string): string {
  return `pigonair.${name}`;
}
