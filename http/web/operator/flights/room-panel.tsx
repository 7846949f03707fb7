/** Owns the panel of a waiting room: open, pace, pause and close it, and see the line drain. */

import { useState } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { formatNumber } from "../../i18n/format.ts";
import { RefusalNote } from "../../member/parts/note.tsx";
import { say } from "../../member/state/announce.ts";
import { language } from "../../member/state/words.ts";
import type { RoomStatus } from "../../room/facts.ts";
import { NOTHING } from "../figures.ts";
import { Chart } from "../parts/chart.tsx";
import { filled, words } from "../words.ts";
import { changeRoom, type RoomChange, type RoomDetails } from "./change-room.ts";
import { PaceDecisions } from "./pace-decisions.tsx";
import { RoomOpening, RoomPace, RoomSwitches } from "./room-controls.tsx";
import { type RoomMoment, useRoom } from "./room-feed.ts";

export function RoomPanel({ flightId }: { readonly flightId: string }) {
  const m = words.room;
  const { status, details, moments, look } = useRoom(flightId);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);

  const change = async (wanted: RoomChange): Promise<void> => {
    setBusy(true);
    setRefusal(null);
    try {
      const { state } = await changeRoom(flightId, wanted);
      say(filled(m.changed, { state: words.rooms[state] }));
      look();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section class="card stack" aria-labelledby="room">
      <div class="cluster spread">
        <h2 id="room">{m.title}</h2>
        {status !== null && <StateTag state={status.state} />}
      </div>
      {refusal !== null && <RefusalNote refusal={refusal} />}
      {status === null ? (
        <div class="waiting live-waiting">
          <p class="sr-only">{words.loading}</p>
        </div>
      ) : (
        <>
          {status.state === "off" ? <p>{m.offText}</p> : <RoomFigures status={status} details={details} />}
          <RoomSwitches state={status.state} isBusy={isBusy} change={change} />
          {(status.state === "off" || status.state === "closed") && <RoomOpening isBusy={isBusy} change={change} />}
          {status.state !== "off" && <Drain moments={moments} />}
          {status.state !== "off" && status.state !== "closed" && details !== null && (
            <RoomPace state={status.state} settings={details.settings} isBusy={isBusy} change={change} />
          )}
          {details !== null && details.decisions.length > 0 && <PaceDecisions decisions={details.decisions} />}
        </>
      )}
    </section>
  );
}

function StateTag({ state }: { readonly state: RoomStatus["state"] }) {
  const kind = state === "open" ? "good" : state === "off" ? "" : "warn";
  return <span class={`tag ${kind}`}>{words.rooms[state]}</span>;
}

interface FiguresProps {
  readonly status: RoomStatus;
  readonly details: RoomDetails | null;
}

function RoomFigures({ status, details }: FiguresProps) {
  const m = words.room;
  const number = (value: number | null): string =>
    value === null ? NOTHING : formatNumber(language, Math.round(value));
  const figures: readonly (readonly [string, string])[] = [
    [m.waiting, number(status.waiting)],
    [m.joined, number(status.joined)],
    [m.admitted, number(status.joined - status.waiting)],
    [m.atDoor, number(details?.atDoor ?? null)],
    [m.passes, number(details?.active ?? null)],
    [m.rate, number(status.ratePerMinute)],
    [m.left, number(status.seatsLeft)],
  ];
  return (
    <dl class="room-figures">
      {figures.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The line as it gets shorter. */
function Drain({ moments }: { readonly moments: readonly RoomMoment[] }) {
  const m = words.room;
  return (
    <Chart
      title={m.drain}
      series={[
        { label: m.drainWaiting, colour: "--stage-edge" },
        { label: m.drainSeats, colour: "--stage-database", dash: [6, 4] },
      ]}
      data={[
        moments.map(({ at }) => at),
        moments.map(({ waiting }) => waiting),
        moments.map(({ seatsLeft }) => seatsLeft),
      ]}
      least={10}
      height={180}
    />
  );
}
