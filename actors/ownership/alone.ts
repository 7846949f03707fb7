/** Owns the start of a host that reaches no other: it may own shards only where nobody else does. */

import type { Clock } from "../clock.ts";
import { type ClusterShards, LEASE_MS } from "../shards.ts";

/** Another host has been found, and no way to it. The message says what to do. */
export class NotAlone extends Error {
  override readonly name = "NotAlone";
}

/** How often a host that must be alone looks whether the others are gone, in milliseconds. */
const LOOK_MS = 500;

/**
 * A host that died is forgotten after its lease; one that lives would own flights that nobody here could ask.
 * @throws NotAlone
 */
export async function waitToBeAlone(store: ClusterShards, clock: Clock): Promise<void> {
  const giveUpMs = clock.monotonicMs() + LEASE_MS + LOOK_MS;
  for (;;) {
    const [other] = (await store.view()).hosts;
    if (other === undefined) return;
    if (clock.monotonicMs() > giveUpMs) {
      throw new NotAlone(
        `${other.hostId} serves from this database as well: give both NATS_URL, so that they reach each other`,
      );
    }
    await new Promise<void>((resolve) => void clock.after(LOOK_MS, resolve));
  }
}
