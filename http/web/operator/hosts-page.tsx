/** Owns the page of hosts: their leases, and which of them owns each shard. */

import { useEffect } from "preact/hooks";
import { answerOf, api } from "../browser/api.ts";
import { after, nowMs } from "../browser/device.ts";
import { formatMoment } from "../i18n/format.ts";
import { RefusalNote } from "../member/parts/note.tsx";
import { useResource } from "../member/state/resource.ts";
import { language } from "../member/state/words.ts";
import { Heading } from "./parts/heading.tsx";
import { TableBox } from "./parts/table-box.tsx";
import { filled, words } from "./words.ts";

const LOOK_MS = 2_000;

interface Host {
  readonly incarnation: string;
  readonly hostId: string;
  readonly weight: number;
  readonly expiresAt: string | null;
  readonly busOkAt: string;
  readonly fenced: boolean;
  readonly shards: number;
}

interface Shard {
  readonly shard: number;
  readonly epoch: number;
  readonly owner: string | null;
}

export function HostsPage() {
  const m = words.hosts;
  const { data, refusal, isLoading, reload } = useResource("operator hosts", async (signal) => {
    const [hosts, shards] = await Promise.all([
      answerOf(api.admin.hosts.get({ query: { size: "100" }, fetch: { signal } })),
      answerOf(api.admin.shards.get({ fetch: { signal } })),
    ]);
    return { hosts: hosts.items as readonly Host[], shards: shards.items as readonly Shard[] };
  });
  useEffect(() => (isLoading ? undefined : after(LOOK_MS, reload)), [isLoading]);
  return (
    <div class="stack wide">
      <Heading>{m.title}</Heading>
      {refusal !== null && <RefusalNote refusal={refusal} takesFocus={false} />}
      {data === null ? (
        <div class="waiting live-waiting">
          <p class="sr-only">{words.loading}</p>
        </div>
      ) : (
        <>
          <HostTable hosts={data.hosts} letters={lettersOf(data.hosts)} />
          <ShardGrid shards={data.shards} hosts={data.hosts} letters={lettersOf(data.hosts)} />
        </>
      )}
    </div>
  );
}

/** A letter for each host that owns something or may. */
function lettersOf(hosts: readonly Host[]): ReadonlyMap<string, string> {
  const sorted = [...hosts].sort(
    (a, b) => a.hostId.localeCompare(b.hostId) || a.incarnation.localeCompare(b.incarnation),
  );
  return new Map(sorted.map(({ incarnation }, at) => [incarnation, at < 26 ? String.fromCharCode(65 + at) : "+"]));
}

interface HostsProps {
  readonly hosts: readonly Host[];
  readonly letters: ReadonlyMap<string, string>;
}

function HostTable({ hosts, letters }: HostsProps) {
  const m = words.hosts;
  return (
    <section class="card" aria-labelledby="hosts">
      <h2 id="hosts">{m.host}</h2>
      <TableBox label={m.host}>
        <table class="figures compact">
          <thead>
            <tr>
              <th scope="col">{m.host}</th>
              <th scope="col">{m.state}</th>
              <th scope="col">{m.shards}</th>
              <th scope="col">{m.weight}</th>
              <th scope="col">{m.lease}</th>
              <th scope="col">{m.bus}</th>
            </tr>
          </thead>
          <tbody>
            {hosts.map((host) => (
              <tr key={host.incarnation}>
                <th scope="row">
                  <span class={`host-letter ${hostLook(letters.get(host.incarnation))}`}>
                    {letters.get(host.incarnation)}
                  </span>{" "}
                  {host.hostId}
                  <span class="about">{host.incarnation}</span>
                </th>
                <td>
                  <HostState host={host} />
                </td>
                <td>{host.shards}</td>
                <td>{host.weight}</td>
                <td>{host.expiresAt === null ? m.lock : timeText(host.expiresAt)}</td>
                <td>{timeText(host.busOkAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </section>
  );
}

function HostState({ host }: { readonly host: Host }) {
  const m = words.hosts;
  if (host.fenced) return <span class="tag bad">{m.fenced}</span>;
  const isExpired = host.expiresAt !== null && Date.parse(host.expiresAt) < nowMs();
  return isExpired ? <span class="tag warn">{m.expired}</span> : <span class="tag good">{m.alive}</span>;
}

function ShardGrid({ shards, hosts, letters }: HostsProps & { readonly shards: readonly Shard[] }) {
  const m = words.hosts;
  const names = new Map(hosts.map(({ incarnation, hostId }) => [incarnation, hostId]));
  return (
    <section class="card" aria-labelledby="shards">
      <h2 id="shards">{m.grid}</h2>
      <p class="soft small">{m.gridText}</p>
      <ol class="shards">
        {shards.map(({ shard, epoch, owner }) => {
          const letter = owner === null ? "" : (letters.get(owner) ?? "?");
          const name = owner === null ? m.nobody : (names.get(owner) ?? owner);
          const text = filled(m.shard, { shard, owner: name, epoch });
          return (
            <li key={shard} class={hostLook(letter)} title={text}>
              <span aria-hidden="true">{letter || "·"}</span>
              <span class="sr-only">{text}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

const LOOKS = 6;

/** Letters tell hosts apart; the look only helps the eye. */
function hostLook(letter: string | undefined): string {
  if (letter === undefined || letter === "" || letter === "?") return "look-none";
  return `look-${letter.charCodeAt(0) % LOOKS}`;
}

function timeText(iso: string): string {
  return `${formatMoment(language, iso)}:${iso.slice(17, 19)}`;
}
