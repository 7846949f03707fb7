/** Owns the ways between a program and its servers, for tests: a TCP proxy that can be cut, stopped, slowed down, or made to break at chosen bytes. */

import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { freePort } from "../../deploy/free-port.ts";

export interface TcpProxyOptions {
  /** Where it listens, on 127.0.0.1. @default a free port */
  readonly port?: number;
  /** The port on 127.0.0.1 that it leads to. */
  readonly to: number;
}

/** What becomes of the bytes in which the client says the chosen words, and of the connection. */
export type Break =
  /** They never arrive; both sides see the connection end. */
  | "before"
  /** They arrive and are answered; the answer is lost, and both sides see the connection end. */
  | "after"
  /** The client sees the connection end. The server sees nothing, and gets the bytes when {@link Broken.deliver} is called. */
  | "held"
  /** They never arrive, and nobody is told: both sides wait. */
  | "silent";

export interface Broken {
  /** Lets held bytes arrive, and resolves when the server has answered them or ended the connection. */
  deliver(): Promise<void>;
}

interface Trap {
  readonly words: Uint8Array;
  readonly how: Break;
  readonly sprung: (broken: Broken) => void;
}

export class TcpProxy {
  readonly port: number;
  /** Bytes travel for so long, in milliseconds, in both directions. */
  delayMs = 0;
  readonly #to: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #isPaused = false;
  #isDown = false;
  #trap: Trap | null = null;

  constructor({ port = freePort(), to }: TcpProxyOptions) {
    this.port = port;
    this.#to = to;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
    this.#server.listen(port, "127.0.0.1");
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Ends every connection; new ones get through. */
  cut(): void {
    for (const pair of this.#pairs) pair.end();
  }

  /** Ends every connection, and every new one at once, until {@link mend}. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Undoes {@link down} and {@link pause}. */
  mend(): void {
    this.#isDown = false;
    this.#isPaused = false;
    for (const pair of this.#pairs) pair.resume();
  }

  /** Nothing arrives on either side any more, and nobody is told: new connections open, and stay silent. */
  pause(): void {
    this.#isPaused = true;
    for (const pair of this.#pairs) pair.pause();
  }

  /** Breaks the first connection on which the client says the words. Resolves when it did. */
  breakAt(words: string, how: Break): Promise<Broken> {
    return new Promise((sprung) => {
      this.#trap = { words: new TextEncoder().encode(words), how, sprung };
    });
  }

  async stop(): Promise<void> {
    this.down();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket): void {
    if (this.#isDown) {
      client.destroy();
      return;
    }
    const pair = new Pair(client, dial({ port: this.#to, host: "127.0.0.1", noDelay: true }), {
      delayMs: () => this.delayMs,
      spring: (bytes) => this.#spring(bytes),
      ended: () => this.#pairs.delete(pair),
    });
    this.#pairs.add(pair);
    if (this.#isPaused) pair.pause();
  }

  #spring(bytes: Buffer): Trap | null {
    const trap = this.#trap;
    if (trap === null || !bytes.includes(trap.words)) return null;
    this.#trap = null;
    return trap;
  }
}

interface PairOptions {
  readonly delayMs: () => number;
  readonly spring: (bytes: Buffer) => Trap | null;
  readonly ended: () => void;
}

/** One connection through the proxy. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #options: PairOptions;
  /** What has come and waits for {@link resume}. */
  readonly #held: (() => void)[] = [];
  #isPaused = false;
  #isEnded = false;
  /** The client is gone, and the server is not to know yet. */
  #isHalf = false;
  #heardFromServer: () => void = () => {};

  constructor(client: Socket, server: Socket, options: PairOptions) {
    this.#client = client;
    this.#server = server;
    this.#options = options;
    client.on("data", (bytes: Buffer) => this.#travel(() => this.#fromClient(bytes)));
    server.on("data", (bytes: Buffer) => this.#travel(() => this.#fromServer(bytes)));
    for (const socket of [client, server]) socket.on("error", () => this.end());
    client.on("close", () => {
      if (!this.#isHalf) this.#travel(() => this.end());
    });
    server.on("close", () => this.#travel(() => this.end()));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const go of this.#held.splice(0)) go();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#client.destroy();
    this.#server.destroy();
    this.#heardFromServer();
    this.#options.ended();
  }

  #travel(arrive: () => void): void {
    const delayMs = this.#options.delayMs();
    const go = (): void => {
      if (this.#isPaused) this.#held.push(arrive);
      else arrive();
    };
    if (delayMs === 0) go();
    else setTimeout(go, delayMs);
  }

  #fromClient(bytes: Buffer): void {
    const trap = this.#options.spring(bytes);
    if (trap === null) {
      this.#server.write(bytes);
      return;
    }
    const answered = Promise.withResolvers<void>();
    const broken: Broken = {
      deliver: () => {
        if (trap.how === "held") this.#server.write(bytes);
        return answered.promise;
      },
    };
    this.#isHalf = true;
    this.#heardFromServer = () => {
      answered.resolve();
      this.end();
      if (trap.how === "after") trap.sprung(broken);
    };
    if (trap.how === "after") {
      this.#server.write(bytes);
      return;
    }
    if (trap.how === "held") this.#client.destroy();
    else if (trap.how === "before") this.end();
    trap.sprung(broken);
  }

  #fromServer(bytes: Buffer): void {
    if (this.#isHalf) this.#heardFromServer();
    else this.#client.write(bytes);
  }
}
