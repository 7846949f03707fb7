/** Owns the program as tests start it: `main.ts` as a process of its own on a folder of its own, killed, stopped and started again at will. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { present } from "../../actors/assert.ts";
import { freePort } from "../../deploy/free-port.ts";

/** From its sources. */
const FROM_SOURCES = [process.execPath, join(import.meta.dir, "../../main.ts")];

/** On a machine that has other things to do; the first start also makes the demo timetable. */
const START_MS_MAX = 30_000;

export type Settings = Readonly<Record<string, string>>;

/** What a command of the program left behind. */
export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface Stopped {
  readonly exitCode: number;
  /** From the signal to the end of the process, in milliseconds. */
  readonly tookMs: number;
}

type Process = Subprocess<"ignore", "pipe", "pipe">;

export class GivenProgram {
  readonly folder = mkdtempSync(join(tmpdir(), "pigonair-process-"));
  readonly dataDir = join(this.folder, "data");
  readonly database = join(this.dataDir, "pigonair.sqlite");
  readonly #settings: Settings;
  readonly #command: readonly string[];
  readonly #processes: Process[] = [];
  #server: RunningServer | null = null;

  /**
   * @param settings of every process, where a call gives no other ones
   * @param command what starts the program
   */
  constructor(settings: Settings = {}, command: readonly string[] = FROM_SOURCES) {
    this.#settings = settings;
    this.#command = command;
  }

  /** The server that was started last. */
  get server(): RunningServer {
    return present(this.#server, "a server was started");
  }

  /** Where that server listens. */
  get url(): string {
    return this.server.url;
  }

  /** Starts a server, and waits until it has said where it listens. */
  async start(settings: Settings = {}): Promise<RunningServer> {
    const server = this.begin(settings);
    await server.started;
    this.#server = server;
    return server;
  }

  /** Starts a server, and waits for nothing. */
  begin(settings: Settings = {}): RunningServer {
    return new RunningServer(this.#spawn([], settings));
  }

  /** Runs the program to its end: a command, or a server that is to refuse its start. */
  async run(args: readonly string[], settings: Settings = {}): Promise<Ran> {
    const process = this.#spawn(args, settings);
    const [out, err, exitCode] = await Promise.all([process.stdout.text(), process.stderr.text(), process.exited]);
    return { exitCode, out, err };
  }

  doctor(...flags: readonly string[]): Promise<Ran> {
    return this.run(["doctor", ...flags]);
  }

  /** Ends all that runs, at once, and leaves nothing behind. */
  async remove(): Promise<void> {
    for (const process of this.#processes) process.kill("SIGKILL");
    await Promise.all(this.#processes.map(({ exited }) => exited));
    rmSync(this.folder, { recursive: true });
  }

  #spawn(args: readonly string[], settings: Settings): Process {
    const { PATH = "", HOME = "" } = process.env;
    const child = Bun.spawn([...this.#command, ...args], {
      cwd: this.folder,
      // Nothing else of the surroundings: there may be settings among it.
      env: {
        PATH,
        HOME,
        DATA_DIR: this.dataDir,
        PORT: String(freePort()),
        SANDBOX_PORT: "0",
        LOG_LEVEL: "warn",
        ADDRESS_LIMITS: "off",
        ...this.#settings,
        ...settings,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#processes.push(child);
    return child;
  }
}

export class RunningServer {
  readonly #process: Process;
  readonly #said: Promise<void>;
  /** Resolves when its address is known. */
  readonly started: Promise<void>;
  #out = "";
  #url = "";
  #sandboxUrl: string | null = null;
  #saidAddressMs = 0;

  constructor(process: Process) {
    this.#process = process;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.started = promise;
    this.#said = this.#listen(resolve);
    const timer = setTimeout(
      () => reject(new Error(`no address within ${START_MS_MAX} ms: ${this.#out}`)),
      START_MS_MAX,
    );
    process.exited.then(async (exitCode) => {
      await this.#said;
      reject(new Error(`the server ended with ${exitCode}: ${this.#out}${await process.stderr.text()}`));
    }, reject);
    promise.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  }

  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** Where the sandbox beside it listens; null when none does. */
  get sandboxUrl(): string | null {
    return this.#sandboxUrl;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** When it said its address, on the clock of `performance.now()`. */
  get saidAddressMs(): number {
    return this.#saidAddressMs;
  }

  /** The lines of its log that speak of an error. */
  get errors(): readonly string[] {
    return this.#out.split("\n").filter((line) => line.startsWith('{"level":"error"'));
  }

  /** Ends it without any word, as a power failure does. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    await this.#said;
  }

  /** Says again what {@link stop} has said, as a script runner does with a Ctrl-C that the program has heard already. */
  sayStopAgain(): void {
    this.#process.kill("SIGTERM");
  }

  /** Asks it to stop. */
  async stop(): Promise<Stopped> {
    const askedMs = performance.now();
    this.#process.kill("SIGTERM");
    const exitCode = await this.#process.exited;
    const tookMs = performance.now() - askedMs;
    await this.#said;
    return { exitCode, tookMs };
  }

  async #listen(heard: () => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#process.stdout) {
      this.#out += decoder.decode(chunk, { stream: true });
      if (this.#url !== "" || !/^Try: /m.test(this.#out)) continue;
      this.#saidAddressMs = performance.now();
      this.#url = /^PigonAir serves at (\S+)$/m.exec(this.#out)?.[1] ?? "";
      this.#sandboxUrl = /^ +payments sandbox +(\S+)$/m.exec(this.#out)?.[1] ?? null;
      heard();
    }
  }
}
