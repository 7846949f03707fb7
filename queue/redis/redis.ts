/** Owns the way to Redis: commands bounded in time, scripts, channels, and what is wrong when there is something. */

import { readFileSync } from "node:fs";
import { ErrorReply } from "redis";
import type { Clock, Timer } from "../../actors/clock.ts";
import { OperationalError } from "../../actors/errors.ts";
import { usedAs } from "../../actors/settings.ts";
import type { Counter, Telemetry } from "../../actors/telemetry.ts";
import { Channels } from "./channels.ts";
import type { RedisScript } from "./script.ts";
import { type RedisClient, textOf, Wire } from "./wire.ts";

export type { RedisClient } from "./wire.ts";

export interface RedisOptions {
  /** File of the certificates of those who may vouch for the server of a `rediss://` address, as PEM; null: those of the machine. @default null */
  readonly tlsCaFile?: string | null;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** How long the first connection is waited for, in milliseconds; after that it is tried on in the background. @default 5_000 */
  readonly startMsMax?: number;
  /** After this a command has no answer, in milliseconds. @default 1_000 */
  readonly answerMsMax?: number;
}

/** Refusals that pass when Redis or its operator has done something; whatever else a command is refused for is a bug of ours. */
const PASSING = /^(?:LOADING|BUSY|READONLY|MASTERDOWN|NOREPLICAS|OOM|MISCONF|CLUSTERDOWN|TRYAGAIN|NOAUTH|NOPERM)\b/;

/** Of these, what a ping is refused for as well: whether it is over can be asked. */
const REFUSES_PINGS = /^(?:LOADING|BUSY|MASTERDOWN|MISCONF|NOAUTH)\b/;

export interface Redis {
  /**
   * The answer of one command, or of a few that belong together. There is no queue for better times: without a connection it fails at
   * once. A command that was not answered in time may still be carried out.
   * @throws OperationalError UNAVAILABLE; INTERNAL for what Redis refuses as wrong
   */
  ask<Answer>(command: (client: RedisClient) => Promise<Answer>, answerMsMax?: number): Promise<Answer>;

  /** Runs a script, which is atomic. The answer is as Lua converts it: integers, strings, lists, null. @throws as {@link ask} */
  run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
    answerMsMax?: number,
  ): Promise<unknown>;

  /**
   * Hears a channel from now on, on a connection that all channels share.
   * @param begun called whenever hearing begins, at first and after each interruption: what was said before may have been missed
   * @returns ends it
   */
  hear(channel: string, said: (message: string) => void, begun: () => void): () => void;

  /** What is wrong with it, for `/readyz` and people, without any secret; null when nothing is. */
  trouble(): string | null;

  /** As {@link trouble}, after having asked Redis: a server that hangs keeps its connections. */
  check(): Promise<string | null>;

  close(): void;
}

/**
 * Connects, and stays connected: an interruption is logged, never ends the process, and is over as soon as Redis is back.
 * @param url `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS
 * @throws Error for an address or a password that is wrong. A server that is down is no error, but {@link Redis.trouble}
 */
export async function openRedis(url: string, options: RedisOptions): Promise<Redis> {
  const connection = new Connection(url, options);
  await connection.start();
  return connection;
}

class Connection implements Redis {
  readonly #where: string;
  readonly #options: RedisOptions;
  readonly #failures: Counter;
  readonly #commands: Wire;
  /** Channels have a wire of their own: however much is said there, commands don't wait behind it. */
  readonly #hearing: Wire;
  readonly #channels: Channels;
  /** What the last command was refused with, for a reason that passes. */
  #refused: string | null = null;

