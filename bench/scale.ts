/** Owns how large a run is: the whole one takes about a quarter of an hour of a quiet machine, the quick one seconds and proves that the numbers add up. */

export interface Scale {
  readonly name: "full" | "quick";
  /** Members who hold seats. */
  readonly members: number;
  /** Large flights that each contestant has, to be sold one after another. */
  readonly productFlights: number;
  readonly peerFlights: number;
  /** Of the profile "64 flights". */
  readonly manyFlights: number;
  /** Once, so that nobody is measured while the runtime still compiles it. */
  readonly firstWarmUpMs: number;
  /** Before each measurement, and how long one is. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly rounds: number;
  readonly connections: readonly number[];
  /** Of the measurements that search for the best size of a pool. */
  readonly tuneWindowMs: number;
  /** Rates of the open loop, as shares of the closed loop's. */
  readonly ladder: readonly number[];
  readonly overloadMs: number;
  readonly sale: { readonly seats: number; readonly people: number; readonly admitPerMinute: number };
  readonly funnel: { readonly peoplePerSecond: readonly number[]; readonly durationMs: number };
  readonly techniqueRounds: number;
}

export const FULL: Scale = {
  name: "full",
  members: 4_000,
  productFlights: 130,
  peerFlights: 44,
  manyFlights: 64,
  firstWarmUpMs: 4_000,
  warmUpMs: 400,
  windowMs: 1_500,
  rounds: 3,
  connections: [8, 64, 256],
  tuneWindowMs: 1_000,
  ladder: [0.1, 0.25, 0.5, 0.75, 0.9, 1],
  overloadMs: 6_000,
  sale: { seats: 10_000, people: 200_000, admitPerMinute: 60_000 },
  funnel: { peoplePerSecond: [50, 100, 200], durationMs: 6_000 },
  techniqueRounds: 2,
};

export const QUICK: Scale = {
  name: "quick",
  members: 200,
  productFlights: 40,
  peerFlights: 16,
  manyFlights: 8,
  firstWarmUpMs: 600,
  warmUpMs: 100,
  windowMs: 500,
  rounds: 1,
  connections: [8, 32],
  tuneWindowMs: 250,
  ladder: [0.25, 0.5],
  overloadMs: 1_000,
  sale: { seats: 60, people: 600, admitPerMinute: 60_000 },
  funnel: { peoplePerSecond: [20], durationMs: 1_000 },
  techniqueRounds: 1,
};
