/** Owns a Redis server of one's own. */

import { mkdirSync } from "node:fs";
import { firstBytes } from "./greeting.ts";
import { Server, type ServerOptions } from "./server.ts";

export interface RedisOptions extends Pick<ServerOptions, "print" | "env"> {
  /** Path of `redis-server`. */
  readonly program: string;
  readonly folder: string;
  readonly port: number;
}

/** The server, not yet started. It keeps what it was told over a restart, to the last second. */
export function redis({ program, folder, port, print, env }: RedisOptions): Server {
  mkdirSync(folder, { recursive: true });
  const settings = { port, bind: "127.0.0.1", dir: folder, appendonly: "yes", appendfsync: "everysec", save: "" };
  return new Server({
    name: "redis",
    port,
    command: [program, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])],
    env,
    folder,
    print,
    // While it loads what it kept it says so instead.
    isReady: async (at) => (await firstBytes(at, "PING\r\n")).toString().startsWith("+PONG"),
  });
}

export function redisUrl(port: number): string {
  return `redis://127.0.0.1:${port}`;
}
