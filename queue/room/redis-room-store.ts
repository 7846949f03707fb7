/** Owns the waiting rooms in Redis: one script a step. All keys of a room share a hash tag, so that a cluster can hold them. */

import type { MemberId } from "../../actors/domain/ids.ts";
import type { Redis, RedisClient } from "../redis/redis.ts";
import { RedisScript } from "../redis/script.ts";
import { gapsIn, gapsText } from "./gaps.ts";
import door from "./lua/door.lua" with { type: "text" };
import end from "./lua/end.lua" with { type: "text" };
import forget from "./lua/forget.lua" with { type: "text" };
import freeze from "./lua/freeze.lua" with { type: "text" };
import glance from "./lua/glance.lua" with { type: "text" };
import join from "./lua/join.lua" with { type: "text" };
import lease from "./lua/lease.lua" with { type: "text" };
import places from "./lua/places.lua" with { type: "text" };
import raise from "./lua/raise.lua" with { type: "text" };
import release from "./lua/release.lua" with { type: "text" };
import restore from "./lua/restore.lua" with { type: "text" };
import takeBack from "./lua/take-back.lua" with { type: "text" };
import {
  CLAIM_WINDOW_MS,
  type DoorAnswer,
  type DoorAsk,
  type DoorRules,
  type Glance,
  GRACE_MS,
  type JoinAnswer,
  type JoinAsk,
  type Lease,
  type PlacesPage,
  PRESENCE_MS,
  type Raise,
  RESTORED_SHUT_MS,
  type RevokedPass,
  ROOM_JOURNAL_MAX,
  type RoomId,
  type RoomRemains,
  type RoomStore,
} from "./room-store.ts";

const DOOR = new RedisScript(door);
const END = new RedisScript(end);
const FORGET = new RedisScript(forget);
const FREEZE = new RedisScript(freeze);
const GLANCE = new RedisScript(glance);
const JOIN = new RedisScript(join);
const LEASE = new RedisScript(lease);
const PLACES = new RedisScript(places);
const RAISE = new RedisScript(raise);
const RELEASE = new RedisScript(release);
const RESTORE = new RedisScript(restore);
const TAKE_BACK = new RedisScript(takeBack);

const PARTS = [
  "places",
  "over",
  "raises",
  "door",
  "present",
  "away",
  "active",
  "passes",
  "revoked",
  "journal",
  "kept",
] as const;
type Part = (typeof PARTS)[number];

const LEASE_KEY = "room:lease";

/** Places that one step of a scan takes, about. */
const PLACES_PER_PAGE = 2_000;

/** The longest a restore with all passes of a room may take, in milliseconds. */
const RESTORE_MS_MAX = 5_000;

/** Revocations that one glance takes; the rest follows with the next. */
const REVOKED_PER_GLANCE = 10_000;

type Value = string | number;

