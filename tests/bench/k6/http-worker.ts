/** Owns the thread that sends what a script asks for while the script waits, and the broken servers that it may be sent to. */

import type { Asked, Told } from "./stand-in.ts";

declare const self: Worker;

/** What a server that is not right may say to everything. */
const broken = {
  failing: () => Response.json({}, { status: 500 }),
  empty: () => Response.json({}),
};

const servers = Object.entries(broken).map(([name, fetch]) => {
  const { url } = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  return [name, url.origin] as const;
});

self.onmessage = async ({ data: { shared, method, url, body, headers } }: MessageEvent<Asked>) => {
  const told = await send(method, url, body, headers).catch(
    (cause: unknown): Told => ({ status: 0, headers: {}, body: String(cause) }),
  );
  const bytes = new TextEncoder().encode(JSON.stringify(told));
  new Uint8Array(shared, 8).set(bytes);
  const state = new Int32Array(shared, 0, 2);
  state[1] = bytes.length;
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
};

async function send(method: string, url: string, body: string | null, headers: Record<string, string>): Promise<Told> {
  const response = await fetch(url, { method, body, headers });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

self.postMessage(Object.fromEntries(servers));
