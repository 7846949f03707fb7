/** Owns how a flight is asked: finds its shard, keeps the deadline, and retries the same key while the owner is changing. */

import type { Answer, Bus } from "./bus/bus.ts";
import type { Clock } from "./clock.ts";
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
  return {
    call(request) {
      const command = { ...request, deadlineMs: request.deadlineMs ?? clock.nowMs() + deadlineMs } as Command;
      return new Promise<FlightAnswer>((resolve, reject) => {
        new Call(bus, clock, entropy, command, attemptMs, (answer) => {
          if (answer.ok) resolve({ reply: answer.reply, isReplay: answer.isReplay });
          else reject(answer.error);
        }).attempt();
      });
    },
  };
}

/** How soon an attempt follows a "not mine", in milliseconds: a claim takes about that long. */
const NOT_OWNER_PAUSE_MS = 50;

/** One request from its first attempt to its answer. */
class Call {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #command: Command;
  readonly #attemptMs: number;
  readonly #finish: (answer: Answer) => void;
  #isFinished = false;
  #timer: { cancel(): void } | null = null;

  constructor(
    bus: Bus,
    clock: Clock,
    entropy: Entropy,
    command: Command,
    attemptMs: number,
    finish: (answer: Answer) => void,
  ) {
    this.#bus = bus;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#command = command;
    this.#attemptMs = attemptMs;
    this.#finish = finish;
  }

  attempt(): void {
    this.#again(this.#attemptMs);
    this.#bus.send(shardOf(this.#command.flightId), this.#command, (answer) => {
      if (this.#isFinished) return;
      // A former owner's "not mine" ends nothing: the present one may still answer, and another attempt is on its way.
      if (!answer.ok && answer.error.code === "NOT_OWNER") return this.#again(NOT_OWNER_PAUSE_MS);
      this.#end(answer);
    });
  }

  /** Sends the same key again after about `delayMs`, unless the deadline comes first. */
  #again(delayMs: number): void {
    if (this.#isFinished) return;
    this.#timer?.cancel();
    const leftMs = this.#command.deadlineMs - this.#clock.nowMs();
    const jittered = delayMs * (0.75 + this.#entropy.fraction() / 2);
    this.#timer =
      jittered < leftMs
        ? this.#clock.after(jittered, () => this.attempt())
        : this.#clock.after(Math.max(0, leftMs), () => {
            this.#end({
              ok: false,
              error: new OperationalError("DEADLINE_EXCEEDED", "The flight did not answer in time."),
            });
          });
  }

  #end(answer: Answer): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#timer?.cancel();
    this.#finish(answer);
  }
}
