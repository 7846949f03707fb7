/** Owns a program of this machine that runs as a process of its own: started on a port, asked whether it answers, stopped, killed, started again. */

import type { Subprocess } from "bun";

export interface ServerOptions {
  /** How its lines are marked, and errors name it. */
  readonly name: string;
  readonly port: number;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
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

  /** Resolves when it answers. @throws Error with its last lines when it ends before, or takes too long */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.#child !== null) throw new Error(`${this.name} runs already`);
    const { command, env, folder, isReady } = this.#options;
    this.#isAskedToEnd = false;
    this.#lastLines = [];
    const child = Bun.spawn([...command], {
      cwd: folder,
      env: { ...env, ...settings },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // Ctrl-C is for whoever started all of them, who then stops them in order.
      detached: true,
    });
    this.#child = child;
    const printed = Promise.all([this.#show(child.stdout), this.#show(child.stderr)]);
    const ended = child.exited.then(async (exitCode) => {
      await printed;
      if (this.#child === child) this.#child = null;
      if (!this.#isAskedToEnd) this.#options.print(this.name, `ended by itself with ${exitCode}`);
    });
    const giveUpMs = performance.now() + START_MS_MAX;
    while (!(await isReady(this.port).catch(() => false))) {
      if (this.#child !== child || performance.now() > giveUpMs) {
        await this.kill();
        throw new Error(`${this.name} did not start:\n${this.#lastLines.join("\n")}`);
      }
      await Promise.race([ended, Bun.sleep(LOOK_MS)]);
    }
  }

  /** Asks it to end, and kills it when it doesn't. */
  async stop(): Promise<void> {
    const child = this.#end("SIGTERM");
    if (child === null) return;
    const isGone = await Promise.race([child.exited.then(() => true), Bun.sleep(STOP_MS_MAX).then(() => false)]);
    if (!isGone) await this.kill();
    this.#child = null;
  }

  /** Ends it without any word, as a power failure does. */
  async kill(): Promise<void> {
    const child = this.#end("SIGKILL");
    await child?.exited;
    this.#child = null;
  }

  /** Stops it where it is, as a machine that hangs does; {@link goOn} ends that. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child?.kill("SIGCONT");
  }

  #end(signal: "SIGTERM" | "SIGKILL"): Child | null {
    this.#isAskedToEnd = true;
    this.#child?.kill(signal);
    return this.#child;
  }

  async #show(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of output) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
    if (rest !== "") this.#take(rest);
  }

  #take(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    this.#options.print(this.name, line);
  }
}
