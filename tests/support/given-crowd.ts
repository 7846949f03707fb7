/** Owns a crowd at a waiting room: people who ask at the door, each on an edge of their own, and what must hold of the passes that they get. */

import { expect } from "bun:test";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { openRedis, type Redis } from "../../queue/redis/redis.ts";
import { RedisRoomStore } from "../../queue/room/redis-room-store.ts";
import type { RedisServer } from "./given-redis.ts";
import { type GivenEdge, GivenRooms, type GivenRoomsOptions } from "./given-rooms.ts";

const MINUTE_MS = 60_000;

/** Several processes over one Redis, each with a connection of its own. */
export class GivenRedisRooms {
  readonly #redis: Redis[] = [];
  readonly rooms: GivenRooms;

  private constructor(rooms: GivenRooms, redis: Redis[]) {
    this.rooms = rooms;
    this.#redis = redis;
  }

  static async open(server: RedisServer, edges: number, options: GivenRoomsOptions = {}): Promise<GivenRedisRooms> {
    const redis: Redis[] = [];
    for (let edge = 0; edge < edges; edge++) {
      redis.push(await openRedis(server.url, { telemetry: silent, clock: systemClock() }));
    }
    const storeOf = (edge: number) => {
      const connection = redis[edge % redis.length];
      if (connection === undefined) throw new Error("a connection for each edge");
      return new RedisRoomStore(connection);
    };
    return new GivenRedisRooms(await GivenRooms.open({ edges, storeOf, ...options }), redis);
  }

  async close(): Promise<void> {
    await this.rooms.close();
    for (const redis of this.#redis) redis.close();
  }
}

interface Person {
  readonly member: string;
  readonly ticket: string;
  readonly seq: number;
  /** Since when they stand at the door; null before. */
  atDoorMs: number | null;
}

export interface HandedOut {
  readonly seq: number;
  readonly member: string;
  readonly pass: string;
  /** Since when the member stood at the door, and when the pass came to them. */
  readonly atDoorMs: number;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

export class Crowd {
  readonly #given: GivenRooms;
  /** Those who have no pass yet. */
  readonly waiting = new Map<string, Person>();
  readonly passes: HandedOut[] = [];

  constructor(given: GivenRooms) {
    this.#given = given;
  }

  /** So many people join, each on some edge. */
  async join(count: number, name: string): Promise<void> {
    const joinings = Array.from({ length: count }, async (_, at) => {
      const member = `${name}${at}`;
      const { ticket, seq } = await this.#given.join(member, null, this.#edge(at));
      this.waiting.set(member, { member, ticket, seq, atDoorMs: null });
    });
    await Promise.all(joinings);
  }

  /** Everybody asks once at the door, in some order, on some edge. @param share of them who do: those with this remainder by the first number */
  async ask([of, remainder]: readonly [number, number] = [1, 0]): Promise<void> {
    const here = [...this.waiting.values()].filter(({ seq }) => seq % of === remainder);
    here.sort((a, b) => hashOf(a.member, this.passes.length) - hashOf(b.member, this.passes.length));
    const nowMs = this.#given.clock.nowMs();
    await Promise.all(
      here.map(async (person, at) => {
        const { member, ticket, seq } = person;
        const entering = await this.#given.enter(member, ticket, this.#edge(at)).catch(() => null);
        if (entering?.kind === "pass") {
          this.waiting.delete(member);
          const atDoorMs = person.atDoorMs ?? nowMs;
          const { pass, expiresAtMs } = entering;
          this.passes.push({ seq, member, pass, atDoorMs, atMs: nowMs, expiresAtMs });
        }
        if (entering?.kind === "not-yet" && entering.reason === "AT_DOOR") person.atDoorMs ??= nowMs;
        if (entering?.kind === "over") this.waiting.delete(member);
      }),
    );
  }

  /** Lets seconds pass. @param every after how many of them one asks again */
  async seconds(count: number, every = 1): Promise<void> {
    for (let second = 0; second < count; second++) {
      await this.#given.seconds(1);
      await this.ask([every, second % every]);
    }
  }

  /** What must hold of all passes, at any moment. */
  check({ activeMax, perMinute }: { readonly activeMax: number; readonly perMinute: number }): void {
    const { passes } = this;
    for (const { atMs } of passes) {
      const active = passes.filter((pass) => pass.atMs <= atMs && atMs < pass.expiresAtMs);
      expect(active.length).toBeLessThanOrEqual(activeMax);
      const inMinute = passes.filter((pass) => pass.atMs >= atMs && pass.atMs < atMs + MINUTE_MS);
      expect(inMinute.length).toBeLessThanOrEqual(perMinute);
    }
    const members = passes.map(({ member }) => member);
    expect(new Set(members).size).toBe(members.length);
  }

  /**
   * Nobody gets a pass before somebody whose place is lower and who stood at the door already; and nobody whose place is lower still waits.
   * @param placeOf the order in which they are to be let in
   */
  checkOrder(placeOf: (seq: number) => number): void {
    const inOrder = this.passes.toSorted((a, b) => placeOf(a.seq) - placeOf(b.seq));
    for (const [at, lower] of inOrder.entries()) {
      const passedOver = inOrder.slice(at + 1).filter(({ atMs }) => atMs < lower.atMs && lower.atDoorMs < atMs);
      expect(passedOver.map(({ seq }) => seq)).toEqual([]);
    }
    const first = Math.min(...[...this.waiting.values()].map(({ seq }) => placeOf(seq)));
    expect(Math.max(...inOrder.map(({ seq }) => placeOf(seq)))).toBeLessThan(first);
  }

  #edge(at: number): GivenEdge {
    const living = this.#given.edges.filter(({ isKilled }) => !isKilled);
    const edge = living[at % living.length];
    if (edge === undefined) throw new Error("an edge lives");
    return edge;
  }
}

/** The same disorder each time. */
function hashOf(text: string, salt: number): number {
  return Number(Bun.hash.wyhash(text, BigInt(salt)) & 0xffffffffn);
}
