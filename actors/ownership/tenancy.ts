/** Owns what one start of this host owns: looks at who lives, claims what it should have, hands over what others should; guards I1 on its side. */

import type { Bus } from "../bus/bus.ts";
import { type ShardsNotice, shardsSubject } from "../bus/subjects.ts";
import type { Timer } from "../clock.ts";
import type { ClusterClock } from "../cluster-clock.ts";
import { JOURNAL_SCHEMA } from "../domain/event.ts";
import type { HostFigures } from "../host-gauges.ts";
import type { ClusterShards, ClusterView, Ownership } from "../shards.ts";
import { type Membership, PATIENCE_MS } from "./membership.ts";
import type { OwnershipMeter } from "./meter.ts";
import { movesOf } from "./moves.ts";

/** What serves the flights of the shards; see `FlightHost`. */
export interface ServingHost extends HostFigures {
  take(owned: Ownership): Promise<void>;
  give(shards: readonly number[]): Promise<void>;
  abandon(): Promise<void>;
  stop(): Promise<void>;
  /** Says again what may not have been heard, once the bus is back. */
  announce(): void;
  /** Set by whoever keeps the lease. */
  hasLease: () => boolean;
}

/** How long after a look the next one follows when nobody hints, in milliseconds. */
const LOOK_MS = 250;

/** Shards in one claim: those of a dead host are served again from the first on. */
const CLAIMED_AT_ONCE_MAX = 32;

/** Shards that nobody serves for a moment, because they are on their way to another host. */
const HANDED_AT_ONCE_MAX = 4;

/** How long a host that leaves waits in all for others to claim what it has released, and how often it looks when nobody hints, in milliseconds. */
const LEAVE_PACED_MS_MAX = 8_000;
const CLAIMED_LOOK_MS = 50;

/** Between two tries at what can't be left undone, in milliseconds. */
const INSIST_PAUSE_MS = 250;

export interface TenancyServices {
  readonly shards: ClusterShards;
  readonly bus: Bus;
  readonly clock: ClusterClock;
  readonly meter: OwnershipMeter;
  readonly membership: Membership;
  readonly host: ServingHost;
}

export class Tenancy {
  readonly #services: TenancyServices;
  readonly #incarnation: string;
  /** Shards that are served, or will be as soon as their claim is told to the host, or are being given. */
  readonly #held = new Set<number>();
  readonly #giving = new Set<number>();
  /** Releases that are done: a view that began before one of them shows what was. */
  #releases = 0;
  #others = 0;
  /** Since when the bus has been there, and each host without it has been seen so; by the monotonic clock. */
  #busSinceMs: number | null = null;
  readonly #cutOffSinceMs = new Map<string, number>();
  #looking: Promise<void> | null = null;
  #handing: Promise<void> | null = null;
  #isLookWanted = false;
  /** Not before its membership beats: what it claimed would be anybody's soon. */
  #hasBegun = false;
  #hasFailed = false;
  #isLeaving = false;
  #isEnded = false;
  #timer: Timer | null = null;
  #hinted: () => void = () => {};
  #leaves: () => void = () => {};

  constructor(services: TenancyServices, incarnation: string) {
    this.#services = services;
    this.#incarnation = incarnation;
  }

  /** Shards that are this host's, as far as it knows. */
  get size(): number {
    return this.#held.size;
  }

  /** Looks for the first time; ends when what it could claim at once is served. */
  async begin(): Promise<void> {
    this.#hasBegun = true;
    this.look();
    this.#tell("joined");
    await this.#looking;
  }

  /** Looks at once: something may have changed. */
  look(): void {
    this.#hinted();
    if (!this.#hasBegun || this.#isEnded || this.#isLeaving) return;
    if (this.#looking !== null) {
      this.#isLookWanted = true;
      return;
    }
    this.#timer?.cancel();
    this.#isLookWanted = false;
    this.#looking = this.#lookOnce().finally(() => {
      this.#looking = null;
      if (this.#isLookWanted) this.look();
      else if (!this.#isEnded && !this.#isLeaving) {
        this.#timer = this.#services.clock.after(LOOK_MS, () => this.look());
      }
    });
  }

