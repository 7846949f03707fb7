/** Owns the waiting rooms in SQL: what they are set to, how far they have come, and the passes that were handed out. */

import { type ExpressionBuilder, type Kysely, sql, type Transaction } from "kysely";
import { present } from "../../actors/assert.ts";
import type { FlightId, MemberId } from "../../actors/domain/ids.ts";
import { type Hash, hexOf } from "../../queue/room/draw/hash.ts";
import { gapsIn, gapsText } from "../../queue/room/gaps.ts";
import type { Room, RoomChanging, RoomCheckpoint, RoomSettings } from "../../queue/room/room.ts";
import type { Departure, Leaving, RoomBook } from "../../queue/room/room-book.ts";
import type { MemberPass, Pass, RoomId } from "../../queue/room/room-store.ts";
import type { DialectName } from "../migrations/dialect.ts";
import type { Database, RoomPassTable, RoomStateTable } from "../schema.ts";

export interface RoomStateStoreOptions {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
  readonly dialect: DialectName;
}

/** Everything but the roots of the blocks, which only a proof needs. */
const COLUMNS = [
  "flight_id",
  "epoch",
  "mode",
  "opens_at_ms",
  "settings",
  "seed",
  "beacon_name",
  "beacon_value",
  "frozen_n",
  "frozen_root",
  "drawn_at_ms",
  "admitted",
  "seq_high",
  "seq_ceiling",
  "noted_at_ms",
  "gaps",
  "changed_at_ms",
] as const;

type RoomRow = Pick<RoomStateTable, (typeof COLUMNS)[number]>;

/** Rows that two write at the same time for the first time: the second try finds them. */
const TRIES = 3;

export class RoomStateStore implements RoomBook {
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;
  readonly #dialect: DialectName;

  constructor({ read, write, dialect }: RoomStateStoreOptions) {
    this.#read = read;
    this.#write = write;
    this.#dialect = dialect;
  }

  async rooms(changedSinceMs: number): Promise<readonly Room[]> {
    const rows = await this.#read
      .selectFrom("room_state")
      .select(COLUMNS)
      .where("changed_at_ms", ">=", changedSinceMs)
      .execute();
    return rows.map(roomOf);
  }

  async room(flightId: FlightId): Promise<Room | null> {
    const row = await this.#read
      .selectFrom("room_state")
      .select(COLUMNS)
      .where("flight_id", "=", flightId)
      .executeTakeFirst();
    return row === undefined ? null : roomOf(row);
  }

