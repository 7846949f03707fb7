/**
 * Owns the commit of a batch on MySQL: fences, versions and all rows in one transaction; guards I2, I3 and I6 in the database.
 * It takes two round trips. Locks and rows are sent together and judged together. Only when all of it is as it must be does the COMMIT
 * follow: one that is on its way already could not be held back by a row that was refused.
 * MariaDB can judge by itself: there a small batch takes one round trip.
 */

import { present } from "../../actors/assert.ts";
import type { Batch, CommitOutcome } from "../../actors/journal.ts";
import { batchRows } from "../batch-rows.ts";
import { batchWrites, cached, headMoves, marks, rowWrites, type Write } from "./batch-statements.ts";
import { bulkWrites } from "./bulk-writes.ts";
import { GUARD } from "./compound.ts";
import { type Answer, COMMIT, type DedicatedConnection, type Run, type Session, type Statement } from "./dedicated.ts";
import { MysqlFailure } from "./failures.ts";

/** How long the locks and the rows, and then the COMMIT, may take, in milliseconds; a lock is waited for 2 s, by the session's settings. */
const STATEMENTS_MS_MAX = 8_000;
const COMMIT_MS_MAX = 8_000;

/** Of a statement that found other rows than it should, so much is told. */
const SQL_TOLD = 60;

/**
 * What commits in one round trip. Measured beside two, one flight: 1.5 times as many commits of 1 hold, 1.3 of 8, 1.0 of 32, at a third to
 * a half of the connector's CPU time; over as many flights as holds they are even at 16. Each number of rows is prepared once, and
 * remembered by the server: few flights keep these few.
 */
const ROWS_AT_ONCE_MAX = 100;
const FLIGHTS_AT_ONCE_MAX = 8;

/** A server that refuses a small batch so often, and then takes the same in two round trips, can't do otherwise. */
const IN_VAIN_MAX = 3;

const REHEARSED_VALUES_MAX = 512;

/** Whether small batches are tried in one round trip. */
export interface AtOnce {
  readonly isOn: boolean;
  /** Times in a row that it was in vain. */
  inVain: number;
}

/**
 * Leaves the connection's session clean or ended: whatever was not committed is undone.
 * @param atOnce for a small batch, where the server can
 * @throws MysqlFailure when there can't be a session now
 */
export async function commitBatch(
  connection: DedicatedConnection,
  batch: Batch,
  isRepeat: boolean,
  atOnce: AtOnce,
): Promise<CommitOutcome> {
  const first = await connection.session();
  const isTried = !isRepeat && atOnce.isOn && atOnce.inVain < IN_VAIN_MAX && first.takesCompounds && isSmall(batch);
  if (isTried) {
    const outcome = await commitAtOnce(first, batch);
    if (outcome?.kind === "committed") atOnce.inVain = 0;
    if (outcome !== null) return outcome;
  }
  const session = first.isUsable ? first : await connection.session();
  const outcome = await tryBatch(session, batch, isRepeat);
  if (outcome.kind !== "committed") session.destroy();
  else if (isTried) atOnce.inVain += 1;
  return outcome;
}

function isSmall({ flights }: Batch): boolean {
  if (flights.length > FLIGHTS_AT_ONCE_MAX) return false;
  let rows = 0;
  for (const { change } of flights) {
    if (change === null) continue;
    const { reservations, claims, passengers, payments, tickets } = change.projection;
    rows += reservations.insert.length + reservations.update.length + claims.add.length + claims.remove.length;
    rows += passengers.length;
    rows += payments.insert.length + payments.update.length + tickets.insert.length + tickets.update.length;
  }
  return rows <= ROWS_AT_ONCE_MAX;
}

/** @returns null when nothing was written and the server did not say why in a form that can be told from another: two round trips find out */
async function commitAtOnce(session: Session, batch: Batch): Promise<CommitOutcome | null> {
  const failure = await session.atOnce(stepsAtOnce(batch), COMMIT_MS_MAX);
  if (failure === null) return { kind: "committed" };
  switch (failure.kind) {
    case "unavailable":
      return { kind: "unknown", cause: failure };
    case "passing":
      return { kind: "passing", cause: failure };
    default:
      return null;
  }
}

/**
 * Locks what {@link lockStatements} locks, if it is as the batch has it, and in the same order: in one round trip a head is moved where it is
 * locked, and the rows follow.
 */
function stepsAtOnce(batch: Batch): Write[] {
  const { owner, fences, flights } = batch;
  const rows = batchRows(batch);
  return [
    ...fences.map(({ shard, epoch }) => ({
      sql: `${GUARD} from shards where shard = ? and epoch = ? and owner = ? lock in share mode`,
      values: [shard, epoch, owner],
      affects: 1,
    })),
    // Nobody else locks heads of these shards meanwhile, so that those that only stay may come first.
    ...flights
      .filter(({ change }) => change === null)
      .map(({ flightId, base }) => ({
        sql: `${GUARD} from flight_head where flight_id = ? and version = ? for update`,
        values: [flightId, base],
        affects: 1,
      })),
    ...headMoves(rows),
    ...rowWrites(rows),
  ];
}

