/**
 * Owns the rehearsal of a host: before it owns anything it reads some of the flights that are being sold, and sells made-up ones to people
 * who aren't there. What is run for the first time takes a hundred times as long as later, and nobody should wait for that.
 */

import { assert } from "./assert.ts";
import { InProcessBus } from "./bus/in-process.ts";
import type { Clock } from "./clock.ts";
import { type FlightId, SHARDS, shardOf } from "./domain/ids.ts";
import { numberForms } from "./domain/number-forms.ts";
import { type FlightPlan, SeatPlan } from "./domain/plan.ts";
import { DEFAULT_RULES } from "./domain/rules.ts";
import type { Entropy } from "./entropy.ts";
import { FlightHost } from "./flight-host.ts";
import { stateOf } from "./flight-reading.ts";
import type { Batch, Journal } from "./journal.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { Numbers } from "./numbers.ts";
import { silent } from "./telemetry.ts";

/** It ends then, however far it has come, in milliseconds: who takes over must come soon. */
const REHEARSAL_MS_MAX = 1_500;

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);

/** Of the flights that are being sold so many are read, and so many at a time. */
const READ_MAX = 48;
const READ_AT_ONCE = 8;

/** Made-up flights, and people: each asks for a seat of his own, and for one that is taken. */
const FLIGHTS = Array.from({ length: 8 }, (_, at): FlightId => `REHEARSAL-${at}`);
const ROWS = 40;
const COLUMNS = [..."ABCDEF"];
const PEOPLE = 480;
const AT_ONCE = 32;

export interface RehearsalServices {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** Writes nothing, and tells nobody. Never fails: what can't be rehearsed now will be slow once. */
export async function rehearse(services: RehearsalServices): Promise<void> {
  const { clock } = services;
  const endMs = clock.monotonicMs() + REHEARSAL_MS_MAX;
  const isOver = (): boolean => clock.monotonicMs() >= endMs;
  await read(services, isOver).catch(() => {});
  await sell(services, isOver).catch(() => {});
}

async function read({ journal, clock }: RehearsalServices, isOver: () => boolean): Promise<void> {
  const onSale = (await journal.deadlines(ALL_SHARDS)).slice(0, READ_MAX);
  for (let at = 0; at < onSale.length && !isOver(); at += READ_AT_ONCE) {
    const group = onSale.slice(at, at + READ_AT_ONCE);
    const loaded = await Promise.all(group.map(({ flightId }) => journal.load(flightId, clock.nowMs())));
    for (const flight of loaded) if (flight !== null) stateOf(flight);
  }
}

async function sell({ journal, clock, entropy }: RehearsalServices, isOver: () => boolean): Promise<void> {
  let next = 0;
  const lease = async (_: string, size: number): Promise<number> => {
    next += size;
    return next - size;
  };
  const numbers = new Numbers({ lease }, numberForms(entropy.bytes(32), "000"), entropy, silent.log);
  const services = { clock, entropy, telemetry: silent, bus: new InProcessBus(), journal: new Stage(journal), numbers };
  const host = new FlightHost(services, DEFAULT_RULES, DEFAULT_LIMITS, "rehearsal");
  await host.take(new Map(FLIGHTS.map((flightId) => [shardOf(flightId), 1])));
  const ask = (person: number, seat: string, key: string): Promise<void> => {
    const flightId = FLIGHTS[person % FLIGHTS.length];
    assert(flightId !== undefined, "there are flights to rehearse with");
    const passengers = [{ name: `Nobody ${person}`, type: "ADT" as const, seat }];
    const deadlineMs = clock.nowMs() + REHEARSAL_MS_MAX;
    const command = { flightId, op: "hold" as const, args: { passengers }, key, fingerprint: key, deadlineMs };
    return new Promise((resolve) => host.deliver({ ...command, member: `nobody-${person}` }, () => resolve()));
  };
  for (let from = 0; from < PEOPLE && !isOver(); from += AT_ONCE) {
    const people = Array.from({ length: AT_ONCE }, (_, at) => from + at);
    await Promise.all(people.map((person) => ask(person, seatOf(Math.floor(person / FLIGHTS.length)), "own")));
    await Promise.all(people.map((person) => ask(person, seatOf(0), "taken")));
  }
  await host.abandon();
}

function seatOf(number: number): string {
  return `${1 + Math.floor(number / COLUMNS.length)}${COLUMNS[number % COLUMNS.length]}`;
}

/** A journal that knows only flights to rehearse with, and keeps nothing. */
class Stage implements Journal {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async load(flightId: FlightId) {
    return { plan: planOf(flightId), snapshot: null, tail: [], recent: [] };
  }

  async commit(batch: Batch) {
    await this.#journal.rehearse?.(batch);
    return { kind: "committed" } as const;
  }

  async saveSnapshot() {
    return false;
  }

  async deadlines() {
    return [];
  }
}

function planOf(flightId: FlightId): FlightPlan {
  const rows = Array.from({ length: ROWS }, (_, at) => at + 1);
  const seats = rows.flatMap((row) =>
    COLUMNS.map((column) => ({ seat: `${row}${column}`, cabin: "Y", row, column, features: [] })),
  );
  const fareByCabin = { Y: 1 };
  return {
    flightId,
    departsAtMs: Number.MAX_SAFE_INTEGER,
    currency: "KRW",
    fareByCabin,
    seatPlan: new SeatPlan(seats),
  };
}
