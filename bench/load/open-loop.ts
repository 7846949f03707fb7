/**
 * Owns the open loop: each request is sent when its schedule says, whether or not the ones before it were answered, and its latency counts from
 * then. A server that stalls is so charged for everybody who came meanwhile (no coordinated omission).
 */
import { assert } from "../../actors/assert.ts";
import { Acks } from "./acks.ts";
import { connectionsOf, OPEN_TIMEOUT_MS_DEFAULT, SWEEP_MS, TIMEOUT_MS_DEFAULT, within } from "./closed-loop.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import { measureCpu } from "./cpu.ts";
import { Histogram } from "./histogram.ts";
import type { Plan } from "./plan.ts";
import { quantiles, Recorder } from "./recorder.ts";
import { RequestWriter } from "./request-writer.ts";
import type { FailureKind, OpenLoadConfig, OpenLoadResult } from "./result.ts";
import { lengthMs, scheduleOf } from "./schedule.ts";

/** How often the schedule is looked at while no answer comes; every answer looks as well. */
const TICK_MS = 1;

/** Whoever wants to see the answers themselves. */
export interface AnswerListener {
  /** How much of each body it is shown. */
  readonly bodyBytesMax: number;
  answered(sequence: number, status: number, body: Buffer, sentAtMs: number): void;
}

/** Runs one load. Rejects when the connections can't be opened. */
export function runOpenLoop(config: OpenLoadConfig, plan: Plan, listener?: AnswerListener): Promise<OpenLoadResult> {
  return new OpenLoop(config, plan, listener ?? null).run();
}

class OpenLoop implements ConnectionOwner {
  readonly #config: OpenLoadConfig;
  readonly #plan: Plan;
  readonly #listener: AnswerListener | null;
  readonly #schedule: Float64Array;
  readonly #connections: readonly Connection[];
  readonly #neverConnected: Set<Connection>;
  /** Connections that wait for work: the one that was used last is used first. */
  readonly #free: Connection[] = [];
  readonly #recorder = new Recorder();
  readonly #acks = new Acks();
  readonly #service = new Histogram();
  readonly #lateness = new Histogram();
  readonly #request = new RequestWriter();
  readonly #allConnected = Promise.withResolvers<void>();
  readonly #settled = Promise.withResolvers<void>();

  /** Since when the schedule runs; before, nothing is sent. */
  #startedAtMs = Number.POSITIVE_INFINITY;
  /** The first arrival that was neither sent nor given up. */
  #next = 0;
  #inFlight = 0;
  /** Requests that were sent, warm-up included: what a plan counts by, so that those that were not sent leave no gap. */
  #sent = 0;
  #counted = 0;
  #notSent = 0;

  constructor(config: OpenLoadConfig, plan: Plan, listener: AnswerListener | null) {
    assert(config.patienceMs >= 0, "nobody has less than no patience");
    assert(
      config.warmUpMs >= 0 && config.warmUpMs < lengthMs(config.arrivals),
      "a schedule is longer than its warm-up",
    );
    this.#config = config;
    this.#plan = plan;
    this.#listener = listener;
    this.#schedule = scheduleOf(config.arrivals);
    this.#connections = connectionsOf(config, this, listener?.bodyBytesMax);
    this.#neverConnected = new Set(this.#connections);
  }

