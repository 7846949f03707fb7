/** Owns how requests travel over NATS, and the strict reading of them: what is wrong is refused, names its field, and changes nothing. */

import { type Command, isRead, type Op } from "../domain/command.ts";
import { FLIGHT_ID, type FlightId, shardOf } from "../domain/ids.ts";
import { fingerprintOf } from "../fingerprint.ts";
import { type BusOp, type CallerKind, callerKind } from "./callers.ts";
import type { ErrorPart } from "./replies.ts";
import {
  BATCHED,
  BODIES,
  BUS_OPS,
  COMMANDS_MAX,
  ENVELOPE,
  idempotencyKey,
  isBusOp,
  needsKey,
  REQUEST_BYTES_MAX,
} from "./requests.ts";
import { type Fault, sentence, within } from "./schema.ts";

export const KEY_HEADER = "Idempotency-Key";
export const DEADLINE_HEADER = "Deadline-Ms";

/** All headers of a single request, in bytes. */
export const HEADER_BYTES_MAX = 8_192;

/** What the word of the op is in subjects of batches; no flight is called so. */
export const BATCH_WORD = "_batch";

export function singleSubject(shard: number, flightId: FlightId, op: Op, caller: string): string {
  return `flight.${shard}.${flightId}.${op}.${caller}`;
}

export function batchSubject(shard: number, caller: string): string {
  return `flight.${shard}.${BATCH_WORD}.${caller}`;
}

/** A command as it stands in a batch, under its `i`. */
export function writeBatched(i: number, command: Command): string {
  return `{"i":${i},${JSON.stringify(command).slice(1)}`;
}

export function writeBatch(commands: readonly string[]): string {
  return `{"sharesInbox":true,"commands":[${commands.join(",")}]}`;
}

/** A single request's body; key and deadline are headers. */
export function writeBody({ member, fingerprint, replayOnly, trace, args }: Command): string {
  // What is undefined is left out.
  return JSON.stringify({ member, fingerprint, replayOnly, trace, args });
}

/** Where a caller's answers come to: each user of the server hears its own only. */
export function inboxPrefix(caller: string): string {
  return `_INBOX.${caller}`;
}

/** An inbox, and whose it is; nothing that NATS takes no message on: no wildcards, no empty words. */
const INBOX = /^_INBOX\.([^.*>]+)(?:\.[^.*>]+)*$/;

/** Users of the server who have an inbox, and ask no flight. */
const OTHER_USERS: ReadonlySet<string> = new Set(["actors", "observer"]);

/**
 * Whether answers to the caller may go there: to any inbox but that of another. Where the server's configuration gives everybody an inbox of
 * their own, that is the caller's; where it has no users, clients make random ones up.
 */
export function mayBeAnsweredAt(caller: string, subject: string): boolean {
  const whose = INBOX.exec(subject)?.[1];
  if (whose === undefined) return false;
  return whose === caller || (callerKind(whose) === null && !OTHER_USERS.has(whose));
}

export type TakenCommand =
  | { readonly i: number; readonly command: Command; readonly error: null }
  | { readonly i: number; readonly command: null; readonly error: ErrorPart };

export type TakenBatch =
  | { readonly ok: true; readonly sharesInbox: boolean; readonly commands: readonly TakenCommand[] }
  /** None of it was taken. */
  | { readonly ok: false; readonly error: ErrorPart };

/** Who asks, and whose shard it came to. */
export interface Asked {
  readonly shard: number;
  readonly caller: string;
  readonly kind: CallerKind;
}

interface BatchedCommand {
  readonly i: number;
  readonly flightId: FlightId;
  readonly op: BusOp;
  readonly key?: string | null;
  readonly deadlineMs: number;
  readonly member?: string | null;
  readonly fingerprint?: string;
  readonly replayOnly?: true;
  readonly trace?: string;
  readonly args: unknown;
}

export function readBatch(data: Uint8Array, asked: Asked): TakenBatch {
  const document = readJson(data);
  if ("code" in document) return { ok: false, error: document };
  const fault = ENVELOPE.check(document.value);
  if (fault !== null) return { ok: false, error: invalid(fault) };
  const { commands, sharesInbox = false } = document.value as {
    commands: readonly BatchedCommand[];
    sharesInbox?: boolean;
  };
  if (commands.length > 1 && new Set(commands.map(({ i }) => i)).size < commands.length) {
    return { ok: false, error: invalid({ field: "commands", expected: "another i for each command" }) };
  }
  const taken = commands.map((command, at): TakenCommand => {
    const error = refuseBatched(command, at, asked);
    return error === null
      ? { i: command.i, command: commandOf(command), error }
      : { i: command.i, command: null, error };
  });
  return { ok: true, sharesInbox, commands: taken };
}