export class RedisRoomStore implements RoomStore {
  readonly #redis: Redis;
  /** Which process answers on the connection of this number. A copy of a room says by which process it was held, so that it is known to be one. */
  #server: { readonly connection: number; readonly id: string } | null = null;
  #client: RedisClient | null = null;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async restore(room: RoomId, remains: RoomRemains, nowMs: number): Promise<void> {
    const { rules } = remains;
    const passes = remains.passes.toSorted((a, b) => a.issuedAtMs - b.issuedAtMs);
    const [before] = (await this.#run(
      RESTORE,
      room,
      [null, ...PARTS],
      [
        nowMs,
        remains.admitted,
        remains.seqHigh,
        remains.seqCeiling,
        remains.seqKnown,
        remains.frozen ?? "",
        gapsText(remains.gaps),
        ...rulesOf(rules),
        RESTORED_SHUT_MS,
        ...passes.flatMap(({ member, seq, issuedAtMs, expiresAtMs, endedAtMs }) => [
          member,
          seq,
          issuedAtMs,
          expiresAtMs,
          endedAtMs === null ? 0 : 1,
        ]),
      ],
      RESTORE_MS_MAX,
    )) as [number, number];
    if (before > 0 && before < room.epoch) await this.forget({ ...room, epoch: before });
  }

  async join(
    room: RoomId,
    asks: readonly JoinAsk[],
    seqKnown: number,
    ceiling: number,
  ): Promise<readonly JoinAnswer[] | null> {
    const args = asks.flatMap(({ member, seq }): Value[] => [member, seq ?? 0]);
    const answer = (await this.#run(JOIN, room, [null, "places", "over"], [seqKnown, ceiling, ...args])) as
      | number[]
      | null;
    if (answer === null) return null;
    return asks.map((_, at): JoinAnswer => {
      const seq = answer[at * 2] ?? 0;
      const second = answer[at * 2 + 1] ?? 0;
      if (seq < 0) return { kind: "over" };
      return seq === 0 ? { kind: "full", seqHigh: second } : { kind: "place", seq, isNew: second === 1 };
    });
  }

  async door(
    room: RoomId,
    { member, seq, place }: DoorAsk,
    rules: DoorRules,
    nowMs: number,
  ): Promise<DoorAnswer | null> {
    const answer = (await this.#run(
      DOOR,
      room,
      [null, "places", "over", "raises", "door", "present", "away", "active", "passes", "kept"],
      [nowMs, member, seq, place, ...rulesOf(rules), CLAIM_WINDOW_MS, GRACE_MS, PRESENCE_MS],
    )) as [DoorAnswer["kind"], ...number[]] | null;
    if (answer === null) return null;
    const [kind, first = 0, second = 0, issuedAtMs = 0, expiresAtMs = 0] = answer;
    switch (kind) {
      case "pass":
        return { kind, isNew: first === 1, pass: { seq: second, issuedAtMs, expiresAtMs } };
      case "waiting":
        return { kind, admitted: first };
      case "at-door":
        return { kind, ahead: first };
      case "other":
        return { kind, seq: first };
      case "over":
        return { kind };
    }
  }

  async end(room: RoomId, member: MemberId, { seq, expiresAtMs }: RevokedPass, nowMs: number): Promise<boolean | null> {
    const keys = [null, "places", "over", "active", "passes", "revoked"] as const;
    const answer = await this.#run(END, room, keys, [nowMs, member, seq, expiresAtMs]);
    return answer === null ? null : answer === 1;
  }

  async takeBack(room: RoomId, { member, seq, place }: DoorAsk, nowMs: number): Promise<boolean | null> {
    const keys = [null, "door", "present", "active", "passes"] as const;
    const answer = await this.#run(TAKE_BACK, room, keys, [nowMs, member, seq, place]);
    return answer === null ? null : answer === 1;
  }

  async raise(room: RoomId, fence: number, raised: Raise, nowMs: number): Promise<boolean | null> {
    const answer = await this.#run(
      RAISE,
      room,
      [null, "raises", "journal"],
      [
        nowMs,
        fence,
        raised.admitted,
        raised.ratePerMinute,
        raised.activeMax,
        raised.seatsLeft ?? "",
        ...rulesOf(raised.rules),
        CLAIM_WINDOW_MS + GRACE_MS,
        raised.note ?? "",
        ROOM_JOURNAL_MAX,
      ],
    );
    return answer === null ? null : answer === 1;
  }

  async glance(room: RoomId, cursor: number, nowMs: number): Promise<Glance | null> {
    const answer = (await this.#run(
      GLANCE,
      room,
      [null, "door", "present", "away", "active", "revoked", "places", "over", "passes", "kept"],
      [nowMs, cursor, PRESENCE_MS, GRACE_MS, REVOKED_PER_GLANCE],
    )) as Value[] | null;
    if (answer === null) return null;
    const [seq, ceiling, gaps, admitted, frozen, active, atDoor, shown, rate, activeMax, seatsLeft, last, ...revoked] =
      answer;
    return {
      seqHigh: Number(seq),
      seqCeiling: Number(ceiling),
      gaps: gapsIn(String(gaps)),
      admitted: Number(admitted),
      frozen: numberOrNull(frozen),
      active: Number(active),
      atDoor: Number(atDoor),
      shown: Number(shown),
      pace:
        rate === ""
          ? null
          : { ratePerMinute: Number(rate), activeMax: Number(activeMax), seatsLeft: numberOrNull(seatsLeft) },
      revoked: revoked.map((entry) => {
        const [id, expiresAtMs] = String(entry).split(":");
        return { seq: Number(id), expiresAtMs: Number(expiresAtMs) };
      }),
      cursor: Number(last),
    };
  }

  async freeze(room: RoomId): Promise<number | null> {
    return (await this.#run(FREEZE, room, [null], [])) as number | null;
  }

  async places(room: RoomId, cursor: string | null): Promise<PlacesPage | null> {
    const answer = (await this.#run(PLACES, room, [null, "places"], [cursor ?? "0", PLACES_PER_PAGE])) as
      | [string, string[]]
      | null;
    if (answer === null) return null;
    const [next, flat] = answer;
    const found = Array.from({ length: flat.length / 2 }, (_, at) => ({
      member: flat[at * 2] ?? "",
      seq: Number(flat[at * 2 + 1]),
    }));
    return { places: found, next: next === "0" ? null : next };
  }

  journal(room: RoomId, limit: number): Promise<readonly string[]> {
    return this.#redis.ask((client) => client.lRange(keyOf(room, "journal"), 0, limit - 1));
  }

  async lease(holder: string, ttlMs: number, nowMs: number): Promise<Lease | null> {
    const fence = (await this.#redis.run(LEASE, [LEASE_KEY], [holder, ttlMs, nowMs])) as number | null;
    return fence === null ? null : { fence };
  }

  async release(holder: string): Promise<void> {
    await this.#redis.run(RELEASE, [LEASE_KEY], [holder]);
  }

  async forget(room: RoomId): Promise<void> {
    await this.#redis.run(
      FORGET,
      [null, ...PARTS].map((part) => keyOf(room, part)),
      [room.epoch],
    );
  }

  async #run(
    script: RedisScript,
    room: RoomId,
    parts: readonly (Part | null)[],
    args: readonly Value[],
    answerMsMax?: number,
  ): Promise<unknown> {
    const server = this.#known() ?? (await this.#learn());
    const keys = parts.map((part) => keyOf(room, part));
    return this.#redis.run(script, keys, [server, room.epoch, ...args], answerMsMax);
  }

  /** Who answers on the connection that a command would take now; null while that isn't known. */
  #known(): string | null {
    return this.#server !== null && this.#client?.socketEpoch === this.#server.connection ? this.#server.id : null;
  }

  async #learn(): Promise<string> {
    let connection = 0;
    const info = await this.#redis.ask((client) => {
      this.#client = client;
      connection = client.socketEpoch;
      return client.info("server");
    });
    const id = /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
    this.#server = { connection, id };
    return id;
  }
}

function keyOf({ flightId, epoch }: RoomId, part: Part | null): string {
  return part === null ? `room:{${flightId}}` : `room:{${flightId}}:${epoch}:${part}`;
}

function numberOrNull(value: Value | undefined): number | null {
  return value === "" || value === undefined ? null : Number(value);
}

function rulesOf({ changedAtMs, isPaused, admitPerMinute, passTtlMs, maxActive }: DoorRules): Value[] {
  return [changedAtMs, isPaused ? 1 : 0, admitPerMinute, passTtlMs, maxActive ?? 0];
}
