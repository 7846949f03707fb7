/** Owns a thin stand-in for k6's modules: as much of them as the scripts use, against a real server, with what was asked and checked noted. */

import { mock } from "bun:test";
import { present } from "../../../actors/assert.ts";

export interface Asked {
  readonly shared: SharedArrayBuffer;
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly headers: Record<string, string>;
}

export interface Told {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Noted extends Told {
  readonly method: string;
  readonly url: string;
  /** The tag of that name. */
  readonly name: string;
  readonly run: string | undefined;
  /** Whether k6 would count it as failed. */
  readonly hasFailed: boolean;
}

export type BrokenServer = "failing" | "empty";

interface Params {
  readonly headers?: Record<string, string>;
  readonly tags?: { readonly name?: string };
}

type Status = number | { readonly min: number; readonly max: number };

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const ANSWER_MS_MAX = 30_000;

/** Nobody waits as long here as in a run. */
const SLEEP_MS_MAX = 40;

export class K6StandIn {
  readonly requests: Noted[] = [];
  readonly checks = new Map<string, { passed: number; failed: number }>();
  readonly metrics = new Map<string, number[]>();
  /** Of whoever runs a script's function now, from 1. */
  vu = 1;
  readonly #worker: Worker;
  readonly #brokenUrls: Record<BrokenServer, string>;
  readonly #baseUrl: string;
  /** Where requests go instead of to the base address. */
  #insteadOfBase: string | null = null;
  #expected: readonly Status[] = [{ min: 200, max: 399 }];

  private constructor(worker: Worker, brokenUrls: Record<BrokenServer, string>, baseUrl: string) {
    this.#worker = worker;
    this.#brokenUrls = brokenUrls;
    this.#baseUrl = baseUrl;
  }

  /** Scripts that are imported from now on get it. @param env what `k6 run -e` would give them, with BASE_URL */
  static async install(env: Readonly<Record<string, string>>): Promise<K6StandIn> {
    const worker = new Worker(new URL("http-worker.ts", import.meta.url).href);
    const brokenUrls = await new Promise<Record<BrokenServer, string>>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    const standIn = new K6StandIn(worker, brokenUrls, present(env.BASE_URL, "the server's address"));
    Object.assign(globalThis, { __ENV: env });
    standIn.#mockModules();
    return standIn;
  }

  /** Forgets what was noted. */
  clear(): void {
    this.requests.length = 0;
    this.checks.clear();
    this.metrics.clear();
  }

  /** Runs `script` against a server that isn't right: one that fails at everything, or says nothing. A script may give up. */
  against(server: BrokenServer, script: () => void): void {
    this.#insteadOfBase = this.#brokenUrls[server];
    try {
      script();
    } catch (cause) {
      if (!(cause instanceof Failed)) throw cause;
      this.#check(null, { [`gave up: ${cause.message}`]: () => false });
    } finally {
      this.#insteadOfBase = null;
    }
  }

  get failedChecks(): readonly string[] {
    return [...this.checks].filter(([, { failed }]) => failed > 0).map(([name]) => name);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #mockModules(): void {
    const { metrics } = this;
    class Metric {
      readonly #values: number[] = [];
      constructor(name: string) {
        metrics.set(name, this.#values);
      }
      add(value: number): void {
        this.#values.push(value);
      }
    }
    const execution = { vu: { idInTest: 1 } };
    Object.defineProperty(execution.vu, "idInTest", { get: () => this.vu });
    const http = {
      request: (method: string, url: string, body: string | null, params: Params) =>
        this.#request(method, url, body, params),
      expectedStatuses: (...statuses: readonly Status[]) => statuses,
      setResponseCallback: (statuses: readonly Status[]) => {
        this.#expected = statuses;
      },
    };
    mock.module("k6", () => ({
      check: (subject: unknown, checks: Record<string, (subject: unknown) => unknown>) => this.#check(subject, checks),
      sleep: (seconds: number) => Bun.sleepSync(Math.min(seconds * 1_000, SLEEP_MS_MAX)),
      fail: (message: string) => {
        throw new Failed(message);
      },
    }));
    mock.module("k6/http", () => ({ default: http }));
    mock.module("k6/metrics", () => ({ Counter: Metric, Trend: Metric }));
    mock.module("k6/execution", () => ({ default: execution }));
  }

  #check(subject: unknown, checks: Record<string, (subject: unknown) => unknown>): boolean {
    let isGood = true;
    for (const [name, holds] of Object.entries(checks)) {
      const counted = this.checks.get(name) ?? { passed: 0, failed: 0 };
      this.checks.set(name, counted);
      if (holds(subject)) counted.passed++;
      else counted.failed++;
      isGood &&= counted.failed === 0;
    }
    return isGood;
  }

  /** Scripts wait for their answers; so this thread does, and another one sends. */
  #request(method: string, url: string, body: string | null, { headers = {}, tags = {} }: Params): Told {
    const isOwn = url.startsWith(`${this.#baseUrl}/`);
    const to = isOwn && this.#insteadOfBase !== null ? this.#insteadOfBase + url.slice(this.#baseUrl.length) : url;
    const shared = new SharedArrayBuffer(8 + ANSWER_BYTES_MAX);
    const state = new Int32Array(shared, 0, 2);
    this.#worker.postMessage({ shared, method, url: to, body, headers } satisfies Asked);
    if (Atomics.wait(state, 0, 0, ANSWER_MS_MAX) === "timed-out") throw new Error(`${method} ${url}: no answer`);
    const bytes = new Uint8Array(shared, 8, state[1]).slice();
    const told = JSON.parse(new TextDecoder().decode(bytes)) as Told;
    const answer = { ...told, headers: inGoCase(told.headers) };
    this.requests.push({
      ...answer,
      method,
      url,
      name: tags.name ?? url,
      run: headers["X-Load-Run"],
      hasFailed: !this.#expected.some((expected) =>
        typeof expected === "number"
          ? expected === told.status
          : expected.min <= told.status && told.status <= expected.max,
      ),
    });
    return answer;
  }
}

/** What `fail()` throws. */
class Failed extends Error {}

/** As Go writes fields, and k6 with it: `Etag`, `Retry-After`. */
function inGoCase(headers: Record<string, string>): Record<string, string> {
  const goName = (name: string) => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [goName(name.toLowerCase()), value]));
}
