/** Owns the ratios to the peers, and whether they are what the project asks of itself; each figure names its peer and its concurrency. */
import type { Cell, CellResult } from "./rounds.ts";

export interface Target {
  /** What was asked. */
  readonly what: string;
  readonly atLeast: number;
  /** Null where it was not measured: that is a failure. */
  readonly measured: number | null;
  /** What it is a ratio to. */
  readonly against: string;
  readonly isReached: boolean;
}

interface Wanted {
  readonly order: Cell["order"];
  readonly connections: number;
  readonly atLeast: number;
  /** Null: the best one that is durable at the answer. */
  readonly peer: string | null;
}

const WANTED: readonly Wanted[] = [
  { order: "in-turn", connections: 256, atLeast: 2.2, peer: null },
  { order: "in-turn", connections: 64, atLeast: 1.4, peer: null },
  { order: "in-turn", connections: 8, atLeast: 1, peer: null },
  { order: "refused", connections: 256, atLeast: 3.6, peer: null },
  { order: "in-turn", connections: 256, atLeast: 16, peer: "flight-lock" },
];

export interface PeerName {
  readonly name: string;
  readonly isDurable: boolean;
}

/** Those targets whose cell and whose rival were part of the run, for one form of the product. */
export function targetsOf(
  product: string,
  cells: readonly Cell[],
  results: readonly CellResult[],
  peers: readonly PeerName[],
): Target[] {
  return WANTED.flatMap((wanted) => {
    const cell = cells.find(({ order, connections }) => order === wanted.order && connections === wanted.connections);
    const rivals = peers.filter(({ name, isDurable }) => (wanted.peer === null ? isDurable : name === wanted.peer));
    return cell === undefined || rivals.length === 0 ? [] : [targetOf(product, wanted, cell, results, rivals)];
  });
}

function targetOf(
  product: string,
  wanted: Wanted,
  cell: Cell,
  results: readonly CellResult[],
  rivals: readonly PeerName[],
): Target {
  const rateOf = (name: string): number | null => {
    const found = results.find((result) => result.cell === cell.name && result.contestant === name)?.perSecond;
    return found === undefined || Number.isNaN(found) ? null : found;
  };
  const best = rivals.reduce<{ name: string; rate: number } | null>((so, { name }) => {
    const rate = rateOf(name);
    return rate === null || (so !== null && so.rate >= rate) ? so : { name, rate };
  }, null);
  const own = rateOf(product);
  const measured = best === null || own === null || best.rate === 0 ? null : own / best.rate;
  const rival = wanted.peer === null ? "the best durable peer" : wanted.peer;
  return {
    what: `${product}: ${cell.title}, times ${rival}`,
    atLeast: wanted.atLeast,
    measured,
    against: best === null ? rival : best.name,
    isReached: measured !== null && measured >= wanted.atLeast,
  };
}
