/** Owns one connection to Redis that stays open: it comes back after every interruption, and knows why it is away. */

import { createClient, ErrorReply } from "redis";
import type { Log } from "../../actors/telemetry.ts";

/** After so long without a sign of life a connection is given up, also one that looks open; pings keep an idle one below it. */
const SILENCE_MS_MAX = 4_000;
const PING_EVERY_MS = 1_000;
const CONNECT_MS_MAX = 2_000;

/** Pauses between attempts double from one to the other. */
const PAUSE_MS_MIN = 25;
const PAUSE_MS_MAX = 1_000;

/** Commands that may be on their way; what comes on top is refused, so that a silent server fills no memory. */
const COMMANDS_MAX = 20_000;

/** What no waiting cures. */
const HOPELESS = /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:AUTH|invalid password|DB index|unknown command))/i;

export interface RedisAddress {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Certificates of the authorities that may vouch for the server, as PEM; null: those of the machine. */
  readonly tlsCa: string | null;
}

export type RedisClient = ReturnType<typeof newClient>;

function newClient({ url, tlsCa }: RedisAddress, isHopeless: (cause: Error) => boolean) {
  const tls = url.startsWith("rediss:") ? { tls: true as const, ...(tlsCa === null ? {} : { ca: tlsCa }) } : {};
  return createClient({
    url,
    name: "pigonair",
    // A late answer is worth nothing here: without a connection commands fail at once, and nothing waits in a queue for better times.
    disableOfflineQueue: true,
    commandsQueueMaxLength: COMMANDS_MAX,
    // Its own limit counts only until a command is sent, and costs a signal for each.
    commandOptions: { timeout: 0 },
    pingInterval: PING_EVERY_MS,
    maintNotifications: "disabled",
    socket: {
      ...tls,
      connectTimeout: CONNECT_MS_MAX,
      socketTimeout: SILENCE_MS_MAX,
      reconnectStrategy: (retries, cause) =>
        isHopeless(cause) ? cause : Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(retries, 10)),
    },
  });
}

export class Wire {
  readonly client: RedisClient;
  readonly #what: string;
  readonly #log: Log;
  /** Why there is no connection now; null while there is one. */
  lost: string | null = "not connected yet";
  #isStarting = true;
  #isClosed = false;

  /** @param what names the connection in the log, without any secret */
  constructor(address: RedisAddress, what: string, log: Log, ready: () => void = () => {}) {
    this.#what = what;
    this.#log = log;
    this.client = newClient(address, (cause) => this.#isStarting && HOPELESS.test(cause.message));
    // Without a listener an error would end the process.
    this.client.on("error", (cause: unknown) => {
      // What a ping of the client's own is answered says that the connection is there: nothing would tell when that is over.
      if (this.lost !== null || !(cause instanceof ErrorReply)) this.#down(textOf(cause));
    });
    this.client.on("ready", () => {
      this.#up();
      ready();
    });
  }

  /**
   * Begins to connect, and goes on for ever.
   * @returns resolves at the first connection
   * @throws Error for what no waiting cures, while {@link settle} has not been called
   */
  async connect(): Promise<void> {
    await this.client.connect();
  }

  /** From now on everything is worth another attempt: passwords change while servers run. */
  settle(): void {
    this.#isStarting = false;
  }

  close(): void {
    this.#isClosed = true;
    this.client.destroy();
  }

  #up(): void {
    if (this.lost !== null) this.#log.info({ redis: this.#what }, "Redis is connected");
    this.lost = null;
  }

  #down(why: string): void {
    if (this.#isClosed || this.lost === why) return;
    this.#log.warn({ redis: this.#what, cause: why }, "Redis is away");
    this.lost = why;
  }
}

/** An attempt that failed on every address of a host says nothing itself. */
export function textOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return textOf(cause.errors[0]);
  return cause instanceof Error && cause.message !== "" ? cause.message : String(cause);
}
