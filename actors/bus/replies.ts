/** Owns the documents that a flight's answers travel as: their schemas, how they are written, and how they are read again. */

import type { PaymentStatus, RejectionCode, Reply, ReservationStatus, Result } from "../domain/reply.ts";
import { type OperationalCode, OperationalError } from "../errors.ts";
import type { Answer } from "./bus.ts";
import type { BusOp } from "./callers.ts";
import {
  cabin,
  flightId,
  madeId,
  memberId,
  moneyTold,
  passengerType,
  pnr,
  seatId,
  seatState,
  timeMs,
} from "./forms.ts";
import { COMMANDS_MAX } from "./requests.ts";
import {
  bool,
  count,
  either,
  exactly,
  integer,
  list,
  nullable,
  number,
  oneOf,
  open,
  optional,
  type Schema,
  text,
} from "./schema.ts";

const MANY = Number.MAX_SAFE_INTEGER;

const paymentStatus: Schema<PaymentStatus> = oneOf([
  "PENDING",
  "CAPTURED",
  "FAILED",
  "CANCELLED",
  "REFUNDING",
  "REFUNDED",
]);

const reservationStatus: Schema<ReservationStatus> = oneOf([
  "HELD",
  "PAYING",
  "TICKETED",
  "CANCELLING",
  "CANCELLED",
  "RELEASED",
  "EXPIRED",
]);

const payment = open({
  id: madeId,
  status: paymentStatus,
  amount: moneyTold,
  checkoutUrl: nullable(text({ expected: "an address", description: "Where the member pays." })),
  expiresAtMs: timeMs,
});

const reservation = open({
  id: madeId,
  pnr,
  flightId,
  member: memberId,
  status: reservationStatus,
  passengers: list(
    open({
      type: passengerType,
      seat: nullable(seatId),
      ticket: optional(text({ expected: "a ticket number", description: "13 digits, once it is ticketed." })),
    }),
    0,
    MANY,
    "In the order of the request; the names are not told again.",
  ),
  total: moneyTold,
  expiresAtMs: timeMs,
  payment: optional(payment),
});

const seatMap = open({
  flightId,
  seatVersion: count("Rises only when a seat's public state changes."),
  seats: list(
    open({
      seat: seatId,
      cabin,
      price: moneyTold,
      state: seatState,
      features: list(text({ expected: "a feature", examples: ["WINDOW"] }), 0, MANY),
    }),
    0,
    MANY,
  ),
});

/** By its kind, what a success tells. */
const RESULTS = {
  reservation: open({ kind: exactly("reservation"), reservation }),
  payment: open({
    kind: exactly("payment"),
    reservationId: madeId,
    payment,
    isNew: bool("This command opened the attempt; otherwise it was open already."),
  }),
  "seat-map": open({ kind: exactly("seat-map"), seatMap }),
  done: open({ kind: exactly("done") }),
} as const satisfies Record<Result["kind"], Schema<unknown>>;

/** The domain's "no": final, and recorded under its key, but for VALIDATION. */
const REJECTIONS: Readonly<Record<RejectionCode, true>> = {
  VALIDATION: true,
  FLIGHT_NOT_FOUND: true,
  FLIGHT_DEPARTED: true,
  SOLD_OUT: true,
  SEAT_TAKEN: true,
  SEAT_NOT_FOUND: true,
  SEAT_NOT_ALLOWED: true,
  LIMIT_EXCEEDED: true,
  RESERVATION_NOT_FOUND: true,
  HOLD_EXPIRED: true,
  ALREADY_PAID: true,
  NOT_PAYABLE: true,
  NOT_RELEASABLE: true,
  IDEMPOTENCY_KEY_REUSED: true,
  ADMISSION_REQUIRED: true,
};

/** Not processed, or nobody knows: never recorded. The bus carries no code of a payment provider. */
const FAILURES: Readonly<Record<Exclude<OperationalCode, "PROVIDER_UNAVAILABLE">, true>> = {
  OVERLOADED: true,
  NOT_OWNER: true,
  DEADLINE_EXCEEDED: true,
  TOO_MANY_KEYS: true,
  UNAVAILABLE: true,
  FORBIDDEN: true,
  INTERNAL: true,
};

export const REJECTION_CODES = Object.keys(REJECTIONS) as readonly RejectionCode[];
export const FAILURE_CODES = Object.keys(FAILURES) as readonly (keyof typeof FAILURES)[];

const seats = list(seatId, 0, MANY);

export const error = open({
  code: oneOf([...REJECTION_CODES, ...FAILURE_CODES]),
  detail: text({ expected: "a sentence", description: "For a person." }),
  retryable: bool(
    "False: this is final. True: it was not processed, or nobody knows; the same command with the same key, and a new deadline, tells.",
  ),
  retryAfterMs: optional(count("How long to wait before that, in milliseconds.")),
  field: optional(
    text({ expected: "a field", description: "The field at fault.", examples: ["args.passengers[0].name"] }),
  ),
  seats: optional(seats),
  alternatives: optional(seats),
});