  constructor(url: string, options: RedisOptions) {
    this.#where = whereOf(url);
    this.#options = options;
    const { log } = options.telemetry;
    const { tlsCaFile = null } = options;
    const tlsCa = tlsCaFile === null ? null : usedAs("REDIS_TLS_CA", () => readFileSync(tlsCaFile, "utf8"));
    const address = { url, tlsCa };
    this.#commands = new Wire(address, `${this.#where} commands`, log);
    this.#hearing = new Wire(address, `${this.#where} channels`, log, () => this.#channels.connected());
    this.#channels = new Channels(this.#hearing, log);
    this.#failures = options.telemetry.counter("pigonair_redis_failures_total", "Commands to Redis that failed.", [
      "kind",
    ]);
  }

  async start(): Promise<void> {
    const { clock, startMsMax = 5_000 } = this.#options;
    const late = Promise.withResolvers<void>();
    const timer = clock.after(startMsMax, late.resolve);
    const wires = [this.#commands, this.#hearing];
    try {
      const connected = Promise.all(wires.map((wire) => wire.connect()));
      // After the time is over nobody waits for it any more.
      connected.catch(() => {});
      await Promise.race([connected, late.promise]);
    } catch (cause) {
      this.close();
      throw new Error(`Redis at ${this.#where} can't be used: ${textOf(cause)}`, { cause });
    } finally {
      timer.cancel();
      for (const wire of wires) wire.settle();
    }
  }

  async ask<Answer>(command: (client: RedisClient) => Promise<Answer>, answerMsMax?: number): Promise<Answer> {
    const msMax = answerMsMax ?? this.#options.answerMsMax ?? 1_000;
    const late = Promise.withResolvers<never>();
    let timer: Timer | null = null;
    try {
      const answer = command(this.#commands.client);
      timer = this.#options.clock.after(msMax, () => late.reject(new Late(`gave no answer within ${msMax} ms`)));
      const value = await Promise.race([answer, late.promise]);
      this.#refused = null;
      return value;
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      timer?.cancel();
    }
  }

  run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
    answerMsMax?: number,
  ): Promise<unknown> {
    const call = { keys: [...keys], arguments: args.map(String) };
    return this.ask(async (client): Promise<unknown> => {
      try {
        return await client.evalSha(script.sha1, call);
      } catch (cause) {
        // A server that has just started doesn't know the script; this teaches it.
        if (!(cause instanceof ErrorReply) || !cause.message.startsWith("NOSCRIPT")) throw cause;
        return await client.eval(script.lua, call);
      }
    }, answerMsMax);
  }

  hear(channel: string, said: (message: string) => void, begun: () => void): () => void {
    return this.#channels.hear(channel, said, begun);
  }

  trouble(): string | null {
    const why = this.#commands.lost ?? this.#hearing.lost ?? this.#refused;
    return why === null ? null : `Redis at ${this.#where}: ${why}`;
  }

  async check(): Promise<string | null> {
    const known = this.#commands.lost ?? this.#hearing.lost ?? this.#refused;
    if (known !== null && !(known === this.#refused && REFUSES_PINGS.test(known))) return this.trouble();
    try {
      await this.ask((client) => client.ping());
    } catch (cause) {
      return cause instanceof Error ? cause.message : String(cause);
    }
    return this.trouble();
  }

  close(): void {
    this.#commands.close();
    this.#hearing.close();
  }

  /** What a caller is told of a command that failed. */
  #failure(cause: unknown): OperationalError {
    const why = textOf(cause);
    const isReply = cause instanceof ErrorReply;
    const isPassing = isReply && PASSING.test(why);
    if (isPassing) this.#refused = why;
    this.#failures.add(1, {
      kind: cause instanceof Late ? "late" : isPassing ? "refused" : isReply ? "wrong" : "lost",
    });
    const code = isReply && !isPassing ? "INTERNAL" : "UNAVAILABLE";
    return new OperationalError(code, `Redis at ${this.#where}: ${why}`, { cause });
  }
}

class Late extends Error {}

/** Host and port alone: the rest of an address may be secret. @throws Error */
function whereOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "")
    throw new Error("the address of Redis must be redis://host:port or rediss://host:port");
  return `${parsed.hostname}:${parsed.port || 6379}`;
}
