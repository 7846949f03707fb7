/** Owns what is told of ownership: counters, and one line of log for many shards that moved together. */

import type { Clock, Timer } from "../clock.ts";
import type { Counter, Log, Telemetry } from "../telemetry.ts";

/** Moves that come within so many milliseconds stand in one line. */
const LINE_MS = 1_000;

export class OwnershipMeter {
  readonly log: Log;
  readonly #clock: Clock;
  readonly #owned: () => number;
  readonly #claims: Counter;
  readonly #handOffs: Counter;
  readonly #fencings: Counter;
  readonly #beatsFailed: Counter;
  #taken = 0;
  #given = 0;
  #line: Timer | null = null;

  /** @param owned how many shards this process serves now */
  constructor(telemetry: Telemetry, clock: Clock, owned: () => number) {
    this.log = telemetry.log;
    this.#clock = clock;
    this.#owned = owned;
    this.#claims = telemetry.counter("pigonair_shard_claims_total", "Shards that this process has taken over.");
    this.#handOffs = telemetry.counter(
      "pigonair_shard_hand_offs_total",
      "Shards that this process has given up in order.",
    );
    this.#fencings = telemetry.counter("pigonair_fencings_total", "How often others took over because it seemed gone.");
    this.#beatsFailed = telemetry.counter("pigonair_beats_failed_total", "Beats that did not reach the database.");
    telemetry.gauge("pigonair_shards_owned", "Shards that this process serves.", owned);
  }

  took(shards: number): void {
    this.#claims.add(shards);
    this.#taken += shards;
    this.#tellSoon();
  }

  gave(shards: number): void {
    this.#handOffs.add(shards);
    this.#given += shards;
    this.#tellSoon();
  }

  fenced(incarnation: string, shards: number): void {
    this.#fencings.add();
    this.log.warn({ incarnation, shards }, "fenced: another host has taken over, starting anew");
  }

  beatFailed(): void {
    this.#beatsFailed.add();
  }

  /** Writes what has moved since the last line. */
  tell(): void {
    this.#line?.cancel();
    this.#line = null;
    if (this.#taken + this.#given === 0) return;
    this.log.info({ taken: this.#taken, given: this.#given, owned: this.#owned() }, "shards moved");
    this.#taken = 0;
    this.#given = 0;
  }

  #tellSoon(): void {
    this.#line ??= this.#clock.after(LINE_MS, () => this.tell());
  }
}
