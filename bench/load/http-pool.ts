/** Owns a bounded set of kept-alive connections for people who take several steps: a request waits in line for a free one. */
import { connectionsOf, OPEN_TIMEOUT_MS_DEFAULT, SWEEP_MS, TIMEOUT_MS_DEFAULT, within } from "./closed-loop.ts";
import type { Connection, ConnectionOwner, RequestFailure } from "./connection.ts";

/** Longer bodies are cut: a seat map of a large flight is the longest that anybody reads. */
const BODY_BYTES_MAX = 4 * 1_048_576;

/**
 * A server may close an idle connection at the moment at which a request is sent on it. Clients then ask again, as RFC 9112 §9.3.1 lets them where that
 * does no harm: whatever people ask here has an idempotency key, or is the same when it is asked twice.
 */
const TRIES_MAX = 3;

export interface Ask {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  /** 0: none came. */
  readonly status: number;
  readonly body: string;
  readonly problemCode: string | null;
  /** When it was sent and when the answer was whole, on the clock of `performance.now()`. */
  readonly sentAtMs: number;
  readonly atMs: number;
}

interface Waiting {
  readonly bytes: Buffer;
  tries: number;
  readonly resolve: (answer: Answer) => void;
}

export class HttpPool implements ConnectionOwner {
  readonly #url: string;
  readonly #host: string;
  readonly #connections: readonly Connection[];
  readonly #free: Connection[] = [];
  readonly #line: Waiting[] = [];
  #lineFrom = 0;
  readonly #asking = new Map<Connection, Waiting>();
  readonly #neverConnected: Set<Connection>;
  readonly #allConnected = Promise.withResolvers<void>();
  readonly #sweep: ReturnType<typeof setInterval>;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#host = new URL(url).host;
    const config = { url, connections, warmUpMs: 0, plan: "", options: null };
    this.#connections = connectionsOf(config, this, BODY_BYTES_MAX);
    this.#neverConnected = new Set(this.#connections);
    this.#sweep = setInterval(() => this.#giveUpLate(), SWEEP_MS);
  }

  /** @throws Error when the connections can't be opened */
  async open(): Promise<void> {
    for (const connection of this.#connections) connection.open();
    if (await within(OPEN_TIMEOUT_MS_DEFAULT, this.#allConnected.promise)) return;
    this.close();
    throw new Error(`${this.#neverConnected.size} connections to ${this.#url} can't be opened`);
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.end();
  }

  ask(given: Ask): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#line.push({ bytes: this.#bytesOf(given), tries: 0, resolve });
    this.#pump();
    return promise;
  }

  connected(connection: Connection): void {
    if (this.#neverConnected.delete(connection) && this.#neverConnected.size === 0) this.#allConnected.resolve();
    this.#free.push(connection);
    this.#pump();
  }

  answered(connection: Connection, status: number, problemCode: string | null, body: Buffer): void {
    this.#settle(connection, { status, problemCode, body: body.toString("utf8") });
    if (connection.isOpen) this.#free.push(connection);
    this.#pump();
  }

  failed(connection: Connection, kind: RequestFailure): void {
    const waiting = this.#asking.get(connection);
    if (kind === "broken" && waiting !== undefined && waiting.tries < TRIES_MAX) {
      this.#asking.delete(connection);
      this.#line.push(waiting);
      return;
    }
    this.#settle(connection, { status: 0, problemCode: kind, body: "" });
  }

  reconnecting(): void {
    for (let at = this.#free.length - 1; at >= 0; at--) if (this.#free[at]?.isOpen === false) this.#free.splice(at, 1);
  }

  #settle(connection: Connection, answer: Pick<Answer, "status" | "body" | "problemCode">): void {
    const waiting = this.#asking.get(connection);
    this.#asking.delete(connection);
    waiting?.resolve({ ...answer, sentAtMs: connection.sentAtMs, atMs: performance.now() });
  }

  #pump(): void {
    while (this.#lineFrom < this.#line.length) {
      const connection = this.#free.pop();
      if (connection === undefined) return;
      const waiting = this.#line[this.#lineFrom++];
      if (waiting === undefined) return;
      this.#asking.set(connection, waiting);
      waiting.tries += 1;
      connection.send(waiting.bytes, waiting.bytes.length, performance.now());
    }
    this.#line.length = 0;
    this.#lineFrom = 0;
  }

  #giveUpLate(): void {
    const oldestMs = performance.now() - TIMEOUT_MS_DEFAULT;
    for (const connection of this.#connections) {
      if (connection.inFlight && connection.sentAtMs < oldestMs) connection.lose("timeout");
    }
  }

  #bytesOf({ method, path, token, headers = {}, body }: Ask): Buffer {
    const text = body === undefined ? "" : JSON.stringify(body);
    const fields = {
      Host: this.#host,
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(method === "GET" ? {} : { "Content-Length": String(Buffer.byteLength(text)) }),
      ...headers,
    };
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join("")}\r\n${text}`);
  }
}
