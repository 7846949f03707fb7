/** Owns the tables of who asks and who works: members and load runs apart, and each process. */

import type { BoardView, ProcessView } from "../../../admin/stage-board.ts";
import type { Times } from "../../../admin/stage-view.ts";
import { language } from "../../member/state/words.ts";
import { formatMs, formatRate, NOTHING } from "../figures.ts";
import { Meter } from "../parts/meter.tsx";
import { TableBox } from "../parts/table-box.tsx";
import { filled, words } from "../words.ts";

export function RequestTable({ latest }: { readonly latest: BoardView }) {
  const m = words.live;
  return (
    <section class="card" aria-labelledby="requests">
      <h2 id="requests">{m.requests}</h2>
      <p class="soft small">{m.requestsText}</p>
      <TableBox label={m.requests}>
        <table class="figures compact">
          <thead>
            <tr>
              <th scope="col">{m.who}</th>
              <th scope="col">{m.rate}</th>
              <th scope="col">p50</th>
              <th scope="col">p95</th>
              <th scope="col">p99</th>
              <th scope="col">{m.failed}</th>
            </tr>
          </thead>
          <tbody>
            <RequestRow name={m.members} times={latest.members} failed={null} />
            {latest.runs.map(({ run, failedPerSecond, ...times }) => (
              <RequestRow key={run} name={filled(m.run, { run })} times={times} failed={failedPerSecond} />
            ))}
          </tbody>
        </table>
      </TableBox>
    </section>
  );
}

interface RequestRowProps {
  readonly name: string;
  readonly times: Times;
  readonly failed: number | null;
}

function RequestRow({ name, times, failed }: RequestRowProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{formatRate(language, times.ratePerSecond)}</td>
      <td>{formatMs(times.p50Ms)}</td>
      <td>{formatMs(times.p95Ms)}</td>
      <td>{formatMs(times.p99Ms)}</td>
      <td>{failed === null ? NOTHING : formatRate(language, failed)}</td>
    </tr>
  );
}

export function ProcessTable({ latest }: { readonly latest: BoardView }) {
  const m = words.live;
  const { processes, commandsPerBatch } = latest;
  return (
    <section class="card" aria-labelledby="processes">
      <h2 id="processes">{m.processes}</h2>
      <p class="soft small">
        {m.perBatch}: {commandsPerBatch === null ? NOTHING : formatRate(language, commandsPerBatch)}
      </p>
      <TableBox label={m.processes}>
        <table class="figures compact">
          <thead>
            <tr>
              <th scope="col">{m.process}</th>
              <th scope="col">{m.roles}</th>
              <th scope="col">{m.waiting}</th>
              <th scope="col">{m.thread}</th>
            </tr>
          </thead>
          <tbody>
            {processes.map((each) => (
              <tr key={each.process}>
                <th scope="row">{each.name}</th>
                <td>{rolesOf(each)}</td>
                <td>{formatRate(language, each.waiting)}</td>
                <td>
                  <Meter share={each.threadShare} label={`${each.name}: ${m.thread}`} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </section>
  );
}

function rolesOf({ isEdge, isHost }: ProcessView): string {
  const m = words.live;
  const roles = [...(isEdge ? [m.edge] : []), ...(isHost ? [m.host] : [])];
  return roles.length === 0 ? m.other : roles.join(", ");
}
