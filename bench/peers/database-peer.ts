/** Owns what the peers have in common whose only store is the database. */

import type { Answer, HoldRequest, Peer, PeerOptions } from "./peer.ts";
import { type Link, Pool } from "./pool.ts";
import { decide } from "./writes.ts";

/** @param hold one hold, on a connection of its own */
export async function databasePeer(
  { database, pool: size }: PeerOptions,
  hold: (link: Link, request: HoldRequest) => Promise<Answer>,
): Promise<Peer> {
  const pool = await Pool.open(database, size);
  return {
    hold: (request) => pool.use((link) => hold(link, request)),
    decide: (owner, decision) => decide(pool, owner, decision),
    close: () => pool.close(),
  };
}