  /** Takes nothing more and gives everything, a few shards at a time so that the others keep up; ends when all is released. */
  async leave(): Promise<void> {
    const { shards } = this.#services;
    this.#isLeaving = true;
    this.#timer?.cancel();
    await this.#insist("it could not be said yet that the host leaves", () => shards.withdraw(this.#incarnation));
    this.#tell("leaving");
    this.#leaves();
    await this.#looking;
    await this.#handing;
    const pacedUntilMs = this.#services.clock.monotonicMs() + LEAVE_PACED_MS_MAX;
    const left = [...this.#held];
    while (left.length > 0 && !this.#isEnded) {
      const group = left.splice(0, this.#others > 0 ? HANDED_AT_ONCE_MAX : left.length);
      await this.#hand(group);
      if (left.length > 0) await this.#areClaimed(new Set(group), pacedUntilMs);
    }
  }

  /** Ends when others have these, when there is nobody who could, or at that time. */
  async #areClaimed(group: ReadonlySet<number>, untilMs: number): Promise<void> {
    const { shards, clock } = this.#services;
    while (this.#others > 0 && clock.monotonicMs() < untilMs && !this.#isEnded) {
      await this.#hint();
      const view = await shards.view().catch(() => null);
      if (view === null) return;
      this.#note(view);
      if (!view.shards.some(({ shard, owner }) => owner === null && group.has(shard))) return;
    }
  }

  /** Ends when another host says what it has done, or after a while: a hint may be lost. */
  async #hint(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#hinted = resolve;
    const timer = this.#services.clock.after(CLAIMED_LOOK_MS, resolve);
    await promise;
    timer.cancel();
  }

