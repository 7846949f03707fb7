/** Owns the flights of one host: takes commands for the shards that it owns, loads flights when they are asked for, lets them go when idle. */

import { assert } from "./assert.ts";
import type { Answer, Answering, Bus } from "./bus/bus.ts";
import { Deadlines } from "./deadlines.ts";
import { type Command, DEADLINE_AHEAD_MS_MAX, type Op } from "./domain/command.ts";
import { type FlightId, shardOf } from "./domain/ids.ts";
import { REFUSAL_KEPT_MS } from "./domain/keys.ts";
import { rejected } from "./domain/reply.ts";
import type { Rules } from "./domain/rules.ts";
import { Drains } from "./drains.ts";
import { OperationalError } from "./errors.ts";
import { FlightActor, type Part } from "./flight-actor.ts";
import { stateInPieces, turnsIn } from "./flight-reading.ts";
import { HighWater } from "./high-water.ts";
import type { HostFigures } from "./host-gauges.ts";
import { HostMeter } from "./host-meter.ts";
import { JournalHints } from "./journal-hints.ts";
import { Lane, type LaneServices, moved, quarantined } from "./lane.ts";
import type { HostLimits } from "./limits.ts";
import { LoadSignals } from "./load-signals.ts";
import { Passivation } from "./passivation.ts";
import { SeatNews } from "./seat-news.ts";
import type { Ownership } from "./shards.ts";
import type { Tenure } from "./tenure.ts";

export interface HostServices extends LaneServices {
  readonly bus: Bus;
}

/** What time and money have decided is never shed. */
const NEVER_SHED: ReadonlySet<Op> = new Set<Op>(["expire", "settle-payment", "settle-refund", "open-payment"]);

/** How long after a flight could not be read its deadlines are looked at again, in milliseconds. */
const READ_AGAIN_MS = 10_000;

/** How long a shard that is given waits for the bus to bring what is on its way, in milliseconds: what comes later is told NOT_OWNER. */
const LAST_COMMANDS_MS_MAX = 2_000;

export class FlightHost implements HostFigures {
  readonly #services: HostServices;
  readonly #limits: HostLimits;
  readonly #incarnation: string;
  readonly #tenures = new Map<number, Tenure>();
  readonly #lane: Lane;
  readonly #deadlines: Deadlines;
  readonly #actors = new Map<FlightId, FlightActor>();
  readonly #passivation: Passivation;
  readonly #drains = new Drains();
  readonly #signals: LoadSignals;
  readonly #hints: JournalHints;
  readonly #seatNews: SeatNews;
  readonly #meter: HostMeter;
  readonly #fullest = new HighWater();
  /**
   * Whether nobody may have taken over yet. While somebody may, commands are told NOT_OWNER: whoever asks also asks the other, and must not
   * take this host's "not now" for an answer. @default always: where a lock is the lease
   */
  hasLease: () => boolean = () => true;
  /** Commands that wait in all mailboxes. */
  #mail = 0;
  #isEnded = false;

