/** Owns how a flight is asked: finds its shard, keeps the deadline, and retries the same key while the owner is changing. */

import type { Answer, Answering, Bus, Sending } from "./bus/bus.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Command, Op } from "./domain/command.ts";
import { shardOf } from "./domain/ids.ts";
import type { Reply } from "./domain/reply.ts";
import type { Entropy } from "./entropy.ts";
import { OperationalError } from "./errors.ts";
import type { RequestScope } from "./request-scope.ts";
import { Slab } from "./slab.ts";

/** A command as its caller makes it: the client sets the deadline when there is none. */
export type Request<O extends Op = Op> = {
  readonly [K in O]: Omit<Command<K>, "deadlineMs"> & { readonly deadlineMs?: number };
}[O];

export interface FlightAnswer {
  readonly reply: Reply;
  /** The answer was given before, under the same key. */
  readonly isReplay: boolean;
}

export interface FlightClientOptions {
  /** How long a request may take in all, in milliseconds. @default 10_000 */
  readonly deadlineMs?: number;
  /** How long one attempt waits for an answer before the same key is sent again, in milliseconds. @default 400 */
  readonly attemptMs?: number;
  /**
   * Whether the commands of one turn of the event loop go together: fewer messages where each costs, and in vain within a process.
   * @default false
   */
  readonly gathers?: boolean;
}

export interface FlightClient {
  /**
   * Asks a flight and gives its final answer: a result or a rejection.
   * @throws OperationalError DEADLINE_EXCEEDED when some try found no answer, UNAVAILABLE when nobody served the flight or it could not be
   * read, OVERLOADED, TOO_MANY_KEYS, FORBIDDEN or INTERNAL. The first and the last say nothing about whether it happened: only a retry of
   * the same key tells
   * @param scope notes when the request asked and was answered, and what of that was the host's; null where nobody wants to know
   */
  call(request: Request, scope?: RequestScope | null): Promise<FlightAnswer>;
}

export function flightClient(
  bus: Bus,
  clock: Clock,
  entropy: Entropy,
  options: FlightClientOptions = {},
): FlightClient {
  const { deadlineMs = 10_000, attemptMs = 400, gathers = false } = options;
  const send = gathers ? gathering(bus, clock) : sending(bus);
  const services: CallServices = { send, clock, entropy, attemptMs, waiting: new Waiting(clock) };
  return {
    call(request, scope = null) {
      const sent = scope?.sent ?? null;
      const command = {
        ...request,
        deadlineMs: request.deadlineMs ?? clock.nowMs() + deadlineMs,
        ...(sent === null ? {} : { trace: sent }),
      } as Command;
      return new Promise<FlightAnswer>((resolve, reject) => {
        new Call(services, command, (answer, hostMs) => {
          if (scope !== null) scope.hostMs = hostMs ?? 0;
          if (answer.ok) resolve({ reply: answer.reply, isReplay: answer.isReplay });
          else reject(answer.error);
        }).attempt();
      });
    },
  };
}

type Send = (sending: Sending) => void;

function sending(bus: Bus): Send {
  return (each) => bus.send(shardOf(each.command.flightId), [each]);
}

/** Commands for the same shard that are sent in the same turn go together. */
function gathering(bus: Bus, clock: Clock): Send {
  let byShard = new Map<number, Sending[]>();
  const ship = (): void => {
    const gathered = byShard;
    byShard = new Map();
    for (const [shard, sendings] of gathered) bus.send(shard, sendings);
  };
  return (each) => {
    if (byShard.size === 0) clock.soon(ship);
    const shard = shardOf(each.command.flightId);
    const sendings = byShard.get(shard);
    if (sendings === undefined) byShard.set(shard, [each]);
    else sendings.push(each);
  };
}

/** How soon an attempt follows a "not mine", in milliseconds: a hand-over takes about that long. After a host's death it takes longer. */
const NOT_OWNER_PAUSE_MS = 50;
const NOT_OWNER_PAUSE_MS_MAX = 250;
const NOT_OWNER_PAUSE_GROWTH = 1.5;

/** How late a call may learn that it has waited long enough, in milliseconds: one timer serves all calls. */
const LATENESS_MS = 10;

