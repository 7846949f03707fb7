/** Owns a process of the simulation: its clocks, and that it can be paused, go on, and die; everything that reaches it goes by it. */

import type { Clock, Timer } from "../../../actors/clock.ts";
import type { EventLoop } from "./event-loop.ts";

export interface ClockOptions {
  /** Its wall clock at the start, in milliseconds since the epoch. */
  readonly wallMs: number;
  /** How fast its monotonic clock runs: 1 is right. */
  readonly rate: number;
}

export class Process {
  readonly name: string;
  readonly clock: Clock;
  readonly #loop: EventLoop;
  readonly #bornMs: number;
  /** Wall time less simulated time. */
  #wallAheadMs: number;
  #isPaused = false;
  #isDead = false;
  /** What has come while it was paused. */
  #held: (() => void)[] = [];

  constructor(loop: EventLoop, name: string, { wallMs, rate }: ClockOptions) {
    this.#loop = loop;
    this.name = name;
    this.#bornMs = loop.nowMs;
    this.#wallAheadMs = wallMs - loop.nowMs;
    this.clock = {
      nowMs: () => Math.floor(loop.nowMs + this.#wallAheadMs),
      monotonicMs: () => (loop.nowMs - this.#bornMs) * rate,
      after: (delayMs, call) => this.#after(delayMs / rate, call),
      soon: (call) => void loop.after(0, () => this.receive(call)),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Somebody sets the machine's wall clock. */
  setClockForward(ms: number): void {
    this.#wallAheadMs += ms;
  }

  /** As SIGSTOP: what comes waits in the kernel. */
  pause(): void {
    this.#isPaused = true;
  }

  /** As SIGCONT: everything that has come is seen, one after the other. */
  resume(): void {
    this.#isPaused = false;
    for (const call of this.#held.splice(0)) this.#loop.after(0, () => this.receive(call));
  }

  /** As SIGKILL. */
  kill(): void {
    this.#isDead = true;
    this.#held = [];
  }

  /** The process sees it as soon as it runs, and never once it is dead. */
  receive(call: () => void): void {
    if (this.#isDead) return;
    if (this.#isPaused) this.#held.push(call);
    else call();
  }

  #after(delayMs: number, call: () => void): Timer {
    let isCancelled = false;
    const timer = this.#loop.after(delayMs, () =>
      this.receive(() => {
        if (!isCancelled) call();
      }),
    );
    return {
      cancel() {
        isCancelled = true;
        timer.cancel();
      },
    };
  }
}
