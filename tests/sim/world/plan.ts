/** Owns what a seed means: how large the world is, who does what in it, and which faults it has. No two seeds are tried by the same mixture. */

import type { Random } from "./random.ts";

/** How often each fault comes, as a mean of the milliseconds between two; null: never in this run. */
export interface FaultPlan {
  readonly pauseHost: number | null;
  readonly killHost: number | null;
  readonly deployHost: number | null;
  readonly pauseOther: number | null;
  readonly killOther: number | null;
  readonly isolateHost: number | null;
  readonly cutBus: number | null;
  readonly cutDatabase: number | null;
  readonly resetSessions: number | null;
  readonly crashBus: number | null;
  readonly crashDatabase: number | null;
  readonly jumpClock: number | null;
  readonly jumpDatabaseClock: number | null;
  readonly loseRooms: number | null;
  readonly crashRooms: number | null;
  readonly cutRooms: number | null;
  /** How often something happens to a host in the midst of a commit. */
  readonly atCommitChance: number;
  /** How often something happens to whoever paces a room, in the midst of a decision. */
  readonly atRaiseChance: number;
}

/** A waiting room before the first flight. */
export interface RoomPlan {
  /** How long before the sale opens it is turned on, in milliseconds; 0: the sale is open. */
  readonly opensInMs: number;
  readonly maxActive: number | null;
  readonly admitPerMinute: number;
  readonly passTtlMs: number;
  /** After so long it is closed, and turned on again as another epoch, in milliseconds; null: never. */
  readonly reopensAfterMs: number | null;
}

const ABSENCES = ["dead", "paused", "cut from the bus", "cut from the database"] as const;

export type Absence = (typeof ABSENCES)[number];

export interface Plan {
  readonly room: RoomPlan | null;
  readonly hosts: number;
  readonly edges: number;
  readonly workers: number;
  readonly flights: number;
  readonly rows: number;
  readonly columns: string;
  readonly members: number;
  readonly thinkMs: number;
  /** Everybody acts at the beats of one clock, in milliseconds, as in a rush; null: each by themselves. */
  readonly beatMs: number | null;
  /** How often a member only looks. */
  readonly lookShare: number;
  /** How long things go wrong, in milliseconds. */
  readonly faultsMs: number;
  readonly faults: FaultPlan;
  readonly holdTtlMs: number;
  readonly paymentTtlMs: number;
  readonly idleMs: number;
  /** Few: after a while without a host the holds that are over end one by one. */
  readonly batchEndedRowsMax: number;
  /** So many commands may wait for a flight. */
  readonly mailboxMax: number;
  /** Members say who their passengers are, and take infants along. */
  readonly areKnown: boolean;
  /** Record locators and ticket numbers that a host leases at once. */
  readonly numberBlock: number;
  /** Keys of one member that a flight keeps at once. */
  readonly keysPerMember: number;
  /** After so many turns a flight keeps a snapshot. */
  readonly snapshotTurns: number;
  readonly driftMax: number;
  readonly wallSkewMsMax: number;
  readonly bus: {
    readonly dropChance: number;
    readonly doubleChance: number;
    readonly detourChance: number;
    readonly detourMsMax: number;
  };
  readonly database: {
    readonly stallChance: number;
    readonly deadlockChance: number;
    readonly takesCompounds: boolean;
  };
  readonly provider: {
    readonly silentChance: number;
    readonly lateChance: number;
    readonly wrongChance: number;
    readonly slowChance: number;
  };
  /** What a host has that does not come back: the others must do without it. Null: all of them come back. */
  readonly staysAway: Absence | null;
}

/** How long it is, on average, from one such fault to the next where they come often, in milliseconds. */
const OFTEN_MS = {
  pauseHost: 5_000,
  killHost: 9_000,
  deployHost: 7_000,
  isolateHost: 9_000,
  cutBus: 7_000,
  cutDatabase: 7_000,
  resetSessions: 3_000,
  jumpClock: 5_000,
  pauseOther: 7_000,
  killOther: 9_000,
  crashBus: 15_000,
  crashDatabase: 15_000,
  jumpDatabaseClock: 12_000,
  loseRooms: 8_000,
  crashRooms: 12_000,
  cutRooms: 8_000,
} as const satisfies Record<Exclude<keyof FaultPlan, "atCommitChance" | "atRaiseChance">, number>;

type Kind = keyof typeof OFTEN_MS;

