/**
 * Owns the commit of a batch on MySQL: fences, versions and all rows in one transaction, in two round trips; guards I2, I3 and I6 in the
 * database. Locks and rows are sent together and judged together. Only when all of it is as it must be does the COMMIT follow: one
 * that is on its way already could not be held back by a row that was refused.
 */

import { present } from "../../actors/assert.ts";
import type { Batch, CommitOutcome } from "../../actors/journal.ts";
import { batchWrites, cached, type Write } from "./batch-statements.ts";
import { type Answer, answerOf, COMMIT, type Outcome, type Session, type Statement } from "./dedicated.ts";
import { MysqlFailure } from "./failures.ts";

/** How long the locks and the rows, and then the COMMIT, may take, in milliseconds; a lock is waited for 2 s, by the session's settings. */
const STATEMENTS_MS_MAX = 8_000;
const COMMIT_MS_MAX = 8_000;

/** Leaves the session clean or destroyed: whatever was not committed is undone. */
export async function commitBatch(session: Session, batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
  const outcome = await tryBatch(session, batch, isRepeat);
  if (outcome.kind !== "committed") session.destroy();
  return outcome;
}

async function tryBatch(session: Session, batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
  try {
    if (isRepeat && (await hasCommitted(session, batch))) return { kind: "committed" };
  } catch (cause) {
    return { kind: "passing", cause };
  }
  const writes = batchWrites(batch);
  const locks = lockStatements(batch);
  // What only reads and refuses has nothing to hold back.
  const end = writes.length === 0 ? [COMMIT] : [];
  const [shards, heads, ...written] = await session.run([...locks, ...writes, ...end], STATEMENTS_MS_MAX);
  const judged = judge(
    batch,
    present(shards, "the shards' answer"),
    present(heads, "the heads' answer"),
    writes,
    written,
  );
  if (judged !== null) return judged;
  if (writes.length === 0) return { kind: "committed" };
  const [committed] = await session.run([COMMIT], COMMIT_MS_MAX);
  if (committed?.ok === true) return { kind: "committed" };
  return { kind: "unknown", cause: committed?.failure };
}

/** In the order in which everybody locks, so that nobody waits in a circle. */
function lockStatements({ fences, flights }: Batch): [Statement, Statement] {
  return [
    {
      sql: cached("shards", fences.length, (count) => {
        return `select shard, epoch, owner from shards where shard in (${marks(count)}) order by shard lock in share mode`;
      }),
      values: fences.map(({ shard }) => shard),
    },
    {
      sql: cached("heads", flights.length, (count) => {
        return `select flight_id, version from flight_head where flight_id in (${marks(count)}) order by flight_id for update`;
      }),
      values: flights.map(({ flightId }) => flightId),
    },
  ];
}

/**
 * Whether this very batch is in the journal, asked under its locks: an earlier try that is still under way holds them until it is
 * definite. Its first flight that writes tells for all, since it is one transaction.
 */
async function hasCommitted(session: Session, batch: Batch): Promise<boolean> {
  const first = batch.flights.find(({ change }) => change !== null);
  if (first === undefined) return false;
  const look: Statement = {
    sql: "select batch from journal where flight_id = ? and version = ?",
    values: [first.flightId, first.base + 1],
  };
  const [shards, heads, found] = await session.run([...lockStatements(batch), look], STATEMENTS_MS_MAX);
  for (const outcome of [shards, heads]) answerOf(present(outcome, "a lock's answer"));
  const { rows } = answerOf(present(found, "the look's answer"));
  if (rows[0]?.[0] !== batch.id) return false;
  answerOf(present((await session.run([COMMIT], COMMIT_MS_MAX))[0], "the end of a look"));
  return true;
}

/** Why the transaction must not be committed; null when it may. */
function judge(
  batch: Batch,
  shards: Outcome,
  heads: Outcome,
  writes: readonly Write[],
  written: readonly Outcome[],
): Exclude<CommitOutcome, { kind: "committed" | "unknown" }> | null {
  if (!shards.ok) return { kind: "passing", cause: shards.failure };
  if (!heads.ok) return { kind: "passing", cause: heads.failure };
  // Before what became of the rows: those of a flight that is another's by now are refused for that reason.
  const lost = lostFlights(batch, shards.answer, heads.answer);
  if (lost.length > 0) return { kind: "lost", flights: lost };
  for (const [at, outcome] of written.entries()) {
    if (!outcome.ok) {
      return { kind: outcome.failure.kind === "refused" ? "violated" : "passing", cause: outcome.failure };
    }
    const write = writes[at];
    if (write === undefined || write.affects === null || write.affects === outcome.answer.affected) continue;
    const what = `${outcome.answer.affected} rows instead of ${write.affects} by: ${write.sql.slice(0, 60)}`;
    return { kind: "violated", cause: new MysqlFailure("ROWS_MISSING", "refused", what) };
  }
  return null;
}

function lostFlights({ owner, fences, flights }: Batch, shards: Answer, heads: Answer): string[] {
  const ownerOf = new Map(shards.rows.map(([shard, epoch, incarnation]) => [Number(shard), `${epoch} ${incarnation}`]));
  const fenced = new Set(
    fences.filter(({ shard, epoch }) => ownerOf.get(shard) !== `${epoch} ${owner}`).map((each) => each.shard),
  );
  const versions = new Map(heads.rows.map(([flightId, version]) => [flightId, Number(version)]));
  return flights
    .filter(({ flightId, shard, base }) => fenced.has(shard) || versions.get(flightId) !== base)
    .map(({ flightId }) => flightId);
}

function marks(count: number): string {
  return Array(count).fill("?").join(", ");
}
