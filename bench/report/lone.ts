/** Owns how a lone request is told: the hops that it takes, each with its time. */
import type { Shares } from "../shares/shares.ts";
import type { StageName } from "../watch/stages.ts";
import { millis } from "./words.ts";

const HOPS: Readonly<Record<StageName, string>> = {
  edge: "client → edge: token and body are checked",
  bus: "edge → NATS → host of flights, and back",
  mailbox: "host of flights: the wait for the flight's turn",
  decide: "host of flights: the decision",
  commit: "host of flights → MariaDB and back: the commit, flushed to disk",
  reply: "edge → client: the answer is written",
};

export interface Lone {
  /** As the client sees it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** On average, as the processes measure it. */
  readonly hops: readonly { readonly hop: string; readonly stage: StageName; readonly meanMs: number | null }[];
}

/** That of the round in the middle; null when there was none. */
export function loneOf({ rows }: Shares): Lone | null {
  const lone = rows.find(({ contender }) => contender === "lone");
  if (lone === undefined) return null;
  // Of an even number the median lies between two.
  const off = ({ p50Ms }: { readonly p50Ms: number }): number => Math.abs(p50Ms - lone.p50Ms);
  const [middle] = lone.rounds.toSorted((a, b) => off(a) - off(b));
  if (middle === undefined) return null;
  const { p50Ms, p99Ms, stages } = middle;
  return { p50Ms, p99Ms, hops: stages.map(({ stage, meanMs }) => ({ hop: HOPS[stage], stage, meanMs })) };
}

export function loneWords({ p50Ms, p99Ms, hops }: Lone): string {
  const sumMs = hops.reduce((sum, { meanMs }) => sum + (meanMs ?? 0), 0);
  return `One connection, one hot flight: p50 ${millis(p50Ms)}, p99 ${millis(p99Ms)}, as the client sees it. The hops are those of this load, on average, as the processes measure them: ${millis(sumMs)} together.`;
}
