/** Owns a host's way to the database: drain, decide, commit in groups, then reply; guards I2, I4 and I6 on the host's side. */

import { assert } from "./assert.ts";
import type { Clock } from "./clock.ts";
import { Fifo } from "./domain/fifo.ts";
import type { Rules } from "./domain/rules.ts";
import type { Entropy } from "./entropy.ts";
import { OperationalError } from "./errors.ts";
import type { FlightActor, Part } from "./flight-actor.ts";
import type { Batch, CommitOutcome, Fence, Journal } from "./journal.ts";
import { LaneMeter } from "./lane-meter.ts";
import { LaneTraces } from "./lane-traces.ts";
import type { HostLimits } from "./limits.ts";
import type { Numbers } from "./numbers.ts";
import { ofPart, type Telemetry } from "./telemetry.ts";
import { noTraces } from "./tracing.ts";

/** What the lane tells its host. */
export interface LaneEvents {
  /** The part is durable, and its answers have left. */
  committed(part: Part): void;
  /** The actor's state can't be trusted any more: it is loaded anew, and its waiting commands are decided again. */
  reload(actor: FlightActor): void;
  /** The flight is another host's, or its head moved without us: its commands were told NOT_OWNER. */
  lost(actor: FlightActor): void;
  /** The flight is closed for our own bug: its commands were told INTERNAL. */
  quarantined(actor: FlightActor): void;
}

export interface LaneServices {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly numbers: Numbers;
  readonly telemetry: Telemetry;
}

/** First pause between two tries at the same batch, in milliseconds; it doubles. */
const RETRY_PAUSE_MS = 5;

export class Lane {
  readonly #services: LaneServices;
  readonly #rules: Rules;
  readonly #limits: HostLimits;
  readonly #owner: string;
  readonly #epochOf: (shard: number) => number | undefined;
  readonly #events: LaneEvents;
  readonly #meter: LaneMeter;
  readonly #traces: LaneTraces;
  /** Flights with mail, each once, in the order of their turns: a hot flight can't starve the others. */
  #ready = new Fifo<FlightActor>();
  /** Flights that decided something since the last shipment. */
  #open = new Set<FlightActor>();
  #openCommands = 0;
  /** Rows by which they tell of holds that are over. */
  #openEndedRows = 0;
  /** Parts that must go before the open ones: what is left of a batch that was split. */
  #split: Part[][] = [];
  /** The batch that is not definite yet: its parts, and the end of its shipment. */
  #onTheWay: readonly Part[] = [];
  #shipment: Promise<void> = Promise.resolve();
  #isShipping = false;
  #isPumpSet = false;
  #areNumbersAsked = false;
  #isAbandoned = false;

  constructor(
    services: LaneServices,
    rules: Rules,
    limits: HostLimits,
    owner: string,
    epochOf: (shard: number) => number | undefined,
    events: LaneEvents,
  ) {
    this.#services = ofPart(services, "lane");
    this.#rules = rules;
    this.#limits = limits;
    this.#owner = owner;
    this.#epochOf = epochOf;
    this.#events = events;
    this.#meter = new LaneMeter(services.telemetry, services.clock, limits.batchMax);
    this.#traces = new LaneTraces(services.telemetry.traces ?? noTraces);
  }

  /** How long a command that comes now would wait behind `ahead` others, in milliseconds. */
  predictWaitMs(ahead: number): number {
    return this.#meter.predictWaitMs(ahead);
  }

  /** How long a batch has been on its way, of all the time that there was, in milliseconds. */
  get busyMs(): number {
    return this.#meter.busyMs;
  }

  /** The actor has mail, and is loaded. */
  ready(actor: FlightActor): void {
    if (actor.isReady || !actor.isLoaded || this.#isAbandoned) return;
    actor.isReady = true;
    this.#ready.put(actor);
    if (this.#isPumpSet) return;
    this.#isPumpSet = true;
    this.#services.clock.soon(() => {
      this.#isPumpSet = false;
      this.#pump();
    });
  }

