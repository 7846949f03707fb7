/** Owns the checks of every commit as it lands: who wrote it, on which version, and whether all that is derived from it agrees; guards I1, I2, I3, I7. */

import { present } from "../../../actors/assert.ts";
import type { JournalEntry } from "../../../actors/domain/event.ts";
import { type FlightId, shardOf } from "../../../actors/domain/ids.ts";
import type { Batch, Fence } from "../../../actors/journal.ts";
import { readTurns } from "../../../db/turns-text.ts";
import type { Server } from "../database/server.ts";
import type { RowChange } from "../database/tables.ts";
import type { Row } from "../sql/running.ts";
import { place } from "../sql/schema.ts";
import type { Findings } from "../world/findings.ts";
import type { Trace } from "../world/trace.ts";
import type { FlightModel } from "./flight-model.ts";

interface Written {
  readonly owner: string;
  readonly fences: Batch["fences"];
  /** When its entries were written; null: it has none. */
  at: number | null;
  /** Somebody was told that nothing of it was written. */
  isDisowned: boolean;
}

/** From when on something was so, in the order of everything that is noted. */
interface Since<T> {
  readonly from: number;
  readonly value: T;
}

export class Committed {
  readonly #server: Server;
  readonly #findings: Findings;
  readonly #trace: Trace;
  readonly #models: ReadonlyMap<FlightId, FlightModel>;
  readonly #batches = new Map<string, Written>();
  readonly #owners = new Map<number, Since<{ epoch: number; owner: string | null }>[]>();
  readonly #versions = new Map<FlightId, Since<number>[]>();
  /** By flight and version, those who want to keep a snapshot of it. */
  readonly #keepers = new Map<string, { readonly owner: string; readonly fence: Fence }[]>();
  /** An incarnation has lost a shard: for whoever wants to disturb that. */
  onLoss: (owner: string) => void = () => {};
  /** Rises with everything that is noted: to say what came first. */
  order = 0;

