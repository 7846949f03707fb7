/** Owns the closed loop: each connection sends its next request as soon as it has the answer to its last, so the server sets the rate. */
import { assert } from "../../actors/assert.ts";
import { ACK_BYTES, Acks } from "./acks.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { measureCpu } from "./cpu.ts";
import type { Plan } from "./plan.ts";
import { Recorder } from "./recorder.ts";
import { RequestWriter } from "./request-writer.ts";
import type { FailureKind, LoadBase, LoadConfig, LoadResult } from "./result.ts";

export const CONNECTIONS_MAX = 10_000;
export const TIMEOUT_MS_DEFAULT = 30_000;
export const OPEN_TIMEOUT_MS_DEFAULT = 10_000;
/** How often requests that have waited too long are looked for. */
export const SWEEP_MS = 250;

/** Runs one load, and reports on the requests that were sent in its window. Rejects when the connections can't be opened. */
export function runClosedLoop(config: LoadConfig, plan: Plan): Promise<LoadResult> {
  return new ClosedLoop(config, plan).run();
}

class ClosedLoop implements ConnectionOwner {
  readonly #config: LoadConfig;
  readonly #plan: Plan;
  readonly #connections: readonly Connection[];
  readonly #neverConnected: Set<Connection>;
  readonly #recorder = new Recorder();
  readonly #acks = new Acks();
  readonly #request = new RequestWriter();

  readonly #allConnected = Promise.withResolvers<void>();
  readonly #windowFull = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();

  #sequence = 0;
  #inFlight = 0;
  #isSending: boolean = true;
  #isCounting: boolean = false;
  #windowRoom: number;

  constructor(config: LoadConfig, plan: Plan) {
    const { warmUpMs, durationMs, requestsMax } = config;
    assert(warmUpMs >= 0 && durationMs > 0, "a load has a window");
    this.#config = config;
    this.#plan = plan;
    this.#windowRoom = requestsMax ?? Number.POSITIVE_INFINITY;
    this.#connections = connectionsOf(config, this);
    this.#neverConnected = new Set(this.#connections);
  }

  async run(): Promise<LoadResult> {
    const { url, warmUpMs, durationMs, openTimeoutMs, watchPids, acksFile } = this.#config;
    const sweep = setInterval(() => this.#sweep(), SWEEP_MS);
    try {
      for (const connection of this.#connections) connection.open();
      const isOpen = await within(openTimeoutMs ?? OPEN_TIMEOUT_MS_DEFAULT, this.#allConnected.promise);
      if (!isOpen) throw new Error(`${this.#neverConnected.size} connections to ${url} can't be opened`);
      if (warmUpMs > 0) await Bun.sleep(warmUpMs);

      const beganAtMs = performance.now();
      const cpuSince = measureCpu(watchPids ?? []);
      this.#isCounting = true;
      this.#recorder.begin(beganAtMs);
      await within(durationMs, this.#windowFull.promise);
      this.#isCounting = false;
      const endedAtMs = performance.now();
      this.#recorder.end(endedAtMs);
      const cpu = cpuSince();

      this.#isSending = false;
      if (this.#inFlight > 0) await this.#drained.promise;
      if (acksFile !== undefined) this.#acks.write(acksFile);
      const { count, unreadable } = this.#acks;
      return this.#recorder.result(endedAtMs - beganAtMs, cpu, { count, unreadable }, this.#sequence);
    } finally {
      clearInterval(sweep);
      for (const connection of this.#connections) connection.end();
    }
  }

  connected(connection: Connection): void {
    if (this.#neverConnected.delete(connection) && this.#neverConnected.size === 0) this.#allConnected.resolve();
    this.#sendNext(connection, performance.now());
  }

  answered(connection: Connection, status: number, problemCode: string | null, body: Buffer): void {
    const nowMs = performance.now();
    if (this.#config.acksFile !== undefined) this.#acks.record(connection.sequence, status, body);
    this.#recorder.came(status, nowMs);
    if (connection.counts) this.#recorder.answered(nowMs - connection.sentAtMs, status, problemCode, nowMs);
    this.#settled();
    if (connection.isOpen) this.#sendNext(connection, nowMs);
  }

  failed(connection: Connection, kind: FailureKind): void {
    if (connection.counts) this.#recorder.failed(kind, performance.now());
    this.#settled();
  }

  reconnecting(afterFailedAttempt: boolean): void {
    if (!this.#isCounting) return;
    this.#recorder.reconnects++;
    if (afterFailedAttempt) this.#recorder.failed("connect", performance.now());
  }

  #sendNext(connection: Connection, nowMs: number): void {
    if (!this.#isSending) return;
    connection.counts = this.#isCounting;
    if (this.#isCounting && --this.#windowRoom === 0) this.#closeWindow();
    this.#inFlight++;
    this.#request.clear();
    connection.sequence = this.#sequence++;
    this.#plan.write(this.#request, connection.index, connection.sequence);
    connection.send(this.#request.bytes, this.#request.length, nowMs);
  }

  /** The last request that counts is being sent: nothing is sent after it. */
  #closeWindow(): void {
    this.#isSending = false;
    this.#isCounting = false;
    this.#windowFull.resolve();
  }

  #settled(): void {
    this.#inFlight--;
    if (this.#inFlight === 0 && !this.#isSending) this.#drained.resolve();
  }

  /** Gives up requests without an answer in time; so a run ends although its server has stopped to answer. */
  #sweep(): void {
    const oldestMs = performance.now() - (this.#config.timeoutMs ?? TIMEOUT_MS_DEFAULT);
    for (const connection of this.#connections) {
      if (connection.inFlight && connection.sentAtMs < oldestMs) connection.lose("timeout");
    }
  }
}

/** The connections of a load, not yet open. */
export function connectionsOf(config: LoadBase, owner: ConnectionOwner, bodyBytesMax?: number): Connection[] {
  const { connections, acksFile } = config;
  assert(connections >= 1 && connections <= CONNECTIONS_MAX, `a load has 1 to ${CONNECTIONS_MAX} connections`);
  const url = new URL(config.url);
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || 80);
  const kept = bodyBytesMax ?? (acksFile === undefined ? 0 : ACK_BYTES);
  return Array.from({ length: connections }, (_, index) => new Connection(index, hostname, port, owner, kept));
}

/** Waits for `promise`, but no longer than `ms`; returns whether it was fulfilled. */
export async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
