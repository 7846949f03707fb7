/** Owns who may ask a flight for what: the caller's name stands in the subject, where the server's permissions pin it to a user. */

import type { Op } from "../domain/command.ts";

/** What can be asked through the bus; `expire` is between a host and its own flights. */
export type BusOp = Exclude<Op, "expire">;

/** Whether the caller speaks in a member's name, for the system itself, to which every reservation is open, or in either's. */
export type InWhoseName = "member" | "system" | "either";

type Allowed = Readonly<Partial<Record<BusOp, InWhoseName>>>;

const EDGE = {
  hold: "member",
  release: "member",
  cancel: "member",
  "begin-payment": "member",
  reservation: "member",
  "seat-map": "either",
  // A webhook is a hint to look, and the edge that takes it settles what it finds.
  "open-payment": "system",
  "settle-payment": "system",
  "settle-refund": "system",
} as const satisfies Allowed;

const WORKERS = {
  reservation: "either",
  "seat-map": "either",
  "settle-payment": "system",
  "settle-refund": "system",
} as const satisfies Allowed;

const INTERNAL = {
  hold: "member",
  release: "member",
  cancel: "member",
  reservation: "member",
  "seat-map": "either",
} as const satisfies Allowed;

export interface CallerKind {
  readonly summary: string;
  readonly allowed: Allowed;
}

/** By the caller's name, in which `*` stands for a name of the operator's choice. */
export const CALLERS = {
  edge: { summary: "HTTP edges.", allowed: EDGE },
  workers: { summary: "What follows the journal: settlement, refunds.", allowed: WORKERS },
  all: { summary: "A process that is edge, actors and workers at once.", allowed: { ...WORKERS, ...EDGE } },
  "internal-*": { summary: "Programs of the operator's own, such as a sales desk.", allowed: INTERNAL },
} as const satisfies Record<string, CallerKind>;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

const INTERNAL_NAME = /^internal-./;

/** Whether the name can stand in a subject. */
export function isCallerName(name: string): boolean {
  return NAME.test(name);
}

/** What the caller may ask, or null for a name that nobody has. */
export function callerKind(name: string): CallerKind | null {
  if (name === "edge" || name === "workers" || name === "all") return CALLERS[name];
  return INTERNAL_NAME.test(name) && NAME.test(name) ? CALLERS["internal-*"] : null;
}