/** Kinds on which a run may dwell, the more often the more there is to find. */
const DWELL_ON: readonly (Kind | "atCommitChance")[] = [
  "pauseHost",
  "pauseHost",
  "isolateHost",
  "isolateHost",
  "isolateHost",
  "atCommitChance",
  "atCommitChance",
  "killHost",
  "deployHost",
  "cutBus",
  "cutDatabase",
  "resetSessions",
  "killOther",
  "pauseOther",
];

/** Everything at once hides more than it finds: most runs dwell on one or two kinds, and have few of the others. */
function faultsOf(random: Random, hasRoom: boolean): FaultPlan {
  const dwelling = new Set([random.pick(DWELL_ON), random.pick(DWELL_ON)]);
  const means = (Object.keys(OFTEN_MS) as Kind[]).map((kind) => {
    const isRare = kind === "jumpDatabaseClock" || kind === "crashBus" || kind === "crashDatabase";
    const isOften = dwelling.has(kind);
    const isOfRooms = kind === "loseRooms" || kind === "crashRooms" || kind === "cutRooms";
    const isSome = random.chance(isRare ? 0.08 : isOfRooms ? 0.4 : 0.2) && (hasRoom || !isOfRooms);
    const meanMs = OFTEN_MS[kind] * (isOften ? random.between(0.7, 1.3) : random.between(1.5, 3));
    return [kind, isOften || isSome ? meanMs : null] as const;
  });
  const atCommitChance = dwelling.has("atCommitChance") ? random.between(0.02, 0.1) : random.chance(0.3) ? 0.01 : 0;
  const atRaiseChance = hasRoom && random.chance(0.5) ? random.between(0.05, 0.3) : 0;
  return { ...(Object.fromEntries(means) as Record<Kind, number | null>), atCommitChance, atRaiseChance };
}

function roomOf(random: Random): RoomPlan {
  return {
    opensInMs: random.chance(0.5) ? 0 : random.whole(3_000, 8_000),
    maxActive: random.chance(0.5) ? null : random.whole(1, 3),
    admitPerMinute: random.pick([6, 20, 60, 600]),
    passTtlMs: random.whole(3_000, 15_000),
    reopensAfterMs: random.chance(0.4) ? random.whole(6_000, 15_000) : null,
  };
}

export function planOf(random: Random): Plan {
  const rarely = (chance: number): number => (random.chance(0.4) ? chance * random.fraction() : 0);
  // Long enough for refusals to be forgotten.
  const isLong = random.chance(0.03);
  const roomDice = random.fork("room");
  const away = random.fork("away");
  const room = roomDice.chance(0.3) ? roomOf(roomDice) : null;
  return {
    room,
    hosts: random.whole(2, 3),
    edges: random.whole(1, 2),
    workers: random.whole(1, 2),
    flights: random.pick([1, 1, 2, 3, 4]),
    rows: random.whole(1, 2),
    columns: random.pick(["AB", "A B", "AB C"]),
    members: random.whole(5, 9) + (room === null ? 0 : 4),
    thinkMs: random.between(300, 1_500) * (isLong ? 3 : 1),
    beatMs: random.fork("beat").chance(0.4) ? 700 : null,
    lookShare: random.chance(0.3) ? 0.85 : 0.2,
    faultsMs: random.between(12_000, 30_000) * (isLong ? 6 : 1),
    faults: faultsOf(random.fork("faults"), room !== null),
    holdTtlMs: random.whole(4_000, 12_000),
    paymentTtlMs: random.whole(4_000, 9_000),
    idleMs: random.pick([100, 3_000, 300_000]),
    batchEndedRowsMax: random.fork("over").pick([1, 1, 1_000]),
    driftMax: random.chance(0.5) ? 0.0001 : 0.03,
    wallSkewMsMax: 3_600_000,
    bus: {
      dropChance: rarely(0.1),
      doubleChance: rarely(0.2),
      detourChance: rarely(0.3),
      detourMsMax: random.pick([50, 800, 9_000]),
    },
    database: {
      stallChance: rarely(0.1),
      deadlockChance: rarely(0.05),
      takesCompounds: random.fork("database").chance(0.7),
    },
    provider: {
      silentChance: rarely(0.4),
      lateChance: rarely(0.5),
      wrongChance: rarely(0.2),
      slowChance: rarely(0.5),
    },
    staysAway: away.chance(0.5) ? away.pick(ABSENCES) : null,
    numberBlock: random.fork("numbers").pick([20, 4_096]),
    keysPerMember: random.fork("keys").pick([8, 64, 64, 64]),
    areKnown: random.fork("persons").chance(0.3),
    snapshotTurns: random.fork("snapshots").pick([1, 5, 2_000]),
    mailboxMax: random.fork("mailboxes").pick([1, 4_096, 4_096]),
  };
}
