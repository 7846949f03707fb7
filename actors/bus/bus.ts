/** Owns the port to the bus: routes commands to whoever owns their flights' shard, and broadcasts what many may want to hear. */

import type { Command } from "../domain/command.ts";
import type { Reply } from "../domain/reply.ts";
import type { OperationalError } from "../errors.ts";
import type { Subject, Subjects } from "./subjects.ts";

export type Answer =
  /** Final, and fenced: the state that it speaks of is committed. */
  | { readonly ok: true; readonly reply: Reply; readonly isReplay: boolean }
  | { readonly ok: false; readonly error: OperationalError };

/**
 * Called as the command's commit lands; more than once when a former owner and the present one both answer.
 * `hostMs`: how long the host had the command, in milliseconds; missing where it did not take it.
 */
export type Answering = (answer: Answer, hostMs?: number) => void;

/** A command on its way, and who waits for its answer. */
export interface Sending {
  readonly command: Command;
  readonly answer: Answering;
}

/** Takes a command; it must answer once, whatever happens. */
export type Serving = (command: Command, answer: Answering) => void;

export type Unsubscribe = () => void;

/** Resolves when no further command can come: those that were on their way have been served. */
export type StopServing = () => Promise<void>;

/**
 * Commands go to the owner of a shard and to nobody else. Broadcasts are at most once, in order from one publisher.
 * Deliberately not here: retries, deadlines and gathering, which are the flight client's.
 */
export interface Bus {
  /** Sends commands to the owner of their shard. Without an owner within reach, each is answered NOT_OWNER; a lost one is not answered. */
  send(shard: number, sendings: readonly Sending[]): void;

  /** Serves a shard's commands; resolves when they are sure to come here. While the bus is out of reach that takes as long as it lasts. */
  serve(shard: number, serving: Serving): Promise<StopServing>;

  publish<T>(subject: Subject<T>, message: T): void;

  /**
   * Hears what is published from now on.
   * @param missed called when something may have been lost, after the bus was out of reach: what can't be told from the next message is to be read anew
   */
  subscribe<T>(subject: Subject<T> | Subjects<T>, hear: (message: T) => void, missed?: () => void): Unsubscribe;

  /** What keeps messages from going out, in words for an operator; null when nothing does. */
  trouble(): string | null;

  close(): Promise<void>;
}
