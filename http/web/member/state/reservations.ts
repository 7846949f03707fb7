/** Owns reservations and tickets as pages ask for them, and what can be done with one. */

import { answerOf, api, inPath, Refusal } from "../../browser/api.ts";
import { pathOf } from "../../paths.ts";
import { attemptKey, endAttempt } from "./attempt.ts";

const PAGE_SIZE = 100;

export function readReservation(id: string, signal: AbortSignal) {
  return answerOf(api.reservations({ id: inPath(id) }).get({ fetch: { signal } }));
}

export type Reservation = Awaited<ReturnType<typeof readReservation>>;
export type ReservationStatus = Reservation["status"];

export function listReservations(signal: AbortSignal) {
  return answerOf(api.reservations.get({ query: { size: String(PAGE_SIZE) }, fetch: { signal } }));
}

async function listTickets(page: number, signal: AbortSignal) {
  return await answerOf(api.tickets.get({ query: { page: String(page), size: String(PAGE_SIZE) }, fetch: { signal } }));
}

export type Ticket = Awaited<ReturnType<typeof listTickets>>["items"][number];

/** Newest first, until there are no more or one is what was looked for. */
async function findTickets(
  isWanted: (ticket: Ticket) => boolean,
  isEnough: (found: readonly Ticket[]) => boolean,
  signal: AbortSignal,
) {
  const found: Ticket[] = [];
  for (let page = 1; ; page++) {
    const { items, total } = await listTickets(page, signal);
    found.push(...items.filter(isWanted));
    if (isEnough(found) || page * PAGE_SIZE >= total || items.length === 0) return found;
  }
}

/** In the order of the passengers. */
export function ticketsOf(reservation: Reservation, signal: AbortSignal): Promise<readonly Ticket[]> {
  const { id, passengers } = reservation;
  return findTickets(
    (ticket) => ticket.reservationId === id,
    (found) => found.length === passengers.length,
    signal,
  );
}

/** @throws Refusal TICKET_NOT_FOUND */
export async function readTicket(number: string, signal: AbortSignal): Promise<Ticket> {
  const [ticket] = await findTickets(
    (each) => each.number === number,
    (found) => found.length > 0,
    signal,
  );
  if (ticket === undefined) throw new Refusal("TICKET_NOT_FOUND", 404, "", {});
  return ticket;
}

/** Whether something is about to happen to it by itself. */
export function isMoving({ status, refund }: Reservation): boolean {
  return status === "PAYING" || status === "CANCELLING" || refund?.status === "REFUNDING";
}

export function hasEnded({ status }: Reservation): boolean {
  return status === "CANCELLED" || status === "RELEASED" || status === "EXPIRED";
}

/**
 * Begins to pay, or finds what has begun already.
 * @returns where the member pays
 * @throws Refusal
 */
export async function beginPayment(reservation: Reservation): Promise<string> {
  const scope = `pay:${reservation.id}`;
  // After an attempt has failed the next one is another request, with another key.
  const after = reservation.payment?.status === "PENDING" ? null : (reservation.payment?.id ?? null);
  const returnUrl = location.origin + pathOf("reservation", reservation.id);
  const pay = () =>
    answerOf(
      api
        .reservations({ id: inPath(reservation.id) })
        .payments.post({ returnUrl }, { headers: { "idempotency-key": attemptKey(scope, { returnUrl, after }) } }),
    );
  try {
    return (await pay()).checkoutUrl;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "NOT_PAYABLE") throw error;
    // The key may be of an attempt that ended before it was opened: then a new one begins.
    endAttempt(scope);
    return (await pay()).checkoutUrl;
  }
}

export function cancelReservation(id: string): Promise<Reservation> {
  return answerOf(api.reservations({ id: inPath(id) }).delete());
}
