/** Owns the shards of this process from start to stop: one incarnation after another, each with a host of its own. */

import type { Bus, Unsubscribe } from "../bus/bus.ts";
import { ALL_SHARDS, type ShardsNotice, shardsSubject } from "../bus/subjects.ts";
import type { Timer } from "../clock.ts";
import type { ClusterClock } from "../cluster-clock.ts";
import { MIN_READER } from "../domain/event.ts";
import type { Entropy } from "../entropy.ts";
import { hostGauges } from "../host-gauges.ts";
import type { ClusterShards } from "../shards.ts";
import type { Telemetry } from "../telemetry.ts";
import { Membership } from "./membership.ts";
import { OwnershipMeter } from "./meter.ts";
import { type ServingHost, Tenancy } from "./tenancy.ts";

/** Between two tries to make the host known, in milliseconds. */
const JOIN_PAUSE_MS = 250;

/** @default of {@link HostOwnership.stop} */
const STOP_MS_MAX = 10_000;

/** How long the end of a stop that has come too late may take, in milliseconds. */
const LAST_WORDS_MS_MAX = 1_000;

export interface OwnershipOptions {
  readonly shards: ClusterShards;
  readonly bus: Bus;
  /** It is set with each beat. */
  readonly clock: ClusterClock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** The same after a restart, and no other process's: by it the shards are shared out. */
  readonly hostId: string;
  /** Share of the shards against other hosts; 0 takes none. */
  readonly weight: number;
  /** A host that owns nothing yet: at the start, and anew after each fencing. */
  readonly makeHost: (incarnation: string) => ServingHost;
}

/** One start. */
interface Start {
  readonly incarnation: string;
  readonly host: ServingHost;
  readonly membership: Membership;
  readonly tenancy: Tenancy;
  hasJoined: boolean;
}

export class HostOwnership {
  readonly #options: OwnershipOptions;
  readonly #meter: OwnershipMeter;
  #start: Start | null = null;
  #joining: Promise<void> = Promise.resolve();
  #isStopping = false;
  #unsubscribe: Unsubscribe = () => {};
  #timer: Timer | null = null;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.#meter = new OwnershipMeter(options.telemetry, options.clock, () => this.#start?.tenancy.size ?? 0);
    hostGauges(options.telemetry, () => this.#start?.host ?? null);
  }

  /** The present incarnation; null before the start. */
  get incarnation(): string | null {
    return this.#start?.incarnation ?? null;
  }

  /** Shards that are this process's, as far as it knows. */
  get size(): number {
    return this.#start?.tenancy.size ?? 0;
  }

  /** Makes this host known and claims its share. Ends after the first try: without the database it goes on trying, see {@link trouble}. */
  async start(): Promise<void> {
    const { bus } = this.#options;
    const look = (): void => this.#start?.tenancy.look();
    this.#unsubscribe = bus.subscribe(
      ALL_SHARDS,
      ({ incarnation }) => {
        if (incarnation !== this.incarnation) look();
      },
      () => {
        look();
        this.#start?.host.announce();
      },
    );
    await this.#begin();
  }

  /** What keeps this process from owning its share, in words for an operator; null when nothing does. */
  trouble(): string | null {
    return this.#start === null ? "not started" : this.#start.membership.trouble();
  }

  /** Finishes everything that was taken, releases all shards and leaves. What has not ended after `msMax` is told NOT_OWNER. */
  async stop(msMax: number = STOP_MS_MAX): Promise<void> {
    this.#isStopping = true;
    this.#timer?.cancel();
    // One that is being made known must not be left behind: the others would give it shards until its lease runs out.
    await this.#within(msMax, this.#joining);
    const start = this.#start;
    if (start !== null) await this.#leave(start, msMax);
    this.#unsubscribe();
    this.#meter.tell();
  }

  async #leave({ incarnation, host, membership, tenancy, hasJoined }: Start, msMax: number): Promise<void> {
    const { shards } = this.#options;
    const hasGiven = !hasJoined || (await this.#within(msMax, tenancy.leave()));
    const left = tenancy.size;
    tenancy.end();
    if (hasGiven) await host.stop();
    else {
      this.#meter.log.warn({ incarnation, shards: left }, "stopping with shards that could not be given");
      await this.#within(LAST_WORDS_MS_MAX, host.abandon());
    }
    membership.end();
    // A host that still owns something stays known until its lease runs out: nobody may take over sooner.
    if (!hasJoined || !hasGiven) return;
    const hasLeft = await this.#within(
      LAST_WORDS_MS_MAX,
      shards.leave(incarnation).catch((cause: unknown) => {
        this.#meter.log.warn({ incarnation, cause: String(cause) }, "the host could not be forgotten");
      }),
    );
    if (hasLeft) this.#tell({ incarnation, change: "left" });
  }

  #tell(notice: ShardsNotice): void {
    try {
      this.#options.bus.publish(shardsSubject(notice.incarnation), notice);
    } catch {
      // A hint: the others look anyway.
    }
  }

  /** @returns whether it ended in time */
  async #within(msMax: number, work: Promise<void>): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const timer = this.#options.clock.after(msMax, () => late.resolve(false));
    const isInTime = await Promise.race([work.then(() => true), late.promise]);
    timer.cancel();
    return isInTime;
  }

  #begin(): Promise<void> {
    const { shards, bus, clock, entropy, hostId, weight, makeHost } = this.#options;
    const meter = this.#meter;
    const incarnation = entropy.uuid();
    const host = makeHost(incarnation);
    const membership = new Membership(
      { shards, bus, clock, meter },
      { incarnation, hostId, weight, minReader: MIN_READER },
      () => this.#fenced(start),
    );
    host.hasLease = () => membership.hasLease;
    const tenancy = new Tenancy({ shards, bus, clock, meter, membership, host }, incarnation);
    const start: Start = { incarnation, host, membership, tenancy, hasJoined: false };
    this.#start = start;
    return this.#join(start, false);
  }

  /** Never fails. */
  async #join(start: Start, isRepeat: boolean): Promise<void> {
    this.#joining = this.#tryToJoin(start, isRepeat);
    await this.#joining;
    if (start.hasJoined && !this.#isStopping) await start.tenancy.begin();
  }

  async #tryToJoin(start: Start, isRepeat: boolean): Promise<void> {
    const { incarnation, membership } = start;
    try {
      await membership.join();
      start.hasJoined = true;
      this.#meter.log.info({ incarnation, hostId: this.#options.hostId }, "joined the hosts");
    } catch (cause) {
      this.#meter.beatFailed();
      if (!isRepeat)
        this.#meter.log.warn({ incarnation, cause: String(cause) }, "the host can't make itself known yet");
      if (!this.#isStopping) this.#timer = this.#options.clock.after(JOIN_PAUSE_MS, () => void this.#join(start, true));
    }
  }

  /** Others have taken over: whatever this start still knows is void. */
  #fenced({ incarnation, host, tenancy }: Start): void {
    this.#meter.fenced(incarnation, tenancy.size);
    tenancy.end();
    const anew = (): void => {
      if (!this.#isStopping) void this.#begin();
    };
    host.abandon().then(anew, (cause: unknown) => {
      this.#meter.log.error({ incarnation, cause: String(cause) }, "a fenced host did not end in order");
      anew();
    });
  }
}
