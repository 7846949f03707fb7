/** Owns one process's end of the simulated bus: connected, silent or lost as a connection to NATS is, and anew after that. */

import type { Answer, Answering, Bus, Sending, Serving, StopServing, Unsubscribe } from "../../../actors/bus/bus.ts";
import type { Subject, Subjects } from "../../../actors/bus/subjects.ts";
import type { Timer } from "../../../actors/clock.ts";
import type { Command } from "../../../actors/domain/command.ts";
import { type OperationalCode, OperationalError } from "../../../actors/errors.ts";
import type { Channel, Link } from "../world/link.ts";
import type { Process } from "../world/process.ts";
import type { Hub, Way } from "./hub.ts";

/** As actors/bus/nats-link.ts: silence is trouble, and then the connection counts as lost; in milliseconds. */
const SILENT_MS = 2_000;
const LOST_MS = 5_000;

interface Connection {
  readonly toServer: Channel;
  readonly toClient: Channel;
}

interface Hearer {
  readonly hear: (message: never) => void;
  readonly missed: (() => void) | undefined;
}

export class SimulatedNats implements Bus {
  readonly #hub: Hub;
  readonly #process: Process;
  readonly #link: Link;
  readonly #serving = new Map<number, Set<Serving>>();
  readonly #hearers = new Map<string, Set<Hearer>>();
  #connection: Connection | null = null;
  #trouble: string | null = null;
  #silence: Timer | null = null;
  /** Those who wait until the bus is within reach. */
  #whenUp: (() => void)[] = [];
  #isClosed = false;

  constructor(hub: Hub, process: Process, link: Link) {
    this.#hub = hub;
    this.#process = process;
    this.#link = link;
    this.#connect();
  }

  send(shard: number, sendings: readonly Sending[]): void {
    for (const { command, answer } of sendings) this.#send(shard, command, answer);
  }

  async serve(shard: number, serving: Serving): Promise<StopServing> {
    const all = this.#serving.get(shard) ?? new Set();
    this.#serving.set(shard, all);
    all.add(serving);
    await this.#roundTrip();
    return async () => {
      all.delete(serving);
      await this.#roundTrip();
    };
  }

  publish<T>(subject: Subject<T>, message: T): void {
    const text = JSON.stringify(message);
    this.#connection?.toServer.send(() => this.#hub.broadcast(subject, text));
  }

  subscribe<T>(subject: Subject<T> | Subjects<T>, hear: (message: T) => void, missed?: () => void): Unsubscribe {
    const hearers = this.#hearers.get(subject) ?? new Set();
    this.#hearers.set(subject, hearers);
    const hearer = { hear, missed };
    hearers.add(hearer);
    return () => void hearers.delete(hearer);
  }

  trouble(): string | null {
    return this.#trouble;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.lose("the bus is closed");
  }

