/** Owns how all processes come to know which sessions have ended: told through Redis at once, and found in the database where that fails. */

import type { Clock, Timer } from "../../actors/clock.ts";
import type { Counter, Telemetry } from "../../actors/telemetry.ts";
import type { Redis } from "../../queue/redis/redis.ts";
import type { AccountStore } from "./account-store.ts";
import type { SessionId } from "./member.ts";
import { MemoryRevocations, REVOCATIONS_MAX, type Revocations } from "./revocations.ts";

const CHANNEL = "pigonair:revoked";

/** How long a session that has ended may go on at a process that was not told, in milliseconds. */
export const LOOK_EVERY_MS = 5_000;

/** A revocation becomes visible this much later than its time at most: a transaction takes time, and clocks differ. */
const LATENESS_MS_MAX = 30_000;

/** Telling is a courtesy: a log-out doesn't wait for it any longer. */
const TELL_MS_MAX = 250;

const MESSAGE = /^([0-9a-f-]{36}) (\d{1,15})$/;

export interface RedisRevocationsOptions {
  readonly redis: Redis;
  /** Where the truth is: every revocation is there before it is told. */
  readonly store: Pick<AccountStore, "revokedSince">;
  /** How long an access token lives. */
  readonly keptMs: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * Redis down: a log-out succeeds all the same, since the database has it. This process refuses the session at once, the others within
 * {@link LOOK_EVERY_MS}; a refresh token is refused everywhere at once, because it is always looked up.
 */
export class RedisRevocations implements Revocations {
  readonly #options: RedisRevocationsOptions;
  readonly #known: MemoryRevocations;
  readonly #untold: Counter;
  #stopHearing = (): void => {};
  #timer: Timer | null = null;
  #isStopped = false;
  /** What is revoked before it is known here; null before the first look. */
  #lookedUpToMs: number | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: RedisRevocationsOptions) {
    this.#options = options;
    this.#known = new MemoryRevocations(options.clock, options.keptMs);
    this.#untold = options.telemetry.counter(
      "pigonair_revocations_untold_total",
      "Revocations that Redis did not take.",
    );
  }

  /** Begins to hear and to look. Resolves when all that was revoked before is known. */
  async start(): Promise<void> {
    this.#stopHearing = this.#options.redis.hear(
      CHANNEL,
      (message) => this.#hear(message),
      // What was told while nobody heard it is in the database.
      () => void this.#look(),
    );
    await this.#look();
    this.#wait();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopHearing();
    this.#timer?.cancel();
  }

  isRevoked(session: SessionId): boolean {
    return this.#known.isRevoked(session);
  }

  async add(session: SessionId, atMs: number): Promise<void> {
    await this.#known.add(session, atMs);
    try {
      await this.#options.redis.ask((client) => client.publish(CHANNEL, `${session} ${atMs}`), TELL_MS_MAX);
    } catch (error) {
      this.#untold.add();
      this.#options.telemetry.log.warn({ error: String(error) }, "other processes find a revocation by themselves");
    }
  }

  #hear(message: string): void {
    const [, session, atMs] = MESSAGE.exec(message) ?? [];
    if (session !== undefined) void this.#known.add(session, Number(atMs));
  }

  /** One look at a time; whoever asks meanwhile gets the one that is on its way. */
  #look(): Promise<void> {
    this.#looking ??= this.#readStore()
      .catch((error: unknown) =>
        this.#options.telemetry.log.warn({ error: String(error) }, "revocations could not be looked up"),
      )
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async #readStore(): Promise<void> {
    const { store, clock, keptMs } = this.#options;
    const nowMs = clock.nowMs();
    const sinceMs = (this.#lookedUpToMs ?? nowMs - keptMs) - LATENESS_MS_MAX;
    const revoked = await store.revokedSince(sinceMs, REVOCATIONS_MAX);
    for (const { id, revokedAtMs } of revoked.reverse()) {
      if (!this.#known.isRevoked(id)) await this.#known.add(id, revokedAtMs);
    }
    this.#lookedUpToMs = nowMs;
  }

  #wait(): void {
    if (this.#isStopped) return;
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => {
      void this.#look().then(() => this.#wait());
    });
  }
}
