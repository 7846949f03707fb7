/** Owns the numbers that a host may give out: blocks leased from the database and permuted by key, so that none comes twice and none tells the volume. */

import { assert, present } from "./assert.ts";
import type { NumberForms } from "./domain/number-forms.ts";
import type { Supply } from "./domain/rules.ts";
import { PASSENGERS_MAX } from "./domain/rules.ts";
import type { Entropy } from "./entropy.ts";
import type { Log } from "./telemetry.ts";

export type NumberKind = "pnr" | "ticket";

export interface NumberBlocks {
  /** Takes `size` numbers that nobody else will get, and gives the first of them. Numbers of a lost block are never used. */
  lease(kind: NumberKind, size: number): Promise<number>;
}

/** Numbers leased at once. */
const BLOCK = 4_096;

export class Numbers implements Supply {
  readonly #blocks: NumberBlocks;
  readonly #forms: NumberForms;
  readonly #entropy: Entropy;
  readonly #log: Log;
  readonly #block: number;
  readonly #stock: Record<NumberKind, Stock> = { pnr: new Stock(), ticket: new Stock() };
  readonly #leasing = new Map<NumberKind, Promise<void>>();

  /** @param block how many numbers are leased at once; the next ones when half of it is left. @default 4_096 */
  constructor(blocks: NumberBlocks, forms: NumberForms, entropy: Entropy, log: Log, block = BLOCK) {
    assert(block / 2 > PASSENGERS_MAX, "more are leased before there are too few for a decision");
    this.#block = block;
    this.#blocks = blocks;
    this.#forms = forms;
    this.#entropy = entropy;
    this.#log = log;
  }

  /** Whether there is enough for any one decision. When not, {@link refill} ends once there is. */
  get isReady(): boolean {
    return this.#stock.pnr.left >= 1 && this.#stock.ticket.left >= PASSENGERS_MAX;
  }

  /** Leases what is running low. */
  async refill(): Promise<void> {
    await Promise.all([this.#refill("pnr"), this.#refill("ticket")]);
  }

  reservationId(): string {
    return this.#entropy.uuid();
  }

  attemptId(): string {
    return this.#entropy.uuid();
  }

  pnr(): string {
    return this.#forms.pnr(this.#take("pnr"));
  }

  ticketNumber(): string {
    return this.#forms.ticketNumber(this.#take("ticket"));
  }

  #take(kind: NumberKind): number {
    const stock = this.#stock[kind];
    const number = stock.take();
    if (this.#isLow(stock)) {
      this.#refill(kind).catch((cause: unknown) =>
        this.#log.warn({ kind, cause: String(cause) }, "no new block of numbers"),
      );
    }
    return number;
  }

  #refill(kind: NumberKind): Promise<void> {
    const stock = this.#stock[kind];
    if (!this.#isLow(stock)) return Promise.resolve();
    const leasing =
      this.#leasing.get(kind) ??
      this.#blocks
        .lease(kind, this.#block)
        .then((first) => stock.add(first, this.#block))
        .finally(() => this.#leasing.delete(kind));
    this.#leasing.set(kind, leasing);
    return leasing;
  }

  #isLow({ left }: Stock): boolean {
    return left < this.#block / 2;
  }
}

class Stock {
  readonly #ranges: { next: number; readonly end: number }[] = [];
  left = 0;

  add(first: number, size: number): void {
    this.#ranges.push({ next: first, end: first + size });
    this.left += size;
  }

  take(): number {
    assert(this.left > 0, "a number is taken only while there are some");
    const range = present(this.#ranges[0], "the range that `left` counts");
    const number = range.next;
    range.next += 1;
    this.left -= 1;
    if (range.next === range.end) this.#ranges.shift();
    return number;
  }
}
