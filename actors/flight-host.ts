/** Owns the flights of one host: takes commands for the shards that it owns, loads flights when they are asked for, lets them go when idle. */

import type { Answering, Bus, StopServing } from "./bus/bus.ts";
import { seatsSubject } from "./bus/subjects.ts";
import type { Timer } from "./clock.ts";
import { Deadlines } from "./deadlines.ts";
import { Changes } from "./domain/changes.ts";
import { type Command, DEADLINE_AHEAD_MS_MAX, type Op } from "./domain/command.ts";
import { forgetEnded } from "./domain/evolve.ts";
import { replayTurn } from "./domain/flight-logic.ts";
import { type FlightId, shardOf } from "./domain/ids.ts";
import { REFUSAL_KEPT_MS } from "./domain/keys.ts";
import { rejected } from "./domain/reply.ts";
import type { Rules } from "./domain/rules.ts";
import { restore } from "./domain/snapshot.ts";
import { FlightState } from "./domain/state.ts";
import { OperationalError } from "./errors.ts";
import { FlightActor, type Part } from "./flight-actor.ts";
import type { FlightChange, LoadedFlight } from "./journal.ts";
import { Lane, type LaneServices, quarantined } from "./lane.ts";
import type { HostLimits } from "./limits.ts";
import type { Ownership } from "./shards.ts";

export interface HostServices extends LaneServices {
  readonly bus: Bus;
  /** Told after a flight's change is durable: consumers of the journal need not wait for their next look. */
  readonly changed: (flightId: FlightId, change: FlightChange) => void;
}

/** What time and money have decided is never shed. */
const NEVER_SHED: ReadonlySet<Op> = new Set<Op>(["expire", "settle-payment", "settle-refund", "open-payment"]);

/** How often idle flights are looked for, in milliseconds. */
const SWEEP_MS = 10_000;

export class FlightHost {
  readonly #services: HostServices;
  readonly #limits: HostLimits;
  readonly #incarnation: string;
  readonly #ownership: Ownership;
  readonly #lane: Lane;
  readonly #deadlines: Deadlines;
  readonly #actors = new Map<FlightId, FlightActor>();
  readonly #serving: StopServing[] = [];
  /** Commands that wait in all mailboxes. */
  #mail = 0;
  #isStopping = false;
  #sweeper: Timer | null = null;

