/** Owns how an app is served: at which address, and how it ends without leaving anybody who was let in without an answer. */

import { originOf } from "../actors/web-origin.ts";
import { type ServerSettings, serverOptions } from "./server-options.ts";

/** How long requests that were taken may go on after a stop was asked for, in milliseconds. */
export const STOP_GRACE_MS = 5_000;

/** How often a stopping server looks whether it has answered all, in milliseconds. */
const LOOK_MS = 5;

interface App {
  listen(options: ReturnType<typeof serverOptions>): unknown;
  readonly server: {
    readonly port?: number | undefined;
    readonly pendingRequests: number;
    stop(closeActiveConnections?: boolean): Promise<void>;
  } | null;
}

export interface Serving {
  /** Where it listens, without a slash at the end. */
  readonly url: string;

  /** Takes no new connection. Resolves when what was taken is answered, or has had its time. */
  drain(): Promise<void>;

  /** Closes every connection. */
  close(): Promise<void>;
}

export function startServing(app: App, settings: ServerSettings): Serving {
  app.listen(serverOptions(settings));
  const { server } = app;
  if (server === null) throw new Error("the app does not listen");
  let isClosed: Promise<void> = Promise.resolve();
  return {
    url: originOf(settings.host, server.port ?? settings.port),
    async drain() {
      // Not Bun's own promise, which waits as well for those who have sent half a request and may never send the rest [1.4.5].
      isClosed = server.stop();
      for (let looks = 0; server.pendingRequests > 0 && looks < STOP_GRACE_MS / LOOK_MS; looks++)
        await Bun.sleep(LOOK_MS);
    },
    async close() {
      await server.stop(true);
      await isClosed;
    },
  };
}

/** A port that nobody listens at now. */
export function freePort(hostname: string): number {
  const listener = Bun.listen({ hostname, port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}