  /** The way to NATS is cut: nobody knows at first. */
  cut(): void {
    if (this.#link.isCut) return;
    this.#link.cut();
    const { clock } = this.#process;
    this.#silence?.cancel();
    this.#silence = clock.after(SILENT_MS, () => {
      if (!this.#link.isCut) return;
      this.#trouble ??= "NATS has not answered";
      this.#silence = clock.after(LOST_MS - SILENT_MS, () => {
        if (this.#link.isCut) this.lose("NATS is out of reach");
      });
    });
  }

  heal(): void {
    if (!this.#link.isCut) return;
    this.#link.heal();
    this.#silence?.cancel();
    if (this.#connection !== null) this.#process.receive(() => this.#isUp());
  }

  /** The connection is gone, with everything that is on it. */
  lose(why: string): void {
    this.#connection?.toServer.close();
    this.#connection?.toClient.close();
    this.#connection = null;
    this.#hub.leave(this);
    this.#process.receive(() => {
      this.#trouble = why;
      this.#redial();
    });
  }

  /** The process is gone, and the server sees it. */
  abandon(): void {
    this.#isClosed = true;
    this.#hub.leave(this);
  }

  /** Who serves the shard at this end, as the server knows it. */
  servingOf(shard: number): readonly Serving[] {
    return [...(this.#serving.get(shard) ?? [])];
  }

  readonly toClient: Way = (delay, arrive) => {
    const connection = this.#connection;
    delay(() => connection?.toClient.send(arrive));
  };

  receive(call: () => void): void {
    this.#process.receive(call);
  }

  hear(subject: string, text: string): void {
    for (const key of [subject, `${subject.slice(0, subject.indexOf("."))}.*`]) {
      for (const { hear } of [...(this.#hearers.get(key) ?? [])])
        (hear as (message: unknown) => void)(JSON.parse(text));
    }
  }

  /** What the owner answers a command with, as bytes. */
  answer(command: Command, carry: (text: string) => void): Answering {
    return (given) => {
      this.#hub.tell(this.#process.name, command, given);
      const text = textOf(given);
      this.#hub.carry(this.#toServer, () => carry(text));
    };
  }

  readonly #toServer: Way = (delay, arrive) => {
    const connection = this.#connection;
    delay(() => connection?.toServer.send(arrive));
  };

  #send(shard: number, command: Command, answer: Answering): void {
    const connection = this.#connection;
    if (connection === null) {
      answer(notOwner("The bus is out of reach."));
      return;
    }
    // Answers come on the connection on which the command went out, or not at all.
    const take = (given: Answer): void => {
      if (this.#connection === connection) answer(given);
    };
    const back = (text: string): void => this.#hub.carry(this.toClient, () => this.receive(() => take(answerIn(text))));
    const text = JSON.stringify(command);
    this.#hub.carry(this.#toServer, () =>
      this.#hub.route({
        shard,
        text,
        answer: back,
        unanswerable: () =>
          connection.toClient.send(() => this.receive(() => take(notOwner("Nobody serves the shard now.")))),
      }),
    );
  }

  #connect(): void {
    if (this.#hub.isDown || this.#link.isCut || this.#isClosed || this.#process.isDead) {
      this.#redial();
      return;
    }
    this.#connection = { toServer: this.#link.channel(), toClient: this.#link.channel() };
    this.#hub.join(this);
    this.#isUp();
    for (const hearers of this.#hearers.values()) for (const { missed } of hearers) missed?.();
  }

  #redial(): void {
    if (this.#isClosed) return;
    this.#process.clock.after(this.#hub.redialMs(), () => {
      if (this.#connection === null) this.#connect();
    });
  }

  #isUp(): void {
    this.#trouble = null;
    for (const call of this.#whenUp.splice(0)) call();
  }

  /** Ends once the server has seen everything that was sent; while it is out of reach that takes as long as it lasts. */
  #roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      const ask = (): void => {
        const connection = this.#connection;
        if (connection === null) {
          this.#whenUp.push(ask);
          return;
        }
        connection.toServer.send(() => connection.toClient.send(() => this.receive(resolve)));
        // The connection may be lost with the question on it.
        this.#whenUp.push(() => {
          if (this.#connection !== connection) ask();
        });
      };
      ask();
    });
  }
}

function notOwner(why: string): Answer {
  return { ok: false, error: new OperationalError("NOT_OWNER", why) };
}

function textOf(answer: Answer): string {
  if (answer.ok) return JSON.stringify(answer);
  const { code, message, retryable, retryAfterMs } = answer.error;
  return JSON.stringify({ ok: false, error: { code, message, retryable, retryAfterMs } });
}

function answerIn(text: string): Answer {
  const answer = JSON.parse(text) as Answer;
  if (answer.ok) return answer;
  const { code, message, retryable, retryAfterMs } = answer.error as OperationalError & { code: OperationalCode };
  const options = { retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return { ok: false, error: new OperationalError(code, message, options) };
}
