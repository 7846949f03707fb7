/** Owns sending requests as bytes, whatever is in them, and reading one answer, also where it has no end. */

import { connect } from "node:net";
import type { WireRequest } from "./openapi-fuzz.ts";
import { type RawAnswer, readAnswers } from "./raw-http.ts";

/** Longer than any request takes: whoever waits for longer is hanging. */
const SILENCE_MS = 10_000;

/** The answer's head, and its body unless it is a stream of events; null where the server closed without a word. */
export function sendWire(port: number, { method, target, headers, body }: WireRequest): Promise<RawAnswer | null> {
  const fields = Object.entries({
    host: "localhost:3000",
    connection: "close",
    ...headers,
    ...(body === null ? {} : { "content-length": String(body.length) }),
  });
  const head = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, text]) => `${name}: ${text}`)].join("\r\n");
  return sendBytes(port, `${head}\r\n\r\n${body ?? ""}`);
}

/** @param text one character a byte */
export function sendBytes(port: number, text: string): Promise<RawAnswer | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    const read = (): void => resolve(answer === "" ? null : (readAnswers(answer)[0] ?? null));
    socket.setTimeout(SILENCE_MS, () => {
      socket.destroy();
      reject(new Error(`no answer within ${SILENCE_MS} ms; so far: ${JSON.stringify(answer)}`));
    });
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
      if (!/^content-type: text\/event-stream/im.test(answer) || !answer.includes("\r\n\r\n")) return;
      read();
      socket.destroy();
    });
    socket.on("close", read);
    socket.on("error", (error) => {
      // Who refuses a request before it is all there may close while the rest is still coming.
      if (answer === "") reject(error);
      else read();
    });
    socket.write(text, "latin1");
  });
}
