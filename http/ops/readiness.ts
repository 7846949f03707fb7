/** Owns whether this server should be sent requests: every part that it needs says what is wrong, and while it stops it takes none. */

import type { Clock } from "../../actors/clock.ts";

/** A check that takes longer counts as failed, in milliseconds. */
const CHECK_MS_MAX = 2_000;

export type Dependency = "database" | "nats" | "redis";

export interface ReadinessCheck {
  /** What is checked, as an operator calls it: `database`, `shards`. */
  readonly name: string;
  /** The server that it is about, where it is one. */
  readonly dependency?: Dependency;
  /** What is wrong, or null. Throwing means the same as saying so. */
  check(): Promise<string | null>;
  /** What it found well counts so long, in milliseconds, where a check costs more than balancers should ask for. @default 0 */
  readonly wellMs?: number;
  /** It asks through a part that has a check of its own: when that part hangs, nothing is known of this one. @default false */
  readonly isUnknownWhenLate?: boolean;
}

export interface Down {
  readonly name: string;
  readonly reason: string;
}

export class Readiness {
  readonly #clock: Clock;
  readonly #checks: readonly ReadinessCheck[];
  readonly #wellUntilMs = new Map<ReadinessCheck, number>();
  #isStopping = false;

  constructor(clock: Clock, checks: readonly ReadinessCheck[]) {
    this.#clock = clock;
    this.#checks = checks;
  }

  /** It takes its leave: what it still answers says so. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** From now on it is not ready: called first when the server stops, so that balancers turn away before it does. */
  stop(): void {
    this.#isStopping = true;
  }

  /** The checks that are about a server of somebody else's. */
  get dependencies(): readonly { readonly name: string; readonly dependency: Dependency }[] {
    return this.#checks.flatMap(({ name, dependency }) => (dependency === undefined ? [] : [{ name, dependency }]));
  }

  /** What is down; nothing when requests are welcome. */
  async down(): Promise<readonly Down[]> {
    if (this.#isStopping) return [{ name: "server", reason: "stopping" }];
    return await this.checked();
  }

  /** What is down, also while the server stops. */
  async checked(): Promise<readonly Down[]> {
    const reasons = await Promise.all(this.#checks.map((each) => this.#reasonOf(each)));
    return this.#checks.flatMap(({ name }, at) => {
      const reason = reasons[at];
      return typeof reason === "string" ? [{ name, reason }] : [];
    });
  }

  async #reasonOf(each: ReadinessCheck): Promise<string | null> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < (this.#wellUntilMs.get(each) ?? 0)) return null;
    const reason = await this.#ask(each);
    if (reason === null && each.wellMs !== undefined) this.#wellUntilMs.set(each, nowMs + each.wellMs);
    return reason;
  }

  /** Why a check failed is for the log of the part itself: an error's own words may hold what the public should not read. */
  #ask(each: ReadinessCheck): Promise<string | null> {
    return new Promise((resolve) => {
      const late = each.isUnknownWhenLate === true ? null : `no answer within ${CHECK_MS_MAX} ms`;
      const timer = this.#clock.after(CHECK_MS_MAX, () => resolve(late));
      const finish = (reason: string | null): void => {
        timer.cancel();
        resolve(reason);
      };
      Promise.try(() => each.check()).then(finish, () => finish("failed"));
    });
  }
}
