/** Owns the port to the bus: routes a command to whoever owns its flight's shard, and broadcasts what many may want to hear. */

import type { Command } from "../domain/command.ts";
import type { Reply } from "../domain/reply.ts";
import type { OperationalError } from "../errors.ts";
import type { Subject } from "./subjects.ts";

export type Answer =
  /** Final, and fenced: the state that it speaks of is committed. */
  | { readonly ok: true; readonly reply: Reply; readonly isReplay: boolean }
  | { readonly ok: false; readonly error: OperationalError };

/** Called once for each command, as its commit lands. */
export type Answering = (answer: Answer) => void;

/** Takes a command; it must answer once, whatever happens. */
export type Serving = (command: Command, answer: Answering) => void;

export type Unsubscribe = () => void;

/**
 * Commands go to the owner of a shard and to nobody else. Broadcasts are at most once, in order from one publisher.
 * Deliberately not here: retries, deadlines and gathering, which are the flight client's.
 */
export interface Bus {
  /** Sends a command to the owner of the shard. Without an owner within reach, the answer is NOT_OWNER. */
  send(shard: number, command: Command, answer: Answering): void;

  /** Serves a shard's commands from now on. */
  serve(shard: number, serving: Serving): Promise<Unsubscribe>;

  publish<T>(subject: Subject<T>, message: T): void;

  subscribe<T>(subject: Subject<T>, hear: (message: T) => void): Unsubscribe;
}
