/** Owns the longest time that a request may take: whoever waits gets an answer, whatever hangs behind it. */

import type { Clock, Timer } from "../../actors/clock.ts";

/** How much later than its limit a request may end, as a share of the limit: one timer serves all requests. */
const LATENESS = 1 / 8;

/** A request in flight, linked to the one that began before it and the one that began after it. */
interface Waiting<Subject, Answer> {
  readonly subject: Subject;
  readonly endsAtMs: number;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
  earlier: Waiting<Subject, Answer> | null;
  later: Waiting<Subject, Answer> | null;
}

/** What every request passes: a linked list, since a set of those that wait cost half a microsecond more. */
export class TimeLimit<Subject, Answer> {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #late: (subject: Subject) => Answer;
  #oldest: Waiting<Subject, Answer> | null = null;
  #newest: Waiting<Subject, Answer> | null = null;
  #timer: Timer | null = null;

  /**
   * @param late makes the answer to what takes longer than `limitMs`: that goes on, and nobody hears of its own answer. When it throws, that
   * request alone fails with it
   */
  constructor(clock: Clock, limitMs: number, late: (subject: Subject) => Answer) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#late = late;
  }

  guard(subject: Subject, answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = this.#enter(subject, resolve, reject);
      answer.then(
        (value) => {
          this.#leave(waiting);
          resolve(value);
        },
        (error: unknown) => {
          this.#leave(waiting);
          reject(error);
        },
      );
    });
  }

  #enter(subject: Subject, answer: (answer: Answer) => void, fail: (error: unknown) => void): Waiting<Subject, Answer> {
    const endsAtMs = this.#clock.monotonicMs() + this.#limitMs;
    const waiting: Waiting<Subject, Answer> = { subject, endsAtMs, answer, fail, earlier: this.#newest, later: null };
    if (this.#newest === null) this.#oldest = waiting;
    else this.#newest.later = waiting;
    this.#newest = waiting;
    this.#timer ??= this.#arm();
    return waiting;
  }

  /** Nothing happens to one that has left already. */
  #leave(waiting: Waiting<Subject, Answer>): void {
    const { earlier, later } = waiting;
    if (earlier === null && this.#oldest !== waiting) return;
    if (earlier === null) this.#oldest = later;
    else earlier.later = later;
    if (later === null) this.#newest = earlier;
    else later.earlier = earlier;
    waiting.earlier = null;
    waiting.later = null;
  }

  #arm(): Timer {
    return this.#clock.after(this.#limitMs * LATENESS, () => this.#sweep());
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    // Ends: each round takes one out.
    for (let each = this.#oldest; each !== null && each.endsAtMs <= nowMs; each = this.#oldest) {
      this.#leave(each);
      this.#giveUp(each);
    }
    this.#timer = this.#oldest === null ? null : this.#arm();
  }

  /** Must not throw: nobody would arm the timer again, and no request of this process would have a limit any more. */
  #giveUp({ subject, answer, fail }: Waiting<Subject, Answer>): void {
    try {
      answer(this.#late(subject));
    } catch (error) {
      fail(error);
    }
  }
}
