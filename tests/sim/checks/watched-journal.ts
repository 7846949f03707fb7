/** Owns the checks of what a host says to its journal and is told by it; guards I6, and that what is decided on was read after the claim. */

import type { FlightId } from "../../../actors/domain/ids.ts";
import type { Snapshot } from "../../../actors/domain/snapshot.ts";
import type { Batch, CommitOutcome, Fence, Journal, LoadedFlight } from "../../../actors/journal.ts";
import type { Checks } from "./checks.ts";

export class WatchedJournal implements Journal {
  readonly #journal: Journal;
  readonly #checks: Checks;
  readonly #who: string;
  /** By flight, when it was last asked for. */
  readonly #loaded = new Map<FlightId, number>();
  /** By batch, what was sent. */
  readonly #sent = new Map<string, number | bigint>();

  constructor(journal: Journal, checks: Checks, who: string) {
    this.#journal = journal;
    this.#checks = checks;
    this.#who = who;
  }

  load(flightId: FlightId, refusalsSinceMs: number): Promise<LoadedFlight | null> {
    this.#loaded.set(flightId, this.#checks.committed.order);
    this.#checks.trace.note(this.#who, () => `loads ${flightId}`);
    return this.#journal.load(flightId, refusalsSinceMs);
  }

  async commit(batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
    const { committed, findings, trace } = this.#checks;
    trace.note(this.#who, () => `sends ${describe(batch)}${isRepeat ? " again" : ""}`);
    const bytes = Bun.hash(JSON.stringify(batch));
    const before = this.#sent.get(batch.id);
    findings.expect(
      before === undefined || before === bytes,
      "I6",
      () => `batch ${batch.id} is sent with another content`,
    );
    this.#sent.set(batch.id, bytes);
    for (const { flightId, shard } of batch.flights) this.#checkReading(batch, flightId, shard);
    committed.sending(batch);
    const from = committed.order;
    this.#checks.onCommit(this.#who);
    const outcome = await this.#journal.commit(batch, isRepeat);
    trace.note(this.#who, () => `${batch.id} is ${describeOutcome(outcome)}`);
    if (outcome.kind === "committed") committed.confirm(batch, from);
    if (outcome.kind === "lost" || outcome.kind === "violated") committed.disown(batch);
    return outcome;
  }

  saveSnapshot(flightId: FlightId, fence: Fence, owner: string, snapshot: Snapshot): Promise<boolean> {
    this.#checks.trace.note(this.#who, () => `keeps a snapshot of ${flightId} at ${snapshot.version}`);
    this.#checks.committed.keeping(flightId, snapshot.version, fence, owner);
    return this.#journal.saveSnapshot(flightId, fence, owner, snapshot);
  }

  deadlines(shards: readonly number[]) {
    return this.#journal.deadlines(shards);
  }

  /** A shard that was lost meanwhile has an epoch that never was: nothing of its part will be written. */
  #checkReading({ id, fences }: Batch, flightId: FlightId, shard: number): void {
    const { committed, findings } = this.#checks;
    const epoch = fences.find((fence) => fence.shard === shard)?.epoch ?? -1;
    if (epoch < 0) return;
    const claimed = committed.claimedAt(shard, epoch);
    const loaded = this.#loaded.get(flightId);
    const isAfter = claimed !== null && loaded !== undefined && loaded >= claimed;
    findings.expect(
      isAfter,
      "load after claim",
      () => `batch ${id}: ${flightId} was read at ${loaded}, and claimed at ${claimed}`,
    );
  }
}

function describe({ id, fences, flights }: Batch): string {
  const parts = flights.map(({ flightId, base, change }) => {
    const types = change?.entry.turns.flatMap(({ events }) => events.map(({ type }) => type)) ?? [];
    return `${flightId}@${base}${change === null ? " reads" : ` ${types.join("+") || "answers"}`}`;
  });
  return `${id} under ${fences.map(({ shard, epoch }) => `${shard}:${epoch}`).join(" ")}: ${parts.join(", ")}`;
}

function describeOutcome(outcome: CommitOutcome): string {
  if (outcome.kind === "committed") return "committed";
  if (outcome.kind === "lost" || outcome.kind === "rewound") return `${outcome.kind} for ${outcome.flights.join(", ")}`;
  const { cause } = outcome;
  return `${outcome.kind}: ${cause instanceof Error ? cause.message : String(cause)}`;
}
