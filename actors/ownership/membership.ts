/** Owns one start of this host among the others: makes it known, and keeps its lease by a beat each second, which also reads cluster time. */

import type { Bus } from "../bus/bus.ts";
import type { Timer } from "../clock.ts";
import type { ClusterClock } from "../cluster-clock.ts";
import { type ClusterShards, type HostStart, LEASE_MS } from "../shards.ts";
import type { OwnershipMeter } from "./meter.ts";

const BEAT_MS = 1_000;

/** A host that has not heard the database for longer was away itself, for all it knows; in milliseconds. */
const SILENCE_MS_MAX = 3_000;

/** The database's clock has jumped when it went on by so much more or less than this machine's between two beats; in milliseconds. */
const JUMP_MS_MIN = 1_000;

/**
 * How long a host must have been well before it believes that another is gone, in milliseconds. When the database, the bus or the network
 * comes back for everybody, the first to notice would otherwise take over what the others still have: their beats are a second away.
 */
export const PATIENCE_MS = 3_000;

export interface MembershipServices {
  readonly shards: ClusterShards;
  readonly bus: Bus;
  readonly clock: ClusterClock;
  readonly meter: OwnershipMeter;
}

export class Membership {
  readonly #services: MembershipServices;
  readonly #start: HostStart;
  readonly #fenced: () => void;
  /** A registration was sent: whether it arrived is for a beat to say. */
  #isKnownPerhaps = false;
  /** When the last beat left that was heard, by the monotonic clock and by cluster time. */
  #heardMs = Number.NEGATIVE_INFINITY;
  #heardAtMs: number | null = null;
  /** Since when it has been heard without a break; null while it is not. */
  #steadySinceMs: number | null = null;
  /** What the database's clock said then. */
  #saidMs: number | null = null;
  #saidBus = false;
  #beating: Promise<void> | null = null;
  #hasFailed = false;
  #isEnded = false;
  #timer: Timer | null = null;

  /** @param fenced called once, when others have taken over: nothing of this start counts any more */
  constructor(services: MembershipServices, start: HostStart, fenced: () => void) {
    this.#services = services;
    this.#start = start;
    this.#fenced = fenced;
  }

  /** Makes the host known, and begins to beat. @throws what the store throws: then it may be called again */
  async join(): Promise<void> {
    const { shards, clock } = this.#services;
    const hasBus = this.#hasBus();
    const sentMs = clock.monotonicMs();
    if (!this.#isKnownPerhaps || (await shards.beat(this.#start.incarnation, hasBus)) === null) {
      this.#isKnownPerhaps = true;
      await shards.register(this.#start, hasBus);
    }
    this.#heard(sentMs, hasBus);
    this.#beatIn(BEAT_MS);
  }

  /** Whether it has been well long enough to judge others. */
  get isSteady(): boolean {
    const nowMs = this.#services.clock.monotonicMs();
    if (this.#steadySinceMs === null || nowMs - this.#heardMs > SILENCE_MS_MAX) return false;
    return nowMs - this.#steadySinceMs >= PATIENCE_MS;
  }

  /** Whether nobody can have taken over since the last beat that was heard. */
  get hasLease(): boolean {
    return this.#services.clock.monotonicMs() - this.#heardMs <= LEASE_MS;
  }

  /** It has seen itself without a lease: so may all the others be, and no less alive. */
  doubt(): void {
    this.#steadySinceMs = null;
  }

  /** Beats, to say or to learn at once what the next beat would. */
  async beatNow(): Promise<void> {
    while (this.#beating !== null) await this.#beating;
    if (!this.#isEnded) await this.#beat();
  }

  /** Whether the last beat said of the bus what is true now. */
  get hasSaidBus(): boolean {
    return this.#hasBus() === this.#saidBus;
  }

  /** What keeps it from owning anything safely, in words for an operator; null when nothing does. */
  trouble(): string | null {
    if (this.#heardAtMs === null) return "not known to the other hosts yet: the database does not answer";
    if (this.hasLease) return null;
    return `no lease since ${new Date(this.#heardAtMs + LEASE_MS).toISOString()}: the database does not answer`;
  }

  end(): void {
    this.#isEnded = true;
    this.#timer?.cancel();
  }

  #hasBus(): boolean {
    return this.#services.bus.trouble() === null;
  }

  #beatIn(delayMs: number): void {
    this.#timer?.cancel();
    if (!this.#isEnded) this.#timer = this.#services.clock.after(delayMs, () => void this.#beat());
  }

  /** One at a time, and never fails. */
  #beat(): Promise<void> {
    this.#beating ??= this.#beatOnce().finally(() => {
      this.#beating = null;
    });
    return this.#beating;
  }

  async #beatOnce(): Promise<void> {
    const { shards, clock, meter } = this.#services;
    const { incarnation } = this.#start;
    const hasBus = this.#hasBus();
    const sentMs = clock.monotonicMs();
    try {
      const databaseMs = await shards.beat(incarnation, hasBus);
      if (this.#isEnded) return;
      if (databaseMs === null) {
        this.end();
        this.#fenced();
        return;
      }
      clock.sample(databaseMs, sentMs);
      this.#notice(databaseMs, sentMs);
      this.#heard(sentMs, hasBus);
      if (this.#hasFailed) meter.log.info({ incarnation }, "beats reach the database again");
      this.#hasFailed = false;
    } catch (cause) {
      this.#unheard(cause);
    }
    this.#beatIn(Math.max(0, BEAT_MS - (clock.monotonicMs() - sentMs)));
  }

  /** Time that jumps makes every lease run out, or none: nobody is gone for that. */
  #notice(databaseMs: number, sentMs: number): void {
    const wentMs = databaseMs - (this.#saidMs ?? databaseMs);
    if (this.#saidMs !== null && Math.abs(wentMs - (sentMs - this.#heardMs)) > JUMP_MS_MIN) this.#steadySinceMs = null;
    this.#saidMs = databaseMs;
  }

  #heard(sentMs: number, hasBus: boolean): void {
    if (sentMs - this.#heardMs > SILENCE_MS_MAX) this.#steadySinceMs = null;
    this.#heardMs = sentMs;
    this.#heardAtMs = this.#services.clock.nowMs();
    this.#steadySinceMs ??= sentMs;
    this.#saidBus = hasBus;
  }

  #unheard(cause: unknown): void {
    const { meter } = this.#services;
    this.#steadySinceMs = null;
    meter.beatFailed();
    if (!this.#hasFailed && !this.#isEnded) {
      meter.log.warn(
        { incarnation: this.#start.incarnation, cause: String(cause) },
        "a beat did not reach the database",
      );
    }
    this.#hasFailed = true;
  }
}
