/** Owns `bun main.ts health [--ready]`: what a container without any other program asks of the server that runs in it. */

import { originOf } from "../../actors/web-origin.ts";

/** Probes are repeated: whoever asks would rather hear that there was no answer. */
const WAIT_MS_MAX = 2_000;

export interface HealthQuestion {
  /** Where the server was told to listen. */
  readonly host: string;
  readonly port: number;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

/** Exit code 0 when the server lives; with `--ready` when it has all that it needs, too. */
export async function askHealth(flags: readonly string[], { host, port, print, printError }: HealthQuestion) {
  const [flag, ...others] = flags;
  if ((flag !== undefined && flag !== "--ready") || others.length > 0) {
    printError("usage: bun main.ts health [--ready]");
    return 2;
  }
  const url = `${originOf(host, port)}${flag === "--ready" ? "/readyz" : "/livez"}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(WAIT_MS_MAX) });
    print(await response.text());
    return response.ok ? 0 : 1;
  } catch (cause) {
    printError(`${url}: ${cause instanceof Error ? cause.message : String(cause)}`);
    return 1;
  }
}