  async run(): Promise<OpenLoadResult> {
    const { url, warmUpMs, openTimeoutMs, watchPids, acksFile, arrivals } = this.#config;
    let tick: ReturnType<typeof setTimeout> | undefined;
    const sweep = setInterval(() => this.#sweep(), SWEEP_MS);
    try {
      for (const connection of this.#connections) connection.open();
      const isOpen = await within(openTimeoutMs ?? OPEN_TIMEOUT_MS_DEFAULT, this.#allConnected.promise);
      if (!isOpen) throw new Error(`${this.#neverConnected.size} connections to ${url} can't be opened`);

      const startedAtMs = performance.now();
      const windowAtMs = startedAtMs + warmUpMs;
      const windowMs = lengthMs(arrivals) - warmUpMs;
      this.#startedAtMs = startedAtMs;
      this.#recorder.begin(windowAtMs);
      this.#recorder.end(windowAtMs + windowMs);
      const keepTime = (): void => {
        this.#pump(performance.now());
        if (this.#next < this.#schedule.length) tick = setTimeout(keepTime, TICK_MS);
      };
      keepTime();
      if (warmUpMs > 0) await Bun.sleep(warmUpMs);
      const cpuSince = measureCpu(watchPids ?? []);
      await within(windowMs, this.#settled.promise);
      const cpu = cpuSince();
      await this.#settled.promise;

      if (acksFile !== undefined) this.#acks.write(acksFile);
      const { count, unreadable } = this.#acks;
      return {
        ...this.#recorder.result(windowMs, cpu, { count, unreadable }, this.#sent),
        arrivals: this.#counted,
        notSent: this.#notSent,
        service: quantiles(this.#service),
        lateness: quantiles(this.#lateness),
      };
    } finally {
      clearTimeout(tick);
      clearInterval(sweep);
      for (const connection of this.#connections) connection.end();
    }
  }

  connected(connection: Connection): void {
    if (this.#neverConnected.delete(connection) && this.#neverConnected.size === 0) this.#allConnected.resolve();
    this.#free.push(connection);
    this.#pump(performance.now());
  }

  answered(connection: Connection, status: number, problemCode: string | null, body: Buffer): void {
    const nowMs = performance.now();
    const { sequence } = connection;
    if (this.#config.acksFile !== undefined) this.#acks.record(sequence, status, body);
    this.#listener?.answered(sequence, status, body, connection.sentAtMs);
    this.#recorder.came(status, nowMs);
    if (connection.counts) {
      this.#recorder.answered(nowMs - connection.meantAtMs, status, problemCode, nowMs);
      this.#service.record((nowMs - connection.sentAtMs) * 1_000);
    }
    this.#inFlight--;
    if (connection.isOpen) this.#free.push(connection);
    this.#pump(nowMs);
  }

  failed(connection: Connection, kind: FailureKind): void {
    const nowMs = performance.now();
    if (connection.counts) this.#recorder.failed(kind, nowMs);
    this.#inFlight--;
    this.#pump(nowMs);
  }

  reconnecting(): void {
    // A connection that waits for work and is lost is not lent out while it is made anew.
    for (let at = this.#free.length - 1; at >= 0; at--) if (this.#free[at]?.isOpen === false) this.#free.splice(at, 1);
    this.#recorder.reconnects++;
  }

  /** Sends what is due, in order, as long as there are connections; gives up what was due for too long. */
  #pump(nowMs: number): void {
    const schedule = this.#schedule;
    const oldestMs = nowMs - this.#config.patienceMs;
    while (this.#next < schedule.length) {
      const afterMs = schedule[this.#next] ?? 0;
      const meantMs = this.#startedAtMs + afterMs;
      if (meantMs > nowMs) break;
      const counts = afterMs >= this.#config.warmUpMs;
      const connection = this.#free.pop();
      if (connection === undefined) {
        if (meantMs >= oldestMs) break;
        this.#next++;
        if (counts) this.#giveUp(nowMs);
        continue;
      }
      this.#next++;
      if (counts) {
        this.#counted++;
        this.#lateness.record((nowMs - meantMs) * 1_000);
      }
      connection.counts = counts;
      connection.meantAtMs = meantMs;
      this.#send(connection, nowMs);
    }
    if (this.#next === schedule.length && this.#inFlight === 0) this.#settled.resolve();
  }

  #giveUp(nowMs: number): void {
    this.#counted++;
    this.#notSent++;
    this.#recorder.notSent(nowMs);
  }

  #send(connection: Connection, nowMs: number): void {
    this.#inFlight++;
    connection.sequence = this.#sent++;
    this.#request.clear();
    this.#plan.write(this.#request, connection.index, connection.sequence);
    connection.send(this.#request.bytes, this.#request.length, nowMs);
  }

  /** Gives up requests without an answer in time; so a run ends although its server has stopped to answer. */
  #sweep(): void {
    const nowMs = performance.now();
    const oldestMs = nowMs - (this.#config.timeoutMs ?? TIMEOUT_MS_DEFAULT);
    for (const connection of this.#connections) {
      if (connection.inFlight && connection.sentAtMs < oldestMs) connection.lose("timeout");
    }
    this.#pump(nowMs);
  }
}