  change(flightId: FlightId, decide: (current: Room | null) => RoomChanging): Promise<RoomChanging> {
    return this.#transaction(async (transaction) => {
      const row = await transaction
        .selectFrom("room_state")
        .select(COLUMNS)
        .where("flight_id", "=", flightId)
        .$if(this.#dialect === "mysql", (query) => query.forUpdate())
        .executeTakeFirst();
      const changing = decide(row === undefined ? null : roomOf(row));
      if (!changing.ok) return changing;
      const values = { ...rowOf(changing.room), block_roots: null };
      if (row === undefined) await transaction.insertInto("room_state").values(values).execute();
      else {
        const isNewEpoch = Number(row.epoch) !== changing.room.epoch;
        const { block_roots, ...kept } = values;
        await transaction
          .updateTable("room_state")
          .set(isNewEpoch ? values : kept)
          .where("flight_id", "=", flightId)
          .execute();
      }
      return changing;
    });
  }

  async note(room: RoomId, { admitted, seqHigh, gaps, atMs }: Omit<RoomCheckpoint, "seqCeiling">): Promise<void> {
    await this.#updating(room)
      .set(({ eb }) => ({
        admitted: eb.case().when("admitted", "<", admitted).then(admitted).else(eb.ref("admitted")).end(),
        // They belong to the highest place: before it, since MySQL goes on with what it has just set.
        gaps: eb.case().when("seq_high", "<", seqHigh).then(gapsText(gaps)).else(eb.ref("gaps")).end(),
        seq_high: eb.case().when("seq_high", "<", seqHigh).then(seqHigh).else(eb.ref("seq_high")).end(),
        noted_at_ms: atMs,
      }))
      .execute();
  }

  async raiseCeiling(room: RoomId, seqCeiling: number): Promise<number> {
    await this.#updating(room).set({ seq_ceiling: seqCeiling }).where("seq_ceiling", "<", seqCeiling).execute();
    const row = await this.#write
      .selectFrom("room_state")
      .select("seq_ceiling")
      .where("flight_id", "=", room.flightId)
      .where("epoch", "=", room.epoch)
      .executeTakeFirst();
    return Number(row?.seq_ceiling ?? 0);
  }

  async freeze(room: RoomId, n: number, root: Hash, blockRoots: Uint8Array, atMs: number): Promise<void> {
    await this.#updating(room)
      .set(({ eb }) => ({
        frozen_n: n,
        frozen_root: hexOf(root),
        block_roots: Buffer.from(blockRoots).toString("base64"),
        changed_at_ms: laterThanBefore(eb, atMs),
      }))
      .where("frozen_n", "is", null)
      .execute();
  }

  async keepLeaves({ flightId, epoch }: RoomId, block: number, leaves: Uint8Array): Promise<void> {
    const text = Buffer.from(leaves).toString("base64");
    await this.#write.replaceInto("room_leaves").values({ flight_id: flightId, epoch, block, leaves: text }).execute();
  }

  async leaves({ flightId, epoch }: RoomId, block: number): Promise<Uint8Array | null> {
    const row = await this.#read
      .selectFrom("room_leaves")
      .select("leaves")
      .where("flight_id", "=", flightId)
      .where("epoch", "=", epoch)
      .where("block", "=", block)
      .executeTakeFirst();
    return row === undefined ? null : bytesOfBase64(row.leaves);
  }

  async blockRoots({ flightId, epoch }: RoomId): Promise<Uint8Array | null> {
    const row = await this.#read
      .selectFrom("room_state")
      .select(["frozen_n", "block_roots"])
      .where("flight_id", "=", flightId)
      .where("epoch", "=", epoch)
      .executeTakeFirst();
    return row === undefined || row.frozen_n === null ? null : bytesOfBase64(row.block_roots ?? "");
  }

  async draw(room: RoomId, beaconValue: Uint8Array | null, atMs: number): Promise<void> {
    await this.#updating(room)
      .set(({ eb }) => ({
        beacon_value: beaconValue === null ? null : hexOf(beaconValue),
        drawn_at_ms: atMs,
        changed_at_ms: laterThanBefore(eb, atMs),
      }))
      .where("drawn_at_ms", "is", null)
      .where("frozen_n", "is not", null)
      .execute();
  }

  issue(
    room: RoomId,
    passes: readonly (Pass & { readonly member: MemberId })[],
    nowMs: number,
  ): Promise<readonly MemberPass[]> {
    return this.#transaction(async (transaction) => {
      const { flightId, epoch } = room;
      const members = passes.map(({ member }) => member);
      const rows = await transaction
        .selectFrom("room_pass")
        .selectAll()
        .where("flight_id", "=", flightId)
        .where("epoch", "=", epoch)
        .where("member_id", "in", members)
        .$if(this.#dialect === "mysql", (query) => query.forUpdate())
        .execute();
      const before = new Map(rows.map((row) => [row.member_id, passOf(row)]));
      // As it is after each of them: who asks twice at the same moment is among them twice.
      const latest = new Map(before);
      const handedOut = passes.map((pass): MemberPass => {
        const known = latest.get(pass.member);
        if (known !== undefined && !(hasEnded(known, nowMs) && known.seq < pass.seq)) return known;
        const added = { ...pass, endedAtMs: null };
        latest.set(pass.member, added);
        return added;
      });
      const added = [...latest.values()].filter((pass) => before.get(pass.member) !== pass);
      const isNew = (pass: MemberPass): boolean => !before.has(pass.member);
      const inserted = added.filter(isNew).map((pass) => passRow(room, pass));
      if (inserted.length > 0) await transaction.insertInto("room_pass").values(inserted).execute();
      for (const pass of added.filter((each) => !isNew(each))) {
        const { flight_id, epoch, member_id, ...values } = passRow(room, pass);
        await transaction
          .updateTable("room_pass")
          .set(values)
          .where("flight_id", "=", flight_id)
          .where("epoch", "=", epoch)
          .where("member_id", "=", member_id)
          .execute();
      }
      return handedOut;
    });
  }

  async passes({ flightId, epoch }: RoomId): Promise<readonly MemberPass[]> {
    const rows = await this.#write
      .selectFrom("room_pass")
      .selectAll()
      .where("flight_id", "=", flightId)
      .where("epoch", "=", epoch)
      .execute();
    return rows.map(passOf);
  }

  async revoked({ flightId, epoch }: RoomId, nowMs: number): Promise<readonly Pass[]> {
    const rows = await this.#read
      .selectFrom("room_pass")
      .selectAll()
      .where("flight_id", "=", flightId)
      .where("epoch", "=", epoch)
      .where("ended_at_ms", "is not", null)
      .where("expires_at_ms", ">", nowMs)
      .execute();
    return rows.map(passOf);
  }

  async depart(leaving: readonly Leaving[]): Promise<readonly (Departure | null)[]> {
    const rows = await this.#read
      .selectFrom("reservation")
      .innerJoin("room_state", "room_state.flight_id", "reservation.flight_id")
      .innerJoin("room_pass", (join) =>
        join
          .onRef("room_pass.flight_id", "=", "room_state.flight_id")
          .onRef("room_pass.epoch", "=", "room_state.epoch")
          .onRef("room_pass.member_id", "=", "reservation.member_id"),
      )
      .selectAll("room_pass")
      .select(["reservation.id as reservation", "reservation.created_at_ms as reserved_at_ms"])
      .where(
        "reservation.id",
        "in",
        leaving.map(({ reservation }) => reservation),
      )
      .execute();
    const rowOf = new Map(rows.map((row) => [row.reservation, row]));
    // Two reservations may be of one member, and one may end twice: the first that leaves ends the pass.
    const ending = new Map<string, RoomPassTable>();
    const departures = leaving.map(({ flightId, reservation, atMs }): Departure | null => {
      const row = rowOf.get(reservation);
      if (row === undefined || row.flight_id !== flightId) return null;
      // Whoever had reserved before they were given this pass came by an earlier one, and is inside once more.
      const isOfEarlier = Number(row.issued_at_ms) > Math.min(Number(row.reserved_at_ms), atMs);
      if (isOfEarlier || Number(row.expires_at_ms) <= atMs) return null;
      const name = `${flightId} ${row.member_id}`;
      const ended = ending.get(name) ?? { ...row, ended_at_ms: row.ended_at_ms ?? atMs };
      if (row.ended_at_ms === null) ending.set(name, ended);
      return { epoch: Number(row.epoch), pass: passOf(ended) };
    });
    await this.#end([...ending.values()]);
    return departures;
  }

  /** Sets the ends of passes that have none. */
  async #end(passes: readonly RoomPassTable[]): Promise<void> {
    if (passes.length === 0) return;
    const isPass = ({ flight_id, epoch, member_id, seq }: RoomPassTable) =>
      sql<boolean>`(flight_id = ${flight_id} and epoch = ${epoch} and member_id = ${member_id} and seq = ${seq})`;
    const ends = passes.map((pass) => sql`when ${isPass(pass)} then ${pass.ended_at_ms}`);
    await this.#write
      .updateTable("room_pass")
      .set({ ended_at_ms: sql<number>`case ${sql.join(ends, sql` `)} end` })
      .where(sql<boolean>`(${sql.join(passes.map(isPass), sql` or `)})`)
      .where("ended_at_ms", "is", null)
      .execute();
  }

  #updating({ flightId, epoch }: RoomId) {
    return this.#write.updateTable("room_state").where("flight_id", "=", flightId).where("epoch", "=", epoch);
  }

  async #transaction<T>(run: (transaction: Transaction<Database>) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#write.transaction().execute(run);
      } catch (error) {
        if (tries === TRIES) throw error;
      }
    }
  }
}

