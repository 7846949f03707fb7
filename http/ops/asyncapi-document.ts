/** Owns the bus's document (AsyncAPI 3): made of the subjects and schemas that check what travels, so that there is no second truth. */

import { CALLERS } from "../../actors/bus/callers.ts";
import { flightId } from "../../actors/bus/forms.ts";
import { BATCH_REPLY, FAILURE_CODES, REFUSED, REJECTION_CODES, replyTo } from "../../actors/bus/replies.ts";
import {
  BATCH,
  BODIES,
  BUS_OPS,
  idempotencyKey,
  needsKey,
  OP_SUMMARIES,
  REQUEST_BYTES_MAX,
} from "../../actors/bus/requests.ts";
import { BROADCASTS } from "../../actors/bus/subjects.ts";
import { DEADLINE_HEADER, HEADER_BYTES_MAX, KEY_HEADER } from "../../actors/bus/wire.ts";
import { isRead } from "../../actors/domain/command.ts";
import { type FlightId, SHARDS, shardOf } from "../../actors/domain/ids.ts";
import { CONTENT_TYPE, envelopeDocument } from "../../queue/events/cloud-event.ts";
import { EVENT_KINDS, TOLD_EVENTS } from "../../queue/events/event-kinds.ts";
import { EVENT_HEADERS, STREAM, STREAM_SUBJECTS } from "../../queue/events/jetstream.ts";
import { PROBLEM_CODES } from "../problem-codes.ts";

type Json = Record<string, unknown>;
type BusOp = (typeof BUS_OPS)[number];

const EXAMPLE_FLIGHT: FlightId = "PG-101-2030-01-31-ICN";
const EXAMPLE_BODY = {
  member: "0197f0c2-aaaa-7aaa-bbbb-000000000001",
  args: { passengers: [{ name: "Kim Minji", type: "ADT", seat: "12A" }] },
};
const EXAMPLE_DEADLINE_MS = 1_896_080_400_000;

const SINGLE_HEADERS: Json = {
  [DEADLINE_HEADER]: {
    type: "string",
    pattern: "^[0-9]{1,15}$",
    description:
      "The moment after which the request is not begun any more, in milliseconds since 1970-01-01T00:00:00Z; at most 30 seconds away, and " +
      "clamped to that.",
    examples: [String(EXAMPLE_DEADLINE_MS)],
  },
};

/** What failures mean on the bus, where the edge's own words don't fit. */
const FAILURE_MEANINGS: Readonly<Record<(typeof FAILURE_CODES)[number], string>> = {
  OVERLOADED: "Too much work is waiting. Send the same command with the same key again after `retryAfterMs`.",
  NOT_OWNER: "This process does not own the flight (any more): send the same command again soon; its owner hears it.",
  DEADLINE_EXCEEDED:
    "It came after its deadline, and was not processed. With a new deadline and the same key it may be.",
  TOO_MANY_KEYS: PROBLEM_CODES.TOO_MANY_KEYS.meaning,
  UNAVAILABLE: "The flight can't be read for now. The same command with the same key may be sent again.",
  FORBIDDEN: "This caller may not ask for that op, or not in that name.",
  INTERNAL: "Our own defect; it has been noted.",
};