  constructor(services: HostServices, rules: Rules, limits: HostLimits, incarnation: string, ownership: Ownership) {
    this.#services = services;
    this.#limits = limits;
    this.#incarnation = incarnation;
    this.#ownership = ownership;
    this.#deadlines = new Deadlines(services.clock, (flightId) => this.#expire(flightId));
    this.#lane = new Lane(services, rules, limits, incarnation, (shard) => ownership.get(shard), {
      committed: (part) => this.#committed(part),
      reload: (actor) => this.#reload(actor),
      lost: (actor) => this.#forget(actor),
    });
    services.telemetry.gauge("pigonair_flights_loaded", "Flights in memory.", () => this.#actors.size);
    services.telemetry.gauge("pigonair_mailbox_commands", "Commands that wait in mailboxes.", () => this.#mail);
  }

  /** Serves the owned shards. What ran out while nobody owned them ends at once. */
  async start(): Promise<void> {
    await this.#services.numbers.refill();
    const shards = [...this.#ownership.keys()];
    for (const { flightId, atMs } of await this.#services.journal.deadlines(shards))
      this.#deadlines.arm(flightId, atMs);
    for (const shard of shards) {
      this.#serving.push(await this.#services.bus.serve(shard, (command, answer) => this.deliver(command, answer)));
    }
    this.#sweeper = this.#services.clock.after(SWEEP_MS, () => this.#sweep());
  }

  /** Takes nothing new, finishes what it has taken, and keeps a snapshot of what changed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#serving.splice(0).map((stop) => stop()));
    this.#deadlines.stop();
    this.#sweeper?.cancel();
    await this.#lane.idle();
    for (const actor of this.#actors.values()) await this.#saveSnapshot(actor);
  }

  deliver(command: Command, answer: Answering): void {
    const { flightId, op } = command;
    const shard = shardOf(flightId);
    if (this.#isStopping || !this.#ownership.has(shard)) {
      answer({ ok: false, error: new OperationalError("NOT_OWNER", `Shard ${shard} is not served here.`) });
      return;
    }
    const actor = this.#actor(flightId, shard);
    if (actor.isQuarantined) {
      answer({ ok: false, error: quarantined() });
      return;
    }
    const nowMs = this.#services.clock.nowMs();
    if (!NEVER_SHED.has(op)) {
      const overload = this.#overload(actor, command.deadlineMs - nowMs);
      if (overload !== null) {
        answer({ ok: false, error: overload });
        return;
      }
    }
    const clamped = Math.min(command.deadlineMs, nowMs + DEADLINE_AHEAD_MS_MAX);
    const arrivedMs = this.#services.clock.monotonicMs();
    this.#mail += 1;
    actor.usedMs = arrivedMs;
    actor.mailbox.put({
      command: clamped === command.deadlineMs ? command : { ...command, deadlineMs: clamped },
      answer: (given) => {
        this.#mail -= 1;
        answer(given);
      },
      arrivedMs,
    });
    this.#lane.ready(actor);
  }

  #overload(actor: FlightActor, leftMs: number): OperationalError | null {
    const waitMs = this.#lane.predictWaitMs(this.#mail);
    const isFull = actor.mailbox.size >= this.#limits.mailboxMax || this.#mail >= this.#limits.hostMailMax;
    // A deadline that has passed already is the flight's to refuse: its key may have an answer.
    if (!isFull && (leftMs <= 0 || waitMs <= leftMs)) return null;
    return new OperationalError("OVERLOADED", "More requests are waiting than can be answered in time.", {
      retryAfterMs: Math.max(1_000, waitMs),
    });
  }

  #actor(flightId: FlightId, shard: number): FlightActor {
    const known = this.#actors.get(flightId);
    if (known !== undefined) return known;
    const actor = new FlightActor(flightId, shard);
    this.#actors.set(flightId, actor);
    this.#load(actor);
    return actor;
  }

  #load(actor: FlightActor): void {
    const { journal, clock, telemetry } = this.#services;
    journal.load(actor.flightId, clock.nowMs() - REFUSAL_KEPT_MS).then(
      (loaded) => {
        if (actor.isDropped) return;
        if (loaded === null) {
          this.#forget(actor);
          const reply = rejected("FLIGHT_NOT_FOUND", "There is no such flight.");
          for (const { answer } of actor.mailbox.takeAll()) answer({ ok: true, reply, isReplay: false });
          return;
        }
        actor.begin(stateOf(loaded), turnsIn(loaded));
        if (actor.mailbox.size > 0) this.#lane.ready(actor);
        this.#watch(actor);
      },
      (cause: unknown) => {
        telemetry.log.error({ flightId: actor.flightId, cause: String(cause) }, "a flight could not be loaded");
        if (actor.isDropped) return;
        this.#forget(actor);
        const error = new OperationalError("UNAVAILABLE", "The flight can't be read for now.", { cause });
        for (const { answer } of actor.mailbox.takeAll()) answer({ ok: false, error });
      },
    );
  }

  /** Loads the flight anew, once what it had on the way is definite. */
  #reload(actor: FlightActor): void {
    if (actor.partsInFlight === 0 && !actor.isDropped) this.#load(actor);
  }

  #committed(part: Part): void {
    const { actor, delta, write } = part;
    if (delta !== null) this.#services.bus.publish(seatsSubject(delta.flightId), delta);
    if (part.nextDeadlineMs !== null) this.#deadlines.arm(actor.flightId, part.nextDeadlineMs);
    if (part.snapshot !== null) this.#keep(actor, part.snapshot).catch(() => {});
    if (!actor.isLoaded) this.#reload(actor);
    if (write.change !== null) this.#services.changed(actor.flightId, write.change);
  }

  #forget(actor: FlightActor): void {
    actor.isDropped = true;
    if (this.#actors.get(actor.flightId) === actor) this.#actors.delete(actor.flightId);
  }

  /** A hold of the flight may be over: loads it if need be, and sends it an ordinary command. */
  #expire(flightId: FlightId): void {
    const actor = this.#actor(flightId, shardOf(flightId));
    if (actor.isLoaded) this.#watch(actor);
  }

  /** Ends the hold that is over, or waits for the next that will be. */
  #watch(actor: FlightActor): void {
    const nowMs = this.#services.clock.nowMs();
    const due = actor.dueHold(nowMs);
    const again = (): void => {
      const nextMs = actor.nextDeadlineMs;
      if (nextMs !== null && !actor.isDropped) this.#deadlines.arm(actor.flightId, nextMs);
    };
    if (due === null) {
      again();
      return;
    }
    const command: Command<"expire"> = {
      flightId: actor.flightId,
      op: "expire",
      args: { reservationId: due.id, generation: due.generation },
      member: null,
      key: null,
      fingerprint: "",
      deadlineMs: nowMs + DEADLINE_AHEAD_MS_MAX,
    };
    this.deliver(command, again);
  }

  #sweep(): void {
    const nowMs = this.#services.clock.monotonicMs();
    let excess = this.#actors.size - this.#limits.idleFlightsMax;
    for (const actor of this.#actors.values()) {
      if (!actor.isIdle || !actor.isLoaded || actor.isQuarantined) continue;
      if (excess <= 0 && nowMs - actor.usedMs < this.#limits.idleMs) continue;
      excess -= 1;
      this.#saveSnapshot(actor).catch(() => {});
      const nextMs = actor.nextDeadlineMs;
      this.#forget(actor);
      if (nextMs !== null) this.#deadlines.arm(actor.flightId, nextMs);
    }
    this.#sweeper = this.#services.clock.after(SWEEP_MS, () => this.#sweep());
  }

  async #saveSnapshot(actor: FlightActor): Promise<void> {
    if (actor.isLoaded && actor.isIdle && actor.isAheadOfSnapshot) await this.#keep(actor, actor.snapshot());
  }

  async #keep(actor: FlightActor, snapshot: ReturnType<FlightActor["snapshot"]>): Promise<void> {
    const epoch = this.#ownership.get(actor.shard);
    if (epoch === undefined) return;
    try {
      await this.#services.journal.saveSnapshot(
        actor.flightId,
        { shard: actor.shard, epoch },
        this.#incarnation,
        snapshot,
      );
    } catch (cause) {
      // The journal has everything: a snapshot only makes the next load shorter.
      this.#services.telemetry.log.warn({ flightId: actor.flightId, cause: String(cause) }, "a snapshot was not kept");
    }
  }
}

function stateOf({ plan, snapshot, tail, recent }: LoadedFlight): FlightState {
  const state = snapshot === null ? new FlightState(plan) : restore(plan, snapshot);
  for (const { entry } of recent) {
    for (const { key } of entry.turns) {
      // A refusal that has just outlived its time must not hide a newer answer of the same key.
      if (key !== null && !key.reply.ok && !state.keys.has(key.name)) state.keys.record(key);
    }
  }
  for (const { version, entry } of tail) {
    const changes = new Changes();
    for (const turn of entry.turns) replayTurn(state, turn, changes);
    forgetEnded(state, changes);
    state.version = version;
  }
  return state;
}

function turnsIn({ tail }: LoadedFlight): number {
  return tail.reduce((sum, { entry }) => sum + entry.turns.length, 0);
}
