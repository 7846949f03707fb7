/** Owns how the app is served: `createApp(services).listen(serverOptions(config))`. */

import { Problem, problemResponse } from "./problem.ts";

/** How much longer than the longest request a connection may be silent, in seconds: so that what hangs is answered before it is cut off. */
const IDLE_BEYOND_S = 10;

export interface ServerSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly requestTimeoutMs: number;
}

export function serverOptions({ host, port, requestTimeoutMs }: ServerSettings) {
  return {
    hostname: host,
    port,
    idleTimeout: Math.ceil(requestTimeoutMs / 1000) + IDLE_BEYOND_S,
    // A second server on the same port would take half of the connections, and nobody would notice.
    reusePort: false,
    // Bun's own pages about errors show sources.
    development: false,
    // Bun's own answer to a body that is too long is no problem document: plugins/body-gate.ts says it, and what isn't read is thrown away.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    error: () => problemResponse(new Problem(500, "INTERNAL", "The server failed at this request."), {}),
  };
}