/** Each change of a room is later than the one before, whatever the clock of whoever made it says. */
function laterThanBefore(eb: ExpressionBuilder<Database, "room_state">, atMs: number) {
  return eb
    .case()
    .when("changed_at_ms", "<", atMs)
    .then(atMs)
    .else(eb("changed_at_ms", "+", 1))
    .end();
}

function hasEnded({ endedAtMs, expiresAtMs }: MemberPass, nowMs: number): boolean {
  return endedAtMs !== null || expiresAtMs <= nowMs;
}

function passOf(row: RoomPassTable): MemberPass {
  return {
    member: row.member_id,
    seq: Number(row.seq),
    issuedAtMs: Number(row.issued_at_ms),
    expiresAtMs: Number(row.expires_at_ms),
    endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
  };
}

function passRow({ flightId, epoch }: RoomId, pass: MemberPass): RoomPassTable {
  return {
    flight_id: flightId,
    epoch,
    member_id: pass.member,
    seq: pass.seq,
    issued_at_ms: pass.issuedAtMs,
    expires_at_ms: pass.expiresAtMs,
    ended_at_ms: pass.endedAtMs,
  };
}

function roomOf(row: RoomRow): Room {
  const { frozen_n, frozen_root } = row;
  return {
    flightId: row.flight_id,
    epoch: Number(row.epoch),
    mode: row.mode as Room["mode"],
    opensAtMs: Number(row.opens_at_ms),
    settings: JSON.parse(row.settings) as RoomSettings,
    draw: {
      seed: Uint8Array.fromHex(row.seed),
      beaconName: row.beacon_name,
      beaconValue: row.beacon_value === null ? null : Uint8Array.fromHex(row.beacon_value),
      frozen:
        frozen_n === null
          ? null
          : { n: Number(frozen_n), root: Uint8Array.fromHex(present(frozen_root, "a frozen line has a root")) },
      drawnAtMs: row.drawn_at_ms === null ? null : Number(row.drawn_at_ms),
    },
    checkpoint: {
      admitted: Number(row.admitted),
      seqHigh: Number(row.seq_high),
      seqCeiling: Number(row.seq_ceiling),
      gaps: gapsIn(row.gaps ?? ""),
      atMs: Number(row.noted_at_ms),
    },
    changedAtMs: Number(row.changed_at_ms),
  };
}

function rowOf({ flightId, epoch, mode, opensAtMs, settings, draw, checkpoint, changedAtMs }: Room): RoomRow {
  return {
    flight_id: flightId,
    epoch,
    mode,
    opens_at_ms: opensAtMs,
    settings: JSON.stringify(settings),
    seed: hexOf(draw.seed),
    beacon_name: draw.beaconName,
    beacon_value: draw.beaconValue === null ? null : hexOf(draw.beaconValue),
    frozen_n: draw.frozen?.n ?? null,
    frozen_root: draw.frozen === null ? null : hexOf(draw.frozen.root),
    drawn_at_ms: draw.drawnAtMs,
    admitted: checkpoint.admitted,
    seq_high: checkpoint.seqHigh,
    seq_ceiling: checkpoint.seqCeiling,
    gaps: gapsText(checkpoint.gaps),
    noted_at_ms: checkpoint.atMs,
    changed_at_ms: changedAtMs,
  };
}

function bytesOfBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
