/** Owns throw-away Redis servers for tests: a folder and a port of their own, gone with the test file that started them. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { createClient } from "redis";
import { assert, present } from "../../actors/assert.ts";
import { freePort } from "../../deploy/free-port.ts";
import { requireService } from "./services.ts";

/** On a machine that has other things to do. */
const START_MS_MAX = 10_000;

/** Ends the server and removes its folder once the process that started it is gone, however it went. */
const KEEPER = `
while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 0.5; done
kill -0 "$1" 2>/dev/null || { kill -9 "$2" 2>/dev/null; rm -rf "$3"; }`;

export interface RedisServerOptions {
  /** Further options, such as `--appendonly yes`. @default nothing is kept on disk */
  readonly options?: readonly string[];
  /** Speaks TLS only, with a certificate of its own for 127.0.0.1. */
  readonly tls?: boolean;
}

export class RedisServer {
  readonly folder: string;
  readonly port: number;
  readonly #options: RedisServerOptions;
  #process: Subprocess | null = null;

  private constructor(options: RedisServerOptions) {
    this.folder = mkdtempSync(join(tmpdir(), "pigonair-redis-"));
    this.port = freePort();
    this.#options = options;
    if (options.tls === true) makeCertificate(this.folder);
  }

  /** Starts a server; {@link remove} ends it. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(options);
    await server.restart();
    return server;
  }

  /** As the program's setting names it. */
  get url(): string {
    return `redis${this.#options.tls === true ? "s" : ""}://127.0.0.1:${this.port}`;
  }

  /** Of the authority that signed its certificate, when it speaks TLS. */
  get caFile(): string {
    return join(this.folder, "ca.pem");
  }

  get pid(): number {
    return present(this.#process, "the server runs").pid;
  }

  /** Ends it without any word, as a power failure does. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
    this.#process = null;
  }

  /** Starts it again at the same port, with what it kept on disk: nothing, unless its options say otherwise. */
  async restart(): Promise<void> {
    await this.kill();
    const program = present(requireService("redis-server"), "the suite is left out without it");
    const listening = this.#options.tls === true ? tlsOptions(this.folder, this.port) : ["--port", String(this.port)];
    const process = Bun.spawn(
      [
        program,
        "--bind",
        "127.0.0.1",
        "--dir",
        this.folder,
        "--save",
        "",
        ...listening,
        ...(this.#options.options ?? []),
      ],
      { stdin: "ignore", stdout: "pipe", stderr: "ignore" },
    );
    this.#process = process;
    Bun.spawn(["sh", "-c", KEEPER, "keeper", String(globalThis.process.pid), String(process.pid), this.folder], {
      stdio: ["ignore", "ignore", "ignore"],
    }).unref();
    await readyToAccept(process.stdout);
  }

  /** Forgets everything, as an emptied server has; it goes on running. */
  async empty(): Promise<void> {
    await this.run("FLUSHALL");
  }

  /** One command, on a connection of its own. */
  async run(...command: readonly string[]): Promise<unknown> {
    const tls = this.#options.tls === true ? { tls: true as const, ca: await Bun.file(this.caFile).text() } : {};
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false, ...tls } });
    client.on("error", () => {});
    await client.connect();
    try {
      return await client.sendCommand([...command]);
    } finally {
      client.destroy();
    }
  }

  /** Stops it, and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function readyToAccept(output: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  const reader = output.getReader();
  const timer = setTimeout(() => void reader.cancel(), START_MS_MAX);
  let said = "";
  while (!said.includes("Ready to accept connections")) {
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

function tlsOptions(folder: string, port: number): string[] {
  const files = ["--tls-cert-file", "server.pem", "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.pem"];
  return [
    "--port",
    "0",
    "--tls-port",
    String(port),
    "--tls-auth-clients",
    "no",
    ...files.map((file) => pathIn(folder, file)),
  ];
}

function pathIn(folder: string, file: string): string {
  return file.startsWith("--") ? file : join(folder, file);
}

/** An authority, and a certificate for 127.0.0.1 that it signed. */
function makeCertificate(folder: string): void {
  const openssl = (...args: readonly string[]): void => {
    const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder });
    assert(exitCode === 0, () => `a certificate is made: ${stderr.toString()}`);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority");
  openssl(
    "req",
    ...key,
    "-keyout",
    "server.key",
    "-out",
    "server.csr",
    "-subj",
    "/CN=127.0.0.1",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
    "-out",
    "server.pem",
  );
  assert(existsSync(join(folder, "server.pem")), "the certificate is there");
}
