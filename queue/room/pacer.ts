/**
 * Owns who is let in when: one process of all decides, each second, for all rooms. It goes by what the flights say of themselves, and
 * its fence keeps a predecessor that doesn't know it yet from deciding anything.
 */

import type { Bus, Unsubscribe } from "../../actors/bus/bus.ts";
import { ALL_STATS, type LoadSignal } from "../../actors/bus/subjects.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Counter, Histogram, Log, Telemetry } from "../../actors/telemetry.ts";
import type { KnownRoom } from "./known-room.ts";
import { Leadership } from "./leadership.ts";
import type { Opening } from "./opening.ts";
import { PacedRoom } from "./paced-room.ts";
import type { RoomBook } from "./room-book.ts";
import type { RoomStore } from "./room-store.ts";
import type { Rooms } from "./rooms.ts";

export interface PacerServices {
  readonly rooms: Rooms;
  readonly store: RoomStore;
  readonly book: RoomBook;
  readonly opening: Opening;
  readonly flights: FlightClient;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Names this process among those that may pace. */
  readonly holder: string;
}

/** Without a signal for so long a flight is asked, in milliseconds: they come about each second while somebody asks. */
const QUIET_MS = 900;

/** A flight that says nothing for so long although it is asked is silent. */
const SILENT_MS = 4_000;

/** Before an opening it is asked for as long, in milliseconds: its seats must be known when the first are let in. */
const ASKED_AHEAD_MS = 10_000;

/** How long it may take to answer. */
const ASK_MS_MAX = 2_000;

/** Seconds by which estimates were wrong. */
const ERROR_BUCKETS = [1, 5, 15, 30, 60, 120, 300, 900, 3_600];

export class Pacer {
  readonly #services: PacerServices;
  readonly #log: Log;
  readonly #leadership: Leadership;
  readonly #paced = new Map<KnownRoom, PacedRoom>();
  /** The latest of each flight. */
  readonly #signals = new Map<FlightId, { readonly atMs: number; readonly signal: LoadSignal }>();
  readonly #decisions: Counter;
  readonly #letIn: Counter;
  readonly #errors: Histogram;
  #unsubscribe: Unsubscribe[] = [];
  #pacing: Promise<void> | null = null;

