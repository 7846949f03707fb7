/** Owns what a process knows of all rooms: read at the start, told by the bus within a moment, and looked after each second in case a word was lost. */

import type { Bus, Unsubscribe } from "../../actors/bus/bus.ts";
import { ALL_ROOMS, type RoomNotice, roomSubject } from "../../actors/bus/subjects.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { Log, Sample, Telemetry } from "../../actors/telemetry.ts";
import { mergedGaps } from "./gaps.ts";
import { Gatherer } from "./gatherer.ts";
import { KnownRoom } from "./known-room.ts";
import { isOver, PASS_TTL_MS_MAX, type Room } from "./room.ts";
import type { RoomBook } from "./room-book.ts";
import type { RoomStore } from "./room-store.ts";

/** How often all rooms are looked at, in milliseconds. */
export const TICK_MS = 1_000;

/** Changes are asked for again for so long, in milliseconds: clocks differ, and transactions end in another order than they began. */
const OVERLAP_MS = 60_000;

/** Flights that are read anew at once. */
const FRESH_PER_CALL = 64;

/** After so many looks that failed in a row this process no longer knows which rooms are on. */
const BLIND_AFTER = 10;

export interface RoomsServices {
  readonly book: RoomBook;
  readonly store: RoomStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export class Rooms {
  readonly #services: RoomsServices;
  readonly #log: Log;
  readonly #known = new Map<FlightId, KnownRoom>();
  readonly #restoring = new Map<FlightId, Promise<void>>();
  readonly #fresh: Gatherer<FlightId, FlightId>;
  /** Called after each look, and when what is told of a room has changed in between. */
  readonly #listeners = new Set<() => void>();
  #changedSinceMs = 0;
  #failedLooks = 0;
  /** Why the store can't be used, as it was said last. */
  #trouble: string | null = null;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #unsubscribe: Unsubscribe = () => {};
  #isStopped = false;

  constructor(services: RoomsServices) {
    this.#services = services;
    this.#log = services.telemetry.log;
    this.#fresh = new Gatherer(
      (ids) => this.#reloadAll(ids),
      (call) => services.clock.soon(call),
      FRESH_PER_CALL,
    );
    const { telemetry } = services;
    telemetry.gauge("pigonair_rooms_on", "Waiting rooms that are on.", () => this.on().length);
    telemetry.gauge(
      "pigonair_room_people",
      "People of all waiting rooms: who waits to be called, who was called and stands at the door, who has a pass.",
      () => this.#people(),
      ["place"],
    );
    telemetry.gauge("pigonair_room_rate_per_minute", "How many people a minute the pacer lets in, of all rooms.", () =>
      this.on().reduce((sum, { glance }) => sum + (glance?.pace?.ratePerMinute ?? 0), 0),
    );
  }

  /** Reads all rooms; nothing may be served before. @throws what the database does */
  async start(): Promise<void> {
    const { bus } = this.#services;
    this.#unsubscribe = bus.subscribe(
      ALL_ROOMS,
      (notice) => this.#hear(notice),
      () => this.#lookSoon(),
    );
    for (const room of await this.#services.book.rooms(0)) await this.#learn(room);
    await this.look();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#unsubscribe();
    await this.#looking;
  }

  get(flightId: FlightId): KnownRoom | null {
    return this.#known.get(flightId) ?? null;
  }

  /** Those whose door is watched: on, or paused. */
  on(): KnownRoom[] {
    return [...this.#known.values()].filter(({ room }) => room.mode === "on" || room.mode === "paused");
  }

  #people(): readonly Sample[] {
    const people = { waiting: 0, at_door: 0, inside: 0 };
    for (const { glance, waiting } of this.on()) {
      if (glance === null) continue;
      people.waiting += waiting;
      people.at_door += glance.atDoor;
      people.inside += glance.active;
    }
    return Object.entries(people).map(([place, value]) => ({ labels: { place }, value }));
  }

  /** Whether this process can't say any more which rooms are on. */
  get isBlind(): boolean {
    return this.#failedLooks >= BLIND_AFTER;
  }