  /** Nothing of it counts any more: it was fenced, or stops without having given everything. */
  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
    this.#held.clear();
  }

  /** Never fails: what can't be done now is tried again with the next look. */
  async #lookOnce(): Promise<void> {
    const { shards, membership, meter } = this.#services;
    try {
      if (!membership.hasSaidBus) await membership.beatNow();
      const releases = this.#releases;
      const view = await shards.view();
      if (this.#isEnded) return;
      this.#note(view);
      // Somebody seems gone. Unless it is time that has jumped: then this host's own next beat tells.
      if (hasGone(view)) await membership.beatNow();
      if (this.#isEnded) return;
      const { claim, adopt, release, handOff, disown, inTheAir } = movesOf(view, {
        incarnation: this.#incarnation,
        held: this.#held,
        reader: JOURNAL_SCHEMA,
        isSteady: membership.isSteady,
        isCutOff: (incarnation) => this.#isCutOff(incarnation),
      });
      this.#handOff(handOff, inTheAir.length);
      if (releases === this.#releases) {
        if (release.length > 0) await shards.release(release, this.#incarnation);
        if (adopt.size > 0) await this.#take(adopt);
      }
      await this.#claim(claim);
      if (disown.length > 0) {
        await shards.disown(disown, this.#incarnation);
        this.#tell("released");
      }
      if (this.#hasFailed) meter.log.info({ incarnation: this.#incarnation }, "ownership is looked after again");
      this.#hasFailed = false;
    } catch (cause) {
      const isNews = !this.#hasFailed && !this.#isEnded;
      this.#hasFailed = true;
      if (isNews) {
        meter.log.warn(
          { incarnation: this.#incarnation, cause: String(cause) },
          "ownership can't be looked after for now",
        );
      }
    }
  }

  /** What the view says beside who owns what. */
  #note({ hosts }: ClusterView): void {
    const { bus, clock, membership } = this.#services;
    const nowMs = clock.monotonicMs();
    this.#busSinceMs = bus.trouble() === null ? (this.#busSinceMs ?? nowMs) : null;
    for (const { incarnation, hasBus } of hosts) {
      if (hasBus) this.#cutOffSinceMs.delete(incarnation);
      else if (!this.#cutOffSinceMs.has(incarnation)) this.#cutOffSinceMs.set(incarnation, nowMs);
    }
    const live = new Set(hosts.map(({ incarnation }) => incarnation));
    for (const incarnation of this.#cutOffSinceMs.keys())
      if (!live.has(incarnation)) this.#cutOffSinceMs.delete(incarnation);
    if (!live.has(this.#incarnation)) membership.doubt();
    this.#others = hosts.filter(
      ({ incarnation, hasBus, weight }) => hasBus && weight > 0 && incarnation !== this.#incarnation,
    ).length;
  }

  #isCutOff(incarnation: string): boolean {
    const sinceMs = this.#cutOffSinceMs.get(incarnation);
    if (sinceMs === undefined || this.#busSinceMs === null) return false;
    return this.#services.clock.monotonicMs() - Math.max(sinceMs, this.#busSinceMs) >= PATIENCE_MS;
  }

  async #claim(claim: readonly number[]): Promise<void> {
    for (let at = 0; at < claim.length && !this.#isEnded && !this.#isLeaving; at += CLAIMED_AT_ONCE_MAX) {
      const group = claim.slice(at, at + CLAIMED_AT_ONCE_MAX);
      const claimed = await this.#services.shards.claim(group, this.#incarnation);
      await this.#take(claimed);
      // Of nothing there is nothing to tell: hosts that both claim in vain would have each other look without a pause.
      if (claimed.size > 0) this.#tell("claimed");
    }
  }

  /**
   * The claim of these is committed: now the host may serve them. One that leaves serves them, too, until it hands them over, but does not
   * wait until it does: without the bus it never would.
   */
  async #take(owned: Ownership): Promise<void> {
    if (owned.size === 0 || this.#isEnded) return;
    for (const shard of owned.keys()) this.#held.add(shard);
    const { promise: isLeaving, resolve } = Promise.withResolvers<void>();
    this.#leaves = resolve;
    if (this.#isLeaving) resolve();
    try {
      await Promise.race([this.#services.host.take(owned), isLeaving]);
      this.#services.meter.took(owned.size);
    } catch (cause) {
      // They are ours, and not served: the next look finds them so.
      for (const shard of owned.keys()) this.#held.delete(shard);
      throw cause;
    }
  }

  /** @param inTheAir how many are still on their way: the next ones wait for those */
  #handOff(wanted: readonly number[], inTheAir: number): void {
    if (this.#handing !== null || this.#isLeaving) return;
    const room = Math.max(0, HANDED_AT_ONCE_MAX - inTheAir);
    const group = wanted.filter((shard) => !this.#giving.has(shard)).slice(0, room);
    if (group.length === 0) return;
    this.#handing = this.#hand(group).finally(() => {
      this.#handing = null;
      this.look();
    });
  }

  /** Finishes what these shards have taken, then releases them. Tries until it is done: what is given can't be taken back. */
  async #hand(group: readonly number[]): Promise<void> {
    const { host, shards, meter } = this.#services;
    for (const shard of group) this.#giving.add(shard);
    try {
      await host.give(group);
    } catch (cause) {
      // Our own bug; the release fences whatever was not finished.
      meter.log.error({ shards: group.length, cause: String(cause) }, "shards were not given in order");
    }
    await this.#insist("shards could not be released yet", () => shards.release(group, this.#incarnation));
    if (this.#isEnded) return;
    this.#releases += 1;
    for (const shard of group) {
      this.#held.delete(shard);
      this.#giving.delete(shard);
    }
    meter.gave(group.length);
    this.#tell("released");
  }

  /** Ends when it is done, or when nothing counts any more. */
  async #insist(failure: string, step: () => Promise<void>): Promise<void> {
    const { clock, meter } = this.#services;
    while (!this.#isEnded) {
      try {
        await step();
        return;
      } catch (cause) {
        meter.log.warn({ incarnation: this.#incarnation, cause: String(cause) }, failure);
        await new Promise<void>((resolve) => clock.after(INSIST_PAUSE_MS, resolve));
      }
    }
  }

  /** The others need not wait for their next look. */
  #tell(change: ShardsNotice["change"]): void {
    const { bus, meter } = this.#services;
    try {
      bus.publish(shardsSubject(this.#incarnation), { incarnation: this.#incarnation, change });
    } catch (cause) {
      meter.log.debug({ change, cause: String(cause) }, "a hint to the other hosts could not leave");
    }
  }
}

/** Whether a shard's owner is none of the living. */
function hasGone({ hosts, shards }: ClusterView): boolean {
  const live = new Set(hosts.map(({ incarnation }) => incarnation));
  return shards.some(({ owner }) => owner !== null && !live.has(owner));
}