const SUCCESS = { ok: exactly(true), result: either(Object.values(RESULTS)) } as const;
const REFUSAL = { ok: exactly(false), error } as const;
const REPLAYED = {
  replayed: optional(exactly(true, "This was answered before, under the same key.")),
  hostMs: optional(number("How long the flight's host had the command, in milliseconds.")),
} as const;
/** What answers a request that was refused: a single one, or a batch as a whole. */
export const REFUSED = open({ ...REFUSAL, ...REPLAYED });

const BATCHED = {
  i: integer(0, MANY, "The command's."),
  last: optional(exactly(true, "No command of its batch is unanswered now.")),
} as const;

/** By op, the kind of result that its success tells. */
const RESULT_KINDS: Readonly<Record<BusOp, keyof typeof RESULTS>> = {
  hold: "reservation",
  release: "reservation",
  cancel: "reservation",
  reservation: "reservation",
  "begin-payment": "payment",
  "open-payment": "payment",
  "settle-payment": "payment",
  "settle-refund": "payment",
  "seat-map": "seat-map",
};

/** What answers a single request for the op. */
export function replyTo(op: BusOp): Schema<unknown> {
  return either([open({ ok: exactly(true), result: RESULTS[RESULT_KINDS[op]], ...REPLAYED }), REFUSED]);
}

/** What answers a batch: as commits land, one message for all answers of the inbox that are ready. */
export const BATCH_REPLY = open({
  answers: list(
    either([open({ ...BATCHED, ...SUCCESS, ...REPLAYED }), open({ ...BATCHED, ...REFUSAL, ...REPLAYED })]),
    1,
    MANY,
    `Of one batch at most ${COMMANDS_MAX}; of several, where they share an inbox.`,
  ),
});

/** The error part of an answer; what a wrong request is told, too. */
export interface ErrorPart {
  readonly code: RejectionCode | OperationalCode;
  readonly detail: string;
  readonly field?: string;
}

/** An answer's members as JSON, without the braces. @param deadlineField what the caller calls its deadline */
export function writeAnswer(answer: Answer, deadlineField: string, hostMs?: number): string {
  const written = writeOutcome(answer, deadlineField);
  return hostMs === undefined ? written : `"hostMs":${Math.round(1_000 * hostMs) / 1_000},${written}`;
}

function writeOutcome(answer: Answer, deadlineField: string): string {
  if (!answer.ok) return writeFailure(answer.error, deadlineField);
  const { reply, isReplay } = answer;
  const replayed = isReplay ? ',"replayed":true' : "";
  if (reply.ok) return `"ok":true${replayed},"result":${JSON.stringify(reply.result)}`;
  return `"ok":false${replayed},"error":${JSON.stringify({ ...reply.rejection, retryable: false })}`;
}

function writeFailure({ code, message, retryable, retryAfterMs }: OperationalError, deadlineField: string): string {
  const told = { code, detail: message, retryable };
  if (retryAfterMs !== undefined)
    return `"ok":false,"error":${JSON.stringify({ ...told, retryAfterMs: Math.ceil(retryAfterMs) })}`;
  if (code === "DEADLINE_EXCEEDED") return `"ok":false,"error":${JSON.stringify({ ...told, field: deadlineField })}`;
  return `"ok":false,"error":${JSON.stringify(told)}`;
}

export function writeError(error: ErrorPart): string {
  return `"ok":false,"error":${JSON.stringify({ ...error, retryable: false })}`;
}

/** One answer as it was read: the members that {@link readAnswer} looks at. */
export interface ReadAnswer {
  readonly i?: unknown;
  readonly ok?: unknown;
  readonly replayed?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly hostMs?: unknown;
}

/** Undefined where it wasn't told, or can't be. */
export function readHostMs({ hostMs }: ReadAnswer): number | undefined {
  return typeof hostMs === "number" && hostMs >= 0 ? hostMs : undefined;
}

/** The answer, or null for what is none. */
export function readAnswer(read: ReadAnswer): Answer | null {
  const isReplay = read.replayed === true;
  if (read.ok === true) {
    if (!isResult(read.result)) return null;
    return { ok: true, reply: { ok: true, result: read.result }, isReplay };
  }
  if (read.ok !== false || error.check(read.error) !== null) return null;
  const { code, detail, retryable, retryAfterMs, ...extras } = read.error as Exclude<
    (typeof error)["carries"],
    undefined
  >;
  if (isRejectionCode(code)) {
    const { field, seats, alternatives } = extras;
    const rejection = {
      code,
      detail,
      ...(seats === undefined ? {} : { seats }),
      ...(alternatives === undefined ? {} : { alternatives }),
      ...(field === undefined ? {} : { field }),
    };
    const reply: Reply = { ok: false, rejection };
    return { ok: true, reply, isReplay };
  }
  const options = retryAfterMs === undefined ? { retryable } : { retryable, retryAfterMs };
  return { ok: false, error: new OperationalError(code, detail, options) };
}

/** By its kind alone: owners write no other, and to look at each member of each answer again would cost as much as to make it. */
function isResult(value: unknown): value is Result {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "string" && Object.hasOwn(RESULTS, value.kind);
}

function isRejectionCode(code: string): code is RejectionCode {
  return Object.hasOwn(REJECTIONS, code);
}
