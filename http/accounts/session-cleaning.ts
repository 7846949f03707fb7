/** Owns the deletion of sessions that nothing needs any more. */

import type { Clock, Timer } from "../../actors/clock.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { ACCESS_TOKEN_TTL_MS } from "./access-tokens.ts";
import type { AccountStore } from "./account-store.ts";

const EVERY_MS = 60_000;

/** Few at once, so that no other writer waits long; and in a minute more than can log in. */
const ROWS_MAX = 200;
const ROUNDS_MAX = 50;

export class SessionCleaning {
  readonly #store: AccountStore;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(store: AccountStore, clock: Clock, telemetry: Telemetry) {
    this.#store = store;
    this.#clock = clock;
    this.#telemetry = telemetry;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.after(EVERY_MS, () => {
      this.clean()
        .catch((error: unknown) => this.#telemetry.log.warn({ error: String(error) }, "old sessions stay for now"))
        .finally(() => this.start());
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** A revoked session is needed for as long as its last access token lives: a restart reads it. */
  async clean(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    for (let round = 0; round < ROUNDS_MAX && !this.#isStopped; round++) {
      const forgotten = await this.#store.forgetSessions(nowMs, nowMs - ACCESS_TOKEN_TTL_MS, ROWS_MAX);
      if (forgotten < ROWS_MAX) return;
    }
  }
}