  constructor(server: Server, findings: Findings, trace: Trace, models: ReadonlyMap<FlightId, FlightModel>) {
    this.#server = server;
    this.#trace = trace;
    this.#findings = findings;
    this.#models = models;
    server.watch((changes) => this.#check(changes));
  }

  /** A batch is about to be sent. */
  sending({ id, owner, fences }: Batch): void {
    if (!this.#batches.has(id)) this.#batches.set(id, { owner, fences, at: null, isDisowned: false });
  }

  /** A snapshot is about to be sent. */
  keeping(flightId: FlightId, version: number, fence: Fence, owner: string): void {
    const name = `${flightId} ${version}`;
    this.#keepers.set(name, [...(this.#keepers.get(name) ?? []), { owner, fence }]);
  }

  /** Somebody was told that the batch was not written, and never will be. */
  disown(batch: Batch): void {
    const written = this.#batches.get(batch.id);
    if (written !== undefined) written.isDisowned = true;
    const found = batch.flights.find(({ flightId, base }) => this.#batchAt(flightId, base + 1) === batch.id);
    this.#findings.expect(found === undefined, "outcome", () => `batch ${batch.id} was written, and reported as not`);
  }

  /**
   * The batch was reported as committed by a try that was sent at `from`. What it read was so when its entries were written, by that try or
   * by an earlier one that it has found; without entries, at some time since `from`.
   */
  confirm(batch: Batch, from: number): void {
    const at = this.#batches.get(batch.id)?.at ?? null;
    for (const { flightId, shard, base, change } of batch.flights) {
      if (change !== null) {
        const isThere = this.#batchAt(flightId, base + 1) === batch.id;
        this.#findings.expect(
          isThere,
          "outcome",
          () => `batch ${batch.id} was reported as written, and ${flightId} has it not`,
        );
        continue;
      }
      const epoch = batch.fences.find((fence) => fence.shard === shard)?.epoch;
      const owned = periods(this.#owners.get(shard), (each) => each.owner === batch.owner && each.epoch === epoch);
      const based = periods(this.#versions.get(flightId) ?? [{ from: 0, value: 0 }], (version) => version === base);
      const isSo = owned.some((one) =>
        based.some((two) => {
          const [begins, ends] = [Math.max(one.from, two.from), Math.min(one.to, two.to)];
          return at === null ? begins < ends && ends > from : begins <= at && at < ends;
        }),
      );
      this.#findings.expect(isSo, "I2", () => `batch ${batch.id} read ${flightId} at ${base} without owning it then`);
    }
  }

  /** When the shard came to be owned under the epoch; null: it never was. */
  claimedAt(shard: number, epoch: number): number | null {
    return this.#owners.get(shard)?.find(({ value }) => value.epoch === epoch)?.from ?? null;
  }

  #batchAt(flightId: FlightId, version: number): string | null {
    const row = this.#server.tables.rows("journal").get(`${flightId}\u0000${version}`);
    return row === undefined ? null : String(row[place("journal", "batch")]);
  }

  #check(changes: readonly RowChange[]): void {
    this.order += 1;
    const touched = new Set<FlightId>();
    for (const change of changes) {
      if (change.table === "shards") this.#owner(change);
      else if (change.table === "journal") touched.add(this.#entry(change));
    }
    for (const change of changes) this.#projection(change);
    for (const flightId of touched) this.#head(flightId);
  }

  /** I1 */
  #owner({ before, after }: RowChange): void {
    if (before === null || after === null) return;
    const [shard, epoch, owner, epochBefore, ownerBefore] = [
      Number(after[place("shards", "shard")]),
      Number(after[place("shards", "epoch")]),
      after[place("shards", "owner")] as string | null,
      Number(before[place("shards", "epoch")]),
      before[place("shards", "owner")] as string | null,
    ];
    if (epoch === epochBefore && owner === ownerBefore) return;
    this.#trace.note("database", () => `shard ${shard} is ${owner ?? "nobody"}'s under epoch ${epoch}`);
    this.#findings.expect(
      epoch > epochBefore,
      "I1",
      () => `shard ${shard} goes from ${ownerBefore} at ${epochBefore} to ${owner} at ${epoch}`,
    );
    const log = this.#owners.get(shard) ?? [];
    log.push({ from: this.order, value: { epoch, owner } });
    this.#owners.set(shard, log);
    if (ownerBefore !== null) this.onLoss(ownerBefore);
  }

  /** I2 and I3 */
  #entry({ before, after }: RowChange): FlightId {
    const row = present(after, "entries are never taken away");
    this.#findings.expect(before === null, "I3", () => `an entry is changed: ${String(before)}`);
    const flightId = String(row[place("journal", "flight_id")]);
    const batch = String(row[place("journal", "batch")]);
    const written = this.#batches.get(batch);
    if (written === undefined) this.#findings.report("I2", `${flightId} is written by nobody known: ${batch}`);
    else {
      written.at = this.order;
      const shard = shardOf(flightId);
      const fence = written.fences.find((each) => each.shard === shard);
      this.#findings.expect(
        this.#isOwner(written.owner, shard, fence?.epoch),
        "I2",
        () => `${written.owner} at epoch ${fence?.epoch} writes ${flightId}, which is another's`,
      );
      this.#findings.expect(
        !written.isDisowned,
        "outcome",
        () => `batch ${batch} is written after it was reported as not`,
      );
    }
    const version = Number(row[place("journal", "version")]);
    const entry: JournalEntry = {
      schema: Number(row[place("journal", "schema_version")]),
      turns: readTurns(flightId, String(row[place("journal", "turns")])),
    };
    this.#model(flightId).apply(version, entry);
    const log = this.#versions.get(flightId) ?? [{ from: 0, value: 0 }];
    log.push({ from: this.order, value: version });
    this.#versions.set(flightId, log);
    return flightId;
  }

  #isOwner(owner: string, shard: number, epoch: number | undefined): boolean {
    const now = this.#server.tables.rows("shards").get(shard);
    return now?.[place("shards", "owner")] === owner && now[place("shards", "epoch")] === epoch;
  }

  /** Under the fence, of what is committed, and only over an older one. */
  #snapshot({ before, after }: RowChange): void {
    const row = present(after, "snapshots are never taken away");
    const flightId = String(row[place("snapshot", "flight_id")]);
    const version = Number(row[place("snapshot", "version")]);
    const versionBefore = before === null ? 0 : Number(before[place("snapshot", "version")]);
    this.#findings.expect(
      version > versionBefore && version <= this.#model(flightId).version,
      "I3",
      () =>
        `a snapshot of ${flightId} at ${version} is kept over ${versionBefore}, of ${this.#model(flightId).version}`,
    );
    const keepers = this.#keepers.get(`${flightId} ${version}`) ?? [];
    const isOwners = keepers.some(({ owner, fence }) => this.#isOwner(owner, fence.shard, fence.epoch));
    this.#findings.expect(isOwners, "I2", () => `a snapshot of ${flightId} at ${version} is kept by a former owner`);
  }

  /** I7: what people read says the same as the journal. */
  #head(flightId: FlightId): void {
    const row = this.#server.tables.rows("flight_head").get(flightId);
    if (row === undefined) return;
    const model = this.#model(flightId);
    const cabins = JSON.parse(String(row[place("flight_head", "cabins")])) as { free: number }[];
    const free = cabins.reduce((sum, cabin) => sum + cabin.free, 0);
    this.#findings.expect(
      free === model.free,
      "I7",
      () => `${flightId} has ${model.free} free seats, and says ${free}`,
    );
    const version = Number(row[place("flight_head", "version")]);
    this.#findings.expect(
      version === model.version,
      "I3",
      () => `${flightId} is at ${model.version}, and its head at ${version}`,
    );
  }

  #projection(change: RowChange): void {
    const { table, after, before } = change;
    switch (table) {
      case "seat_claim": {
        const row = present(after ?? before, "a claim");
        const model = this.#model(String(row[place(table, "flight_id")]));
        const seat = String(row[place(table, "seat")]);
        const claimed = after === null ? undefined : String(after[place(table, "reservation_id")]);
        const holder = model.holders.get(seat);
        this.#findings.expect(
          claimed === holder,
          "projections",
          () => `seat ${seat} is ${holder}'s, and claimed for ${claimed}`,
        );
        return;
      }
      case "reservation":
        if (after !== null) this.#reservation(after);
        return;
      case "payment":
        if (after !== null) this.#payment(after);
        return;
      case "snapshot":
        this.#snapshot(change);
        return;
      default:
    }
  }

  #reservation(row: Row): void {
    const id = String(row[place("reservation", "id")]);
    const status = row[place("reservation", "status")];
    const known = this.#model(String(row[place("reservation", "flight_id")])).reservations.get(id);
    this.#findings.expect(
      known?.status === status,
      "projections",
      () => `reservation ${id} is ${known?.status}, and its row ${status}`,
    );
  }

  /** I8: what is open is looked at again. */
  #payment(row: Row): void {
    const id = String(row[place("payment", "id")]);
    const status = row[place("payment", "status")];
    const known = this.#model(String(row[place("payment", "flight_id")])).attempts.get(id);
    this.#findings.expect(
      known?.status === status,
      "projections",
      () => `attempt ${id} is ${known?.status}, and its row ${status}`,
    );
    const isOpen = status === "PENDING" || status === "REFUNDING";
    const isLookedAt = row[place("payment", "next_look_ms")] !== null;
    this.#findings.expect(
      !isOpen || isLookedAt,
      "I8",
      () => `attempt ${id} is ${status}, and nobody looks at it again`,
    );
  }

  #model(flightId: FlightId): FlightModel {
    return present(this.#models.get(flightId), () => `a flight ${flightId}`);
  }
}

interface Period {
  readonly from: number;
  readonly to: number;
}

/** When it was so. */
function periods<T>(log: readonly Since<T>[] | undefined, isSo: (value: T) => boolean): Period[] {
  const found: Period[] = [];
  for (const [at, { from, value }] of (log ?? []).entries()) {
    if (isSo(value)) found.push({ from, to: log?.[at + 1]?.from ?? Number.POSITIVE_INFINITY });
  }
  return found;
}
