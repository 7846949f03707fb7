/** Owns when everything has come to rest: nothing is on its way, nothing waits, and every flight answers. */

import { shardOf } from "../../../actors/domain/ids.ts";
import { type Candidate, desiredOwner } from "../../../actors/ownership/rendezvous.ts";
import { LEASE_MS } from "../../../actors/shards.ts";
import { REQUEST_MS_MAX } from "../cluster/edge.ts";
import { place, SCHEMA } from "../sql/schema.ts";
import type { World } from "../world/world.ts";
import type { FlightModel } from "./flight-model.ts";
import { JournalReader } from "./journal-reader.ts";

/** Something that has not come to rest, in words. */
export interface Open {
  readonly what: string;
  readonly isLateMoney: boolean;
}

/** @returns a question: what has not come to rest; null when everything has */
export function settledWhen(world: World, areMembersDone: () => boolean): () => Open | null {
  let served: Set<string> | null = null;
  const serve = (): string | undefined => {
    // Not before: whoever asks for a flight has it looked at, and what is over must end though nobody asks.
    if (served === null) {
      const answered = new Set<string>();
      for (const { flightId } of world.flights) void probe(world, flightId).then(() => answered.add(flightId));
      served = answered;
    }
    return world.flights.map(({ flightId }) => flightId).find((flightId) => !served?.has(flightId));
  };
  return () => {
    if (!areMembersDone()) return open("members still wait for answers");
    const [first] = world.flights;
    if (world.plan.room !== null && first !== undefined && !world.roomChecks.isPaced(first.flightId)) {
      return open(`nobody paces the room of ${first.flightId}`);
    }
    for (const model of world.models.values()) {
      const what = openIn(world, model);
      if (what !== null) return open(what);
    }
    const late = lateMoney(world);
    if (late !== null) return late;
    const misplaced = misplacedIn(world);
    if (misplaced !== null) return open(misplaced);
    const unserved = serve();
    return unserved === undefined ? null : open(`nobody serves ${unserved}`);
  };
}

function open(what: string): Open {
  return { what, isLateMoney: false };
}

/** A flight that is not with the host that should have it, of those that the database and the bus reach. */
function misplacedIn({ server, flights }: World): string | null {
  const candidates: Candidate[] = [];
  for (const row of server.tables.rows("hosts").values()) {
    const is = (column: string) => row[place("hosts", column)];
    const expiresMs = Number(is("expires_at"));
    const isLive = Number(is("fenced")) === 0 && expiresMs > server.nowMs;
    // The same beat has set both.
    if (!isLive || Number(is("bus_ok_at")) !== expiresMs - LEASE_MS) continue;
    const [hostId, incarnation] = [String(is("host_id")), String(is("incarnation"))];
    candidates.push({ hostId, incarnation, weight: Number(is("weight")) });
  }
  for (const { flightId } of flights) {
    const owner = server.tables.rows("shards").get(shardOf(flightId))?.[place("shards", "owner")];
    const rightful = desiredOwner(shardOf(flightId), candidates);
    if (owner !== rightful) return `${flightId} is ${owner}'s, and should be ${rightful}'s`;
  }
  return null;
}

function lateMoney({ bank, models }: World): Open | null {
  if (bank.latePayments > 0) return { what: "money is on its way", isLateMoney: true };
  for (const { attempts } of models.values()) {
    for (const { id, status } of attempts.values()) {
      const isEnded = status === "FAILED" || status === "CANCELLED";
      if (isEnded && bank.server.find(id)?.status === "CAPTURED") {
        return { what: `nobody has found the money of ${id}`, isLateMoney: true };
      }
    }
  }
  return null;
}

/** Asks until it is answered. */
async function probe(world: World, flightId: string): Promise<void> {
  const random = world.random.fork(`probe ${flightId}`);
  for (;;) {
    const edge = world.someEdge(random);
    const answer = await Promise.race([
      edge?.ask({ flightId, op: "seat-map", args: {}, member: null, key: null, fingerprint: "" }).catch(() => null) ??
        null,
      new Promise<null>((resolve) => world.loop.after(REQUEST_MS_MAX + 1_000, () => resolve(null))),
    ]);
    if (answer?.reply.ok === true) return;
    await new Promise<void>((resolve) => world.loop.after(100, resolve));
  }
}

function openIn(world: World, model: FlightModel): string | null {
  for (const { id, status } of model.reservations.values()) {
    if (status === "HELD" || status === "PAYING" || status === "CANCELLING") return `${id} is ${status}`;
  }
  for (const { id, status } of model.attempts.values()) {
    if (status === "PENDING" || status === "REFUNDING") return `attempt ${id} is ${status}`;
  }
  const [behind] = world.reader.missing(model.flightId, ofInterest(world, model));
  return behind === undefined ? null : `entry ${behind} of ${model.flightId} has not been handed on`;
}

function ofInterest(world: World, model: FlightModel): number[] {
  const journal = SCHEMA.tables.get("journal");
  if (journal === undefined) return [];
  const versions: number[] = [];
  for (let version = 1; version <= model.version; version++) {
    const row = world.server.tables.rows("journal").get(`${model.flightId}\u0000${version}`);
    const turns = String(row?.[journal.placeOf("turns")] ?? "");
    const types = Array.from(turns.matchAll(/"type":"([a-z-]+)"/g), ([, type = ""]) => type);
    if (JournalReader.isOfInterest(types)) versions.push(version);
  }
  return versions;
}
