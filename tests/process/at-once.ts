/** Owns requests that are truly sent at once: each on a connection of its own, all open before the first byte is sent. */

import type { Socket } from "bun";
import { present } from "../../actors/assert.ts";
import { type RawAnswer, readAnswers } from "../support/raw-http.ts";

/** Connections opened at a time: fewer than the line in which a server lets new ones wait. */
const WAVE = 200;

interface Exchange {
  answer: string;
  readonly ended: PromiseWithResolvers<void>;
}

/** The text of a request that asks for its connection to be closed after the answer. */
export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): string {
  const fields = Object.entries({
    host: "localhost",
    connection: "close",
    ...headers,
    "content-length": String(Buffer.byteLength(body)),
  });
  return `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

/** Sends all, and gives the answers in the same order. */
export async function sendAtOnce(port: number, requests: readonly string[]): Promise<RawAnswer[]> {
  const sockets: Socket<Exchange>[] = [];
  while (sockets.length < requests.length) {
    const wave = Math.min(WAVE, requests.length - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: wave }, () => open(port)))));
  }
  for (const [at, request] of requests.entries()) present(sockets[at], "a connection for each request").write(request);
  await Promise.all(sockets.map(({ data }) => data.ended.promise));
  return sockets.map(({ data }) => present(readAnswers(data.answer)[0], "an answer on each connection"));
}

function open(port: number): Promise<Socket<Exchange>> {
  return Bun.connect<Exchange>({
    hostname: "127.0.0.1",
    port,
    data: { answer: "", ended: Promise.withResolvers() },
    socket: {
      data: ({ data }, bytes) => {
        data.answer += bytes.toString("latin1");
      },
      close: ({ data }) => data.ended.resolve(),
      error: ({ data }, error) => data.ended.reject(error),
    },
  });
}
