/** Owns the waiting for flights that finish what they have, before their shard is given up. */

import type { FlightActor } from "./flight-actor.ts";

interface Drain {
  readonly busy: Set<FlightActor>;
  readonly end: () => void;
}

export class Drains {
  readonly #drains = new Set<Drain>();

  /** Ends when each of these, which take nothing new, has been idle. */
  async wait(actors: readonly FlightActor[]): Promise<void> {
    const busy = new Set(actors.filter(({ isIdle }) => !isIdle));
    if (busy.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const drain = { busy, end: resolve };
    this.#drains.add(drain);
    await promise;
    this.#drains.delete(drain);
  }

  /** To be told whenever an actor may have finished something. */
  settled(actor: FlightActor): void {
    if (!actor.isIdle) return;
    for (const { busy, end } of this.#drains) if (busy.delete(actor) && busy.size === 0) end();
  }

  /** Nobody finishes anything any more. */
  abandon(): void {
    for (const { end } of this.#drains) end();
  }
}