const INTRODUCTION = [
  "How programs of the operator's own ask flights, and what they can hear. Everything is JSON in UTF-8 over NATS (server 2.9 or later).",
  "## Asking a flight",
  `A flight is asked on a subject that begins with its *shard*: FNV-1a (32 bit: offset basis 2166136261, prime 16777619) over the bytes of the flight's id, modulo ${SHARDS}; ` +
    "the same as `{{partition(256,1)}}` of a NATS server's subject mapping. The last word is the *caller*, who you are: the server's permissions pin it to your user. " +
    "Publish with a reply subject that is in your own inbox, `_INBOX.<caller>.>`, and subscribe to it before. With none, or with one in the inbox of another, the request is ignored. " +
    `Headers may take ${HEADER_BYTES_MAX / 1_024} KB in all, a body ${REQUEST_BYTES_MAX / 1_024} KB.`,
  "Requests go to whoever owns the shard. While nobody does, the server answers on the reply subject with the status 503 and no payload. " +
    "An owner that died or was cut off shows as silence. In either case, and after `NOT_OWNER`, send the same command with the same key again, " +
    "after about 50 ms, or 400 ms of silence, until your deadline. A key has one answer: repetitions are harmless, and `replayed` tells them.",
  "## Answers",
  "An answer has `ok: true` and a `result`, or `ok: false` and an `error` with a `code` for programs. Answers speak of committed state only.",
  table(
    ["Code", "Final", "Meaning"],
    [
      ...REJECTION_CODES.map((code) => [code, "yes", PROBLEM_CODES[code].meaning]),
      ...FAILURE_CODES.map((code) => [code, "no", FAILURE_MEANINGS[code]]),
    ],
  ),
  "## Who may ask for what",
  "*In a member's name* means that `member` is given; *for the system* that it is left out.",
  table(
    ["Caller", "Who", "Ops"],
    Object.entries(CALLERS).map(([name, { summary, allowed }]) => [`\`${name}\``, summary, allowedText(allowed)]),
  ),
  "## Hearing",
  `What is broadcast is lost for those who don't listen; the versions in it tell. Events are kept in the JetStream stream \`${STREAM}\`: ` +
    "at least once, so that a consumer goes by their `id`, and passes over what has none that is its `Nats-Msg-Id`.",
].join("\n\n");

export function asyncApiDocument(): Json {
  return {
    asyncapi: "3.0.0",
    info: { title: "PigonAir on NATS", version: "1", description: INTRODUCTION },
    defaultContentType: "application/json",
    servers: {
      nats: {
        host: "{host}:{port}",
        protocol: "nats",
        description: "User and password come from the operator; TLS where it is switched on.",
        variables: {
          host: { description: "Where the operator runs NATS.", default: "localhost" },
          port: { default: "4222" },
        },
        security: [{ $ref: "#/components/securitySchemes/user" }],
      },
    },
    channels: { ...singleChannels(), ...batchChannels(), ...broadcastChannels(), ...eventChannels() },
    operations: { ...requestOperations(), ...hearingOperations() },
    components: {
      parameters: PARAMETERS,
      securitySchemes: { user: { type: "userPassword", description: "One of the NATS server's users." } },
    },
  };
}

const PARAMETERS: Json = {
  shard: {
    description: `FNV-1a, 32 bit, over the flight's id, modulo ${SHARDS}: ${EXAMPLE_FLIGHT} is in shard ${shardOf(EXAMPLE_FLIGHT)}.`,
    examples: [String(shardOf(EXAMPLE_FLIGHT))],
  },
  flightId: { description: `Matches ${String(flightId.document.pattern)}.`, examples: [EXAMPLE_FLIGHT] },
  eventType: { description: "As in the journal.", examples: ["held", "ticketed"] },
  caller: { description: `Who asks: ${Object.keys(CALLERS).join(", ")}.`, examples: ["internal-desk"] },
};

function singleChannels(): Json {
  const channels = BUS_OPS.map((op) => {
    const address = `flight.{shard}.{flightId}.${op}.{caller}`;
    const messages = { request: singleMessage(op) };
    return [op, { address, title: OP_SUMMARIES[op], parameters: parameters("shard", "flightId", "caller"), messages }];
  });
  const replies = BUS_OPS.map((op) => [op, message(`reply to ${op}`, replyTo(op).document)]);
  return {
    ...Object.fromEntries(channels),
    inbox: {
      address: null,
      title: "The reply subject of the request, in the caller's own inbox.",
      messages: {
        ...Object.fromEntries(replies),
        batch: {
          ...message("reply to a batch", BATCH_REPLY.document),
          summary:
            "Answers that became ready together, each under its `i`. More messages follow until one answer has `last`.",
        },
        refused: message("refusal of a batch as a whole", REFUSED.document),
      },
    },
  };
}

function singleMessage(op: BusOp): Json {
  const required = [...(needsKey(op) ? [KEY_HEADER] : []), DEADLINE_HEADER];
  const keyed = isRead(op) ? {} : { [KEY_HEADER]: idempotencyKey.document };
  const headers = { type: "object", required, properties: { ...keyed, ...SINGLE_HEADERS } };
  const example = {
    name: "one seat",
    headers: { [KEY_HEADER]: "order-4711", [DEADLINE_HEADER]: String(EXAMPLE_DEADLINE_MS) },
    payload: EXAMPLE_BODY,
  };
  return { ...message(op, BODIES[op].document), headers, ...(op === "hold" ? { examples: [example] } : {}) };
}

