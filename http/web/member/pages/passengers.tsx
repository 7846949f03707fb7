/** Owns the step in which travellers are named and their seats held. What is typed stays, whatever the answer is. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { nowMs } from "../../browser/device.ts";
import { localDate } from "../../i18n/format.ts";
import { pathOf } from "../../paths.ts";
import { logInPath, waitingRoomPath } from "../../room-handover.ts";
import { FlightSummary } from "../parts/flight-summary.tsx";
import { Note, RefusalNote } from "../parts/note.tsx";
import { type FieldError, PassengerFields } from "../parts/passenger-fields.tsx";
import { Steps } from "../parts/steps.tsx";
import { Title } from "../parts/title.tsx";
import { travellerName } from "../seat-map/use-choice.ts";
import { useAdmission } from "../state/admission.ts";
import { BLANK, type DraftPassenger, keepDraft, readDraft } from "../state/draft.ts";
import { readFlight } from "../state/flights.ts";
import { partyIn, seatsIn, seatsParameter, typesOf } from "../state/party.ts";
import { reserve, type Traveller } from "../state/reserve.ts";
import { useResource } from "../state/resource.ts";
import { address, goTo, query, withParameters } from "../state/router.ts";
import { member } from "../state/session.ts";
import { words } from "../state/words.ts";

export function Passengers({ id }: { readonly id: string }) {
  const party = partyIn(query.value);
  const types = typesOf(party);
  const seats = seatsIn(query.value, party);
  const search = address.value.replace(/^[^?]*/, "");
  const draft = useSignal<readonly DraftPassenger[]>(useMemo(() => readDraft(id), [id]));
  const isTried = useSignal(false);
  const isSending = useSignal(false);
  /** Dates that were begun: to a script their fields are as empty as those that nobody touched. By passenger, as a text to compare. */
  const begun = useSignal("");
  const form = useRef<HTMLFormElement>(null);
  const refusal = useSignal<Refusal | null>(null);
  const { data: flight, refusal: noFlight } = useResource(`flight ${id}`, (signal) => readFlight(id, signal));
  const admission = useAdmission(flight);
  const m = words.passengers;
  const passengers = types.map((_, at) => draft.value[at] ?? BLANK);

  useEffect(() => {
    // Known to be nobody: the way leads over a log-in, and back.
    if (member.value === null) goTo(logInPath(address.peek()), { replace: true });
  }, [member.value]);

  const change = (at: number, changes: Partial<DraftPassenger>): void => {
    draft.value = types.map((_, each) => ({ ...(draft.value[each] ?? BLANK), ...(each === at ? changes : {}) }));
    keepDraft(id, draft.value);
  };
  const today = localDate(nowMs());
  const lookAtDates = (): void => {
    const dates = [...(form.current?.querySelectorAll<HTMLInputElement>('input[type="date"]') ?? [])];
    begun.value = dates.flatMap((date, at) => (date.validity.badInput ? [at] : [])).join();
  };
  const errorOf = ({ name, birthDate }: DraftPassenger, at: number): FieldError | null => {
    if (name.trim() === "") return { field: "name", text: m.missingName };
    if (begun.value.split(",").includes(String(at))) return { field: "birthDate", text: m.unfinished };
    return birthDate > today ? { field: "birthDate", text: m.future } : null;
  };

  const submit = async (event?: Event): Promise<void> => {
    event?.preventDefault();
    if (isSending.value) return;
    isTried.value = true;
    refusal.value = null;
    lookAtDates();
    const errors = passengers.map(errorOf);
    const wrong = errors.findIndex((error) => error !== null);
    if (wrong !== -1) {
      document.getElementById(`passenger-${wrong}-${errors[wrong]?.field}`)?.focus();
      return;
    }
    isSending.value = true;
    const named = seatsIn(query.peek(), party);
    const travellers = types.map(
      (type, at): Traveller => ({ ...(passengers[at] ?? BLANK), type, seat: named[at] ?? null }),
    );
    try {
      const held = await reserve(id, travellers, { cabin: query.peek().get("cabin"), together: types.length > 1 });
      goTo(pathOf("reservation", held.id));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal.value = error;
    } finally {
      isSending.value = false;
    }
  };

  const replaceSeat = (before: string, after: string): void => {
    const next = seats.map((seat) => (seat === before ? after : seat));
    goTo(withParameters({ seats: seatsParameter(next) }), { replace: true, stay: true });
    // Of several that were taken the others are still to be replaced.
    if (!refusal.value?.texts("seats").some((seat) => next.includes(seat))) refusal.value = null;
    isSending.value = false;
  };
  const seatsPage = pathOf("seats", id) + search;

  if (noFlight !== null) {
    return (
      <div class="stack">
        <Title tab={m.title}>{m.title}</Title>
        <RefusalNote refusal={noFlight}>
          <p>
            <a href={pathOf("home")}>{words.search.submit}</a>
          </p>
        </RefusalNote>
      </div>
    );
  }
  return (
    <div class="stack wide">
      <Steps now="passengers" />
      <header class="stack tight">
        <Title tab={m.title}>{m.title}</Title>
        <p class="soft">{m.lead}</p>
      </header>
      <FlightSummary flight={flight} />
      {admission === "line" && flight?.waitingRoom !== "closed" && refusal.value === null && (
        <Note kind="info" title={words.seats.roomTitle}>
          <p>
            <a href={waitingRoomPath(id, search)}>{words.results.join}</a>
          </p>
        </Note>
      )}
      {/* Nothing typed goes into an address, whatever happens to the script. */}
      <form
        ref={form}
        class="stack"
        method="post"
        action={address.value}
        onSubmit={(event) => void submit(event)}
        onInput={lookAtDates}
        onFocusOut={lookAtDates}
        noValidate
      >
        {passengers.map((passenger, at) => {
          const type = types[at] ?? "ADT";
          const label = travellerName(party, at);
          return (
            <PassengerFields
              key={label}
              id={`passenger-${at}`}
              label={label}
              isFirst={at === 0}
              seat={type === "INF" ? words.seats.onLap : (seats[at] ?? m.seatOurs)}
              passenger={passenger}
              error={isTried.value ? errorOf(passenger, at) : null}
              suggestion={at === 0 ? (member.value?.name ?? null) : null}
              onChange={(changes) => change(at, changes)}
            />
          );
        })}
        <p>
          <a href={seatsPage}>{m.changeSeats}</a>
        </p>
        {refusal.value !== null && (
          <HoldRefusal
            refusal={refusal.value}
            seats={seats}
            seatsPage={seatsPage}
            roomPage={waitingRoomPath(id, search)}
            onReplace={replaceSeat}
            onRetry={() => void submit()}
          />
        )}
        <button type="submit" class="button act large" aria-disabled={isSending.value}>
          {isSending.value ? m.submitting : m.submit}
        </button>
        <p class="small soft centred" role="status">
          {m.submitHint}
        </p>
      </form>
    </div>
  );
}

