/** Owns the line between a browser and a server: an address that stays the same, and that can be cut and mended as a lost connection is. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export class GivenLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port: number;
  #isCut = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
  }

  /** @param url of the server; with another one after a restart, see {@link leadTo} */
  static open(url: string): Promise<GivenLine> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => line.#accept(socket));
      const line = new GivenLine(server, portOf(url));
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(line));
    });
  }

  /** What the browser is told. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks every connection off, and every new one at once, until it is mended. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** New connections go there. */
  leadTo(url: string): void {
    this.#port = portOf(url);
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.#port, "127.0.0.1");
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
    }
    near.on("close", () => far.destroy());
    // What the server has said before it left still arrives.
    far.on("close", () => near.end());
    near.pipe(far);
    far.pipe(near);
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
