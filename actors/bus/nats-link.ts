/**
 * Owns one lasting link to NATS over connections that come and go. It dials anew itself, instead of letting the library do so: nothing that
 * waited for a lost connection goes out late, and a connection that has fallen silent is given up, which the library waits to flush first
 * [@nats-io/transport-node 3.4.0].
 */

import { readFileSync } from "node:fs";
import {
  connect,
  type Msg,
  type NatsConnection,
  PermissionViolationError,
  type PublishOptions,
  type Subscription,
} from "@nats-io/transport-node";
import type { Clock, Timer } from "../clock.ts";
import type { Entropy } from "../entropy.ts";
import { usedAs } from "../settings.ts";
import type { Counter, Histogram, Log, Telemetry } from "../telemetry.ts";
import { readNatsAddress } from "./nats-address.ts";

/** How long a server may take to let us in, in milliseconds. */
const DIAL_MS_MAX = 2_000;

/** Pauses between two tries to reach a server, in milliseconds: the first, and what it doubles up to. */
const REDIAL_MS = 50;
const REDIAL_MS_MAX = 1_000;

/** How often the server is asked whether it is there, and how long it may be silent: then it counts as trouble, then as lost. */
const PING_MS = 1_000;
const SILENT_MS = 2_000;
const LOST_MS = 5_000;

/** How long closing may wait for what is on its way, in milliseconds. */
const CLOSE_MS_MAX = 1_000;

/** Bytes that may be on their way without the server having answered a ping since. */
const UNCONFIRMED_BYTES_MAX = 64 * 1024 * 1024;

/** Paths of PEM files. */
export interface TlsFiles {
  /** What the server is verified with. @default the authorities that the machine trusts */
  readonly ca?: string;
  /** What the server knows us by, with `key`. */
  readonly cert?: string;
  readonly key?: string;
}

export interface NatsLinkOptions {
  readonly url: string;
  /** With it, TLS is a must. */
  readonly tls?: TlsFiles;
  /** What the server's operator reads of us. */
  readonly name: string;
  readonly inboxPrefix: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

/** Told of connections, each in turn. */
export interface LinkUser {
  /** A connection is there: what it must hear is to be subscribed now. */
  up(connection: NatsConnection): void;
  /** What `up` subscribed is in force, and nothing else of this connection has gone out before. */
  ready(): void;
  /** It is gone, and everything on the way with it. */
  down(): void;
  /** The server has refused what was published on the subject. */
  refused(subject: string): void;
}

export class NatsLink {
  readonly #options: NatsLinkOptions;
  readonly #dial: ReturnType<typeof dialOptions>;
  readonly #user: LinkUser;
  readonly #log: Log;
  readonly #dropped: Counter;
  readonly #refused: Counter;
  readonly #pings: Histogram;
  #connection: NatsConnection | null = null;
  /** Why there is none. */
  #missing: string | null = "NATS has not been reached yet";
  /** What this user may not hear. */
  #denied: string | null = null;
  #silentSinceMs: number | null = null;
  #unconfirmedBytes = 0;
  /** Servers of its cluster that the last one told of. */
  #gossiped: readonly string[] = [];
  #failures = 0;
  #isClosed = false;
  #timer: Timer | null = null;
  /** Told when the connection is gone. */
  readonly #whenLost = new Set<() => void>();

