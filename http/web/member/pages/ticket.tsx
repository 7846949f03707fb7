/** Owns a ticket's page: the boarding pass to show at the gate, to print, and to keep. */

import { useSignal } from "@preact/signals";
import { inPath } from "../../browser/api.ts";
import { pathOf } from "../../paths.ts";
import { Icon } from "../parts/icon.tsx";
import { Note, RefusalNote } from "../parts/note.tsx";
import { Title } from "../parts/title.tsx";
import { readFlight } from "../state/flights.ts";
import { useMembersOnly } from "../state/members-only.ts";
import { readTicket, type Ticket } from "../state/reservations.ts";
import { useResource } from "../state/resource.ts";
import { words } from "../state/words.ts";

export function TicketPage({ id }: { readonly id: string }) {
  const isMember = useMembersOnly();
  const {
    data: ticket,
    refusal,
    reload,
  } = useResource(isMember ? `ticket ${id}` : null, (signal) => readTicket(id, signal));
  const m = words;
  const title = ticket === null ? m.trip.boardingPass : m.ticket.title(ticket.passenger);
  return (
    <div class="stack ticket">
      <Title tab={title}>{title}</Title>
      {refusal !== null && (
        <RefusalNote refusal={refusal} onRetry={refusal.status === 404 ? undefined : reload}>
          <p>
            <a href={pathOf("reservations")}>{m.trip.all}</a>
          </p>
        </RefusalNote>
      )}
      {ticket === null && refusal === null && <div class="waiting pass-waiting" />}
      {ticket !== null && ticket.status === "CANCELLED" && (
        <Note kind="warn">
          <p>{m.ticket.cancelled}</p>
        </Note>
      )}
      {ticket !== null && ticket.status === "ISSUED" && <Pass ticket={ticket} />}
      {ticket !== null && (
        <p class="no-print">
          <a href={pathOf("reservation", ticket.reservationId)}>{m.ticket.back}</a>
        </p>
      )}
    </div>
  );
}

function Pass({ ticket: { number, passenger, seat, flightId } }: { readonly ticket: Ticket }) {
  const { data: flight } = useResource(`flight ${flightId}`, (signal) => readFlight(flightId, signal));
  const hasFailed = useSignal(false);
  const m = words.ticket;
  // The list of tickets was read just now, so that the session's cookie is fresh for the picture as well.
  const picture = `/api/v1/tickets/${inPath(number)}/boarding-pass.svg`;
  const name = flight === null ? "" : `${flight.airline} ${flight.number}`;
  return (
    <>
      {hasFailed.value ? (
        <Note kind="bad" role="alert">
          <p>{m.failed}</p>
        </Note>
      ) : (
        <img
          class="pass"
          src={picture}
          width="400"
          height="712"
          alt={m.alt(passenger, name, seat ?? "")}
          onError={() => {
            hasFailed.value = true;
          }}
        />
      )}
      <p class="small soft no-print">{m.hint}</p>
      <p class="cluster no-print">
        <button type="button" class="button" onClick={() => print()}>
          {m.print}
        </button>
        <a class="button" href={picture} download={`${number}.svg`}>
          <Icon name="ticket" />
          {m.save}
        </a>
      </p>
    </>
  );
}
