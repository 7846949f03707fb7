/** Owns the schemas of what can be asked of a flight through the bus. A request with anything else in it is refused, and names the field. */

import type { ArgsByOp, HoldPassenger } from "../domain/command.ts";
import { PASSENGERS_MAX } from "../domain/rules.ts";
import { CALENDAR_DATE, LINE_OF_TEXT, WEB_ADDRESS } from "../text-forms.ts";
import { TRACEPARENT } from "../tracing.ts";
import type { BusOp } from "./callers.ts";
import { cabin, flightId, madeId, memberId, money, passengerType, seatId, timeMs } from "./forms.ts";
import {
  bool,
  closed,
  either,
  exactly,
  integer,
  list,
  nullable,
  oneOf,
  open,
  optional,
  type Schema,
  text,
} from "./schema.ts";

/** Commands of one batch. */
export const COMMANDS_MAX = 64;

/** The longest request, single or batch, in bytes. */
export const REQUEST_BYTES_MAX = 128 * 1024;

export const idempotencyKey = text({
  pattern: /^[!-~]{1,255}$/,
  expected: "an idempotency key: 1 to 255 visible ASCII characters",
  description:
    "Made up by the caller, once for each thing that it wants done; scoped to member, flight and op. The same key with the same " +
    "arguments gives the same answer: successes for 24 hours, refusals for 90 seconds.",
});

/** Not blank. Lengths count UTF-16 units, as at the edge. */
const NAME = new RegExp(`^(?=.*\\S)(?=.{1,100}$)${LINE_OF_TEXT.slice(1)}`);

const passenger: Schema<HoldPassenger> = closed({
  name: text({ pattern: NAME, expected: "a name of 1 to 100 characters", examples: ["Kim Minji"] }),
  type: passengerType,
  birthDate: optional(
    text({ pattern: new RegExp(CALENDAR_DATE), expected: "a day that the calendar has, as YYYY-MM-DD" }),
  ),
  seat: optional(seatId),
  person: optional(
    text({
      pattern: /^[A-Za-z0-9_-]{1,64}$/,
      expected: "a keyed hash in base64url",
      description:
        "A keyed hash over name and birth date, by which a flight seats each person once without knowing who it is. Only who has " +
        "the key can make it: others leave it out.",
    }),
  ),
});

const reservationId = madeId;
const attempt = madeId;

const ARGS: { readonly [O in BusOp]: Schema<ArgsByOp[O]> } = {
  hold: closed({
    passengers: list(
      passenger,
      1,
      PASSENGERS_MAX,
      "All of them get seats or none. Who names no seat is given one. Each infant needs an adult.",
    ),
    prefer: optional(closed({ cabin: optional(cabin), together: optional(bool("Nobody wants to sit apart.")) })),
  }),
  release: closed({ reservationId }),
  cancel: closed({ reservationId }),
  "begin-payment": closed({ reservationId }),
  "open-payment": closed({
    attempt,
    checkoutUrl: text({ pattern: new RegExp(WEB_ADDRESS), expected: "an http or https address of ASCII characters" }),
  }),
  "settle-payment": closed({
    attempt,
    status: oneOf(["CAPTURED", "FAILED", "CANCELLED"], "What the provider said when it was asked."),
    amount: money,
    ours: bool("Whether the payment names us as its merchant."),
    saleClosed: optional(exactly(true, "Nothing is sold any more: what comes for an expired reservation goes back.")),
  }),
  "settle-refund": closed({ attempt }),
  "seat-map": closed({}),
  reservation: closed({ reservationId }),
};

export const OP_SUMMARIES: Readonly<Record<BusOp, string>> = {
  hold: "Claims seats for a member for a limited time.",
  release: "Gives up a reservation that is HELD.",
  cancel:
    "Ends a reservation in whatever state it is: a hold is released, a ticket refunded, an open payment cancelled first.",
  "begin-payment": "Begins an attempt to pay, or gives the one that is open.",
  "open-payment": "Notes where the member pays, once the provider has opened the attempt.",
  "settle-payment":
    "Tells the flight what the provider said of an attempt. A capture that buys the seats gives the tickets.",
  "settle-refund": "Notes that the provider has given the money of an attempt back.",
  "seat-map": "Reads the seat map as committed.",
  reservation: "Reads a reservation as committed.",
};

export const BUS_OPS = Object.keys(ARGS) as readonly BusOp[];

export function isBusOp(op: unknown): op is BusOp {
  return typeof op === "string" && Object.hasOwn(ARGS, op);
}

/** Without a key a lost answer would mean a second hold, or none: nobody could know. */
export function needsKey(op: BusOp): boolean {
  return op === "hold" || op === "begin-payment";
}

export const fingerprint = text({
  pattern: /^[ -~]{0,255}$/,
  expected: "up to 255 ASCII characters",
  description:
    "What the key stands for: another fingerprint under the same key is refused. By default a hash of op and arguments.",
});

export const trace = text({
  pattern: TRACEPARENT,
  expected: "a traceparent of W3C Trace Context",
  description: "`traceparent` of W3C Trace Context.",
});

const member = nullable(memberId);

const replayOnly = exactly(true, "Only what its key was answered is asked for; without an answer: ADMISSION_REQUIRED.");

/** What stands beside the arguments, in a body and in a command of a batch. */
const BESIDE = {
  member: optional(member),
  fingerprint: optional(fingerprint),
  replayOnly: optional(replayOnly),
  trace: optional(trace),
} as const;

/** The body of a single request. */
export const BODIES = byOp((op) => closed({ ...BESIDE, args: ARGS[op] }));

const i = integer(
  0,
  Number.MAX_SAFE_INTEGER,
  "Names the command in its answer; chosen by the caller, once in a batch.",
);

/** A command within a batch. */
export const BATCHED = byOp((op) =>
  closed({
    i,
    flightId,
    op: exactly(op),
    key: needsKey(op) ? idempotencyKey : optional(nullable(idempotencyKey)),
    deadlineMs: timeMs,
    ...BESIDE,
    args: ARGS[op],
  }),
);

/** What is looked at before the commands are: those that can't be told apart can't be answered. */
export const ENVELOPE = batchOf(open({ i }));

/** The whole of it, as it is documented. */
export const BATCH = batchOf(either(Object.values(BATCHED)));

function batchOf<T>(command: Schema<T>) {
  return closed({
    commands: list(command, 1, COMMANDS_MAX, "Changing ops only. Each is taken, answered or refused on its own."),
    sharesInbox: optional(
      bool(
        "Answers of several batches may come in one message, on the reply subject of any of them: the inbox is the reply subject " +
          "without its last word, and each `i` is used once in it.",
      ),
    ),
  });
}

function byOp<T>(make: (op: BusOp) => T): { readonly [O in BusOp]: T } {
  return Object.fromEntries(BUS_OPS.map((op) => [op, make(op)])) as { [O in BusOp]: T };
}