  constructor(services: PacerServices) {
    this.#services = services;
    const { telemetry, store, clock, holder } = services;
    this.#log = telemetry.log;
    this.#leadership = new Leadership(store, clock, holder);
    this.#decisions = telemetry.counter("pigonair_room_pace_decisions_total", "Decisions of the pacer.", ["reason"]);
    this.#letIn = telemetry.counter("pigonair_room_called_total", "Places whose turn the pacer called.");
    this.#errors = telemetry.histogram(
      "pigonair_room_estimate_error_seconds",
      "By how much the median estimate of a wait was wrong.",
      ERROR_BUCKETS,
    );
    telemetry.gauge("pigonair_room_pacer", "Whether this process paces the rooms: 1 or 0.", () =>
      this.#leadership.fence === null ? 0 : 1,
    );
  }

  start(): void {
    const { bus, rooms } = this.#services;
    this.#unsubscribe = [
      bus.subscribe(ALL_STATS, (signal) => this.#hear(signal)),
      rooms.onLook(() => {
        this.#pacing ??= this.#paceAll().finally(() => {
          this.#pacing = null;
        });
      }),
    ];
  }

  /** Gives the rooms to whoever is next. */
  async stop(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    await this.idle();
    await this.#leadership.leave();
  }

  /** Resolves when nothing is being decided, frozen or drawn. */
  async idle(): Promise<void> {
    await this.#pacing;
    await this.#services.opening.idle();
  }

  get isLeading(): boolean {
    return this.#leadership.fence !== null;
  }

  #hear(signal: LoadSignal): void {
    const { rooms, clock } = this.#services;
    const known = rooms.get(signal.flightId);
    if (known === null) return;
    const atMs = clock.nowMs();
    this.#signals.set(signal.flightId, { atMs, signal });
    if (known.hear(signal.seatsLeft, atMs)) rooms.tellHere();
  }

  async #paceAll(): Promise<void> {
    const { rooms } = this.#services;
    try {
      const fence = await this.#leadership.hold();
      if (fence === null) {
        this.#paced.clear();
        return;
      }
      const on = rooms.on();
      for (const known of this.#paced.keys()) if (!on.includes(known)) this.#paced.delete(known);
      await Promise.all(on.map((known) => this.#pace(known, fence)));
    } catch (error) {
      this.#log.warn({ err: error }, "the pacer could not decide");
    }
  }

  async #pace(known: KnownRoom, fence: number): Promise<void> {
    const { opening, rooms, clock } = this.#services;
    try {
      opening.advance(known);
      const paced = this.#pacedOf(known);
      const nowMs = clock.nowMs();
      const heard = this.#signals.get(known.id.flightId);
      const quietMs = heard === undefined ? Number.POSITIVE_INFINITY : nowMs - heard.atMs;
      const isAsked = known.seatsLeft === null || nowMs >= known.room.opensAtMs - ASKED_AHEAD_MS;
      if (quietMs >= QUIET_MS && isAsked) this.#askFlight(known, paced);
      if (heard !== undefined && quietMs < QUIET_MS) paced.seatsLeft = heard.signal.seatsLeft;
      const load = heard !== undefined && quietMs < SILENT_MS ? heard.signal : null;
      const raise = paced.decide(load, nowMs);
      if (raise === null) return;
      await this.#writeDown(known, paced, raise.admitted);
      const isTaken = await rooms.ask(known, (store) => store.raise(known.id, fence, raise, clock.nowMs()));
      if (!isTaken) {
        // Somebody whose clock is ahead has decided, before their lease was lost: this lease never gets above their fence, a later one does.
        await this.#leadership.leave();
        return;
      }
      this.#decisions.add(1, { reason: paced.reason });
      this.#letIn.add(paced.called);
      for (const errorS of paced.takeErrors()) this.#errors.record(errorS);
    } catch (error) {
      this.#log.warn({ ...known.id, err: error }, "a waiting room could not be paced");
    }
  }

  #pacedOf(known: KnownRoom): PacedRoom {
    const made = this.#paced.get(known) ?? new PacedRoom(known);
    this.#paced.set(known, made);
    return made;
  }

  /** What is left of the room when the store loses it. Before it happens: whoever was called stays called. */
  async #writeDown(known: KnownRoom, paced: PacedRoom, admitted: number): Promise<void> {
    const { book, clock } = this.#services;
    const { glance, id } = known;
    if (glance === null) return;
    if (paced.needsCeiling(glance)) known.ceiling = await book.raiseCeiling(id, paced.ceilingFor(glance));
    if (!paced.isToBeNoted(admitted, glance)) return;
    const { seqHigh, gaps } = glance;
    await book.note(id, { admitted, seqHigh, gaps, atMs: clock.nowMs() });
    paced.noted(admitted, glance);
  }

  /** Looks at a flight that says nothing: then it says how it is, and how many seats it has. */
  #askFlight(known: KnownRoom, paced: PacedRoom): void {
    if (paced.isAsking) return;
    const { flights, clock } = this.#services;
    const { flightId } = known.id;
    paced.isAsking = true;
    const request = { flightId, op: "seat-map", args: {}, member: null, key: null, fingerprint: "" } as const;
    flights
      .call({ ...request, deadlineMs: clock.nowMs() + ASK_MS_MAX })
      .then(
        ({ reply }) => {
          if (!reply.ok || reply.result.kind !== "seat-map") return;
          paced.seatsLeft = reply.result.seatMap.seats.filter(({ state }) => state === "free").length;
        },
        // Silence is an answer as well.
        () => {},
      )
      .finally(() => {
        paced.isAsking = false;
      });
  }
}
