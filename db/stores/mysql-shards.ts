/** Owns who owns the shards of a cluster, in MySQL and by its clock alone; guards I1. */

import { present } from "../../actors/assert.ts";
import { JOURNAL_SCHEMA } from "../../actors/domain/event.ts";
import {
  type ClusterShards,
  type ClusterView,
  type HostStart,
  LEASE_MS,
  type Ownership,
  type ShardOwner,
} from "../../actors/shards.ts";
import { type Answer, COMMIT, type DedicatedConnection, type Session, type Statement } from "../mysql/dedicated.ts";
import { mysqlFailure, tellable } from "../mysql/failures.ts";
import type { OpenMysql } from "../open.ts";

/** A beat that takes longer has failed, in milliseconds: its connection may hang, and the next one gets another. */
const BEAT_MS_MAX = 1_000;

/** How long any other round trip may take, in milliseconds. A lock is waited for 2 s at most. */
const STEP_MS_MAX = 5_000;

/** A beat is young for so long, in milliseconds: one may be late. */
const YOUNG_MS = 2_500;

/** Hosts that own nothing and have been silent for so long are forgotten, in milliseconds: until then operators see them. */
const FORGOTTEN_MS = 24 * 3_600_000;

const NOW = "cast(unix_timestamp(now(3)) * 1000 as unsigned)";

/** Whether its last beat said that it reaches the bus: then both times were set by the same beat. */
const SAID_BUS = `bus_ok_at = expires_at - ${LEASE_MS}`;

interface LockedShard extends ShardOwner {
  readonly minReader: number;
}

interface Locked {
  /** Undefined when it is unknown or fenced: it takes nothing. */
  readonly claimer: { readonly minReader: number } | undefined;
  /** Those that are nobody's, or of one who is gone. */
  readonly takeable: readonly LockedShard[];
}

export class MysqlShards implements ClusterShards {
  readonly #beats: DedicatedConnection;
  readonly #steps: DedicatedConnection;
  readonly #reader: number;
  #lastStep: Promise<unknown> = Promise.resolve();

  /**
   * Takes two connections of the database for itself. What they can't do now throws OperationalError UNAVAILABLE.
   * @param reader the newest format of journal entries that this program reads. @default its own
   */
  constructor(db: OpenMysql, reader = JOURNAL_SCHEMA) {
    this.#beats = db.dedicated(BEAT_MS_MAX);
    this.#steps = db.dedicated();
    this.#reader = reader;
  }

