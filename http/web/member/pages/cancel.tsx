/** Owns giving a reservation up: what goes back is shown first, and then it is asked. */

import { useSignal } from "@preact/signals";
import { Refusal } from "../../browser/api.ts";
import { formatMoney } from "../../i18n/format.ts";
import { pathOf } from "../../paths.ts";
import { FlightSummary } from "../parts/flight-summary.tsx";
import { Note, RefusalNote } from "../parts/note.tsx";
import { Title } from "../parts/title.tsx";
import { readFlight } from "../state/flights.ts";
import { useMembersOnly } from "../state/members-only.ts";
import { cancelReservation, type Reservation, readReservation } from "../state/reservations.ts";
import { useResource } from "../state/resource.ts";
import { goTo } from "../state/router.ts";
import { language, words } from "../state/words.ts";

export function Cancel({ id }: { readonly id: string }) {
  const isMember = useMembersOnly();
  const { data: reservation, refusal } = useResource(isMember ? `reservation ${id}` : null, (signal) =>
    readReservation(id, signal),
  );
  const flightId = reservation?.flightId ?? null;
  const { data: flight } = useResource(flightId === null ? null : `flight ${flightId}`, (signal) =>
    readFlight(flightId ?? "", signal),
  );
  const isSending = useSignal(false);
  const failure = useSignal<Refusal | null>(null);
  const m = words.cancel;
  const status = reservation?.status;
  const isTicketed = status === "TICKETED";
  const isOver = reservation !== null && !isTicketed && status !== "HELD" && status !== "PAYING";
  const title = isTicketed || reservation === null ? m.title : isOver ? m.nothing : m.releaseTitle;

  const confirm = async (): Promise<void> => {
    if (isSending.value) return;
    isSending.value = true;
    failure.value = null;
    try {
      await cancelReservation(id);
      goTo(pathOf("reservation", id), { replace: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failure.value = error;
    } finally {
      isSending.value = false;
    }
  };

  if (refusal !== null && reservation === null) {
    return (
      <div class="stack">
        <Title tab={words.general.problem}>{words.general.problem}</Title>
        <RefusalNote refusal={refusal}>
          <p>
            <a href={pathOf("reservations")}>{words.trip.all}</a>
          </p>
        </RefusalNote>
      </div>
    );
  }
  return (
    <div class="stack wide">
      <Title tab={title}>{title}</Title>
      {reservation !== null && (
        <>
          <FlightSummary flight={flight} />
          <Consequence reservation={reservation} />
          {failure.value !== null && <RefusalNote refusal={failure.value} onRetry={() => void confirm()} />}
          <p class="cluster">
            {!isOver && (
              <button
                type="button"
                class="button danger"
                aria-disabled={isSending.value}
                onClick={() => void confirm()}
              >
                {isSending.value ? m.confirming : isTicketed ? m.confirm : m.confirmRelease}
              </button>
            )}
            <a class="button" href={pathOf("reservation", id)}>
              {isOver ? words.ticket.back : m.keep}
            </a>
          </p>
        </>
      )}
    </div>
  );
}

function Consequence({ reservation: { status, total, payment } }: { readonly reservation: Reservation }) {
  const m = words.cancel;
  switch (status) {
    case "TICKETED":
      return (
        <section class="card stack">
          <p class="refund">
            <span class="soft">{m.refundText}</span>
            <strong>{formatMoney(language, payment?.amount ?? total)}</strong>
          </p>
          <p>{m.refundHow}</p>
          <Note kind="warn">
            <p>{m.warning}</p>
          </Note>
        </section>
      );
    case "HELD":
      return <p>{m.releaseText}</p>;
    case "PAYING":
      return <p>{m.payingText}</p>;
    default:
      return (
        <p>
          <span class="tag">{words.trip.statuses[status]}</span>
        </p>
      );
  }
}