  /**
   * The owner was fenced: everything that it decided is told NOT_OWNER, and nothing more is sent or answered. What its last batch came to,
   * the next owner answers under the same keys. Ends when the journal has let go of that batch.
   */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    const parts = [this.#onTheWay, ...this.#split].flat();
    const decided = parts.flatMap((part) => part.decided.map(({ mail }) => mail));
    for (const actor of this.#open) decided.push(...actor.forget());
    this.#open = new Set();
    this.#split = [];
    this.#ready = new Fifo();
    for (const mail of decided) mail.answer({ ok: false, error: moved() });
    await this.#shipment;
  }

  #pump(): void {
    if (this.#isAbandoned) return;
    this.#drain();
    if (!this.#isShipping) this.#shipNext();
  }

  /** Decides what waits, one command a flight in turn, until the next batch is full. */
  #drain(): void {
    const nowMs = this.#services.clock.nowMs();
    while (this.#openCommands < this.#limits.batchMax) {
      if (!this.#services.numbers.isReady) {
        this.#askForNumbers();
        return;
      }
      const actor = this.#ready.take();
      if (actor === undefined) return;
      actor.isReady = false;
      const mail = actor.isLoaded ? actor.mailbox.take() : undefined;
      if (mail === undefined) continue;
      actor.load.waited(this.#meter.taken(mail));
      try {
        const endedRowsMax = this.#limits.batchEndedRowsMax - this.#openEndedRows;
        this.#openEndedRows += actor.decide(mail, nowMs, this.#rules, this.#services.numbers, endedRowsMax);
        this.#meter.decided(mail);
      } catch (cause) {
        this.#services.telemetry.log.error({ op: mail.command.op, cause: describe(cause) }, "a command threw");
        const error = new OperationalError("INTERNAL", "The flight could not process the request.", { cause });
        mail.answer({ ok: false, error });
        this.#startOver(actor);
        continue;
      }
      this.#open.add(actor);
      this.#openCommands += 1;
      if (actor.mailbox.size > 0) {
        actor.isReady = true;
        this.#ready.put(actor);
      }
    }
  }

  #askForNumbers(): void {
    if (this.#areNumbersAsked) return;
    this.#areNumbersAsked = true;
    const again = (): void => {
      this.#areNumbersAsked = false;
      this.#pump();
    };
    this.#services.numbers.refill().then(again, (cause: unknown) => {
      this.#services.telemetry.log.warn({ cause: describe(cause) }, "no numbers to give out");
      this.#services.clock.after(this.#limits.retryPauseMsMax, again);
    });
  }

