/** Owns the bus between machines: commands and broadcasts over NATS. */

import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Clock } from "../clock.ts";
import type { Entropy } from "../entropy.ts";
import { OperationalError } from "../errors.ts";
import type { Counter, Log, Telemetry } from "../telemetry.ts";
import type { Bus, Sending, Serving, StopServing, Unsubscribe } from "./bus.ts";
import { isCallerName } from "./callers.ts";
import { NatsAnswers } from "./nats-answers.ts";
import { type LinkUser, NatsLink, type NatsLinkOptions, type TlsFiles } from "./nats-link.ts";
import { NatsRequests } from "./nats-requests.ts";
import { NatsService } from "./nats-service.ts";
import { type Subject, type Subjects, schemaOf } from "./subjects.ts";
import { inboxPrefix } from "./wire.ts";

export interface NatsOptions {
  /** `nats://user:password@host:4222`, several servers by commas; `tls://` for TLS. */
  readonly url: string;
  /** With it, TLS is a must. */
  readonly tls?: TlsFiles;
  /** Who asks, as the subjects say; the server's user must be allowed to be that. */
  readonly caller: string;
  /** What the server's operator reads of this process. @default the caller */
  readonly name?: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

/**
 * Connects, or begins to: while NATS is out of reach it goes on trying, and {@link NatsBus.trouble} says so.
 * @throws Error in words for an operator when the options can't be right
 */
export async function connectNats(options: NatsOptions): Promise<NatsBus> {
  const bus = new NatsBus(options);
  await bus.start();
  return bus;
}

interface Hearer {
  readonly subject: string;
  readonly hear: (message: never) => void;
  readonly missed: (() => void) | undefined;
  subscription: Subscription | null;
}

/** Of a connection apart: whoever has asked for it looks after it by itself. */
const NO_USER: LinkUser = { up() {}, ready() {}, down() {}, refused() {} };

export class NatsBus implements Bus {
  readonly #options: NatsLinkOptions;
  readonly #link: NatsLink;
  readonly #apart: NatsLink[] = [];
  readonly #requests: NatsRequests;
  readonly #answers: NatsAnswers;
  readonly #refusals: Counter;
  readonly #log: Log;
  readonly #services = new Set<NatsService>();
  readonly #hearers = new Set<Hearer>();
  /** Those who wait until the bus is in reach. */
  #whenUp: (() => void)[] = [];
  #isClosed = false;

  constructor({ caller, name = caller, ...options }: NatsOptions) {
    if (!isCallerName(caller)) throw new Error(`${caller} can't be a caller: small letters, digits and hyphens`);
    const { clock, telemetry } = options;
    this.#log = telemetry.log;
    this.#refusals = telemetry.counter(
      "pigonair_bus_refusals_total",
      "Requests from the bus that were not handed to a flight.",
      ["why"],
    );
    this.#options = { ...options, name, inboxPrefix: inboxPrefix(caller) };
    this.#link = new NatsLink(this.#options, this.#linkUser());
    this.#requests = new NatsRequests(this.#link, caller, clock, telemetry);
    this.#answers = new NatsAnswers(this.#link);
  }

  /** The connection of the moment, for what else NATS does; null while there is none. */
  get connection(): NatsConnection | null {
    return this.#link.connection;
  }

  /** Where this user of the server may hear answers. */
  get inboxPrefix(): string {
    return this.#link.inboxPrefix;
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  /**
   * A connection of its own to the same servers, which ends with the bus: for what the server may make wait so long that nothing else on the
   * connection is heard meanwhile. Resolves after the first try to reach one.
   * @param name what the server's operator reads of it, after the bus's own
   */
  async apart(name: string, telemetry: Telemetry): Promise<Pick<NatsLink, "connection" | "inboxPrefix">> {
    const link = new NatsLink({ ...this.#options, name: `${this.#options.name} ${name}`, telemetry }, NO_USER);
    this.#apart.push(link);
    await link.start();
    return link;
  }

  send(shard: number, sendings: readonly Sending[]): void {
    this.#requests.send(shard, sendings);
  }

  async serve(shard: number, serving: Serving): Promise<StopServing> {
    const service = new NatsService(
      { link: this.#link, answers: this.#answers, refusals: this.#refusals },
      shard,
      serving,
    );
    this.#services.add(service);
    if (this.#link.connection !== null) service.up(this.#link.connection);
    while (!(await this.#link.flush())) {
      if (this.#isClosed) throw new OperationalError("UNAVAILABLE", "The bus is closed.");
      await new Promise<void>((resolve) => this.#whenUp.push(resolve));
    }
    return async () => {
      this.#services.delete(service);
      await service.stop();
    };
  }

  publish<T>(subject: Subject<T>, message: T): void {
    this.#link.publish(subject, JSON.stringify(message));
  }

  subscribe<T>(subject: Subject<T> | Subjects<T>, hear: (message: T) => void, missed?: () => void): Unsubscribe {
    const hearer: Hearer = { subject, hear, missed, subscription: null };
    this.#hearers.add(hearer);
    if (this.#link.connection !== null) this.#listen(hearer, this.#link.connection);
    return () => {
      this.#hearers.delete(hearer);
      hearer.subscription?.unsubscribe();
    };
  }

  trouble(): string | null {
    return this.#link.trouble();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#hearers.clear();
    this.#services.clear();
    await Promise.all([this.#link, ...this.#apart].map((link) => link.close()));
    this.#tellUp();
  }

  #linkUser(): LinkUser {
    return {
      up: (connection) => {
        this.#requests.up(connection);
        for (const service of this.#services) service.up(connection);
        for (const hearer of this.#hearers) this.#listen(hearer, connection);
      },
      ready: () => {
        this.#tellUp();
        // Whoever subscribed before has heard nothing until now.
        for (const { missed } of this.#hearers) missed?.();
      },
      down: () => {
        this.#requests.down();
        for (const service of this.#services) service.down();
        for (const hearer of this.#hearers) hearer.subscription = null;
      },
      refused: (subject) => this.#requests.refused(subject),
    };
  }

  #tellUp(): void {
    for (const resolve of this.#whenUp.splice(0)) resolve();
  }

  #listen(hearer: Hearer, connection: NatsConnection): void {
    const { subject, hear } = hearer;
    const schema = schemaOf(subject);
    if (schema === undefined) throw new Error(`${subject} is no kind of broadcast: subjects.ts lists them`);
    hearer.subscription = this.#link.listen(connection, subject, (message) => {
      const value = readJson(message);
      const fault = schema.check(value);
      if (fault === null) {
        (hear as (message: unknown) => void)(value);
        return;
      }
      this.#refusals.add(1, { why: "broadcast" });
      this.#log.error({ subject: message.subject, ...fault }, "a broadcast is not what it should be");
    });
  }
}

/** Undefined for what is no JSON: no schema takes that. */
function readJson(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
