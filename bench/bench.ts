/** Owns what all parts of one run share: what was started, who watches, what went wrong. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Progress, whole } from "./progress.ts";
import type { BenchMember } from "./rig/members.ts";
import { makeMembers, newSigningKey } from "./rig/members.ts";
import { Running } from "./rig/running.ts";
import { scratchFolder } from "./rig/scratch.ts";
import type { Scale } from "./scale.ts";
import { Sampler } from "./watch/sampler.ts";

/** A stretch of the run, for those who look at the processes over time: a whole part, or one measurement. */
export interface Phase {
  readonly name: string;
  readonly fromS: number;
  readonly toS: number;
}

export class Bench {
  readonly scale: Scale;
  readonly seed: number;
  readonly progress: Progress;
  readonly folder: string;
  readonly signingKey: string;
  readonly members: readonly BenchMember[];
  readonly running = new Running();
  readonly sampler = new Sampler();
  /** Servers that every contestant uses. */
  readonly sharedPids: Record<string, number> = {};
  readonly parts: Phase[] = [];
  readonly phases: Phase[] = [];
  /** Each a sentence. With any of them the run has failed, whatever it measured. */
  readonly failures: string[] = [];
  #files = 0;
  #keys = 0;

  private constructor(
    scale: Scale,
    seed: number,
    progress: Progress,
    folder: string,
    signingKey: string,
    members: readonly BenchMember[],
  ) {
    this.scale = scale;
    this.seed = seed;
    this.progress = progress;
    this.folder = folder;
    this.signingKey = signingKey;
    this.members = members;
    this.sampler.watch({ bench: process.pid });
  }

  static async open(scale: Scale, seed: number, progress: Progress): Promise<Bench> {
    const folder = mkdtempSync(join(scratchFolder(), "pigonair-bench-"));
    const signingKey = await newSigningKey();
    const bench = new Bench(scale, seed, progress, folder, signingKey, await makeMembers(signingKey, scale.members));
    bench.running.add(() => rmSync(folder, { recursive: true, force: true }));
    return bench;
  }

  get tokens(): string[] {
    return this.members.map(({ token }) => token);
  }

  /** A name that no other file of this run has. */
  file(name: string): string {
    return join(this.folder, `${++this.#files}-${name}`);
  }

  /** Begins the idempotency keys of one load. */
  keyPrefix(): string {
    return `k${++this.#keys}-`;
  }

  fail(sentence: string): void {
    this.failures.push(sentence);
    this.progress.line(`FAILED: ${sentence}`);
  }

  /** One part of the run. When it breaks off, the others still run, and the run has failed. */
  async part<T>(name: string, title: string, run: () => Promise<T>): Promise<T | null> {
    this.progress.part(title);
    try {
      return await this.#timed(this.parts, name, run);
    } catch (cause) {
      if (this.running.isStopping) throw cause;
      this.fail(`${title} broke off: ${cause instanceof Error ? cause.message : String(cause)}`);
      return null;
    }
  }

  /** One measurement within a part. */
  phase<T>(name: string, run: () => Promise<T>): Promise<T> {
    return this.#timed(this.phases, name, run);
  }

  async #timed<T>(stretches: Phase[], name: string, run: () => Promise<T>): Promise<T> {
    const fromS = this.sampler.nowS;
    try {
      return await run();
    } finally {
      stretches.push({ name, fromS, toS: this.sampler.nowS });
    }
  }

  /** The load generator of this moment. */
  readonly watchLoad = (pid: number): void => this.sampler.watch({ load: pid });

  /** Fails the run for whatever a proof says is wrong. */
  trust(
    what: string,
    {
      acknowledged,
      confirmed,
      wrong,
    }: { readonly acknowledged: number; readonly confirmed: number; readonly wrong: readonly string[] },
  ): void {
    if (acknowledged === confirmed && wrong.length === 0) return;
    this.fail(`${what}: ${whole(acknowledged)} acknowledged, ${whole(confirmed)} confirmed. ${wrong.join("; ")}`);
  }
}
