/** Owns what is known of a flight's seats at this moment: one signal a seat, so that a change draws one seat and nothing else. */

import { type Signal, signal } from "@preact/signals";
import type { Money } from "../../../../actors/domain/money.ts";
import { after, type Stop } from "../../browser/device.ts";
import { followStream } from "../../browser/event-stream.ts";

export type SeatState = "free" | "held" | "sold" | "blocked";

export interface Seat {
  /** `12A` */
  readonly name: string;
  readonly row: number;
  /** Column letter. */
  readonly column: string;
  readonly cabin: string;
  readonly price: Money;
  readonly features: readonly string[];
  readonly state: Signal<SeatState>;
}

interface Snapshot {
  readonly version: number;
  readonly seats: readonly {
    readonly seat: string;
    readonly cabin: string;
    readonly price: Money;
    readonly state: SeatState;
    readonly features: readonly string[];
  }[];
}

interface Delta {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly { readonly seat: string; readonly state: SeatState }[];
}

/** What changed, for those who are told of it in words. */
export interface SeatChange {
  readonly seat: Seat;
  readonly before: SeatState;
  readonly after: SeatState;
}

/** `waiting` until the first map, `gone` when there is no such flight. */
export type Liveness = "waiting" | "live" | "lost" | "gone";

/** Whoever only glances at another tab finds the seats as live as before, in milliseconds. */
const HIDDEN_MS_MAX = 20_000;

export class SeatStore {
  /** Front to back, left to right. They come once; later only their states change. */
  readonly seats = signal<readonly Seat[]>([]);
  readonly liveness = signal<Liveness>("waiting");
  /** Rises with every change: for what depends on many seats. */
  readonly version = signal(0);
  readonly #byName = new Map<string, Seat>();
  readonly #listeners = new Set<(changes: readonly SeatChange[]) => void>();

  find(name: string): Seat | undefined {
    return this.#byName.get(name);
  }

  /** How many are free. */
  get free(): number {
    return this.seats.value.filter(({ state }) => state.peek() === "free").length;
  }

  /** Whether fewer are free than so many; not before that is known. */
  lacks(needed: number): boolean {
    this.version.value;
    return this.seats.value.length > 0 && this.free < needed;
  }

  /**
   * Follows the flight until the signal is aborted, while somebody looks: a browser has few connections for all its tabs, and seats that
   * nobody sees need none.
   */
  followSeen(flightId: string, leaving: AbortSignal): void {
    let hiding: Stop = () => {};
    let stopped = new AbortController();
    const follow = (): void => {
      stopped = new AbortController();
      this.#follow(flightId, AbortSignal.any([leaving, stopped.signal]));
    };
    const changed = (): void => {
      hiding();
      if (document.visibilityState === "hidden") hiding = after(HIDDEN_MS_MAX, () => stopped.abort());
      else if (stopped.signal.aborted) follow();
    };
    document.addEventListener("visibilitychange", changed);
    leaving.addEventListener("abort", () => {
      hiding();
      document.removeEventListener("visibilitychange", changed);
    });
    follow();
  }

  #follow(flightId: string, leaving: AbortSignal): void {
    const url = `/api/v1/flights/${encodeURIComponent(flightId)}/seats/stream`;
    void followStream(
      {
        url,
        event: (name, data) => this.hear(name, data),
        live: (isLive) => {
          if (isLive && this.seats.peek().length > 0) this.liveness.value = "live";
          else if (!isLive && this.liveness.peek() === "live") this.liveness.value = "lost";
        },
        refused: () => {
          this.liveness.value = "gone";
        },
      },
      leaving,
      this.#byName.size === 0 ? null : String(this.version.peek()),
    );
  }

  /** Takes an event of the flight's stream. */
  hear(name: string, data: unknown): void {
    if (name === "snapshot") this.#take(data as Snapshot);
    else if (name === "delta") this.#change(data as Delta);
  }

  /** @returns what ends it */
  onChange(listener: (changes: readonly SeatChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take({ version, seats }: Snapshot): void {
    if (this.#byName.size === 0) {
      for (const { seat: name, cabin, price, state, features } of seats) {
        const row = Number.parseInt(name, 10);
        const column = name.slice(String(row).length);
        this.#byName.set(name, { name, row, column, cabin, price, features, state: signal(state) });
      }
      this.seats.value = [...this.#byName.values()];
    } else this.#apply(seats);
    this.version.value = version;
    this.liveness.value = "live";
  }

  #change({ to, changes }: Delta): void {
    if (to <= this.version.peek()) return;
    this.#apply(changes);
    this.version.value = to;
  }

  #apply(states: readonly { readonly seat: string; readonly state: SeatState }[]): void {
    const changes: SeatChange[] = [];
    for (const { seat: name, state: after } of states) {
      const seat = this.#byName.get(name);
      if (seat === undefined || seat.state.peek() === after) continue;
      changes.push({ seat, before: seat.state.peek(), after });
      seat.state.value = after;
    }
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }
}
