/**
 * Owns the question whether a history of one seat can have happened one operation after another, each at some moment between its call and
 * its answer. An operation that was never answered may take effect at any moment after its call, or never.
 *
 * Just-in-time linearization (Lowe, "Testing for linearizability", 2017): the history is followed in time, with every state in which the
 * seat may be. An operation takes effect only when its own answer, or another's, can't be explained otherwise.
 */

/** What an operation does to a seat, or has seen of it. A holder is a reservation. */
export type SeatEffect =
  | { readonly kind: "take"; readonly holder: string }
  /** By a reservation of which nobody knows more, and which may give the seat back at any moment. Never answered. */
  | { readonly kind: "take-unknown" }
  | { readonly kind: "sell"; readonly holder: string }
  /** Held and sold at once: an expired reservation that was paid after all. */
  | { readonly kind: "retake"; readonly holder: string }
  | { readonly kind: "free"; readonly holder: string }
  | { readonly kind: "see"; readonly state: "free" | "taken" | "held" | "sold" }
  | { readonly kind: "see-holder"; readonly holder: string; readonly state: "other" | "any" | "held" | "sold" };

export interface SeatOperation {
  readonly effect: SeatEffect;
  /** In one order with {@link ended}: what comes first is lower. */
  readonly called: number;
  /** null: nobody was told whether it happened. */
  readonly ended: number | null;
  /** In words, for whoever reads of a failure. */
  readonly what: string;
}

interface State {
  /** null: free. */
  readonly holder: string | null;
  readonly isSold: boolean;
}

const FREE: State = { holder: null, isSold: false };

/** The holder of whom nobody knows more. */
const UNKNOWN = "?";

/** One way in which everything so far may have happened. */
interface Possibility {
  readonly state: State;
  /** Operations that have taken effect although their answer, if there is one, has not come yet: bits by their place. */
  readonly done: bigint;
}

/**
 * One seat in some hundred worlds has so many operations that were never answered that to try all orders would take minutes: such a seat is
 * not judged.
 */
const WAYS_MAX = 4_000;

class TooManyWays extends Error {}

/** @returns null when there is an order, or there are too many to try; otherwise the first answer that none explains */
export function firstInexplicable(operations: readonly SeatOperation[]): SeatOperation | null {
  try {
    return firstWithoutOrder(operations);
  } catch (cause) {
    if (cause instanceof TooManyWays) return null;
    throw cause;
  }
}

function firstWithoutOrder(operations: readonly SeatOperation[]): SeatOperation | null {
  const search = new Search(operations);
  const moments = operations
    .flatMap((operation, place) => [
      { at: operation.called, place, isEnd: false },
      ...(operation.ended === null ? [] : [{ at: operation.ended, place, isEnd: true }]),
    ])
    .sort((a, b) => a.at - b.at);
  for (const { place, isEnd } of moments) {
    if (!isEnd) search.call(place);
    else if (!search.end(place)) return operations[place] ?? null;
  }
  return null;
}

class Search {
  readonly #operations: readonly SeatOperation[];
  /** Operations that only look: they take effect as soon as they can, since that hinders nothing. */
  readonly #looks: bigint;
  /** Operations that need not take effect: the fewer of them have, the more is still possible. */
  readonly #optional: bigint;
  readonly #open = new Set<number>();
  #possible: Possibility[] = [{ state: FREE, done: 0n }];

  constructor(operations: readonly SeatOperation[]) {
    this.#operations = operations;
    const bitsOf = (test: (operation: SeatOperation) => boolean): bigint =>
      operations.reduce((bits, operation, place) => (test(operation) ? bits | bitOf(place) : bits), 0n);
    this.#looks = bitsOf(({ effect }) => isLook(effect));
    this.#optional = bitsOf(({ effect, ended }) => ended === null && !isLook(effect));
  }

