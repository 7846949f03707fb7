/** Owns a program of this machine that runs as a process of its own: started on a port, asked whether it answers, stopped, killed, started again. */

import { existsSync, renameSync, rmSync } from "node:fs";
import type { Subprocess } from "bun";

export interface ServerOptions {
  /** How its lines are marked, and errors name it. */
  readonly name: string;
  readonly port: number;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** A folder that another command makes before the first start: the whole of it or nothing, also when that is broken off. */
  readonly needs?: { readonly folder: string; readonly made: (folder: string) => readonly string[] };
  /** Whether it answers: asked until it does. */
  readonly isReady: (port: number) => Promise<boolean>;
  /** Each line that it prints. */
  readonly print: (name: string, line: string) => void;
}

/** On a machine that has other things to do. */
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const LOOK_MS = 20;

/** Lines that are shown when it ends by itself. */
const LAST_LINES = 20;

type Child = Subprocess<"ignore", "pipe", "pipe">;

export class Server {
  readonly name: string;
  readonly port: number;
  readonly #options: ServerOptions;
  #child: Child | null = null;
  /** Resolves when the child and all that it has started are gone. */
  #gone: Promise<void> = Promise.resolve();
  #lastLines: string[] = [];
  #isAskedToEnd = false;

  constructor(options: ServerOptions) {
    this.name = options.name;
    this.port = options.port;
    this.#options = options;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Resolves when it answers. @throws Error with its last lines when it ends before, or takes too long; and when it is stopped in the meantime */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    const { command, env, needs, isReady, print } = this.#options;
    this.#isAskedToEnd = false;
    this.#lastLines = [];
    if (needs !== undefined && !existsSync(needs.folder)) await this.#make(needs.folder, needs.made);
    const child = this.#spawn(command, { ...env, ...settings }, (line) => print(this.name, line));
    const ended = this.#gone.then(() => {
      if (!this.#isAskedToEnd) print(this.name, `ended by itself with ${child.exitCode ?? child.signalCode}`);
    });
    const giveUpMs = performance.now() + START_MS_MAX;
    // Whoever was asked to end while it was asked may have answered all the same.
    while (!(await isReady(this.port).catch(() => false)) || this.#isAskedToEnd) {
      if (this.#isAskedToEnd || this.#child !== child || performance.now() > giveUpMs) {
        await this.kill();
        throw new Error(`${this.name} did not start:\n${this.#lastLines.join("\n")}`);
      }
      await Promise.race([ended, Bun.sleep(LOOK_MS)]);
    }
  }

  /** Asks it to end, and kills it when it doesn't. */
  async stop(): Promise<void> {
    this.#end("SIGTERM");
    if (this.#child === null) return;
    const isGone = await Promise.race([this.#gone.then(() => true), Bun.sleep(STOP_MS_MAX).then(() => false)]);
    if (!isGone) await this.kill();
  }

  /** Ends it without any word, as a power failure does. */
  async kill(): Promise<void> {
    this.#end("SIGKILL");
    await this.#gone;
  }

  /** Stops it where it is, as a machine that hangs does; {@link goOn} ends that. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child?.kill("SIGCONT");
  }

  async #make(folder: string, made: (folder: string) => readonly string[]): Promise<void> {
    const half = `${folder}.half`;
    rmSync(half, { recursive: true, force: true });
    const child = this.#spawn(made(half), this.#options.env, () => {});
    await this.#gone;
    if (this.#isAskedToEnd || child.exitCode !== 0)
      throw new Error(`${this.name} did not start, since ${folder} could not be made:\n${this.#lastLines.join("\n")}`);
    renameSync(half, folder);
  }

  #spawn(command: readonly string[], env: Readonly<Record<string, string>>, print: (line: string) => void): Child {
    const child = Bun.spawn([...command], {
      cwd: this.#options.folder,
      env: { ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // Ctrl-C is for whoever started all of them, who then stops them in order.
      detached: true,
    });
    this.#child = child;
    // Whatever the child has started has its output too.
    const printed = [child.stdout, child.stderr].map((output) => this.#show(output, print));
    this.#gone = Promise.all([child.exited, ...printed]).then(() => {
      this.#child = null;
    });
    return child;
  }

  /** To its whole group, which it leads. */
  #end(signal: "SIGTERM" | "SIGKILL"): void {
    this.#isAskedToEnd = true;
    if (this.#child === null) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
    }
  }

  async #show(output: ReadableStream<Uint8Array<ArrayBuffer>>, print: (line: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of output) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line, print);
    }
    if (rest !== "") this.#take(rest, print);
  }

  #take(line: string, print: (line: string) => void): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    print(line);
  }
}
