/** Owns what a process knows of one room: what the database says it is, how far it is, who lost their pass, and the order of those who came first. */

import { Draw } from "./draw/proof.ts";
import { calledOf, joinedOf } from "./positions.ts";
import { bitsByLoad } from "./proof-of-work.ts";
import { type Room, type RoomState, seedHashText, stateOf } from "./room.ts";
import type { DoorRules, Gap, Glance, RoomId } from "./room-store.ts";
import { ThresholdRate, type Turnover } from "./threshold-rate.ts";

/** What a proof of work costs where joining needs one: about a tenth of a second, on a telephone two. */
const WORK_BITS = 18;

/** Joins a second above which joining costs work in a room that decides by load. */
const JOINS_EXPECTED_PER_SECOND = 1_000;

/** What a flight said of its seats is believed for so long, in milliseconds: it says so each second while a room asks for it. */
const SEATS_HEARD_MS = 3_000;

export class KnownRoom {
  readonly rate = new ThresholdRate();
  /** By the place that a pass was given for, when it would have expired. */
  readonly #revoked = new Map<number, number>();
  #room: Room;
  #glance: Glance | null = null;
  #draw: Draw | null = null;
  #seedHash: string;
  /** The highest place that anybody here has seen. */
  #seqKnown: number;
  /** Places up to this one were given out before this process has brought the room back. */
  #lostTo = 0;
  #seenMs: number | null = null;
  /** What the flight said last, sooner than the pacer's decision tells it. */
  #heard: { readonly seatsLeft: number; readonly atMs: number } | null = null;
  #bitsByLoad = 0;
  /** The highest place that may be given out, as far as it is known to be durable. */
  ceiling: number;

  constructor(room: Room) {
    this.#room = room;
    this.#seedHash = seedHashText(room);
    this.#seqKnown = room.checkpoint.seqHigh;
    this.ceiling = room.checkpoint.seqCeiling;
    this.#learnDraw();
  }

  get room(): Room {
    return this.#room;
  }

  get id(): RoomId {
    return { flightId: this.#room.flightId, epoch: this.#room.epoch };
  }

  /** How far the room is; null while the store was never reached. */
  get glance(): Glance | null {
    return this.#glance;
  }

  /** The latest revocation that is known. */
  get cursor(): number {
    return this.#glance?.cursor ?? 0;
  }

  get seqKnown(): number {
    return this.#seqKnown;
  }

  /** Once the order is decided. */
  get draw(): Draw | null {
    return this.#draw;
  }

  /** Hexadecimal. */
  get seedHash(): string {
    return this.#seedHash;
  }

  get rules(): DoorRules {
    const { mode, settings, changedAtMs } = this.#room;
    const { admitPerMinute, passTtlMs, maxActive } = settings;
    return { changedAtMs, isPaused: mode === "paused", admitPerMinute, passTtlMs, maxActive };
  }

  /** Null while nobody knows. */
  get seatsLeft(): number | null {
    return this.#heard?.seatsLeft ?? this.#glance?.pace?.seatsLeft ?? null;
  }

  /** People in the line so far. */
  get joined(): number {
    return joinedOf(this.#glance ?? this.#room.checkpoint);
  }

  /** People in the line whose place is not reached yet. */
  get waiting(): number {
    return Math.max(0, this.joined - calledOf(this));
  }

  /** Places that losses of the store have skipped. */
  get gaps(): readonly Gap[] {
    return (this.#glance ?? this.#room.checkpoint).gaps;
  }

  get admitted(): number {
    return this.#glance?.admitted ?? this.#room.checkpoint.admitted;
  }

  /** Zero bits of the proof of work that joining costs now; 0: none. */
  get workBits(): number {
    const { proofOfWork } = this.#room.settings;
    if (proofOfWork === "off") return 0;
    return proofOfWork === "on" ? WORK_BITS : this.#bitsByLoad;
  }

  /** What waiting people's turn hangs on beside the pace; null while nobody knows. */
  get turnover(): Turnover | null {
    const { active = 0, pace = null } = this.#glance ?? {};
    if (pace === null || pace.activeMax === 0) return null;
    const perSecond = (pace.activeMax * 1_000) / this.#room.settings.passTtlMs;
    return { free: Math.max(0, pace.activeMax - active), perSecond };
  }

  state(nowMs: number): RoomState {
    return stateOf(this.#room, this.seatsLeft, nowMs);
  }

  /** Of the same epoch. */
  changeTo(room: Room): void {
    this.#room = room;
    this.#seedHash = seedHashText(room);
    this.ceiling = Math.max(this.ceiling, room.checkpoint.seqCeiling);
    this.#learnDraw();
  }

  see(glance: Glance, nowMs: number): void {
    const before = this.#glance;
    if (before !== null && this.#seenMs !== null && nowMs > this.#seenMs) {
      const perSecond = ((joinedOf(glance) - joinedOf(before)) * 1_000) / (nowMs - this.#seenMs);
      this.#bitsByLoad = bitsByLoad(perSecond, JOINS_EXPECTED_PER_SECOND, WORK_BITS, this.#bitsByLoad);
    }
    this.#seenMs = nowMs;
    this.#glance = glance;
    if (this.#heard !== null && nowMs - this.#heard.atMs > SEATS_HEARD_MS) this.#heard = null;
    this.#seqKnown = Math.max(this.#seqKnown, glance.seqHigh);
    for (const { seq, expiresAtMs } of glance.revoked) this.revoke(seq, expiresAtMs);
    for (const [seq, expiresAtMs] of this.#revoked) if (expiresAtMs <= nowMs) this.#revoked.delete(seq);
    this.rate.note(calledOf(glance), nowMs, this.waiting > 0 && this.state(nowMs) === "open");
  }

  /** @returns whether the last seat went, or the first came back: then everybody is told at once */
  hear(seatsLeft: number, nowMs: number): boolean {
    const wasSoldOut = this.seatsLeft === 0;
    this.#heard = { seatsLeft, atMs: nowMs };
    return wasSoldOut !== (seatsLeft === 0);
  }

  seen(seq: number): void {
    this.#seqKnown = Math.max(this.#seqKnown, seq);
  }

  /** The store had lost the room. */
  restored(): void {
    this.#lostTo = this.#seqKnown;
  }

  /** Whether the store has lost the room since a place was given out, as far as that is known here, and may not know any more whose it is. */
  mayHaveLost(seq: number): boolean {
    // A loss skips places, of which every process hears; none only where all below the ceiling were given out.
    return seq <= Math.max(this.#lostTo, this.gaps.at(-1)?.to ?? 0);
  }

  revoke(seq: number, expiresAtMs: number): void {
    this.#revoked.set(seq, expiresAtMs);
  }

  isRevoked(seq: number): boolean {
    return this.#revoked.has(seq);
  }

  /** The number of a place in the order in which people are let in; null until that is decided. */
  placeOf(seq: number): number | null {
    if (this.#draw === null) return null;
    return seq <= this.#draw.n ? this.#draw.rank(seq) : seq;
  }

  #learnDraw(): void {
    const { seed, frozen, drawnAtMs, beaconName, beaconValue } = this.#room.draw;
    if (frozen === null || drawnAtMs === null || this.#draw !== null) return;
    this.#draw = new Draw({ seed, n: frozen.n, root: frozen.root, beacon: { name: beaconName, value: beaconValue } });
  }
}
