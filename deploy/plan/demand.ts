/** Owns what people ask for: requests a second of each kind, in the rush at the opening and after it. */

import type { Costs, CpuPart, CpuUs } from "./costs.ts";
import { CPU_PARTS } from "./costs.ts";
import type { Sale } from "./sale.ts";

/** Each with the measured kind that it is taken to cost as much as, and why. */
export const REQUESTS = {
  page: { as: "status", why: "a page is one made answer, and its files are in everybody's cache" },
  login: { as: "status", why: "beside its hash, which takes a core of its own" },
  join: { as: "join", why: null },
  status: { as: "status", why: null },
  pass: { as: "join", why: "one script of Redis; and a row in the database, taken as a commit of its own" },
  seats: { as: "refusal", why: "a read through the bus and the fence; edges ask once for all who wait" },
  hold: { as: "hold", why: null },
  refusal: { as: "refusal", why: null },
  payment: { as: "hold", why: "the same way with fewer rows" },
  settlement: { as: "hold", why: "the same way, from a webhook" },
} as const;

export type RequestKind = keyof typeof REQUESTS;
export const REQUEST_KINDS = Object.keys(REQUESTS) as readonly RequestKind[];
/** Those that go through a flight's owner and its commit. */
export const COMMANDS: readonly RequestKind[] = ["seats", "hold", "refusal", "payment", "settlement"];

export type Rates = Readonly<Record<RequestKind, number>>;

export interface Demand {
  readonly rush: Rates;
  readonly after: Rates;
  /** Who is let in to the seats, in all. */
  readonly visitors: number;
  readonly reservations: number;
  /** At the most, at once. */
  readonly waiting: number;
}

/** A client looks so often where nobody broadcasts the room's status to it, in seconds. */
const POLL_S = 5;
/** Of those at the seats, who ask for seats that are taken meanwhile, or that are no longer there. */
const REFUSED_SHARE = 0.3;
/** Looks at the seat map of each; its changes come as a stream. */
const LOOKS = 2;

export function demandOf(sale: Sale): Demand {
  const { people, seats, rushSeconds, hasRoom } = sale;
  const seconds = sale.minutes * 60;
  // A sale that is no longer than its rush has no others.
  const rushShare = seconds > rushSeconds ? sale.rushShare : 1;
  const wanted = seats / sale.seatsPerReservation;
  // With a room as many come to the seats as it takes to sell them; without one, all.
  const visitors = hasRoom ? Math.min(people, wanted / sale.buyShare) : people;
  const reservations = Math.min(wanted, visitors * sale.buyShare);
  const arrivals = {
    rush: (people * rushShare) / rushSeconds,
    after: seconds > rushSeconds ? (people * (1 - rushShare)) / (seconds - rushSeconds) : 0,
  };
  const waiting = hasRoom ? people * rushShare + (people * (1 - rushShare)) / 2 : 0;
  const phase = (coming: number): Rates => {
    const entering = hasRoom ? visitors / seconds : coming;
    const buying = hasRoom ? reservations / seconds : Math.min(coming * sale.buyShare, reservations / rushSeconds);
    return {
      page: coming,
      login: coming * sale.loginShare,
      join: hasRoom ? coming : 0,
      status: !hasRoom ? 0 : sale.isStatusShared ? sale.flights : waiting / POLL_S,
      pass: hasRoom ? entering : 0,
      seats: entering * LOOKS,
      hold: buying,
      refusal: hasRoom ? entering * REFUSED_SHARE : Math.max(0, entering - buying),
      payment: buying,
      settlement: buying,
    };
  };
  return { rush: phase(arrivals.rush), after: phase(arrivals.after), visitors, reservations, waiting };
}

/** What a request takes of each part's CPU, in microseconds. */
export function cpuOf(kind: RequestKind, costs: Costs): CpuUs {
  const cost = costs.kinds[REQUESTS[kind].as];
  // The row that makes a pass durable is an insert as a hold has several.
  return kind === "pass" ? { ...cost, database: costs.kinds.refusal.database } : cost;
}

/** Busy cores of each part. */
export function loadOf(rates: Rates, costs: Costs): CpuUs {
  const total = (part: CpuPart): number =>
    REQUEST_KINDS.reduce((sum, kind) => sum + (rates[kind] * cpuOf(kind, costs)[part]) / 1e6, 0);
  const [edge = 0, nats = 0, actors = 0, database = 0, redis = 0] = CPU_PARTS.map(total);
  return { edge, nats, actors, database, redis };
}

export function commandsOf(rates: Rates): number {
  return COMMANDS.reduce((sum, kind) => sum + rates[kind], 0);
}
