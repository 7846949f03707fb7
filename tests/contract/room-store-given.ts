/** Owns the room that the contract of room stores is tried on: what it is given, and short ways to ask. */

import { present } from "../../actors/assert.ts";
import type {
  DoorAnswer,
  DoorRules,
  MemberPass,
  Pass,
  Raise,
  RoomId,
  RoomRemains,
  RoomStore,
} from "../../queue/room/room-store.ts";

export interface RoomStoreUnderTest {
  readonly store: RoomStore;
  /** Loses everything. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

export const NOW_MS = Date.UTC(2030, 0, 1);

export function rules(given: Partial<DoorRules> = {}): DoorRules {
  return { changedAtMs: NOW_MS, isPaused: false, admitPerMinute: 6_000, passTtlMs: 600_000, maxActive: null, ...given };
}

export function remains(given: Partial<RoomRemains> = {}): RoomRemains {
  return {
    admitted: 0,
    seqHigh: 0,
    seqCeiling: 0,
    gaps: [],
    seqKnown: 0,
    frozen: null,
    rules: rules(),
    passes: [],
    ...given,
  };
}

export function raised(admitted: number, given: Partial<Raise> = {}): Raise {
  return { admitted, ratePerMinute: 6_000, activeMax: 1_000, seatsLeft: 180, rules: rules(), note: null, ...given };
}

export function memberPass(seq: number, given: Partial<MemberPass> = {}): MemberPass {
  return {
    member: `m${seq}`,
    seq,
    issuedAtMs: NOW_MS - 1_000,
    expiresAtMs: NOW_MS + 599_000,
    endedAtMs: null,
    ...given,
  };
}

export function passOf(answer: DoorAnswer): Pass {
  if (answer.kind !== "pass") throw new Error(`no pass, but ${JSON.stringify(answer)}`);
  return answer.pass;
}

let rooms = 0;

/** A room of its own in a store. Its members are m1, m2, … */
export class GivenRoom {
  readonly store: RoomStore;
  room: RoomId;

  constructor(store: RoomStore) {
    this.store = store;
    rooms += 1;
    this.room = { flightId: `PG-${rooms}`, epoch: 1 };
  }

  /** Restores it with so many places. */
  async has(places: number, admitted = 0, pace: Partial<Raise> = {}): Promise<void> {
    await this.store.restore(this.room, remains(), NOW_MS);
    await this.join(...Array.from({ length: places }, (_, at) => `m${at + 1}`));
    if (admitted > 0) await this.raise(admitted, pace);
  }

  raise(admitted: number, pace: Partial<Raise> = {}, atMs = NOW_MS, fence = 1) {
    return this.store.raise(this.room, fence, raised(admitted, pace), atMs);
  }

  async join(...members: readonly string[]): Promise<number[]> {
    const asks = members.map((member) => ({ member, seq: null }));
    const answers = present(await this.store.join(this.room, asks, 0, 1_000_000), "the room is known");
    return answers.map((answer) => (answer.kind === "place" ? answer.seq : 0));
  }

  async glance(atMs = NOW_MS, cursor = 0) {
    return present(await this.store.glance(this.room, cursor, atMs), "the room is known");
  }

  /** The holder of a place asks at the door. */
  async door(seq: number, atMs = NOW_MS, given: Partial<DoorRules> = {}, member = `m${seq}`): Promise<DoorAnswer> {
    const ask = { member, seq, place: seq };
    return present(await this.store.door(this.room, ask, rules(given), atMs), "the room is known");
  }
}