/** What a single request's subject and headers say. */
export interface SingleAsked extends Asked {
  readonly flightId: string;
  readonly op: string;
  /** null when there is no such header. */
  readonly key: string | null;
  readonly deadline: string | null;
}

export type TakenSingle =
  | { readonly command: Command; readonly error: null }
  | { readonly command: null; readonly error: ErrorPart };

export function readSingle(data: Uint8Array, asked: SingleAsked): TakenSingle {
  const { flightId, op, shard, key, deadline } = asked;
  if (!FLIGHT_ID.test(flightId)) return refused({ field: "flightId", expected: "1 to 48 letters, digits and hyphens" });
  if (shardOf(flightId) !== shard) return refused(wrongShard("shard", flightId));
  if (!isBusOp(op)) return refused({ field: "op", expected: `one of ${BUS_OPS.join(", ")}` });
  const unkeyed = keyFault(op, key);
  if (unkeyed !== null) return refused({ ...unkeyed, field: KEY_HEADER });
  if (deadline === null || !/^\d{1,15}$/.test(deadline)) {
    return refused({ field: DEADLINE_HEADER, expected: "milliseconds since 1970-01-01T00:00:00Z" });
  }
  const document = readJson(data);
  if ("code" in document) return { command: null, error: document };
  const fault = BODIES[op].check(document.value);
  if (fault !== null) return refused(fault);
  const body = document.value as Omit<BatchedCommand, "i" | "flightId" | "op" | "key" | "deadlineMs">;
  const error = forbidden(op, body.member ?? null, asked, "");
  if (error !== null) return { command: null, error };
  return { command: commandOf({ ...body, i: 0, flightId, op, key, deadlineMs: Number(deadline) }), error };
}

function refused(fault: Fault): TakenSingle {
  return { command: null, error: invalid(fault) };
}

function refuseBatched(command: BatchedCommand, at: number, asked: Asked): ErrorPart | null {
  const { op } = command;
  const place = `commands[${at}]`;
  if (!isBusOp(op) || isRead(op)) {
    const ops = BUS_OPS.filter((each) => !isRead(each)).join(", ");
    return invalid(within(place, { field: "op", expected: `one of ${ops}` }));
  }
  const fault = BATCHED[op].check(command);
  if (fault !== null) return invalid(within(place, fault));
  if (shardOf(command.flightId) !== asked.shard) return invalid(wrongShard(`${place}.flightId`, command.flightId));
  return forbidden(op, command.member ?? null, asked, `${place}.`);
}

function keyFault(op: BusOp, key: string | null): Fault | null {
  if (key === null) return needsKey(op) ? { field: "", expected: "a value, but it is missing" } : null;
  return isRead(op) ? { field: "", expected: "none: nothing is changed" } : idempotencyKey.check(key);
}

function wrongShard(field: string, flightId: FlightId): Fault {
  return { field, expected: `the shard of ${flightId}, which is ${shardOf(flightId)}` };
}

function forbidden(op: BusOp, member: string | null, { kind, caller }: Asked, place: string): ErrorPart | null {
  const whose = kind.allowed[op];
  if (whose === undefined) return forbids(`${place}op`, `${caller} may not ask for ${op}.`);
  if (whose === "either" || (whose === "member") === (member !== null)) return null;
  const must = whose === "member" ? "in a member's name" : "for the system, in nobody's name";
  return forbids(`${place}member`, `${caller} asks for ${op} ${must}.`);
}

export function forbids(field: string, detail: string): ErrorPart {
  return { code: "FORBIDDEN", detail, field };
}

function invalid(fault: Fault): ErrorPart {
  return { code: "VALIDATION", detail: sentence(fault), field: fault.field === "" ? "body" : fault.field };
}

/** Strict: bytes that are no UTF-8 are no text, whatever a more lenient reader would make of them. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readJson(data: Uint8Array): { readonly value: unknown } | ErrorPart {
  if (data.length > REQUEST_BYTES_MAX) {
    return invalid({ field: "body", expected: `up to ${REQUEST_BYTES_MAX} bytes and ${COMMANDS_MAX} commands` });
  }
  try {
    return { value: JSON.parse(decoder.decode(data)) };
  } catch {
    return invalid({ field: "body", expected: "JSON in UTF-8" });
  }
}

function commandOf({
  flightId,
  op,
  key = null,
  deadlineMs,
  member = null,
  fingerprint,
  replayOnly,
  trace,
  args,
}: BatchedCommand): Command {
  const command = {
    flightId,
    op,
    args,
    member,
    key,
    fingerprint: fingerprint ?? (key === null ? "" : fingerprintOf(op, args)),
    deadlineMs,
    ...(replayOnly === undefined ? {} : { replayOnly }),
    ...(trace === undefined ? {} : { trace }),
  };
  // The schemas have made sure that the arguments are the op's.
  return command as Command;
}