  #shipNext(): void {
    const parts = this.#split.shift() ?? this.#closeOpen();
    if (parts.length === 0) return;
    this.#isShipping = true;
    this.#onTheWay = parts;
    this.#meter.shipping(parts.reduce((commands, { decided }) => commands + decided.length, 0));
    this.#shipment = this.#ship(parts).catch((cause: unknown) => {
      // Whatever this is, no answer has left for these parts: their callers ask again, and find what was committed.
      this.#services.telemetry.log.error({ cause: describe(cause) }, "the lane failed");
      if (!this.#isAbandoned) this.#lose(parts);
    });
  }

  #closeOpen(): Part[] {
    const parts: Part[] = [];
    for (const actor of this.#open) {
      try {
        parts.push(actor.ship(this.#limits));
      } catch (cause) {
        this.#services.telemetry.log.error(
          { flightId: actor.flightId, cause: describe(cause) },
          "a part could not be closed",
        );
        this.#startOver(actor);
      }
    }
    this.#open = new Set();
    this.#openCommands = 0;
    this.#openEndedRows = 0;
    return parts.sort((a, b) => (a.write.flightId < b.write.flightId ? -1 : 1));
  }

  /** Takes parts to a definite end. */
  async #ship(parts: readonly Part[]): Promise<void> {
    const batch = this.#batch(parts);
    const { shippedMs } = this.#meter;
    const outcome = await this.#commit(batch);
    if (outcome === null || this.#isAbandoned) return;
    switch (outcome.kind) {
      case "committed":
        this.#services.telemetry.log.debug({ batch: batch.id, flights: parts.length }, "a batch is durable");
        // The next batch is closed before the answers leave, and sent in the same turn: to hold them back until it is on its way gains nothing.
        this.#shipped(parts);
        this.#traces.answered(batch.id, parts, shippedMs, this.#services.clock.monotonicMs());
        this.#answer(parts);
        return;
      case "lost":
      case "rewound": {
        const named = new Set(outcome.flights);
        const isNamed = ({ write }: Part): boolean => named.has(write.flightId);
        const rest = parts.filter((part) => !isNamed(part));
        assert(rest.length < parts.length, "a batch fails for some of its flights");
        if (rest.length > 0) this.#split.unshift(rest);
        if (outcome.kind === "lost") this.#lose(parts.filter(isNamed));
        else
          this.#quarantine(
            parts.filter(isNamed),
            "acknowledged commits are gone from the database",
            "its head is older than memory",
          );
        return;
      }
      case "violated":
        if (parts.length === 1) this.#quarantine(parts, "a projection contradicts the journal", outcome.cause);
        else {
          this.#split.unshift(...parts.map((part) => [part]));
          this.#shipped([]);
        }
        return;
    }
  }

  #batch(parts: readonly Part[]): Batch {
    const epochs = new Map<number, number>();
    // A shard that was lost meanwhile keeps its part out by an epoch that never was.
    for (const { write } of parts) epochs.set(write.shard, this.#epochOf(write.shard) ?? -1);
    const fences = Array.from(epochs, ([shard, epoch]): Fence => ({ shard, epoch })).sort((a, b) => a.shard - b.shard);
    return { id: this.#services.entropy.uuid(), owner: this.#owner, fences, flights: parts.map(({ write }) => write) };
  }

  /** Sends the same bytes until the outcome is definite: an unknown one is never reported as a failure. null once the lane is abandoned. */
  async #commit(batch: Batch): Promise<Exclude<CommitOutcome, { kind: "passing" | "unknown" }> | null> {
    let isRepeat = false;
    for (
      let pauseMs = RETRY_PAUSE_MS;
      !this.#isAbandoned;
      pauseMs = Math.min(2 * pauseMs, this.#limits.retryPauseMsMax)
    ) {
      const outcome = await this.#meter.time(batch, () => this.#services.journal.commit(batch, isRepeat));
      if (outcome.kind !== "passing" && outcome.kind !== "unknown") return outcome;
      this.#services.telemetry.log.warn(
        { batch: batch.id, outcome: outcome.kind, cause: describe(outcome.cause) },
        "a batch is sent again",
      );
      isRepeat ||= outcome.kind === "unknown";
      if (!this.#isAbandoned) await new Promise<void>((resolve) => this.#services.clock.after(pauseMs, resolve));
    }
    return null;
  }

  /** The parts are definite: the next ones may go. */
  #shipped(parts: readonly Part[]): void {
    for (const { actor } of parts) actor.partsInFlight -= 1;
    this.#isShipping = false;
    this.#onTheWay = [];
    this.#meter.shipped();
    this.#shipNext();
    if (!this.#isShipping) this.#services.clock.soon(() => this.#pump());
  }

  #answer(parts: readonly Part[]): void {
    for (const part of parts) {
      const nowMs = this.#meter.answered(part.decided);
      for (const { mail, answer } of part.decided) mail.answer(answer, nowMs - mail.arrivedMs);
      try {
        this.#events.committed(part);
      } catch (cause) {
        const { flightId } = part.actor;
        this.#services.telemetry.log.error({ flightId, cause: describe(cause) }, "a commit could not be told of");
      }
    }
    this.#pump();
  }

  /** Our own bug in one flight: its commands are decided again on what is committed. */
  #startOver(actor: FlightActor): void {
    if (this.#open.delete(actor)) this.#openCommands -= actor.decidedCount;
    actor.mailbox.putBack(actor.forget());
    this.#events.reload(actor);
  }

  /** These flights are another's by now: nothing of them was written, and nothing of them is decided here any more. */
  #lose(parts: readonly Part[]): void {
    this.#end(parts, moved);
    for (const { actor } of parts) {
      actor.isDropped = true;
      this.#events.lost(actor);
    }
  }

  #quarantine(parts: readonly Part[], what: string, cause: unknown): void {
    for (const { actor } of parts) {
      this.#services.telemetry.log.error(
        { flightId: actor.flightId, cause: describe(cause) },
        `${what}: the flight is quarantined until the doctor has seen it`,
      );
      actor.isQuarantined = true;
    }
    this.#end(parts, quarantined);
    for (const { actor } of parts) this.#events.quarantined(actor);
  }

  /** Answers everything that these parts, and their actors since, have taken in. */
  #end(parts: readonly Part[], error: () => OperationalError): void {
    for (const { actor, decided } of parts) {
      if (this.#open.delete(actor)) this.#openCommands -= actor.decidedCount;
      const mail = [...decided.map((each) => each.mail), ...actor.forget(), ...actor.mailbox.takeAll()];
      for (const each of mail) each.answer({ ok: false, error: error() });
    }
    this.#shipped(parts);
  }
}

export function moved(): OperationalError {
  return new OperationalError("NOT_OWNER", "The flight has moved.");
}

export function quarantined(): OperationalError {
  return new OperationalError("INTERNAL", "The flight is closed until its data has been checked.");
}

function describe(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