  /** Owns nothing until it {@link take}s. */
  constructor(services: HostServices, rules: Rules, limits: HostLimits, incarnation: string) {
    this.#services = services;
    this.#limits = limits;
    this.#incarnation = incarnation;
    this.#signals = new LoadSignals(services.bus, services.clock);
    this.#seatNews = new SeatNews(services.bus);
    this.#meter = new HostMeter(services.telemetry, services.clock);
    this.#hints = new JournalHints(services.bus, services.clock, services.telemetry.log);
    this.#passivation = new Passivation(services.clock, limits, this.#actors, (actor) => this.#leave(actor));
    this.#deadlines = new Deadlines(services.clock, (flightId, shard) => this.#expire(flightId, shard));
    this.#lane = new Lane(services, rules, limits, incarnation, (shard) => this.#tenures.get(shard)?.epoch, {
      committed: (part) => this.#committed(part),
      reload: (actor) => this.#reload(actor),
      lost: (actor) => {
        this.#forget(actor);
        this.#drains.settled(actor);
      },
      quarantined: (actor) => this.#drains.settled(actor),
    });
  }

  get flightsLoaded(): number {
    return this.#actors.size;
  }

  get commandsWaiting(): number {
    return this.#mail;
  }

  get mailboxFullness(): number {
    return this.#fullest.read(this.#services.clock.monotonicMs()) / this.#limits.mailboxMax;
  }

  get laneBusyMs(): number {
    return this.#lane.busyMs;
  }

  /**
   * Serves shards whose claim is committed: no flight of theirs is read before that. What ran out while nobody owned them ends at once.
   * Ends when their commands are sure to come here; when it fails, none of them is served.
   */
  async take(owned: Ownership): Promise<void> {
    const { bus, journal, numbers } = this.#services;
    const taken = Array.from(owned, ([shard, epoch]) => this.#begin(shard, epoch));
    const isServed = await Promise.allSettled([
      numbers.refill(),
      ...taken.map(async (tenure) => {
        const stop = await bus.serve(tenure.shard, (command, answer) => this.deliver(command, answer));
        if (this.#isPresent(tenure)) tenure.stopServing = stop;
        else await stop();
      }),
      journal.deadlines([...owned.keys()]).then((deadlines) => {
        for (const { flightId, atMs } of deadlines) this.#arm(flightId, shardOf(flightId), atMs);
      }),
    ]);
    const failure = isServed.find((each) => each.status === "rejected");
    if (failure === undefined || this.#isEnded) return;
    await this.give(taken.filter((tenure) => this.#isPresent(tenure)).map(({ shard }) => shard));
    throw failure.reason;
  }

  #begin(shard: number, epoch: number): Tenure {
    assert(!this.#tenures.has(shard) && !this.#isEnded, "a shard is taken once, by a host that goes on");
    const tenure: Tenure = { shard, epoch, stopServing: () => Promise.resolve(), isClosed: false };
    this.#tenures.set(shard, tenure);
    this.#passivation.begin();
    return tenure;
  }

  #isPresent(tenure: Tenure): boolean {
    return this.#tenures.get(tenure.shard) === tenure;
  }

  /**
   * Stops serving these shards, and ends when everything that was taken is committed and answered: then they may be released. Keeps no
   * snapshots: the journal has everything, and until somebody else serves the shards every millisecond is a gap.
   */
  async give(shards: readonly number[]): Promise<void> {
    for (const actor of await this.#close(shards)) this.#forget(actor);
    if (!this.#isEnded) for (const shard of shards) this.#tenures.delete(shard);
  }

  /** The incarnation was fenced: every command is told NOT_OWNER, nothing more is committed or answered. Ends when the journal is let go of. */
  async abandon(): Promise<void> {
    const tenures = [...this.#tenures.values()];
    this.#end();
    const isLetGo = this.#lane.abandon();
    for (const actor of this.#actors.values()) {
      for (const { answer } of actor.mailbox.takeAll()) answer({ ok: false, error: moved() });
      this.#forget(actor);
    }
    this.#drains.abandon();
    // Nobody waits for these: what still comes here is told NOT_OWNER.
    for (const tenure of tenures) this.#stopServing(tenure).catch(() => {});
    await isLetGo;
  }

  /** Gives everything, and keeps a snapshot of what changed. */
  async stop(): Promise<void> {
    const actors = await this.#close([...this.#tenures.keys()]);
    for (const actor of actors) await this.#saveSnapshot(actor);
    for (const actor of actors) this.#forget(actor);
    this.#end();
  }

  /** What was told of the flights' seats while the bus was away has not been heard. */
  announce(): void {
    for (const actor of this.#actors.values()) this.#seatNews.announce(actor);
  }

  #end(): void {
    this.#isEnded = true;
    this.#tenures.clear();
    this.#deadlines.stop();
    this.#passivation.end();
    this.#signals.stop();
    this.#hints.tell();
  }

  /** Ends when the flights of these shards, which it gives, have nothing left to finish. */
  async #close(shards: readonly number[]): Promise<readonly FlightActor[]> {
    const tenures = shards.flatMap((shard) => this.#tenures.get(shard) ?? []);
    await Promise.all(tenures.map((tenure) => this.#stopServing(tenure)));
    if (this.#isEnded) return [];
    const closed = new Set(shards);
    for (const tenure of tenures) {
      tenure.isClosed = true;
      this.#deadlines.disarm(tenure.shard);
    }
    const actors = [...this.#actors.values()].filter(({ shard }) => closed.has(shard));
    await this.#drains.wait(actors);
    return actors;
  }

  /** Ends when no command can come any more, or after a while: one that comes later still is refused, and asks again. */
  async #stopServing({ shard, stopServing }: Tenure): Promise<void> {
    const { clock, telemetry } = this.#services;
    const { promise: isLong, resolve } = Promise.withResolvers<void>();
    const timer = clock.after(LAST_COMMANDS_MS_MAX, resolve);
    const isStopped = stopServing().catch((cause: unknown) => {
      telemetry.log.warn({ shard, cause: String(cause) }, "the bus could not stop bringing commands");
    });
    await Promise.race([isStopped, isLong]);
    timer.cancel();
  }

  deliver(command: Command, answer: Answering): void {
    const shard = shardOf(command.flightId);
    const tenure = this.#tenures.get(shard);
    if (tenure === undefined || tenure.isClosed || !this.hasLease()) {
      const error = new OperationalError("NOT_OWNER", `Shard ${shard} is not served here.`);
      this.#refuse(command, answer, error);
      return;
    }
    this.#accept(command, shard, answer);
  }

  #accept(command: Command, shard: number, answer: Answering): void {
    const { flightId, op } = command;
    const actor = this.#actor(flightId, shard);
    if (actor.isQuarantined) {
      this.#refuse(command, answer, quarantined());
      return;
    }
    this.#signals.asked(actor);
    const nowMs = this.#services.clock.nowMs();
    if (!NEVER_SHED.has(op)) {
      const overload = this.#overload(actor, command.deadlineMs - nowMs);
      if (overload !== null) {
        actor.load.refused();
        this.#refuse(command, answer, overload);
        return;
      }
    }
    const clamped = Math.min(command.deadlineMs, nowMs + DEADLINE_AHEAD_MS_MAX);
    const arrivedMs = this.#services.clock.monotonicMs();
    this.#mail += 1;
    actor.usedMs = arrivedMs;
    actor.mailbox.put({
      command: clamped === command.deadlineMs ? command : { ...command, deadlineMs: clamped },
      answer: (given, hostMs) => {
        this.#mail -= 1;
        this.#meter.answered(op, given);
        // What is durable was traced with its commit.
        if (!given.ok && hostMs === undefined) this.#meter.failed(command, given.error, arrivedMs);
        this.#tell(answer, given, op, hostMs);
      },
      arrivedMs,
    });
    this.#fullest.note(actor.mailbox.size, arrivedMs);
    this.#lane.ready(actor);
  }

  /** Without taking it. */
  #refuse(command: Command, answer: Answering, error: OperationalError): void {
    const given: Answer = { ok: false, error };
    this.#meter.answered(command.op, given);
    this.#meter.failed(command, error, this.#services.clock.monotonicMs());
    answer(given);
  }

  /** An answer that can't leave is its caller's loss alone: the same key finds it again. */
  #tell(answer: Answering, given: Answer, op: Op, hostMs: number | undefined): void {
    try {
      answer(given, hostMs);
    } catch (cause) {
      this.#services.telemetry.log.error({ op, cause: String(cause) }, "an answer could not leave");
    }
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
    return this.#actors.get(flightId) ?? this.#read(flightId, shard).actor;
  }

  #read(flightId: FlightId, shard: number): { readonly actor: FlightActor; readonly isRead: Promise<void> } {
    const actor = new FlightActor(flightId, shard);
    this.#actors.set(flightId, actor);
    return { actor, isRead: this.#load(actor) };
  }

  /** Never fails: whoever waits for a flight that can't be read is told so. */
  async #load(actor: FlightActor): Promise<void> {
    const { journal, clock, telemetry } = this.#services;
    try {
      const loaded = await journal.load(actor.flightId, clock.nowMs() - REFUSAL_KEPT_MS);
      if (actor.isDropped) return;
      if (loaded === null) {
        this.#forget(actor);
        const reply = rejected("FLIGHT_NOT_FOUND", "There is no such flight.");
        for (const { answer } of actor.mailbox.takeAll()) answer({ ok: true, reply, isReplay: false });
      } else {
        const state = await stateInPieces(loaded, () => new Promise((resolve) => clock.soon(resolve)));
        if (actor.isDropped) return;
        actor.begin(state, turnsIn(loaded));
        // Whoever had it before may have died between a commit and telling of it.
        this.#seatNews.announce(actor);
        if (actor.mailbox.size > 0) this.#lane.ready(actor);
        this.#watch(actor);
      }
    } catch (cause) {
      telemetry.log.error({ flightId: actor.flightId, cause: String(cause) }, "a flight could not be loaded");
      if (actor.isDropped) return;
      this.#forget(actor);
      const error = this.hasLease()
        ? new OperationalError("UNAVAILABLE", "The flight can't be read for now.", { cause })
        : moved();
      for (const { answer } of actor.mailbox.takeAll()) answer({ ok: false, error });
      // It may have been read for a hold that is over.
      this.#arm(actor.flightId, actor.shard, clock.nowMs() + READ_AGAIN_MS);
    }
    this.#drains.settled(actor);
  }

  /** Loads the flight anew, once what it had on the way is definite. */
  #reload(actor: FlightActor): void {
    if (actor.partsInFlight === 0 && !actor.isDropped) void this.#load(actor);
  }

  #committed(part: Part): void {
    const { actor, delta, write } = part;
    if (part.nextDeadlineMs !== null) this.#arm(actor.flightId, actor.shard, part.nextDeadlineMs);
    if (part.snapshot !== null) this.#keep(actor, part.snapshot).catch(() => {});
    if (!actor.isLoaded) this.#reload(actor);
    this.#drains.settled(actor);
    if (write.change === null) return;
    this.#meter.committed(write.change);
    this.#seatNews.committed(actor, delta);
    this.#hints.add(actor.flightId, write.base + 1, write.change.entry, part.traces ?? []);
  }

  #forget(actor: FlightActor): void {
    actor.isDropped = true;
    if (this.#actors.get(actor.flightId) === actor) this.#actors.delete(actor.flightId);
  }

  /** Looks at the flight then, unless the shard is another's by then. */
  #arm(flightId: FlightId, shard: number, atMs: number): void {
    if (this.#tenures.get(shard)?.isClosed === false) this.#deadlines.arm(flightId, shard, atMs);
  }

  /** A hold of the flight may be over: loads it if need be, and sends it an ordinary command. */
  #expire(flightId: FlightId, shard: number): Promise<void> | null {
    const actor = this.#actors.get(flightId);
    if (actor === undefined) return this.#read(flightId, shard).isRead;
    if (actor.isLoaded) this.#watch(actor);
    return null;
  }

  /** Ends the hold that is over, or waits for the next that will be. */
  #watch(actor: FlightActor): void {
    const nowMs = this.#services.clock.nowMs();
    const due = actor.dueHold(nowMs);
    const again = (): void => {
      const nextMs = actor.nextDeadlineMs;
      if (nextMs !== null && !actor.isDropped) this.#arm(actor.flightId, actor.shard, nextMs);
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
    this.#accept(command, actor.shard, again);
  }

  /** Whoever asks for the flight from now on reads it anew, with or without the snapshot. */
  async #leave(actor: FlightActor): Promise<void> {
    // Whatever happens to one snapshot, the others' turn comes: the journal has everything.
    const isSaved = this.#saveSnapshot(actor).catch(() => {});
    const nextMs = actor.nextDeadlineMs;
    this.#forget(actor);
    if (nextMs !== null) this.#arm(actor.flightId, actor.shard, nextMs);
    await isSaved;
  }

  async #saveSnapshot(actor: FlightActor): Promise<void> {
    if (actor.isLoaded && actor.isIdle && actor.isAheadOfSnapshot) await this.#keep(actor, actor.snapshot());
  }

  async #keep(actor: FlightActor, snapshot: ReturnType<FlightActor["snapshot"]>): Promise<void> {
    const epoch = this.#tenures.get(actor.shard)?.epoch;
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
