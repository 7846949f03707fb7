/** Owns throw-away NATS servers for tests: the deployed configuration, JetStream in a folder of its own, and a free port. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { assert, present } from "../../actors/assert.ts";
import { connectNats, type NatsBus, type NatsOptions } from "../../actors/bus/nats.ts";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { freePort } from "../../deploy/free-port.ts";
import { type Certificate, makeAuthority, makeCertificate } from "./certificates.ts";
import { requireService } from "./services.ts";

const CONFIGURATION = join(import.meta.dir, "../../deploy/nats/nats-server.conf");

/** On a machine that has other things to do. */
const START_MS_MAX = 10_000;

/** The users of the configuration, and who each of them is in subjects. */
const CALLERS = {
  edge: "edge",
  actors: "actors",
  workers: "workers",
  all: "all",
  internal: "internal-desk",
  observer: "observer",
} as const;

export type NatsUser = keyof typeof CALLERS;

/** Ends the server and removes its folder once the process that started it is gone, however it went. */
const KEEPER = `
while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 0.5; done
kill -0 "$1" 2>/dev/null || { kill -9 "$2" 2>/dev/null; rm -rf "$3"; }`;

export interface NatsServerOptions {
  /** Switches the configuration's TLS section on, with certificates of the server's own; clients must show one, too. */
  readonly tls?: boolean;
}

export class NatsServer {
  readonly folder = mkdtempSync(join(tmpdir(), "pigonair-nats-"));
  readonly port = freePort();
  /** What a client is known by, and the authority, when it speaks TLS. */
  readonly tls: (Required<Certificate> & { readonly ca: string }) | null = null;
  readonly #configuration: string = CONFIGURATION;
  #passwords = Object.fromEntries(Object.keys(CALLERS).map((user) => [user, password()]));
  #process: Subprocess | null = null;

  private constructor({ tls = false }: NatsServerOptions) {
    if (!tls) return;
    const authority = makeAuthority(this.folder);
    makeCertificate(this.folder, "server", authority);
    this.tls = { ...makeCertificate(this.folder, "client", authority), ca: authority.cert };
    this.#configuration = join(this.folder, "nats-server.conf");
  }

  /** Starts a server; {@link remove} ends it. */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(options);
    if (server.tls !== null) writeFileSync(server.#configuration, await withTls(server.folder));
    await server.restart();
    return server;
  }

  /** As the program's setting names it. */
  url(user: NatsUser, port = this.port): string {
    return `${this.tls === null ? "nats" : "tls"}://${user}:${this.passwordOf(user)}@127.0.0.1:${port}`;
  }

  passwordOf(user: NatsUser): string {
    return present(this.#passwords[user], `the password of ${user}`);
  }

  get pid(): number {
    return present(this.#process, "the server runs").pid;
  }

  /** A bus of that user. */
  connect(user: NatsUser, options: Partial<NatsOptions> = {}): Promise<NatsBus> {
    return connectNats({
      url: this.url(user),
      caller: CALLERS[user],
      ...(this.tls === null ? {} : { tls: this.tls }),
      clock: systemClock(),
      entropy: systemEntropy(),
      telemetry: silent,
      ...options,
    });
  }

  /** It takes nothing and says nothing, until {@link resume}; the connections stay. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  /** Ends it without any word, as a power failure does. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
    this.#process = null;
  }

  /** Starts it again at the same port, with what JetStream kept on disk. @param users a server whose passwords it takes from then on */
  async restart(users: NatsServer = this): Promise<void> {
    await this.kill();
    const program = present(requireService("nats-server"), "the suite is left out without it");
    const at = ["-a", "127.0.0.1", "-p", String(this.port), "-sd", this.folder];
    this.#passwords = users.#passwords;
    const passwords = Object.entries(this.#passwords).map(([user, secret]) => [
      `${user.toUpperCase()}_PASSWORD`,
      secret,
    ]);
    const started = Bun.spawn([program, "-c", this.#configuration, ...at], {
      env: { ...process.env, ...Object.fromEntries(passwords) },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    this.#process = started;
    Bun.spawn(["sh", "-c", KEEPER, "keeper", String(process.pid), String(started.pid), this.folder], {
      stdio: ["ignore", "ignore", "ignore"],
    }).unref();
    await serverIsReady(started.stderr);
  }

  /** Stops it, and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function serverIsReady(output: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  const reader = output.getReader();
  const timer = setTimeout(() => void reader.cancel(), START_MS_MAX);
  let said = "";
  while (!said.includes("Server is ready")) {
    const { done, value } = await reader.read();
    assert(!done, () => `the server starts: ${said}`);
    said += decoder.decode(value, { stream: true });
  }
  clearTimeout(timer);
  // What it says from now on is read by nobody, and must not fill the pipe.
  void (async () => {
    while (!(await reader.read()).done);
  })();
}

/** The configuration with its TLS section as an operator would switch it on. */
async function withTls(folder: string): Promise<string> {
  const lines = (await Bun.file(CONFIGURATION).text()).split("\n");
  const begin = lines.indexOf("# tls {");
  const end = lines.indexOf("# }", begin);
  assert(begin >= 0 && end > begin, "the configuration has a TLS section to switch on");
  const section = lines.slice(begin, end + 1).map((line) => line.slice(2).replace("/etc/nats", folder));
  return [...lines.slice(0, begin), ...section, ...lines.slice(end + 1)].join("\n");
}

function password(): string {
  return `p${Buffer.from(systemEntropy().bytes(16)).toString("hex")}`;
}
