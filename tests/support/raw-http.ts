/** Owns HTTP as bytes, for requests that no client would send. */

import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends the text on a connection of its own, and gives all that comes back until the server closes it. */
export function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    socket.write(request, "latin1");
  });
}

/** One request with `Connection: close`, and its answer. @param head request line and header fields, without the line that ends them */
export async function request(port: number, head: string, body = ""): Promise<RawAnswer> {
  const text = await exchange(port, `${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n${body}`);
  const answer = readAnswers(text)[0];
  if (answer === undefined) throw new Error(`no answer to ${head}`);
  return answer;
}

/** The answers on a connection, one after the other, as far as each says its length. */
export function readAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\r\n\r\n", at);
    const [statusLine = "", ...fields] = text.slice(at, end).split("\r\n");
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(":")).toLowerCase(),
        field.slice(field.indexOf(":") + 1).trim(),
      ]),
    );
    const bodyAt = end + 4;
    at = bodyAt + Number(headers["content-length"] ?? text.length);
    answers.push({ status: Number(statusLine.split(" ")[1]), headers, body: text.slice(bodyAt, at) });
  }
  return answers;
}

/** The body of a request in chunks, whose length the head doesn't announce. */
export function chunked(...parts: readonly string[]): string {
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("")}0\r\n\r\n`;
}
