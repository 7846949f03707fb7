/** Owns one address in front of several edges: passes each connection on to a ready edge, the one with the fewest first. */

import { createServer, connect as open, type Server, type Socket } from "node:net";

/** How often each edge is asked whether it is ready, in milliseconds. */
const LOOK_MS = 100;

/** How long a connection waits for an edge that takes it. */
const WAIT_MS_MAX = 10_000;
const CONNECT_MS_MAX = 1_000;

interface Edge {
  readonly port: number;
  isReady: boolean;
  connections: number;
}

export class Balancer {
  readonly port: number;
  readonly #edges: readonly Edge[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isStopped = false;

  private constructor(port: number, edges: readonly Edge[], server: Server) {
    this.port = port;
    this.#edges = edges;
    this.#server = server;
    server.on("connection", (client) => this.#accept(client));
  }

  /** @param ports of the edges, all on this machine */
  static async start(host: string, port: number, ports: readonly number[]): Promise<Balancer> {
    const edges = ports.map((each): Edge => ({ port: each, isReady: false, connections: 0 }));
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const balancer = new Balancer(typeof address === "object" && address !== null ? address.port : port, edges, server);
    for (const edge of edges) void balancer.#watch(edge);
    return balancer;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #watch(edge: Edge): Promise<void> {
    while (!this.#isStopped) {
      const answer = await look(edge, "/readyz");
      // An edge that lost a server behind it still serves what it can; one that takes its leave, or is gone, gets nobody new. Where a
      // server is silent the edge waits for it before it answers, and does so only if it does not take its leave.
      edge.isReady = answer === null ? (await look(edge, "/livez")) !== null : answer.ok || !(await isStopping(answer));
      await Bun.sleep(LOOK_MS);
    }
  }

  async #accept(client: Socket): Promise<void> {
    this.#sockets.add(client);
    client.on("close", () => this.#sockets.delete(client));
    // Without a listener an error would end the process; "close" follows it.
    client.on("error", () => {});
    const giveUpMs = performance.now() + WAIT_MS_MAX;
    while (!client.destroyed && performance.now() < giveUpMs) {
      const edge = this.#next();
      const server = edge === null ? null : await connectTo(edge.port);
      if (edge !== null && server !== null) {
        this.#join(client, server, edge);
        return;
      }
      if (edge !== null) edge.isReady = false;
      await Bun.sleep(LOOK_MS);
    }
    client.destroy();
  }

  #next(): Edge | null {
    const ready = this.#edges.filter(({ isReady }) => isReady);
    return ready.sort((a, b) => a.connections - b.connections)[0] ?? null;
  }

  #join(client: Socket, server: Socket, edge: Edge): void {
    edge.connections += 1;
    server.on("close", () => {
      edge.connections -= 1;
      client.end();
    });
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
    client.pipe(server);
    server.pipe(client);
  }
}

/** What the edge answers, or null when it doesn't in time. */
function look({ port }: Edge, path: string): Promise<Response | null> {
  return fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(CONNECT_MS_MAX) }).catch(() => null);
}

async function isStopping(answer: Response): Promise<boolean> {
  return (await answer.text().catch(() => "")).includes('"stopping"');
}

function connectTo(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = open({ host: "127.0.0.1", port, noDelay: true, timeout: CONNECT_MS_MAX });
    const fail = (): void => {
      socket.destroy();
      resolve(null);
    };
    socket.once("error", fail);
    socket.once("timeout", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      socket.off("timeout", fail);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
