/** Owns the way between a process and a server: how long messages take, and that none arrives while the way is cut. */

import type { EventLoop } from "./event-loop.ts";

/** A stretch of network. What is on its way when it is cut arrives when it is whole again, as TCP sends it once more. */
export class Link {
  readonly #loop: EventLoop;
  readonly #delayMs: () => number;
  #isCut = false;
  #held: (() => void)[] = [];

  /** @param delayMs how long the next message takes, in milliseconds */
  constructor(loop: EventLoop, delayMs: () => number) {
    this.#loop = loop;
    this.#delayMs = delayMs;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
    for (const arrive of this.#held.splice(0)) this.#loop.after(this.#delayMs(), arrive);
  }

  /** One direction of one connection. */
  channel(): Channel {
    return new Channel(this.#loop, this);
  }

  delayMs(): number {
    return this.#delayMs();
  }

  /** Arrives now, or when the link is whole again. */
  arrive(call: () => void): void {
    if (this.#isCut) this.#held.push(call);
    else call();
  }
}

/** Messages arrive in the order in which they were sent, or not at all. */
export class Channel {
  readonly #loop: EventLoop;
  readonly #link: Link;
  readonly #line: (() => void)[] = [];
  #lastAtMs = 0;
  isClosed = false;

  constructor(loop: EventLoop, link: Link) {
    this.#loop = loop;
    this.#link = link;
  }

  send(call: () => void): void {
    if (this.isClosed) return;
    this.#line.push(call);
    this.#lastAtMs = Math.max(this.#lastAtMs, this.#loop.nowMs + this.#link.delayMs());
    this.#loop.after(this.#lastAtMs - this.#loop.nowMs, () => this.#link.arrive(() => this.#next()));
  }

  /** Nothing more arrives. */
  close(): void {
    this.isClosed = true;
    this.#line.length = 0;
  }

  /** Whichever message has come through: the first in line is the one that is read. */
  #next(): void {
    this.#line.shift()?.();
  }
}