  call(place: number): void {
    this.#open.add(place);
    if ((this.#looks & bitOf(place)) !== 0n) this.#possible = this.#possible.map((each) => this.#withLooks(each));
  }

  /** @returns whether the answer can be explained */
  end(place: number): boolean {
    const bit = bitOf(place);
    this.#possible = this.#explained(bit).map(({ state, done }) => ({ state, done: done & ~bit }));
    this.#open.delete(place);
    return this.#possible.length > 0;
  }

  /** Every way in which the operation has taken effect, by way of others that are open where need be. */
  #explained(bit: bigint): Possibility[] {
    const answers = new Ways(this.#looks, this.#optional);
    const seen = new Ways(this.#looks, this.#optional);
    const line = this.#possible.filter((each) => {
      const isDone = (each.done & bit) !== 0n;
      if (isDone) answers.keep(each);
      return !isDone;
    });
    let tried = 0;
    for (let next = line.pop(); next !== undefined; next = line.pop()) {
      if (++tried > WAYS_MAX) throw new TooManyWays();
      if (!seen.keep(next)) continue;
      if (next.state.holder === UNKNOWN) {
        const freed = this.#withLooks({ state: FREE, done: next.done });
        if ((freed.done & bit) !== 0n) answers.keep(freed);
        else line.push(freed);
      }
      let hasTriedUnknown = false;
      for (const place of this.#open) {
        const otherBit = bitOf(place);
        const operation = this.#operations[place];
        if (operation === undefined || (next.done & otherBit) !== 0n) continue;
        if (operation.effect.kind === "take-unknown") {
          // One is as good as another.
          if (hasTriedUnknown) continue;
          hasTriedUnknown = true;
        }
        const state = after(next.state, operation.effect);
        if (state === null || state === next.state) continue;
        const reached = this.#withLooks({ state, done: next.done | otherBit });
        if ((reached.done & bit) !== 0n) answers.keep(reached);
        else line.push(reached);
      }
    }
    return answers.all;
  }

  #withLooks({ state, done }: Possibility): Possibility {
    let seen = done;
    for (const place of this.#open) {
      const operation = this.#operations[place];
      if (operation === undefined || !isLook(operation.effect)) continue;
      if (after(state, operation.effect) !== null) seen |= bitOf(place);
    }
    return { state, done: seen };
  }
}

/** Ways that differ: of two, one of which can do all that the other can, that one is kept. */
class Ways {
  readonly #looks: bigint;
  readonly #optional: bigint;
  readonly #needed: bigint;
  /** Only those of one state in which the same has happened of what must happen can stand for each other. */
  readonly #groups = new Map<string, Possibility[]>();

  constructor(looks: bigint, optional: bigint) {
    this.#looks = looks;
    this.#optional = optional;
    this.#needed = ~(looks | optional);
  }

  get all(): Possibility[] {
    return [...this.#groups.values()].flat();
  }

  /** @returns false when it is not needed */
  keep(one: Possibility): boolean {
    const { state, done } = one;
    const name = `${state.isSold} ${done & this.#needed} ${state.holder}`;
    const group = this.#groups.get(name);
    if (group === undefined) {
      this.#groups.set(name, [one]);
      return true;
    }
    if (group.some((other) => this.#covers(other, one))) return false;
    this.#groups.set(name, [...group.filter((other) => !this.#covers(one, other)), one]);
    return true;
  }

  #covers(a: Possibility, b: Possibility): boolean {
    return (a.done & this.#optional & ~b.done) === 0n && (b.done & this.#looks & ~a.done) === 0n;
  }
}

function bitOf(place: number): bigint {
  return 1n << BigInt(place);
}

function isLook({ kind }: SeatEffect): boolean {
  return kind === "see" || kind === "see-holder";
}

/** The state that the effect leads to; null when it can't be in this one. */
function after(state: State, effect: SeatEffect): State | null {
  const { holder, isSold } = state;
  switch (effect.kind) {
    case "take-unknown":
      return holder === null ? { holder: UNKNOWN, isSold: false } : null;
    case "take":
      return holder === null ? { holder: effect.holder, isSold: false } : null;
    case "retake":
      return holder === null ? { holder: effect.holder, isSold: true } : null;
    case "sell":
      return holder === effect.holder && !isSold ? { holder, isSold: true } : null;
    case "free":
      return holder === effect.holder ? FREE : null;
    case "see":
      return isSeen(state, effect.state) ? state : null;
    case "see-holder": {
      if (effect.state === "other") return holder === effect.holder ? null : state;
      if (holder !== effect.holder) return null;
      return effect.state === "any" || (effect.state === "sold") === isSold ? state : null;
    }
  }
}

function isSeen({ holder, isSold }: State, seen: "free" | "taken" | "held" | "sold"): boolean {
  switch (seen) {
    case "free":
      return holder === null;
    case "taken":
      return holder !== null;
    case "held":
      return holder !== null && !isSold;
    case "sold":
      return holder !== null && isSold;
  }
}