interface HoldRefusalProps {
  readonly refusal: Refusal;
  readonly seats: readonly (string | null)[];
  readonly seatsPage: string;
  readonly roomPage: string;
  readonly onReplace: (before: string, after: string) => void;
  readonly onRetry: () => void;
}

/** Says no, and what there is instead. */
function HoldRefusal({ refusal, seats, seatsPage, roomPage, onReplace, onRetry }: HoldRefusalProps) {
  const m = words;
  switch (refusal.code) {
    case "SEAT_TAKEN": {
      const taken = refusal.texts("seats").filter((seat) => seats.includes(seat));
      const free = refusal.texts("alternatives").filter((seat) => !seats.includes(seat));
      return (
        <RefusalNote refusal={refusal}>
          {taken.map((seat) => (
            <p key={seat} class="cluster">
              <span>
                <s>{seat}</s> → {m.seats.instead}
              </span>
              {free.map((other) => (
                <button key={other} type="button" class="button" onClick={() => onReplace(seat, other)}>
                  {m.seats.take(other)}
                </button>
              ))}
            </p>
          ))}
          <p>
            <a href={seatsPage}>{m.passengers.onMap}</a>
          </p>
        </RefusalNote>
      );
    }
    case "SEAT_NOT_ALLOWED":
    case "SEAT_NOT_FOUND":
    case "SOLD_OUT":
    case "LIMIT_EXCEEDED":
      return (
        <RefusalNote refusal={refusal}>
          <p>
            <a href={seatsPage}>{m.passengers.onMap}</a>
          </p>
        </RefusalNote>
      );
    case "SALE_CLOSED":
      return (
        <RefusalNote refusal={refusal}>
          <p>
            <a href={pathOf("home")}>{m.search.submit}</a>
          </p>
        </RefusalNote>
      );
    case "ADMISSION_REQUIRED":
      return (
        <RefusalNote refusal={refusal}>
          <p>
            <a class="button act" href={roomPage}>
              {m.results.join}
            </a>
          </p>
        </RefusalNote>
      );
    default:
      return <RefusalNote refusal={refusal} onRetry={onRetry} />;
  }
}