  register({ incarnation, hostId, weight, minReader }: HostStart, hasBus: boolean): Promise<void> {
    return this.#step(async (session) => {
      await session.all(
        [
          {
            sql: `delete from hosts where expires_at < ${NOW} - ${FORGOTTEN_MS}
              and incarnation not in (select owner from shards where owner is not null)`,
          },
          {
            sql: `insert into hosts (incarnation, host_id, weight, expires_at, bus_ok_at, fenced, min_reader)
              values (?, ?, ?, ${NOW} + ${LEASE_MS}, if(?, ${NOW}, 0), 0, ?)`,
            values: [incarnation, hostId, weight, hasBus ? 1 : 0, minReader],
          },
          COMMIT,
        ],
        STEP_MS_MAX,
      );
    });
  }

  async beat(incarnation: string, hasBus: boolean): Promise<number | null> {
    const beat: readonly Statement[] = [
      {
        sql: `update hosts set expires_at = ${NOW} + ${LEASE_MS}, bus_ok_at = if(?, ${NOW}, least(bus_ok_at, ${NOW} - 1))
          where incarnation = ? and fenced = 0`,
        values: [hasBus ? 1 : 0, incarnation],
      },
      { sql: `select ${NOW}` },
      COMMIT,
    ];
    try {
      const [extended, now] = await (await this.#beats.session()).all(beat, BEAT_MS_MAX);
      return extended?.affected === 1 ? numberIn(now) : null;
    } catch (cause) {
      throw tellable(mysqlFailure(cause));
    }
  }

  view(): Promise<ClusterView> {
    // Shards first: whoever owns one was known before.
    const statements: readonly Statement[] = [
      { sql: "select shard, epoch, owner from shards order by shard" },
      {
        sql: `select incarnation, host_id, weight, min_reader, ${SAID_BUS} and expires_at > ${NOW} + ${LEASE_MS - YOUNG_MS}
          from hosts where fenced = 0 and expires_at > ${NOW} order by incarnation`,
      },
      COMMIT,
    ];
    return this.#step(async (session) => {
      const [shards, hosts] = await session.all(statements, STEP_MS_MAX);
      return {
        shards: rowsOf(shards).map(([shard, epoch, owner]) => ({
          shard: Number(shard),
          epoch: Number(epoch),
          owner: owner === null ? null : String(owner),
        })),
        hosts: rowsOf(hosts).map(([incarnation, hostId, weight, minReader, hasBus]) => ({
          incarnation: String(incarnation),
          hostId: String(hostId),
          weight: Number(weight),
          minReader: Number(minReader),
          hasBus: Number(hasBus) === 1,
        })),
      };
    });
  }

  claim(shards: readonly number[], incarnation: string): Promise<Ownership> {
    if (shards.length === 0) return Promise.resolve(new Map());
    return this.#step((session) => this.#claim(session, shards, incarnation));
  }

  disown(shards: readonly number[], incarnation: string): Promise<void> {
    if (shards.length === 0) return Promise.resolve();
    return this.#step(async (session) => {
      const { takeable } = await this.#lock(session, shards, incarnation);
      const owned = takeable.filter(({ owner }) => owner !== null);
      await change(session, owned, (numbers) => ({
        sql: `update shards set owner = null, epoch = epoch + 1 where shard in (${marks(numbers)})`,
        values: numbers,
      }));
    });
  }

  release(shards: readonly number[], incarnation: string): Promise<void> {
    if (shards.length === 0) return Promise.resolve();
    return this.#write({
      sql: `update shards set owner = null, epoch = epoch + 1 where shard in (${marks(shards)}) and owner = ?`,
      values: [...shards, incarnation],
    });
  }

  withdraw(incarnation: string): Promise<void> {
    return this.#write({ sql: "update hosts set weight = 0 where incarnation = ?", values: [incarnation] });
  }

  leave(incarnation: string): Promise<void> {
    return this.#write({ sql: "delete from hosts where incarnation = ?", values: [incarnation] });
  }

  nowMs(): Promise<number> {
    return this.#step(async (session) =>
      numberIn((await session.all([{ sql: `select ${NOW}` }, COMMIT], STEP_MS_MAX))[0]),
    );
  }

  async #claim(session: Session, shards: readonly number[], incarnation: string): Promise<Ownership> {
    const { claimer, takeable } = await this.#lock(session, shards, incarnation);
    const free = takeable.filter(({ minReader }) => minReader <= this.#reader);
    await change(session, free, (numbers) => ({
      sql: `update shards set owner = ?, epoch = epoch + 1, min_reader = greatest(min_reader, ?) where shard in (${marks(numbers)})`,
      values: [incarnation, present(claimer, "a claimer that gets something").minReader, ...numbers],
    }));
    return new Map(free.map(({ shard, epoch }) => [shard, epoch + 1]));
  }

  /** Locks the shards, then the hosts that it is about, each in the order of their keys: nobody waits in a circle. */
  async #lock(session: Session, shards: readonly number[], incarnation: string): Promise<Locked> {
    const lockShards: Statement = {
      sql: `select shard, epoch, owner, min_reader from shards where shard in (${marks(shards)}) order by shard for update`,
      values: shards,
    };
    const wanted = rowsOf(await session.one(lockShards, STEP_MS_MAX)).map(([shard, epoch, owner, minReader]) => ({
      shard: Number(shard),
      epoch: Number(epoch),
      owner: owner === null ? null : String(owner),
      minReader: Number(minReader),
    }));
    const concerned = inOrder([incarnation, ...wanted.flatMap(({ owner }) => owner ?? [])]);
    const lockHosts: Statement = {
      sql: `select incarnation, fenced, expires_at <= ${NOW}, ${SAID_BUS}, min_reader from hosts
        where incarnation in (${marks(concerned)}) order by incarnation for update`,
      values: concerned,
    };
    const hosts = new Map(
      rowsOf(await session.one(lockHosts, STEP_MS_MAX)).map(([name, fenced, expired, saidBus, minReader]) => [
        String(name),
        {
          isFenced: Number(fenced) !== 0,
          isExpired: Number(expired) === 1,
          saidBus: Number(saidBus) === 1,
          minReader: Number(minReader),
        },
      ]),
    );
    const claimer = hosts.get(incarnation);
    if (claimer === undefined || claimer.isFenced) return { claimer: undefined, takeable: [] };
    const isGone = (owner: string): boolean => {
      const host = hosts.get(owner);
      if (host === undefined || host.isFenced || host.isExpired) return true;
      return claimer.saidBus && !claimer.isExpired && !host.saidBus;
    };
    const takeable = wanted.filter(({ owner }) => owner !== incarnation && (owner === null || isGone(owner)));
    return { claimer, takeable };
  }

  /** One statement that may be committed whatever it finds. */
  #write(statement: Statement): Promise<void> {
    return this.#step(async (session) => {
      await session.all([statement, COMMIT], STEP_MS_MAX);
    });
  }

  /** One after another on their connection, or one would commit half of another. What failed leaves nothing open. */
  #step<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const step = this.#lastStep.then(async () => {
      const session = await this.#steps.session();
      try {
        return await work(session);
      } catch (cause) {
        session.destroy();
        throw cause;
      }
    });
    this.#lastStep = step.catch(() => {});
    return step.catch((cause: unknown) => {
      throw tellable(mysqlFailure(cause));
    });
  }
}

/** Fences whoever owns these shards, changes them, and commits. */
async function change(
  session: Session,
  shards: readonly LockedShard[],
  write: (numbers: readonly number[]) => Statement,
): Promise<void> {
  if (shards.length === 0) {
    await session.one(COMMIT, STEP_MS_MAX);
    return;
  }
  const former = inOrder(shards.flatMap(({ owner }) => owner ?? []));
  const fence: Statement[] =
    former.length === 0
      ? []
      : [{ sql: `update hosts set fenced = 1 where incarnation in (${marks(former)})`, values: former }];
  // Together: nobody can have changed what is locked, and either would do no harm without the other.
  await session.all([...fence, write(shards.map(({ shard }) => shard)), COMMIT], STEP_MS_MAX);
}

function rowsOf(answer: Answer | undefined): Answer["rows"] {
  return present(answer, "a statement has an answer").rows;
}

function numberIn(answer: Answer | undefined): number {
  return Number(rowsOf(answer)[0]?.[0]);
}

function marks(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}

/** Each once, as the database orders them. */
function inOrder(incarnations: readonly string[]): string[] {
  return [...new Set(incarnations)].sort((a, b) => (a < b ? -1 : 1));
}
