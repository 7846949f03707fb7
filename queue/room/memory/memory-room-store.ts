/** Owns the waiting rooms of a single process, in its memory: what the database has brings them back after a restart. */

import type { FlightId, MemberId } from "../../../actors/domain/ids.ts";
import type {
  DoorAnswer,
  DoorAsk,
  DoorRules,
  Glance,
  JoinAnswer,
  JoinAsk,
  Lease,
  PlacesPage,
  Raise,
  RevokedPass,
  RoomId,
  RoomRemains,
  RoomStore,
} from "../room-store.ts";
import { MemoryRoom } from "./memory-room.ts";

interface Kept {
  readonly epoch: number;
  readonly room: MemoryRoom;
}

export class MemoryRoomStore implements RoomStore {
  readonly #rooms = new Map<FlightId, Kept>();
  #lease = { holder: "", untilMs: 0, fence: 0 };

  async restore({ flightId, epoch }: RoomId, remains: RoomRemains, nowMs: number): Promise<void> {
    const known = this.#rooms.get(flightId);
    if (known !== undefined && known.epoch >= epoch) return;
    this.#rooms.set(flightId, { epoch, room: new MemoryRoom(remains, nowMs) });
  }

  async join(
    room: RoomId,
    asks: readonly JoinAsk[],
    seqKnown: number,
    ceiling: number,
  ): Promise<readonly JoinAnswer[] | null> {
    return this.#room(room)?.join(asks, seqKnown, ceiling) ?? null;
  }

  async door(room: RoomId, ask: DoorAsk, rules: DoorRules, nowMs: number): Promise<DoorAnswer | null> {
    return this.#room(room)?.door(ask, rules, nowMs) ?? null;
  }

  async end(room: RoomId, member: MemberId, pass: RevokedPass, nowMs: number): Promise<boolean | null> {
    return this.#room(room)?.end(member, pass, nowMs) ?? null;
  }

  async takeBack(room: RoomId, ask: DoorAsk, nowMs: number): Promise<boolean | null> {
    return this.#room(room)?.takeBack(ask, nowMs) ?? null;
  }

  async raise(room: RoomId, fence: number, raise: Raise, nowMs: number): Promise<boolean | null> {
    return this.#room(room)?.raise(fence, raise, nowMs) ?? null;
  }

  async glance(room: RoomId, cursor: number, nowMs: number): Promise<Glance | null> {
    return this.#room(room)?.glance(cursor, nowMs) ?? null;
  }

  async freeze(room: RoomId): Promise<number | null> {
    return this.#room(room)?.freeze() ?? null;
  }

  async places(room: RoomId): Promise<PlacesPage | null> {
    const places = this.#room(room)?.places();
    return places === undefined ? null : { places, next: null };
  }

  async journal(room: RoomId, limit: number): Promise<readonly string[]> {
    return this.#room(room)?.journal(limit) ?? [];
  }

  async lease(holder: string, ttlMs: number, nowMs: number): Promise<Lease | null> {
    const { holder: current, untilMs, fence } = this.#lease;
    if (holder !== current && current !== "" && untilMs > nowMs) return null;
    const next = holder === current ? fence : Math.max(fence + 1, nowMs);
    this.#lease = { holder, untilMs: nowMs + ttlMs, fence: next };
    return { fence: next };
  }

  async release(holder: string): Promise<void> {
    if (this.#lease.holder === holder) this.#lease = { ...this.#lease, holder: "", untilMs: 0 };
  }

  async forget({ flightId, epoch }: RoomId): Promise<void> {
    if (this.#rooms.get(flightId)?.epoch === epoch) this.#rooms.delete(flightId);
  }

  #room({ flightId, epoch }: RoomId): MemoryRoom | null {
    const kept = this.#rooms.get(flightId);
    return kept?.epoch === epoch ? kept.room : null;
  }
}
