/** Owns a NATS server of one's own, with the product's users and their permissions. */

import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { firstBytes } from "./greeting.ts";
import { Server, type ServerOptions } from "./server.ts";

const CONFIGURATION = join(import.meta.dir, "../nats/nats-server.conf");

/** As the configuration names them: each reads its password from `<NAME>_PASSWORD`. */
export const NATS_USERS = ["edge", "actors", "workers", "all", "internal", "observer"] as const;

/** By user. Letters and digits, beginning with a letter, since the server reads them as it reads its configuration. */
export type NatsPasswords = Readonly<Record<string, string>>;

export interface NatsOptions extends Pick<ServerOptions, "print" | "env"> {
  /** Path of `nats-server`. */
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  readonly passwords: NatsPasswords;
}

/**
 * The machine is everybody's: with a thread for each core NATS wakes them in turn, at the cost of those who work. Measured on two cores with
 * one thread and with two: 0.75 of its CPU time for each hold, and 1.1 times the holds a second at 8 connections.
 */
const THREADS = Math.max(1, Math.floor(availableParallelism() / 2));

/** The server, not yet started. */
export function nats({ program, folder, port, passwords, print, env }: NatsOptions): Server {
  mkdirSync(folder, { recursive: true });
  const secrets = NATS_USERS.map((user) => [`${user.toUpperCase()}_PASSWORD`, passwords[user] ?? ""]);
  return new Server({
    name: "nats",
    port,
    command: [program, "-c", CONFIGURATION, "-a", "127.0.0.1", "-p", String(port), "-sd", folder],
    env: { ...env, ...Object.fromEntries(secrets), GOMAXPROCS: String(THREADS) },
    folder,
    print,
    isReady: async (at) => (await firstBytes(at)).toString().startsWith("INFO "),
  });
}

export function natsUrl(port: number, user: (typeof NATS_USERS)[number], passwords: NatsPasswords): string {
  return `nats://${user}:${passwords[user]}@127.0.0.1:${port}`;
}
