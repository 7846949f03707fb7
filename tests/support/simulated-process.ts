/** Owns a process as the simulations need it: it can be paused, go on and die, and everything that reaches it goes by it. */

import type { Clock, Timer } from "../../actors/clock.ts";
import type { FakeClock } from "./fake-clock.ts";

export class SimulatedProcess {
  readonly clock: Clock;
  readonly #world: FakeClock;
  #isPaused = false;
  #isDead = false;
  /** What has come while it was paused. */
  #held: (() => void)[] = [];

  constructor(world: FakeClock) {
    this.#world = world;
    this.clock = {
      nowMs: () => world.nowMs(),
      monotonicMs: () => world.monotonicMs(),
      after: (delayMs, call): Timer => {
        let isCancelled = false;
        const timer = world.after(delayMs, () =>
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
      },
      soon: (call) => world.soon(() => this.receive(call)),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** As SIGSTOP: what comes waits in the kernel. */
  pause(): void {
    this.#isPaused = true;
  }

  /** As SIGCONT: everything that has come is seen at once. */
  resume(): void {
    this.#isPaused = false;
    for (const call of this.#held.splice(0)) this.receive(call);
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

  /**
   * Its way to a server: cut, it fails at once; a call whose way back is cut was done all the same.
   * @param wayMs how long the next message takes, in milliseconds
   */
  line(wayMs: () => number): Line {
    return new Line(this, this.#world, wayMs);
  }
}

export class Line {
  isCut = false;
  /** Calls that are done, and whose answer is lost. */
  answersToLose = 0;
  readonly #process: SimulatedProcess;
  readonly #world: FakeClock;

  readonly #wayMs: () => number;

  constructor(process: SimulatedProcess, world: FakeClock, wayMs: () => number) {
    this.#process = process;
    this.#world = world;
    this.#wayMs = wayMs;
  }

  call<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (why: string): void => this.#process.receive(() => reject(new Error(why)));
    const answer = (value: T): void => {
      this.#world.after(this.#wayMs(), () => {
        if (this.isCut) fail("the connection was lost");
        else if (this.answersToLose > 0) {
          this.answersToLose -= 1;
          fail("the answer was lost");
        } else this.#process.receive(() => resolve(value));
      });
    };
    this.#world.after(this.#wayMs(), () => {
      if (this.isCut) fail("no connection");
      else work().then(answer, (cause: unknown) => this.#process.receive(() => reject(cause)));
    });
    return promise;
  }
}