  /** Why the store of rooms can't be used; null when it can. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** @returns ends it */
  onLook(call: () => void): Unsubscribe {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** Something that is told of a room is no longer so: whoever goes by the looks does it now. */
  tellHere(): void {
    for (const call of this.#listeners) call();
  }

  /** Reads a room anew, and gives it. */
  async reload(flightId: FlightId): Promise<KnownRoom | null> {
    const room = await this.#services.book.room(flightId);
    if (room !== null) await this.#learn(room);
    return this.get(flightId);
  }

  /**
   * A room as it is now, for whoever would be sent away by what is known of it here: it may have been turned on elsewhere, and the word of it be on
   * its way. However many ask at once, a flight's room is read once, by a read that began after they asked.
   */
  async fresh(flightId: FlightId): Promise<KnownRoom | null> {
    await this.#fresh.ask(flightId);
    return this.get(flightId);
  }

  async #reloadAll(ids: readonly FlightId[]): Promise<readonly FlightId[]> {
    await Promise.all(Array.from(new Set(ids), (id) => this.reload(id)));
    return ids;
  }

  /** Tells every process, this one too, that a room was changed or passes were revoked. */
  tell(notice: RoomNotice): void {
    this.#services.bus.publish(roomSubject(notice.flightId), notice);
  }

  /**
   * Asks the store about a room, which is brought back first where the store has lost it.
   * @throws OperationalError UNAVAILABLE when store or database is out of reach, or the room is of a later epoch by now
   */
  async ask<Answer>(known: KnownRoom, call: (store: RoomStore) => Promise<Answer | null>): Promise<Answer> {
    const { store } = this.#services;
    const answer = await call(store);
    if (answer !== null) return answer;
    await this.restore(known);
    const again = await call(store);
    if (again !== null) return again;
    throw new OperationalError("UNAVAILABLE", "The waiting room has just changed.");
  }

  /** Brings a room back from what the database has. Those who find it lost at the same time share one way. */
  restore(known: KnownRoom): Promise<void> {
    const { flightId } = known.room;
    const current = this.#restoring.get(flightId);
    if (current !== undefined) return current;
    const restoring = this.#restore(known).finally(() => this.#restoring.delete(flightId));
    this.#restoring.set(flightId, restoring);
    return restoring;
  }

  async #restore(known: KnownRoom): Promise<void> {
    const { book, store, clock } = this.#services;
    const { id, seqKnown } = known;
    const current = await book.room(id.flightId);
    if (current === null || current.epoch !== id.epoch) {
      if (current !== null) await this.#learn(current);
      return;
    }
    known.changeTo(current);
    // The store has forgotten it for good.
    if (isOver(current)) return;
    const passes = await book.passes(id);
    const { admitted, seqHigh, seqCeiling } = current.checkpoint;
    const gaps = mergedGaps([...current.checkpoint.gaps, ...known.gaps]);
    const frozen = current.draw.frozen?.n ?? null;
    await store.restore(
      id,
      { admitted, seqHigh, seqCeiling, seqKnown, gaps, frozen, rules: known.rules, passes },
      clock.nowMs(),
    );
    known.restored();
    await this.#noteSkipped(known, current.checkpoint.seqHigh);
    this.#log.info({ ...id, passes: passes.length, seqHigh }, "a waiting room was restored");
  }

  /**
   * What a loss skips is written down before anybody here has a place above it: the next loss would take the places for people, for whom all
   * would wait, and skip some more for each.
   */
  async #noteSkipped(known: KnownRoom, notedTo: number): Promise<void> {
    const { book, store, clock } = this.#services;
    const glance = await store.glance(known.id, known.cursor, clock.nowMs());
    if (glance === null || glance.seqHigh <= notedTo) return;
    known.see(glance, clock.nowMs());
    const { admitted, seqHigh, gaps } = glance;
    await book.note(known.id, { admitted, seqHigh, gaps, atMs: clock.nowMs() });
  }

  /** Looks at everything once. Never throws: what can't be reached keeps what was known of it. */
  async look(): Promise<void> {
    await this.#readChanges();
    const failures = await Promise.all(this.on().map((known) => this.#glance(known)));
    this.#note(failures.find((failure) => failure !== null) ?? null);
    this.tellHere();
  }

  async #readChanges(): Promise<void> {
    try {
      for (const room of await this.#services.book.rooms(this.#changedSinceMs)) await this.#learn(room);
      this.#failedLooks = 0;
    } catch (error) {
      this.#failedLooks += 1;
      if (this.#failedLooks === 1) this.#log.warn({ err: error }, "waiting rooms could not be read");
    }
  }

  /** What went wrong, or null. */
  async #glance(known: KnownRoom): Promise<string | null> {
    const { clock } = this.#services;
    try {
      const glance = await this.ask(known, (store) => store.glance(known.id, known.cursor, clock.nowMs()));
      known.see(glance, clock.nowMs());
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #note(trouble: string | null): void {
    if (trouble !== this.#trouble) {
      if (trouble === null) this.#log.info({}, "waiting rooms are within reach again");
      else
        this.#log.warn({ cause: trouble }, "waiting rooms are out of reach: passes that were given out go on counting");
    }
    this.#trouble = trouble;
  }

  async #learn(room: Room): Promise<void> {
    this.#changedSinceMs = Math.max(this.#changedSinceMs, room.changedAtMs - OVERLAP_MS);
    const known = this.#known.get(room.flightId);
    if (known !== undefined && known.room.epoch > room.epoch) return;
    if (known !== undefined && known.room.epoch === room.epoch) {
      if (room.changedAtMs >= known.room.changedAtMs) known.changeTo(room);
      return;
    }
    const { book, clock } = this.#services;
    const fresh = new KnownRoom(room);
    // From now on the gate goes by it, whatever else can be read.
    this.#known.set(room.flightId, fresh);
    if (room.mode === "off") return;
    for (const { seq, expiresAtMs } of await book.revoked(fresh.id, clock.nowMs())) fresh.revoke(seq, expiresAtMs);
  }

  #hear({ flightId, epoch, revoked }: RoomNotice): void {
    const known = this.#known.get(flightId);
    if (known !== undefined && known.room.epoch === epoch && revoked.length > 0) {
      const atMostMs = this.#services.clock.nowMs() + PASS_TTL_MS_MAX;
      for (const id of revoked) known.revoke(Number(id), atMostMs);
      return;
    }
    this.reload(flightId).then(
      () => this.tellHere(),
      (error: unknown) => this.#log.warn({ flightId, err: error }, "a waiting room could not be read"),
    );
  }

  /** Something may have been missed. */
  #lookSoon(): void {
    if (this.#isStopped || this.#looking !== null) return;
    this.#timer?.cancel();
    this.#timer = this.#services.clock.after(0, () => this.#run());
  }

  #arm(): void {
    // Where something was missed while the rooms were first read, it is armed already.
    this.#timer?.cancel();
    if (!this.#isStopped) this.#timer = this.#services.clock.after(TICK_MS, () => this.#run());
  }

  #run(): void {
    this.#looking = this.look().finally(() => {
      this.#looking = null;
      this.#arm();
    });
  }
}
