/** Owns the simulated NATS server: who serves what, who hears what, and what becomes of messages on their way. */

import type { Answer, Answering, Serving } from "../../../actors/bus/bus.ts";
import type { Command } from "../../../actors/domain/command.ts";
import type { EventLoop } from "../world/event-loop.ts";
import type { Random } from "../world/random.ts";
import type { SimulatedNats } from "./simulated-nats.ts";

/** What happens to commands and answers; broadcasts are only ever lost, since the port promises their order. */
export interface BusTemper {
  dropChance: number;
  doubleChance: number;
  /** How often a message takes another way than those before it, and how long that is at most, in milliseconds. */
  detourChance: number;
  detourMsMax: number;
}

/** A command on its way to whoever serves, as bytes. */
export interface Carried {
  readonly shard: number;
  readonly text: string;
  readonly answer: (text: string) => void;
  /** Nobody serves the shard. */
  readonly unanswerable: () => void;
}

export class Hub {
  readonly loop: EventLoop;
  readonly temper: BusTemper = { dropChance: 0, doubleChance: 0, detourChance: 0, detourMsMax: 0 };
  isDown = false;
  readonly #random: Random;
  readonly #note: (what: string) => void;
  /** Connections that the server has. */
  readonly #ends = new Set<SimulatedNats>();
  /** Looks at each answer as it leaves its owner, by the name of the process. */
  readonly #listeners: ((owner: string, command: Command, answer: Answer) => void)[] = [];

  constructor(loop: EventLoop, random: Random, note: (what: string) => void = () => {}) {
    this.loop = loop;
    this.#random = random;
    this.#note = note;
  }

  onAnswer(listener: (owner: string, command: Command, answer: Answer) => void): void {
    this.#listeners.push(listener);
  }

  /** An answer leaves its owner, whether it will arrive or not. */
  tell(owner: string, command: Command, answer: Answer): void {
    for (const listen of this.#listeners) listen(owner, command, answer);
  }

  join(end: SimulatedNats): void {
    this.#ends.add(end);
  }

  leave(end: SimulatedNats): void {
    this.#ends.delete(end);
  }

  /** Ends every connection; nobody gets another before {@link rise}. */
  crash(): void {
    this.isDown = true;
    for (const end of [...this.#ends]) end.lose("the server is gone");
  }

  rise(): void {
    this.isDown = false;
  }

  /** How long a client waits between two tries to connect, in milliseconds. */
  redialMs(): number {
    return this.#random.between(50, 1_000);
  }

  /** A command has come: to everybody who serves its shard, or back. */
  route({ shard, text, answer, unanswerable }: Carried): void {
    let hasReached = false;
    for (const end of this.#ends) {
      for (const serving of end.servingOf(shard)) {
        hasReached = true;
        this.carry(end.toClient, () => end.receive(() => serve(serving, text, (given) => end.answer(given, answer))));
      }
    }
    if (!hasReached) unanswerable();
  }

  broadcast(subject: string, text: string): void {
    for (const end of this.#ends) {
      if (this.#random.chance(this.temper.dropChance)) continue;
      end.toClient(
        (arrive) => arrive(),
        () => end.receive(() => end.hear(subject, text)),
      );
    }
  }

  /** Sends a command or an answer on: once, twice, on a detour, or not at all. */
  carry(send: Way, arrive: () => void): void {
    const { dropChance, doubleChance, detourChance, detourMsMax } = this.temper;
    if (dropChance > 0 && this.#random.chance(dropChance)) {
      this.#note("a message is lost");
      return;
    }
    const times = doubleChance > 0 && this.#random.chance(doubleChance) ? 2 : 1;
    for (let time = 0; time < times; time++) {
      if (time > 0 || (detourChance > 0 && this.#random.chance(detourChance))) {
        const detourMs = this.#random.between(0, Math.max(5, detourMsMax));
        send((go) => void this.loop.after(detourMs, go), arrive);
      } else send((go) => go(), arrive);
    }
  }
}

/** One direction of a connection; `delay` lets it go on later. */
export type Way = (delay: (go: () => void) => void, arrive: () => void) => void;

function serve(serving: Serving, text: string, answer: (command: Command) => Answering): void {
  const command = JSON.parse(text) as Command;
  serving(command, answer(command));
}
