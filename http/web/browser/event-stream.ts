/**
 * Owns a stream of server-sent events that comes back by itself, from where it was. The browser's own `EventSource` gives up at the first
 * answer that is no stream, such as that of a server which is just starting, and never notices a connection that has died silently.
 */

import { jitter, pause } from "./device.ts";

export interface StreamOptions {
  readonly url: string;
  readonly event: (name: string, data: unknown) => void;
  /** Whether events come now. */
  readonly live: (isLive: boolean) => void;
  /** The server refuses for good: there is no such thing. */
  readonly refused: (status: number) => void;
}

/** The server sends a ping each 15 s: longer silence is a dead connection. */
const SILENCE_MS_MAX = 40_000;
const FIRST_PAUSE_MS = 300;
const PAUSE_MS_MAX = 5_000;

/**
 * Runs until the signal is aborted.
 * @param since id of the event to go on after; null begins anew
 */
export async function followStream(
  options: StreamOptions,
  signal: AbortSignal,
  since: string | null = null,
): Promise<void> {
  let lastId = since;
  for (let attempt = 0; !signal.aborted; attempt++) {
    let hasOpened = false;
    try {
      const status = await readOnce(options, lastId, signal, (id) => {
        hasOpened = true;
        lastId = id ?? lastId;
      });
      if (status !== null) {
        options.refused(status);
        return;
      }
    } catch {
      // Broken off: it is opened anew.
    }
    if (signal.aborted) return;
    options.live(false);
    if (hasOpened) attempt = 0;
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** attempt, PAUSE_MS_MAX) * jitter(), signal).catch(() => {});
  }
}

/** @returns a status that means there is no use in coming again, or null when the stream has ended */
async function readOnce(
  { url, event, live }: StreamOptions,
  lastId: string | null,
  signal: AbortSignal,
  heard: (id: string | null) => void,
): Promise<number | null> {
  const watchdog = new AbortController();
  let silence = AbortSignal.timeout(SILENCE_MS_MAX);
  const listen = (): void => {
    silence.onabort = null;
    silence = AbortSignal.timeout(SILENCE_MS_MAX);
    silence.onabort = () => watchdog.abort();
  };
  listen();
  const answer = await fetch(url, {
    headers: { accept: "text/event-stream", ...(lastId === null ? {} : { "last-event-id": lastId }) },
    cache: "no-store",
    signal: AbortSignal.any([signal, watchdog.signal]),
  });
  if (!answer.ok || answer.body === null) return answer.status === 404 || answer.status === 400 ? answer.status : null;
  live(true);
  heard(null);
  const parser = new EventParser();
  const reader = answer.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return null;
    listen();
    for (const { name, data, id } of parser.take(value)) {
      heard(id);
      if (data !== "") event(name, JSON.parse(data));
    }
  }
}

interface ParsedEvent {
  readonly name: string;
  readonly data: string;
  readonly id: string | null;
}

/** WHATWG HTML §9.2, as far as our own streams use it: lines end with a line feed, and data is one line. */
export class EventParser {
  #rest = "";

  take(chunk: string): readonly ParsedEvent[] {
    const blocks = (this.#rest + chunk).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    return blocks.map(parseBlock);
  }
}

function parseBlock(block: string): ParsedEvent {
  let name = "message";
  let data = "";
  let id: string | null = null;
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).trimStart();
    if (line.startsWith("event:")) name = value;
    else if (line.startsWith("data:")) data = value;
    else if (line.startsWith("id:")) id = value;
  }
  return { name, data, id };
}
