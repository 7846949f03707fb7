/** Owns the places where requests wait their turn: servers with one line in front, and a lane that takes all who wait at once. */

import type { EventQueue } from "./event-queue.ts";

/** So many waits are kept, evenly picked, for their percentiles. */
const WAITS_MAX = 65_536;

/** What was seen of one place, or of several that are alike. */
export interface Seen {
  readonly served: number;
  readonly waitMeanS: number;
  readonly waitP99S: number;
  /** From coming to going. */
  readonly stayMeanS: number;
  /** The mean number of those who are there, waiting or served, counted over time and not from their stays. */
  readonly there: number;
}

export class Meter {
  readonly #queue: EventQueue;
  readonly #waits: number[] = [];
  #served = 0;
  #waitS = 0;
  #stayS = 0;
  #there = 0;
  #thereS = 0;
  #changedAt = 0;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  come(): void {
    this.#change(1);
  }

  go(waitS: number, stayS: number): void {
    this.#change(-1);
    // Every so-and-so-many-th, so that late ones count as early ones do.
    if (this.#served % 16 === 0 || this.#served < WAITS_MAX / 2) {
      if (this.#waits.length < WAITS_MAX) this.#waits.push(waitS);
      else this.#waits[(this.#served * 40_503) % WAITS_MAX] = waitS;
    }
    this.#served += 1;
    this.#waitS += waitS;
    this.#stayS += stayS;
  }

  seen(): Seen {
    const sorted = Float64Array.from(this.#waits).toSorted();
    const each = Math.max(1, this.#served);
    return {
      served: this.#served,
      waitMeanS: this.#waitS / each,
      waitP99S: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      stayMeanS: this.#stayS / each,
      there: this.#queue.now > 0 ? this.#thereS / this.#queue.now : 0,
    };
  }

  #change(by: number): void {
    this.#thereS += this.#there * (this.#queue.now - this.#changedAt);
    this.#changedAt = this.#queue.now;
    this.#there += by;
  }
}

/** The share of the first `windowS` seconds in which `servers` of one place worked. */
class Work {
  readonly #windowS: number;
  #busyS = 0;

  constructor(windowS: number) {
    this.#windowS = windowS;
  }

  add(at: number, seconds: number): void {
    this.#busyS += Math.max(0, Math.min(at + seconds, this.#windowS) - at);
  }

  share(servers: number): number {
    return this.#busyS / (servers * this.#windowS);
  }
}

interface Waiting {
  readonly cameAt: number;
  readonly serviceS: number;
  readonly then: () => void;
}

/** First come, first served, by so many servers; each takes a stated time. */
export class Station {
  readonly #queue: EventQueue;
  readonly #meter: Meter;
  readonly #line: Waiting[] = [];
  readonly #servers: number;
  readonly #work: Work;
  #head = 0;
  #free: number;

  /** @param windowS how long is looked at, from the beginning */
  constructor(queue: EventQueue, meter: Meter, servers: number, windowS: number) {
    this.#queue = queue;
    this.#meter = meter;
    this.#servers = servers;
    this.#work = new Work(windowS);
    this.#free = servers;
  }

  get utilisation(): number {
    return this.#work.share(this.#servers);
  }

  ask(serviceS: number, then: () => void): void {
    this.#meter.come();
    this.#line.push({ cameAt: this.#queue.now, serviceS, then });
    this.#next();
  }

  #next(): void {
    const first = this.#line[this.#head];
    if (this.#free === 0 || first === undefined) return;
    this.#free -= 1;
    this.#head += 1;
    // What is over is let go of now and then: for each one it would cost more than the line itself.
    if (this.#head > 1_024 && this.#head * 2 > this.#line.length) {
      this.#line.splice(0, this.#head);
      this.#head = 0;
    }
    const waitS = this.#queue.now - first.cameAt;
    this.#work.add(this.#queue.now, first.serviceS);
    this.#queue.plan(this.#queue.now + first.serviceS, () => {
      this.#free += 1;
      this.#meter.go(waitS, waitS + first.serviceS);
      first.then();
      this.#next();
    });
  }
}

/** One batch at a time is on its way; who comes meanwhile goes with the next. No lingering: a lone one leaves at once. */
export class Lane {
  readonly #queue: EventQueue;
  readonly #meter: Meter;
  readonly #batchMax: number;
  readonly #tookS: (commands: number) => number;
  #waiting: { readonly cameAt: number; readonly then: () => void }[] = [];
  #isBusy = false;
  readonly #work: Work;
  batches = 0;

  constructor(queue: EventQueue, meter: Meter, tookS: (commands: number) => number, batchMax: number, windowS: number) {
    this.#queue = queue;
    this.#meter = meter;
    this.#tookS = tookS;
    this.#batchMax = batchMax;
    this.#work = new Work(windowS);
  }

  get utilisation(): number {
    return this.#work.share(1);
  }

  ask(then: () => void): void {
    this.#meter.come();
    this.#waiting.push({ cameAt: this.#queue.now, then });
    this.#next();
  }

  #next(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    const batch = this.#waiting.slice(0, this.#batchMax);
    this.#waiting = this.#waiting.slice(this.#batchMax);
    this.#isBusy = true;
    this.batches += 1;
    const [leftAt, tookS] = [this.#queue.now, this.#tookS(batch.length)];
    this.#work.add(leftAt, tookS);
    this.#queue.plan(leftAt + tookS, () => {
      this.#isBusy = false;
      for (const { cameAt, then } of batch) {
        this.#meter.go(leftAt - cameAt, leftAt - cameAt + tookS);
        then();
      }
      this.#next();
    });
  }
}