  /** @throws Error in words for an operator when the options can't be right */
  constructor(options: NatsLinkOptions, user: LinkUser) {
    const { telemetry } = options;
    this.#options = options;
    this.#dial = dialOptions(options);
    this.#user = user;
    this.#log = telemetry.log;
    this.#dropped = telemetry.counter(
      "pigonair_bus_dropped_total",
      "Messages that could not go out, and did not wait.",
    );
    this.#refused = telemetry.counter(
      "pigonair_bus_forbidden_total",
      "What the server's permissions have refused us.",
      ["operation"],
    );
    this.#pings = telemetry.histogram(
      "pigonair_bus_ping_seconds",
      "How long NATS takes to answer, behind all that is on its way to it.",
      [0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
    );
  }

  get inboxPrefix(): string {
    return this.#options.inboxPrefix;
  }

  /** The connection of the moment; null while there is none. */
  get connection(): NatsConnection | null {
    return this.#connection;
  }

  trouble(): string | null {
    if (this.#missing !== null) return this.#missing;
    const silentMs = this.#silentMs();
    return silentMs >= SILENT_MS ? `NATS has not answered for ${Math.round(silentMs)} ms` : this.#denied;
  }

  /** Resolves after the first try, whatever came of it; further ones follow until one succeeds. */
  start(): Promise<void> {
    return this.#connect();
  }

  /** Whether it went out. @throws when the server takes no message of that length */
  publish(subject: string, payload: string, options?: PublishOptions): boolean {
    const connection = this.#connection;
    if (connection === null || connection.isClosed() || this.#unconfirmedBytes > UNCONFIRMED_BYTES_MAX) {
      this.#dropped.add();
      return false;
    }
    connection.publish(subject, payload, options);
    this.#unconfirmedBytes += payload.length;
    return true;
  }

  /** Hears a subject of the connection. What throws is our bug; it is logged, and must not end the reading of the connection. */
  listen(connection: NatsConnection, subject: string, take: (message: Msg) => void): Subscription {
    return connection.subscribe(subject, {
      callback: (refusal, message) => {
        if (refusal !== null) return;
        try {
          take(message);
        } catch (cause) {
          this.#log.error({ subject, err: cause }, "a message could not be taken");
        }
      },
    });
  }

  /** Whether the server has taken all that went before; not when the connection is gone first. */
  flush(): Promise<boolean> {
    const connection = this.#connection;
    return connection === null ? Promise.resolve(false) : this.#unlessLost(connection.flush());
  }

  /** Stops hearing; what was on its way has been heard when it resolves. */
  async drain(subscription: Subscription): Promise<void> {
    if (!subscription.isClosed()) await this.#unlessLost(subscription.drain());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#missing = "the bus is closed";
    const connection = this.#connection;
    if (connection === null) return;
    const timer = this.#options.clock.after(CLOSE_MS_MAX, () => this.#forget());
    await this.flush();
    timer.cancel();
    this.#forget();
    await connection.close();
  }

  async #connect(): Promise<void> {
    let connection: NatsConnection;
    try {
      connection = await connect({ ...this.#dial, servers: [...new Set([...this.#dial.servers, ...this.#gossiped])] });
    } catch (cause) {
      this.#missing = `NATS can't be reached: ${reasonOf(cause, this.#dial.tls !== undefined)}`;
      if (this.#failures++ === 0)
        this.#log.warn(
          { connection: this.#options.name, err: cause },
          "NATS can't be reached; it is tried again and again",
        );
      this.#connectLater();
      return;
    }
    if (this.#isClosed) {
      await connection.close();
      return;
    }
    this.#failures = 0;
    this.#connection = connection;
    this.#denied = null;
    this.#silentSinceMs = null;
    this.#unconfirmedBytes = 0;
    void connection.closed().then((cause) => this.#lost(connection, cause));
    this.#watch(connection).catch(() => {});
    this.#user.up(connection);
    if (!(await this.flush()) || this.#connection !== connection) return;
    this.#missing = null;
    this.#log.info({ connection: this.#options.name, server: connection.getServer() }, "NATS is reached");
    this.#user.ready();
    this.#pingLater(connection);
  }

  #connectLater(): void {
    if (this.#isClosed) return;
    const pauseMs = Math.min(REDIAL_MS * 2 ** this.#failures, REDIAL_MS_MAX);
    const jitteredMs = pauseMs * (0.5 + this.#options.entropy.fraction());
    this.#timer = this.#options.clock.after(jitteredMs, () => void this.#connect());
  }

  #lost(connection: NatsConnection, cause: unknown): void {
    if (this.#connection !== connection) return;
    const why = this.trouble() ?? "NATS has closed the connection";
    this.#log.warn({ connection: this.#options.name, err: cause ?? null, why }, "NATS is lost; it is dialled anew");
    this.#missing = why;
    this.#gossiped = connection.getServers().flatMap(({ gossiped, listen }) => (gossiped ? [listen] : []));
    this.#timer?.cancel();
    this.#forget();
    this.#connectLater();
  }

  #forget(): void {
    if (this.#connection === null) return;
    this.#connection = null;
    for (const lost of this.#whenLost) lost();
    this.#user.down();
  }

  /** Not by the promise of the connection's end: each wait would leave something behind at it for as long as the connection lasts. */
  #unlessLost(done: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (isDone: boolean): void => {
        this.#whenLost.delete(lost);
        resolve(isDone);
      };
      const lost = (): void => finish(false);
      this.#whenLost.add(lost);
      done.then(() => finish(true), lost);
    });
  }

  /** What the server refuses comes by itself, some time after what was refused. */
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type !== "error") continue;
      const { error } = status;
      this.#log.error({ err: error }, "NATS refuses something");
      if (!(error instanceof PermissionViolationError)) continue;
      this.#refused.add(1, { operation: error.operation });
      if (error.operation === "publish") this.#user.refused(error.subject);
      else this.#denied = `NATS does not let this user hear ${error.subject}`;
    }
  }

  #silentMs(): number {
    return this.#silentSinceMs === null ? 0 : this.#options.clock.monotonicMs() - this.#silentSinceMs;
  }

  #pingLater(connection: NatsConnection): void {
    this.#timer = this.#options.clock.after(PING_MS, () => this.#ping(connection));
  }

  #ping(connection: NatsConnection): void {
    if (this.#connection !== connection) return;
    this.#pingLater(connection);
    if (this.#silentSinceMs !== null) {
      if (this.#silentMs() >= LOST_MS) connection.close().catch(() => {});
      return;
    }
    this.#silentSinceMs = this.#options.clock.monotonicMs();
    const sentBytes = this.#unconfirmedBytes;
    void this.flush().then((hasAnswered) => {
      if (!hasAnswered || this.#connection !== connection) return;
      this.#pings.record(this.#silentMs() / 1_000);
      this.#silentSinceMs = null;
      this.#unconfirmedBytes -= sentBytes;
    });
  }
}

/** A server that takes no client without a certificate that it trusts hangs up on the others, and what comes of that names no reason [Bun 1.4.5]. */
function reasonOf(cause: unknown, isTls: boolean): string {
  if (!(cause instanceof Error)) return String(cause);
  if (!isTls || !("code" in cause) || cause.code !== "EBADF") return cause.message;
  return `it hung up as TLS began (${cause.message}), as one does that wants a certificate of ours which it trusts: NATS_TLS_CERT`;
}

function dialOptions({ url, tls, name, inboxPrefix }: NatsLinkOptions) {
  const { servers, user, password, isTls } = readNatsAddress(url);
  for (const [name, file] of Object.entries(tls ?? {})) {
    usedAs(`NATS_TLS_${name.toUpperCase()}`, () => readFileSync(file));
  }
  const { ca: caFile, cert: certFile, key: keyFile } = tls ?? {};
  const files = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
  return {
    servers,
    name,
    inboxPrefix,
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { pass: password }),
    ...(isTls || tls !== undefined ? { tls: files } : {}),
    timeout: DIAL_MS_MAX,
    reconnect: false,
    noAsyncTraces: true,
  };
}