async function tryBatch(session: Session, batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
  if (isRepeat) {
    const found = await findBatch(session, batch);
    if (found !== null) return found;
  }
  const writes = writesOf(session, batch);
  // What only reads and refuses has nothing to hold back.
  const end = writes.length === 0 ? [COMMIT] : [];
  const run = await session.run([...lockStatements(batch), ...writes, ...end], STATEMENTS_MS_MAX);
  const contrary = judge(batch, writes, run);
  if (contrary !== null) return contrary;
  if (writes.length === 0) return { kind: "committed" };
  const { failure } = await session.run([COMMIT], COMMIT_MS_MAX);
  return failure === null ? { kind: "committed" } : { kind: "unknown", cause: failure };
}

function writesOf(session: Session, batch: Batch): Write[] {
  return session.takesBulk ? bulkWrites(batch) : batchWrites(batch);
}

/**
 * In the order in which everybody locks, so that nobody waits in a circle. By their keys alone: for half of a small table MySQL would
 * rather read the whole of it, and wait for what other hosts have locked there.
 */
function lockStatements({ fences, flights }: Batch): [Statement, Statement] {
  return [
    {
      sql: cached("shards", fences.length, (count) => {
        return `select shard, epoch, owner from shards force index (primary) where shard in (${marks(count)}) order by shard lock in share mode`;
      }),
      values: fences.map(({ shard }) => shard),
    },
    {
      sql: cached("heads", flights.length, (count) => {
        return `select flight_id, version from flight_head force index (primary) where flight_id in (${marks(count)}) order by flight_id for update`;
      }),
      values: flights.map(({ flightId }) => flightId),
    },
  ];
}

/**
 * Whether this very batch is in the journal, asked under its locks: an earlier try that is still under way holds them until it is
 * definite. Its first flight that writes tells for all, since it is one transaction. Null: it is not there.
 */
async function findBatch(session: Session, batch: Batch): Promise<CommitOutcome | null> {
  const first = batch.flights.find(({ change }) => change !== null);
  if (first === undefined) return null;
  const look: Statement = {
    sql: "select batch from journal where flight_id = ? and version = ?",
    values: [first.flightId, first.base + 1],
  };
  const { answers, failure } = await session.run([...lockStatements(batch), look], STATEMENTS_MS_MAX);
  if (failure !== null) return { kind: "passing", cause: failure };
  if (present(answers[2], "the look's answer").rows[0]?.[0] !== batch.id) return null;
  // Nothing was written here; only the locks are given back.
  await session.run([COMMIT], COMMIT_MS_MAX);
  return { kind: "committed" };
}

/** Why the transaction must not be committed; null when it may. */
function judge(batch: Batch, writes: readonly Write[], { answers, failure }: Run): CommitOutcome | null {
  const [shards, heads, ...written] = answers;
  if (shards === undefined || heads === undefined) return { kind: "passing", cause: failure };
  // Before what became of the rows: those of a flight that is another's by now are refused for that reason.
  const { lost, rewound } = strayFlights(batch, shards, heads);
  if (lost.length > 0) return { kind: "lost", flights: lost };
  if (rewound.length > 0) return { kind: "rewound", flights: rewound };
  if (failure !== null) return { kind: failure.kind === "refused" ? "violated" : "passing", cause: failure };
  for (const [at, { sql, affects }] of writes.entries()) {
    const { affected } = present(written[at], "every write was answered");
    if (affects === null || affects === affected) continue;
    const what = `${affected} rows instead of ${affects} by: ${sql.slice(0, SQL_TOLD)}`;
    return { kind: "violated", cause: new MysqlFailure("ROWS_MISSING", "refused", what) };
  }
  return null;
}

/** Those flights of the batch that are not where it was decided. */
function strayFlights({ owner, fences, flights }: Batch, shards: Answer, heads: Answer) {
  const ownerOf = new Map(shards.rows.map(([shard, epoch, incarnation]) => [Number(shard), `${epoch} ${incarnation}`]));
  const fenced = new Set(
    fences.filter(({ shard, epoch }) => ownerOf.get(shard) !== `${epoch} ${owner}`).map((each) => each.shard),
  );
  const versions = new Map(heads.rows.map(([flightId, version]) => [flightId, Number(version)]));
  const lost: string[] = [];
  const rewound: string[] = [];
  for (const { flightId, shard, base } of flights) {
    // One that has been sold from and has no head is back before its beginning.
    const version = versions.get(flightId) ?? (base > 0 ? 0 : null);
    if (fenced.has(shard) || version === null || version > base) lost.push(flightId);
    else if (version < base) rewound.push(flightId);
  }
  return { lost, rewound };
}

/** Makes all statements of the batch, and sends a number of values as large: nothing is read, locked or written. */
export async function rehearseCommit(connection: DedicatedConnection, batch: Batch): Promise<void> {
  const session = await connection.session();
  const values = [...stepsAtOnce(batch), ...writesOf(session, batch)].flatMap(({ values = [], rows = [] }) => [
    ...values,
    ...rows.flat(),
  ]);
  const some = values.slice(0, REHEARSED_VALUES_MAX);
  await session.one(
    { sql: cached("rehearsal", some.length, (count) => `select ${marks(count)}`), values: some },
    COMMIT_MS_MAX,
  );
}
