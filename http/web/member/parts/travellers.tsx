/** Owns the travellers of a reservation with their seats, and their boarding passes when they have tickets. */

import { pathOf } from "../../paths.ts";
import type { Reservation, Ticket } from "../state/reservations.ts";
import { words } from "../state/words.ts";
import { Icon } from "./icon.tsx";

export interface TravellersProps {
  readonly reservation: Reservation;
  /** Null while there are none, or they are on their way. */
  readonly tickets: readonly Ticket[] | null;
}

export function Travellers({ reservation: { passengers }, tickets }: TravellersProps) {
  const m = words;
  return (
    <section class="stack" aria-labelledby="travellers-title">
      <h2 id="travellers-title">{m.trip.travellers}</h2>
      <ul class="people">
        {passengers.map(({ name, type, seat }, at) => {
          const ticket = tickets?.[at];
          return (
            <li key={`${at} ${name}`} class="card person">
              <p>
                <strong>{name}</strong>
                <span class="soft small">{m.seats.traveller(type, 0).replace(/ ?0$/, "")}</span>
              </p>
              <p class="person-seat">
                {seat === null ? (
                  <span class="small soft">{m.seats.onLap}</span>
                ) : (
                  <>
                    <span class="small soft">{m.trip.seat}</span> <strong>{seat}</strong>
                  </>
                )}
              </p>
              {ticket !== undefined && (
                <p class="person-ticket">
                  <span class="small soft">
                    {m.trip.ticketNumber} <span class="nowrap">{ticket.number}</span>
                  </span>
                  {ticket.status === "ISSUED" && (
                    <a class="button" href={pathOf("ticket", ticket.number)} aria-label={m.trip.showPass(name)}>
                      <Icon name="ticket" />
                      {m.trip.boardingPass}
                    </a>
                  )}
                </p>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
