/** Owns browser tests: builds the scripts of a `*.browser.ts` file for Node, starts the process that drives Chromium, and runs them by name. */

import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Subprocess } from "bun";
import { BoundedLine } from "../../../http/accounts/bounded-line.ts";
import { describeWithService, requireService } from "../../support/services.ts";
import { type Outcome, outcomeOf, type ToStage, type ToTest } from "./protocol.ts";
import type { Stage } from "./stage.ts";

const ROOT = join(import.meta.dir, "../../..");

/** Pictures of pages; not committed. `SHOTS=1 bun test tests/web` keeps all that scripts take, for people to look at; without it there are those of failures. */
const SHOTS = join(ROOT, "tests/web/shots");

/** Below node_modules, so that Node finds what the scripts import; one folder for each process that tests. */
const BUILT = join(ROOT, "node_modules/.cache/pigonair-browser", String(process.pid));

/** A way through the pages that takes longer than this won't end. */
const SCRIPT_MS_MAX = 55_000;

/** Tests of a file go on side by side, since most of their time is waiting; but no more than two cores bear. */
const SCRIPTS_AT_ONCE = 3;
/** More than the tests of any file. */
const SCRIPTS_WAITING_MAX = 100;

type Args<Script> = Script extends (stage: Stage, args: infer A) => unknown ? A : never;
type Result<Script> = Script extends (...given: never) => Promise<infer R> ? R : never;

/** What a script may have the test do, by name. */
export type Helpers = Readonly<Record<string, (args: never) => unknown>>;

type Pictures = "all" | "failures";

interface Running {
  readonly helpers: Helpers;
  readonly end: (outcome: Outcome) => void;
}

/** A suite in a real browser. Without Chromium or Node, one line says what was left out and why, or the suite fails. */
export function describeInBrowser(suite: string, body: () => void): void {
  describeWithService("node", suite, () => describeWithService("chromium", "in Chromium", () => body()));
}

/**
 * The scripts of one file.
 * @example
 * import type * as scripts from "./room.browser.ts";
 * const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "room.browser.ts"));
 * afterAll(() => browser.close());
 * test("a refresh keeps the place", async () => {
 *   expect(await browser.run("refreshKeepsPlace", { url: program.url })).toEqual({ before: 1, after: 1 });
 * });
 */
export class GivenBrowser<Scripts> {
  readonly #file: string;
  readonly #pictures: Pictures;
  readonly #running = new Map<number, Running>();
  #stage: Promise<Subprocess> | null = null;
  #runs = 0;
  readonly #line = new BoundedLine({ runningMax: SCRIPTS_AT_ONCE, waitingMax: SCRIPTS_WAITING_MAX });

  /** @param file path of the `*.browser.ts` whose exported functions are the scripts */
  constructor(file: string, pictures: Pictures = process.env.SHOTS === "1" ? "all" : "failures") {
    this.#file = file;
    this.#pictures = pictures;
  }

  /**
   * Runs a script in Chromium, as soon as there is room for it.
   * @throws Error with the script's own message, where it was, what the pages' consoles said, and where the pictures are
   */
  async run<Name extends string & keyof Scripts>(
    name: Name,
    args: Args<Scripts[Name]>,
    helpers: Helpers = {},
  ): Promise<Result<Scripts[Name]>> {
    const outcome = await this.#line.run(this.#file, () => this.#outcomeOf(name, args, helpers));
    if (outcome === null) throw new Error(`${name}: more than ${SCRIPTS_WAITING_MAX} scripts wait`);
    if (!outcome.ok) throw new Error(`${name}: ${outcome.message}`);
    return outcome.value as Result<Scripts[Name]>;
  }

  /** Ends the browser and the process, and leaves nothing but pictures behind. */
  async close(): Promise<void> {
    const stage = await this.#stage;
    this.#stage = null;
    stage?.disconnect();
    await stage?.exited;
    rmSync(BUILT, { recursive: true, force: true });
  }

  async #outcomeOf(name: string, args: unknown, helpers: Helpers): Promise<Outcome> {
    this.#stage ??= this.#start();
    const stage = await this.#stage;
    this.#runs += 1;
    const id = this.#runs;
    const ended = new Promise<Outcome>((resolve) => this.#running.set(id, { helpers, end: resolve }));
    this.#tell(stage, { kind: "run", id, script: name, args });
    const timer = setTimeout(
      () => this.#end(id, { ok: false, message: `${name} did not end within ${SCRIPT_MS_MAX} ms` }),
      SCRIPT_MS_MAX,
    );
    const outcome = await ended;
    clearTimeout(timer);
    return outcome;
  }

  async #start(): Promise<Subprocess> {
    const node = requireService("node");
    const chromium = requireService("chromium");
    if (node === null || chromium === null) throw new Error("describeInBrowser() leaves out what can't run");
    mkdirSync(SHOTS, { recursive: true });
    const [stageFile, scriptsFile] = await Promise.all([
      build(join(import.meta.dir, "stage-process.ts")),
      build(this.#file),
    ]);
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const stage = Bun.spawn([node, "--enable-source-maps", stageFile, scriptsFile, chromium, SHOTS, this.#pictures], {
      cwd: ROOT,
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      serialization: "json",
      ipc: (message: ToTest) => {
        if (message.kind === "ready") resolve();
        else this.#hear(stage, message);
      },
      onExit: (_process, exitCode) => {
        // The next script has another one.
        this.#stage = null;
        reject(new Error(`the browser's process ended with ${exitCode}`));
        const outcome: Outcome = { ok: false, message: `the browser's process ended with ${exitCode}` };
        for (const id of [...this.#running.keys()]) this.#end(id, outcome);
      },
    });
    await ready;
    return stage;
  }

  #tell(stage: Subprocess, message: ToStage): void {
    stage.send(message);
  }

  #hear(stage: Subprocess, message: Exclude<ToTest, { kind: "ready" }>): void {
    if (message.kind === "ended") {
      this.#end(message.id, message.outcome);
      return;
    }
    const { id, run, what, args } = message;
    const helper = this.#running.get(run)?.helpers[what];
    outcomeOf(() => {
      if (helper === undefined) throw new Error(`the test gave no helper ${what}`);
      return helper(args as never);
    }).then(
      (outcome) => {
        if (stage.exitCode === null) this.#tell(stage, { kind: "answer", id, outcome });
      },
      () => {},
    );
  }

  #end(id: number, outcome: Outcome): void {
    this.#running.get(id)?.end(outcome);
    this.#running.delete(id);
  }
}

/** Node 20 runs no TypeScript. */
async function build(file: string): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [file],
    outdir: BUILT,
    target: "node",
    format: "esm",
    sourcemap: "inline",
    external: ["playwright-core", "axe-core"],
    naming: `${basename(file, ".ts")}.mjs`,
  });
  const [built] = outputs;
  if (built === undefined) throw new Error(`${file} could not be built`);
  return built.path;
}
