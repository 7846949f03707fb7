/** Owns how a flight is asked: finds its shard, keeps the deadline, and retries the same key while the owner is changing. */

import type { Answer, Bus } from "./bus/bus.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Command, Op } from "./domain/command.ts";
import { shardOf } from "./domain/ids.ts";
import type { Reply } from "./domain/reply.ts";
import type { Entropy } from "./entropy.ts";
import { OperationalError } from "./errors.ts";

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
}

export interface FlightClient {
  /**
   * Asks a flight and gives its final answer: a result or a rejection.
   * @throws OperationalError DEADLINE_EXCEEDED, OVERLOADED, TOO_MANY_KEYS or INTERNAL; the first two say nothing about whether it happened:
   * only a retry of the same key tells
   */
  call(request: Request): Promise<FlightAnswer>;
}

export function flightClient(
  bus: Bus,
  clock: Clock,
  entropy: Entropy,
  options: FlightClientOptions = {},
): FlightClient {
  const { deadlineMs = 10_000, attemptMs = 400 } = options;
  const waiting = new Waiting(clock);
  return {
    call(request) {
      const command = { ...request, deadlineMs: request.deadlineMs ?? clock.nowMs() + deadlineMs } as Command;
      return new Promise<FlightAnswer>((resolve, reject) => {
        new Call({ bus, clock, entropy, attemptMs, waiting }, command, (answer) => {
          if (answer.ok) resolve({ reply: answer.reply, isReplay: answer.isReplay });
          else reject(answer.error);
        }).attempt();
      });
    },
  };
}

/** How soon an attempt follows a "not mine", in milliseconds: a claim takes about that long. */
const NOT_OWNER_PAUSE_MS = 50;

/** How late a call may learn that it has waited long enough, in milliseconds: one timer serves all calls. */
const LATENESS_MS = 10;

/** Calls that wait, and for how long: most are answered long before, so that a timer for each would be set in vain. */
class Waiting {
  readonly #clock: Clock;
  readonly #dueMs = new Map<Call, number>();
  #timer: Timer | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes the call in `delayMs`, and no more at the time that it waited for before. */
  wait(call: Call, delayMs: number): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    this.#dueMs.set(call, dueMs);
    if (dueMs < this.#timerAtMs) this.#arm(dueMs);
  }

  leave(call: Call): void {
    this.#dueMs.delete(call);
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
    for (const [call, dueMs] of this.#dueMs) {
      if (dueMs <= nowMs) due.push(call);
      else nextMs = Math.min(nextMs, dueMs);
    }
    for (const call of due) {
      this.#dueMs.delete(call);
      call.wake();
    }
    // Those that began to wait meanwhile may have set the timer themselves.
    const atMs = Math.max(nextMs, nowMs + LATENESS_MS);
    if (atMs < this.#timerAtMs) this.#arm(atMs);
  }
}

interface CallServices {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly attemptMs: number;
  readonly waiting: Waiting;
}

/** One request from its first attempt to its answer. */
class Call {
  readonly #services: CallServices;
  readonly #command: Command;
  readonly #finish: (answer: Answer) => void;
  #isFinished = false;

  constructor(services: CallServices, command: Command, finish: (answer: Answer) => void) {
    this.#services = services;
    this.#command = command;
    this.#finish = finish;
  }

  attempt(): void {
    const { bus, attemptMs } = this.#services;
    this.#wait(attemptMs);
    const command = this.#command;
    const answer = (answer: Answer): void => {
      if (this.#isFinished) return;
      // A former owner's "not mine" ends nothing: the present one may still answer, and another attempt is on its way.
      if (!answer.ok && answer.error.code === "NOT_OWNER") this.#wait(NOT_OWNER_PAUSE_MS);
      else this.#end(answer);
    };
    bus.send(shardOf(command.flightId), [{ command, answer }]);
  }

  /** What it waited for has not come: the same key is sent again, unless the deadline has. */
  wake(): void {
    if (this.#command.deadlineMs > this.#services.clock.nowMs()) this.attempt();
    else
      this.#end({ ok: false, error: new OperationalError("DEADLINE_EXCEEDED", "The flight did not answer in time.") });
  }

  /** About `delayMs`, so that callers who met the same silence don't all come again at once; but no longer than the deadline. */
  #wait(delayMs: number): void {
    const { clock, entropy, waiting } = this.#services;
    const jitteredMs = delayMs * (0.75 + entropy.fraction() / 2);
    waiting.wait(this, Math.max(0, Math.min(jitteredMs, this.#command.deadlineMs - clock.nowMs())));
  }

  #end(answer: Answer): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#services.waiting.leave(this);
    this.#finish(answer);
  }
}
