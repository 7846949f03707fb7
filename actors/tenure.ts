/** Owns what a host knows of one claim of one shard, until it is given up. */

import type { StopServing } from "./bus/bus.ts";

export interface Tenure {
  readonly shard: number;
  readonly epoch: number;
  stopServing: StopServing;
  /** It takes no command any more, and finishes what it has. */
  isClosed: boolean;
}
