/** Owns what a report is made of: everything that one run has found out, as plain JSON. */
import type { Phase } from "../bench.ts";
import type { Target } from "../compare/ratios.ts";
import type { Cell, CellResult } from "../compare/rounds.ts";
import type { Tuning } from "../compare/tune.ts";
import type { FlashSale } from "../profiles/flash-sale.ts";
import type { FunnelStep } from "../profiles/funnel.ts";
import type { Ladder } from "../profiles/ladder.ts";
import type { Overload } from "../profiles/overload.ts";
import type { Verdict } from "../proof/doctor.ts";
import type { Shares } from "../shares/shares.ts";
import type { TechniqueResult } from "../techniques/techniques.ts";
import type { Resources } from "../watch/sampler.ts";
import type { Machine } from "./machine.ts";

export interface ContestantInfo {
  readonly name: string;
  readonly title: string;
  readonly kind: "product" | "peer";
  readonly isDurable: boolean;
  /** Connections to the database; null: the product's own default. */
  readonly pool: number | null;
}

export interface Comparison {
  readonly cells: readonly Cell[];
  readonly contestants: readonly ContestantInfo[];
  readonly results: readonly CellResult[];
  readonly tunings: readonly Tuning[];
  readonly targets: readonly Target[];
}

/** A part that was not asked for is null. */
export interface Report {
  readonly version: 1;
  readonly startedAt: string;
  readonly tookS: number;
  readonly command: string;
  readonly scale: "full" | "quick";
  readonly seed: number;
  readonly machine: Machine;
  readonly comparison: Comparison | null;
  readonly shares: Shares | null;
  readonly ladders: readonly Ladder[];
  readonly overload: Overload | null;
  readonly sale: FlashSale | null;
  readonly funnel: readonly FunnelStep[] | null;
  readonly techniques: readonly TechniqueResult[] | null;
  readonly targets: readonly Target[];
  readonly doctor: readonly Verdict[];
  readonly parts: readonly Phase[];
  readonly phases: readonly Phase[];
  readonly resources: Resources;
  /** Empty: the run can be believed. */
  readonly failures: readonly string[];
}
