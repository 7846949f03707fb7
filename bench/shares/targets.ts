/** Owns what is asked of the shares, each a ratio of two rows of one run, but for the lone request, which has a bound in milliseconds. */
import type { Target } from "../compare/ratios.ts";
import type { ContenderName, ShareRow } from "./shares.ts";

interface Wanted {
  readonly what: string;
  readonly of: ContenderName;
  readonly to: ContenderName;
  readonly against: string;
  readonly connections: number;
  readonly atLeast: number;
}

const EDGE = { to: "edge-alone", against: "the edge alone" } as const;
const MANY = { of: "many", what: "durable holds of 64 flights", ...EDGE } as const;
const TWO = { of: "two-hosts", to: "many", what: "two hosts of flights, 64 flights", against: "one host" } as const;

const WANTED: readonly Wanted[] = [
  { ...MANY, connections: 64, atLeast: 0.17 },
  { ...MANY, connections: 256, atLeast: 0.29 },
  { of: "taken", what: "refusals", ...EDGE, connections: 256, atLeast: 0.42 },
  { of: "hot", to: "many", what: "one hot flight", against: "64 flights", connections: 64, atLeast: 0.9 },
  { ...TWO, connections: 64, atLeast: 1 },
  { ...TWO, connections: 256, atLeast: 1 },
];

const LONE_MS_AT_MOST = 2;

type Row = Pick<ShareRow, "contender" | "connections" | "perSecond" | "p50Ms">;

/** Those targets whose rows were part of the run. */
export function shareTargets(rows: readonly Row[]): Target[] {
  const rowOf = (contender: ContenderName, connections: number): Row | undefined =>
    rows.find((row) => row.contender === contender && row.connections === connections);
  const ratios = WANTED.flatMap(({ what, of, to, against, connections, atLeast }) => {
    const [own, other] = [rowOf(of, connections), rowOf(to, connections)];
    if (own === undefined || other === undefined) return [];
    const title = `share: ${what}, ${connections} connections`;
    return [targetOf(title, against, atLeast, own.perSecond / other.perSecond)];
  });
  const lone = rowOf("lone", 1);
  if (lone === undefined) return ratios;
  const bound = `${LONE_MS_AT_MOST} ms`;
  return [...ratios, targetOf(`a lone request: ${bound} over its p50`, bound, 1, LONE_MS_AT_MOST / lone.p50Ms)];
}

function targetOf(what: string, against: string, atLeast: number, ratio: number): Target {
  const measured = Number.isFinite(ratio) ? ratio : null;
  return { what, against, atLeast, measured, isReached: measured !== null && measured >= atLeast };
}
