/** Owns a reservation from hold to ticket: whatever state it is in, its page says what is, and what is to be done. */

import { useEffect } from "preact/hooks";
import { after } from "../../browser/device.ts";
import { serverNowMs } from "../../browser/server-time.ts";
import { formatMoney } from "../../i18n/format.ts";
import { pathOf } from "../../paths.ts";
import { HoldPart, PayingPart } from "../parts/checkout.tsx";
import { FlightSummary } from "../parts/flight-summary.tsx";
import { Note, RefusalNote } from "../parts/note.tsx";
import { type Step, Steps } from "../parts/steps.tsx";
import { Title } from "../parts/title.tsx";
import { Travellers } from "../parts/travellers.tsx";
import { say } from "../state/announce.ts";
import { endDraft } from "../state/draft.ts";
import { type Flight, readFlight } from "../state/flights.ts";
import { useMembersOnly } from "../state/members-only.ts";
import {
  isMoving,
  type Reservation,
  type ReservationStatus,
  readReservation,
  ticketsOf,
} from "../state/reservations.ts";
import { useResource } from "../state/resource.ts";
import { withParameters } from "../state/router.ts";
import { member } from "../state/session.ts";
import { language, words } from "../state/words.ts";

/** How soon to look again while something is about to happen, growing from the first to the last, in milliseconds. */
const LOOK_MS = [700, 1_000, 1_500, 2_000, 3_000, 5_000];

const STEPS: Readonly<Record<ReservationStatus, Step | null>> = {
  HELD: "payment",
  PAYING: "payment",
  TICKETED: "ticket",
  CANCELLING: null,
  CANCELLED: null,
  RELEASED: null,
  EXPIRED: null,
};

export function ReservationPage({ id }: { readonly id: string }) {
  const isMember = useMembersOnly();
  const {
    data: reservation,
    refusal,
    isLoading,
    reload,
  } = useResource(isMember ? `reservation ${id}` : null, (signal) => readReservation(id, signal));
  const flightId = reservation?.flightId ?? null;
  const { data: flight } = useResource(flightId === null ? null : `flight ${flightId}`, (signal) =>
    readFlight(flightId ?? "", signal),
  );
  useLooks(reservation, isLoading, reload);
  const status = reservation?.status ?? null;
  useEffect(() => {
    // Whoever has come back from the payment hears what has become of it.
    if (status !== null) say(words.trip.statuses[status]);
    if (status === "TICKETED" && flightId !== null) endDraft(flightId);
  }, [status]);

  const m = words;
  if (refusal !== null && reservation === null) {
    return (
      <div class="stack">
        <Title tab={m.general.problem}>{m.general.problem}</Title>
        <RefusalNote refusal={refusal} onRetry={refusal.status === 404 ? undefined : reload}>
          <p>
            <a href={pathOf("reservations")}>{m.trip.all}</a>
          </p>
        </RefusalNote>
      </div>
    );
  }
  if (reservation === null) {
    return (
      <div class="stack wide">
        <p class="sr-only">{m.general.loading}</p>
        <div class="waiting shell-title" />
        <div class="waiting shell-card" />
      </div>
    );
  }
  const step = STEPS[reservation.status];
  return (
    <div class="stack wide">
      {step !== null && <Steps now={step} />}
      <div class="trip-layout">
        <div class="stack wide">
          <State reservation={reservation} flight={flight} onChanged={reload} />
          <FlightSummary flight={flight} />
          <TicketedTravellers reservation={reservation} />
        </div>
        <Facts reservation={reservation} />
      </div>
    </div>
  );
}

/** Looks again, while there is something to wait for. */
function useLooks(reservation: Reservation | null, isLoading: boolean, reload: () => void): void {
  const isWaiting = reservation !== null && (isMoving(reservation) || isRunOut(reservation));
  useEffect(() => {
    if (!isWaiting) looks.count = 0;
    if (!isWaiting || isLoading) return;
    const delayMs = LOOK_MS[Math.min(looks.count, LOOK_MS.length - 1)] ?? 0;
    looks.count += 1;
    return after(delayMs, reload);
  }, [isWaiting, isLoading]);
}

/** By this clock, which may be ahead of the server's: then the hold is still there when it is looked at first. */
function isRunOut({ status, expiresAt }: Reservation): boolean {
  return status === "HELD" && Date.parse(expiresAt) <= serverNowMs();
}

/** One page is open at a time. */
const looks = { count: 0 };