function batchChannels(): Json {
  const command = { i: 0, flightId: EXAMPLE_FLIGHT, op: "hold", key: "order-4711", deadlineMs: EXAMPLE_DEADLINE_MS };
  const example = { name: "one command", payload: { commands: [{ ...command, ...EXAMPLE_BODY }] } };
  return {
    batch: {
      address: "flight.{shard}._batch.{caller}",
      title: "Several commands of one shard in one message, of up to 128 KB.",
      parameters: parameters("shard", "caller"),
      messages: { request: { ...message("batch", BATCH.document), examples: [example] } },
    },
  };
}

function broadcastChannels(): Json {
  const channels = Object.entries(BROADCASTS)
    // Between processes of the product alone.
    .filter(([kind]) => kind !== "shards" && kind !== "stages" && kind !== "logs")
    .map(([kind, { summary, schema }]) => {
      const parameter = kind === "journal" ? "eventType" : "flightId";
      const messages = { told: message(kind, schema.document) };
      return [kind, { address: `${kind}.{${parameter}}`, title: summary, parameters: parameters(parameter), messages }];
    });
  return Object.fromEntries(channels);
}

function eventChannels(): Json {
  const channels = TOLD_EVENTS.map((kind) => {
    const { name, summary } = EVENT_KINDS[kind];
    const told = {
      ...message(name, envelopeDocument(kind)),
      headers: EVENT_HEADERS.document,
      contentType: CONTENT_TYPE,
    };
    const address = `event.{flightId}.${name}`;
    return [`event.${name}`, { address, title: summary, parameters: parameters("flightId"), messages: { told } }];
  });
  return Object.fromEntries(channels);
}

function requestOperations(): Json {
  const asked = (channel: string, replies: readonly string[]): Json => ({
    action: "receive",
    channel: { $ref: `#/channels/${channel}` },
    messages: [{ $ref: `#/channels/${channel}/messages/request` }],
    reply: {
      channel: { $ref: "#/channels/inbox" },
      messages: replies.map((reply) => ({ $ref: `#/channels/inbox/messages/${reply}` })),
    },
  });
  const singles = BUS_OPS.map((op) => [op, { summary: OP_SUMMARIES[op], ...asked(op, [op]) }]);
  const summary = "Several commands at once: each is taken, answered or refused on its own, as its commit lands.";
  return { ...Object.fromEntries(singles), batch: { summary, ...asked("batch", ["batch", "refused"]) } };
}

function hearingOperations(): Json {
  const told = (name: string, channel: string, summary: string, extra: Json = {}): [string, Json] => [
    name,
    {
      action: "send",
      summary,
      channel: { $ref: `#/channels/${pointer(channel)}` },
      messages: [{ $ref: `#/channels/${pointer(channel)}/messages/told` }],
      ...extra,
    },
  ];
  const broadcasts = Object.entries(broadcastChannels()).map(([kind, channel]) =>
    told(kind, kind, String((channel as Json).title)),
  );
  const stream = { description: `Kept in the JetStream stream ${STREAM}, on ${STREAM_SUBJECTS}.` };
  const events = TOLD_EVENTS.map((kind) => {
    const { name, summary } = EVENT_KINDS[kind];
    return told(`event.${name}`, `event.${name}`, summary, stream);
  });
  return Object.fromEntries([...broadcasts, ...events]);
}

function message(name: string, payload: unknown): Json {
  return { name, payload };
}

function parameters(...names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/parameters/${name}` }]));
}

/** A name as a JSON pointer holds it (RFC 6901). */
function pointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function allowedText(allowed: Readonly<Record<string, string | undefined>>): string {
  const WORDS: Readonly<Record<string, string>> = {
    member: "in a member's name",
    system: "for the system",
    either: "either way",
  };
  const byWhose = Map.groupBy(Object.entries(allowed), ([, whose]) => whose ?? "");
  return Array.from(byWhose, ([whose, ops]) => `${WORDS[whose]}: ${ops.map(([op]) => `\`${op}\``).join(", ")}`).join(
    "; ",
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