/** Calls that wait, and for how long: most are answered long before, so that a timer for each would be set in vain. */
class Waiting {
  readonly #clock: Clock;
  readonly #calls = new Slab<Call>();
  #timer: Timer | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes the call in `delayMs`, and no more at the time that it waited for before. */
  wait(call: Call, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    call.dueMs = dueMs;
    call.waitingNumber ??= this.#calls.add(call);
    if (dueMs < this.#timerAtMs) this.#arm(dueMs);
  }

  leave(call: Call): void {
    if (call.waitingNumber !== null) this.#calls.delete(call.waitingNumber);
    call.waitingNumber = null;
  }

  #arm(dueMs: number): void {
    this.#timer?.cancel();
    this.#timerAtMs = dueMs;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.monotonicMs()), () => this.#ring());
  }

  #ring(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonicMs();
    const due: Call[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const call of this.#calls.values()) {
      if (call.dueMs <= nowMs) due.push(call);
      else nextMs = Math.min(nextMs, call.dueMs);
    }
    for (const call of due.sort((a, b) => a.dueMs - b.dueMs)) {
      this.leave(call);
      call.wake();
    }
    // Those that began to wait meanwhile may have set the timer themselves.
    const atMs = Math.max(nextMs, nowMs + LATENESS_MS);
    if (atMs < this.#timerAtMs) this.#arm(atMs);
  }
}

interface CallServices {
  readonly send: Send;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly attemptMs: number;
  readonly waiting: Waiting;
}

/** One request from its first attempt to its answer. */
class Call {
  readonly #services: CallServices;
  readonly #command: Command;
  readonly #finish: Answering;
  /** One for all attempts: whichever of them is answered. */
  readonly #sending: Sending;
  /** Among the calls that wait; null when it is none of them. */
  waitingNumber: number | null = null;
  /** When it has waited long enough, by the monotonic clock. */
  dueMs = 0;
  #isFinished = false;
  /** The latest attempt was told "not mine". */
  #isDisowned = false;
  /** Some attempt was told nothing. */
  #hasBeenSilent = false;
  #pauseMs = NOT_OWNER_PAUSE_MS;

  constructor(services: CallServices, command: Command, finish: Answering) {
    this.#services = services;
    this.#command = command;
    this.#finish = finish;
    this.#sending = { command, answer: (answer, hostMs) => this.#take(answer, hostMs) };
  }

  attempt(): void {
    this.#isDisowned = false;
    this.#wait(this.#services.attemptMs);
    this.#services.send(this.#sending);
  }

  /** What it waited for has not come: the same key is sent again, unless the deadline has. */
  wake(): void {
    if (!this.#isDisowned) this.#hasBeenSilent = true;
    if (this.#command.deadlineMs > this.#services.clock.nowMs()) {
      this.attempt();
      return;
    }
    const error = this.#hasBeenSilent
      ? new OperationalError("DEADLINE_EXCEEDED", "The flight did not answer in time.")
      : new OperationalError("UNAVAILABLE", "Nobody serves the flight now.");
    this.#end({ ok: false, error });
  }

  #take(answer: Answer, hostMs: number | undefined): void {
    if (this.#isFinished) return;
    if (answer.ok || !this.#isOpenAfter(answer.error)) {
      this.#end(answer, hostMs);
      return;
    }
    const restMs = answer.error.retryAfterMs ?? 0;
    this.#isDisowned = true;
    this.#wait(Math.max(this.#pauseMs, restMs));
    this.#pauseMs = Math.min(this.#pauseMs * NOT_OWNER_PAUSE_GROWTH, NOT_OWNER_PAUSE_MS_MAX);
  }

  /**
   * Whether that says nothing of the request. A former owner's "not mine" never does: the present one may still answer. What turns an attempt
   * away after one that was told nothing says only that this one was not taken: the other may be, and still be done.
   */
  #isOpenAfter({ code }: OperationalError): boolean {
    return code === "NOT_OWNER" || (this.#hasBeenSilent && (code === "OVERLOADED" || code === "UNAVAILABLE"));
  }

  /** About `delayMs`, so that callers who met the same silence don't all come again at once; but no longer than the deadline. */
  #wait(delayMs: number): void {
    const { clock, entropy, waiting } = this.#services;
    const jitteredMs = delayMs * (0.75 + entropy.fraction() / 2);
    waiting.wait(this, Math.max(0, Math.min(jitteredMs, this.#command.deadlineMs - clock.nowMs())));
  }

  #end(answer: Answer, hostMs?: number): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#services.waiting.leave(this);
    this.#finish(answer, hostMs);
  }
}