interface StateProps {
  readonly reservation: Reservation;
  readonly flight: Flight | null;
  readonly onChanged: () => void;
}

function State({ reservation, flight, onChanged }: StateProps) {
  const m = words;
  const { status, pnr, refund } = reservation;
  const tab = m.trip.documentTitle(pnr);
  switch (status) {
    case "HELD":
      return <HoldPart reservation={reservation} onChanged={onChanged} />;
    case "PAYING":
      return <PayingPart reservation={reservation} />;
    case "TICKETED":
      return (
        <div class="stack">
          <Title tab={tab}>{m.trip.ticketedTitle}</Title>
          <Note kind="good">
            <p>{m.trip.ticketedText(member.value?.email ?? "")}</p>
          </Note>
        </div>
      );
    case "CANCELLING":
      return (
        <div class="stack">
          <Title tab={tab}>{m.trip.cancellingTitle}</Title>
          <Note kind="info">
            <p>{m.trip.cancellingText}</p>
          </Note>
        </div>
      );
    case "CANCELLED": {
      const amount = refund === undefined ? "" : formatMoney(language, refund.amount);
      return (
        <div class="stack">
          <Title tab={tab}>{m.trip.cancelledTitle}</Title>
          {refund !== undefined && (
            <Note kind="good">
              <p>{refund.status === "REFUNDED" ? m.trip.refunded(amount) : m.trip.refunding(amount)}</p>
            </Note>
          )}
        </div>
      );
    }
    case "RELEASED":
      return (
        <div class="stack">
          <Title tab={tab}>{m.trip.releasedTitle}</Title>
          <p class="soft">{m.trip.releasedText}</p>
        </div>
      );
    case "EXPIRED":
      return (
        <div class="stack">
          <Title tab={tab}>{m.hold.expiredTitle}</Title>
          <Note kind="warn">
            <p>{m.hold.expiredText}</p>
          </Note>
          {flight !== null && (
            <p>
              <a class="button act" href={againPath(reservation)}>
                {m.hold.expiredAgain}
              </a>
            </p>
          )}
        </div>
      );
  }
}

/** The same party on the same flight, with seats to choose anew. */
function againPath({ flightId, passengers }: Reservation): string {
  const count = (type: string): number | null => passengers.filter((each) => each.type === type).length || null;
  const party = { adults: count("ADT"), children: count("CHD"), infants: count("INF") };
  return withParameters(party, pathOf("seats", flightId));
}

function TicketedTravellers({ reservation }: { readonly reservation: Reservation }) {
  const isTicketed = reservation.status === "TICKETED" || reservation.status === "CANCELLED";
  const { data } = useResource(isTicketed ? `tickets of ${reservation.id} ${reservation.status}` : null, (signal) =>
    ticketsOf(reservation, signal),
  );
  return <Travellers reservation={reservation} tickets={data} />;
}

function Facts({ reservation }: { readonly reservation: Reservation }) {
  const m = words.trip;
  const { id, pnr, status, total, payment, refund } = reservation;
  const isPaid = status === "TICKETED";
  const canCancel = status === "TICKETED" || status === "PAYING" || status === "HELD";
  return (
    <aside class="card facts" aria-label={m.documentTitle(pnr)}>
      <dl>
        <div>
          <dt>{m.pnr}</dt>
          <dd class="pnr">{pnr}</dd>
        </div>
        <div>
          <dt class="sr-only">{words.steps.now}</dt>
          <dd>
            <span
              class={`tag ${status === "TICKETED" ? "good" : status === "HELD" || status === "PAYING" ? "warn" : ""}`}
            >
              {m.statuses[status]}
            </span>
          </dd>
        </div>
        <div>
          <dt>{isPaid ? m.paid : m.total}</dt>
          <dd class="fare-amount">{formatMoney(language, isPaid && payment !== undefined ? payment.amount : total)}</dd>
        </div>
        {refund !== undefined && (
          <div>
            <dt>{m.refund}</dt>
            <dd>{formatMoney(language, refund.amount)}</dd>
          </div>
        )}
      </dl>
      <p class="stack tight no-print">
        {canCancel && (
          <a class="button" href={pathOf("cancel", id)}>
            {status === "TICKETED" ? m.cancel : words.hold.release}
          </a>
        )}
        <a class="button quiet" href={pathOf("reservations")}>
          {m.all}
        </a>
      </p>
    </aside>
  );
}
