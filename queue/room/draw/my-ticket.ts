/** Owns what a member holds against a draw: the own ticket, and whether it is in the list at its place. */

import { FLIGHT_ID } from "../../../actors/domain/ids.ts";
import type { Findings } from "./findings.ts";
import { type Hash, isSameHash } from "./hash.ts";
import { type Line, leafOf, type Place } from "./leaf.ts";

export interface MyTicket extends Line, Place {}

/**
 * The ticket in the text that the waiting room gave: JSON, or parts in base64url with dots between of which one is JSON.
 * Its signature isn't looked at: who holds the ticket need not prove it to themselves. Null: it is none.
 */
export function readMyTicket(text: string): MyTicket | null {
  const candidates = [text, ...text.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"))];
  for (const candidate of candidates) {
    const ticket = ticketIn(candidate.trim());
    if (ticket !== null) return ticket;
  }
  return null;
}

function ticketIn(json: string): MyTicket | null {
  const fields = fieldsOf(json);
  if (fields === null) return null;
  const { room: flightId, epoch, seq, member } = fields;
  const isTicket =
    typeof flightId === "string" &&
    FLIGHT_ID.test(flightId) &&
    Number.isSafeInteger(epoch) &&
    Number.isSafeInteger(seq) &&
    Number(seq) >= 1 &&
    typeof member === "string" &&
    /^[!-~]+$/.test(member);
  return isTicket ? { flightId, epoch: Number(epoch), seq: Number(seq), member } : null;
}

function fieldsOf(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Null, or why this ticket has nothing to do with the draw. */
export function strangeTo({ flightId, epoch }: MyTicket, line: Line): string | null {
  if (flightId !== line.flightId) return `Your ticket is for ${flightId}, and this is the draw of ${line.flightId}.`;
  if (epoch !== line.epoch)
    return `Your ticket is of epoch ${epoch} of this waiting room, and this is the draw of epoch ${line.epoch}.`;
  return null;
}

/** Compares the leaf that the list has at the ticket's place. */
export function checkLeaf(ticket: MyTicket, leaf: Hash, findings: Findings): void {
  if (isSameHash(leaf, leafOf(ticket, ticket.seq, ticket.member))) return;
  const isVacant = isSameHash(leaf, leafOf(ticket, ticket.seq, null));
  findings.add(
    "tickets",
    isVacant
      ? `Your ticket is not in the list: place ${ticket.seq} is there as one that nobody had.`
      : `Your ticket is not in the list: somebody else's stands at place ${ticket.seq}.`,
  );
}
