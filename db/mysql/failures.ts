/** Owns what a failure of MySQL or MariaDB means, whichever connector reports it: the data's fault, the moment's, or the statement's. */

import { OperationalError } from "../../actors/errors.ts";

/** What a connector or the server said, without the statement and the values in it: those may be personal data, and errors are logged. */
export class MysqlFailure extends Error {
  override readonly name = "MysqlFailure";
  /** Such as `ER_DUP_ENTRY`, `ECONNREFUSED`. */
  readonly code: string;
  readonly kind: FailureKind;

  constructor(code: string, kind: FailureKind, message: string) {
    super(message);
    this.code = code;
    this.kind = kind;
  }
}

/**
 * - `refused`: a row or a value breaks a rule of the tables; the same again will be refused again.
 * - `passing`: another transaction was in the way; the same again may go through.
 * - `unavailable`: the connection broke, or the server takes no work now.
 * - `wrong`: the statement itself can't be run: our bug, a missing right, a missing table.
 */
export type FailureKind = "refused" | "passing" | "unavailable" | "wrong";

/** Deadlock, lock wait time-out; and that a snapshot is too old, which only MariaDB says. */
const PASSING = new Set([1213, 1205, 1020]);

/** What is not a value's or a key's fault by its SQL state, but is one: no default, wrong string, truncated, packet or row too large. */
const REFUSED = new Set([1364, 1366, 1265, 1153, 1118, 1139]);

/** Too many connections, out of memory, disk or table full, shutting down, read-only, killed, interrupted, timed out by the server. */
const UNAVAILABLE = new Set([
  1021, 1037, 1038, 1040, 1041, 1053, 1114, 1180, 1203, 1226, 1290, 1317, 1792, 1836, 1927, 1969, 3024, 3169, 4031,
]);

/** Numbers that connectors give to their own complaints: all of them leave the connection unusable. */
const CONNECTOR_FIRST = 45_000;
const CONNECTOR_LAST = 45_999;

/** But for this: a statement is larger than may be sent, and would be at the next try. */
const CONNECTOR_PACKET_TOO_LARGE = 45_046;

/** What callers are told: the moment's fault as UNAVAILABLE, which they may try again; anything else as it is. */
export function tellable(failure: MysqlFailure): OperationalError | MysqlFailure {
  if (failure.kind !== "unavailable" && failure.kind !== "passing") return failure;
  return new OperationalError("UNAVAILABLE", "The database is not available for now.", { cause: failure });
}

export function mysqlFailure(cause: unknown): MysqlFailure {
  if (cause instanceof MysqlFailure) return cause;
  if (!(cause instanceof Error)) return new MysqlFailure("UNKNOWN", "unavailable", String(cause));
  const { errno, sqlState, code, fatal, sqlMessage } = cause as Partial<Reported> & Error;
  const number = typeof errno === "number" ? errno : 0;
  const name = typeof code === "string" ? code : "CONNECTION_LOST";
  const kind = kindOf(number, typeof sqlState === "string" ? sqlState : "", fatal === true);
  const text = typeof sqlMessage === "string" ? sqlMessage : cause.message;
  return new MysqlFailure(name, kind, kind === "refused" ? `${name}${placeIn(text)}` : `${name}: ${text}`);
}

/** What both connectors put on their errors. */
interface Reported {
  readonly errno: number;
  readonly sqlState: string | null;
  readonly code: string | null;
  readonly fatal: boolean;
  /** What the server said; the message of the error itself may have the statement in it. */
  readonly sqlMessage: string | null;
}

function kindOf(errno: number, sqlState: string, isFatal: boolean): FailureKind {
  if (PASSING.has(errno)) return "passing";
  if (REFUSED.has(errno) || errno === CONNECTOR_PACKET_TOO_LARGE) return "refused";
  if (isFatal || UNAVAILABLE.has(errno)) return "unavailable";
  if (sqlState.startsWith("22") || sqlState.startsWith("23")) return "refused";
  const isOfConnector = errno < 1_000 || (errno >= CONNECTOR_FIRST && errno <= CONNECTOR_LAST);
  return isOfConnector ? "unavailable" : "wrong";
}

/** Which key or column was broken; the rest of the sentence may repeat a value. */
function placeIn(message: string): string {
  const [place = ""] = / for (?:key|column) [`'][^`']*[`']/.exec(message) ?? [];
  return place;
}
