/** Owns a small host for tests: it takes the commands of its flights one by one, and commits each through the real journal before it answers. */

import { assert, present } from "../../actors/assert.ts";
import type { FlightAnswer, FlightClient, Request } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import { Changes } from "../../actors/domain/changes.ts";
import type { Command } from "../../actors/domain/command.ts";
import { JOURNAL_SCHEMA, type JournalEntry, type TurnRecord } from "../../actors/domain/event.ts";
import { forgetEnded } from "../../actors/domain/evolve.ts";
import { replayTurn, takeTurn } from "../../actors/domain/flight-logic.ts";
import { type FlightId, shardOf } from "../../actors/domain/ids.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import { cabinSummaries, projectionOf } from "../../actors/domain/projection.ts";
import { DEFAULT_RULES, type Rules, type Supply } from "../../actors/domain/rules.ts";
import { FlightState } from "../../actors/domain/state.ts";
import { type OpenDatabase, openSqlite } from "../../db/open.ts";
import { SqliteJournal } from "../../db/stores/sqlite-journal.ts";
import { givenSupply } from "./given.ts";

export const OWNER = "test-host";
export const EPOCH = 1;
const REFUSALS_KEPT_MS = 90_000;

/** A database of its own at `file`, all of whose shards are the test host's. */
export async function openOwnedDatabase(file: string): Promise<OpenDatabase> {
  const database = await openSqlite(file);
  await database.write.updateTable("shards").set({ owner: OWNER, epoch: EPOCH }).execute();
  return database;
}

/** Puts the flight into the catalogue, with nothing sold. */
export async function addFlight({ write }: OpenDatabase, plan: FlightPlan): Promise<void> {
  const { flightId, seatPlan, departsAtMs, currency, fareByCabin } = plan;
  const local = new Date(departsAtMs).toISOString().replace(".000Z", "+00:00");
  await write
    .replaceInto("seat_plan")
    .values({ id: `plan-of-${flightId}`, seats: JSON.stringify(seatPlan.seats) })
    .execute();
  await write
    .insertInto("flight")
    .values({
      id: flightId,
      airline: "PG",
      number: "101",
      origin: "ICN",
      destination: "CJU",
      departs_at_ms: departsAtMs,
      arrives_at_ms: departsAtMs + 3_600_000,
      departs_local: local,
      arrives_local: local,
      departs_on: local.slice(0, 10),
      aircraft: "738",
      seat_plan: `plan-of-${flightId}`,
      lowest_fare: Math.min(...Object.values(fareByCabin)),
      currency,
    })
    .execute();
  await write
    .insertInto("fare")
    .values(Object.entries(fareByCabin).map(([cabin, amount]) => ({ flight_id: flightId, cabin, amount })))
    .execute();
  await write
    .insertInto("flight_head")
    .values({
      flight_id: flightId,
      shard: shardOf(flightId),
      version: 0,
      last_batch: null,
      logical_ms: 0,
      next_deadline_ms: null,
      cabins: JSON.stringify(cabinSummaries(new FlightState(plan))),
    })
    .execute();
}

export interface TurnHostOptions {
  readonly database: OpenDatabase;
  readonly clock: Clock;
  readonly rules?: Partial<Rules>;
  /** Shared by all hosts of one test, so that no number comes twice. */
  readonly supply?: Supply;
}

export class TurnHost implements FlightClient {
  /** Called after each commit, as a host tells its relays. */
  onCommit: (flightId: FlightId, entry: JournalEntry) => void = () => {};
  readonly #journal: SqliteJournal;
  readonly #clock: Clock;
  readonly #rules: Rules;
  readonly #supply: Supply;
  readonly #states = new Map<FlightId, FlightState>();
  #last: Promise<unknown> = Promise.resolve();

  constructor({ database, clock, rules = {}, supply = givenSupply() }: TurnHostOptions) {
    this.#journal = new SqliteJournal(database.writer, database.read, database.write);
    this.#clock = clock;
    this.#rules = { ...DEFAULT_RULES, ...rules };
    this.#supply = supply;
  }

  call(request: Request): Promise<FlightAnswer> {
    const answer = this.#last.then(() => this.#take(request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** The flight as it is committed. */
  async state(flightId: FlightId): Promise<FlightState> {
    await this.#last;
    return this.#load(flightId);
  }

  /** As after a restart: everything is loaded anew. */
  forget(): void {
    this.#states.clear();
  }

  async #take(request: Request): Promise<FlightAnswer> {
    const nowMs = this.#clock.nowMs();
    const command = { deadlineMs: nowMs + 10_000, ...request } as Command;
    const state = await this.#load(command.flightId);
    const changes = new Changes();
    const turn = takeTurn(state, command, nowMs, this.#rules, this.#supply, changes);
    if (turn.record !== null) await this.#commit(state, turn.record, changes);
    if (turn.kind === "refused") throw turn.error;
    return { reply: turn.reply, isReplay: turn.isReplay };
  }

  async #commit(state: FlightState, record: TurnRecord, changes: Changes): Promise<void> {
    const { flightId } = state.plan;
    const shard = shardOf(flightId);
    const entry: JournalEntry = { schema: JOURNAL_SCHEMA, turns: [record] };
    const change = {
      entry,
      projection: projectionOf(state, changes),
      logicalMs: state.logicalMs,
      nextDeadlineMs: state.nextDeadlineMs(),
      cabins: cabinSummaries(state),
    };
    const outcome = await this.#journal.commit(
      {
        id: Bun.randomUUIDv7(),
        owner: OWNER,
        fences: [{ shard, epoch: EPOCH }],
        flights: [{ flightId, shard, base: state.version, change }],
      },
      false,
    );
    assert(outcome.kind === "committed", `the batch is committed, not ${JSON.stringify(outcome)}`);
    state.version += 1;
    forgetEnded(state, changes);
    this.onCommit(flightId, entry);
  }

  async #load(flightId: FlightId): Promise<FlightState> {
    const known = this.#states.get(flightId);
    if (known !== undefined) return known;
    const loaded = await this.#journal.load(flightId, this.#clock.nowMs() - REFUSALS_KEPT_MS);
    const { plan, tail } = present(loaded, `flight ${flightId} of the catalogue`);
    const state = new FlightState(plan);
    for (const { version, entry } of tail) {
      const changes = new Changes();
      for (const turn of entry.turns) replayTurn(state, turn, changes);
      forgetEnded(state, changes);
      state.version = version;
    }
    this.#states.set(flightId, state);
    return state;
  }
}
