/** Goal: `bun run cluster` needs to be told nothing: it starts in whatever folder it is run in, serves, stops on Ctrl-C, and goes on from there. */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster } from "../../deploy/cluster/cluster.ts";
import { mariadb } from "../../deploy/cluster/mariadb.ts";
import type { Server } from "../../deploy/cluster/server.ts";
import { freePort } from "../../deploy/free-port.ts";
import { ECHO_MS } from "../../deploy/stop-wish.ts";
import { processesIn } from "../support/processes.ts";
import { describeWithService, describeWithServices } from "../support/services.ts";
import { until } from "../support/until.ts";

const TEST_MS_MAX = 120_000;
setDefaultTimeout(TEST_MS_MAX);

const COMMAND = [process.execPath, join(import.meta.dir, "../../deploy/cluster/main.ts")];

/** On a machine that has other things to do. */
const START_MS_MAX = 60_000;

class RunningCluster {
  readonly #child;
  #said = "";

  constructor(cwd: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, ...settings };
    this.#child = Bun.spawn([...COMMAND, ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
    void this.#listen(this.#child.stdout);
    void this.#listen(this.#child.stderr);
  }

  /** Where it says that it serves. @throws Error with all that it said when it does not come to that */
  async url(): Promise<string> {
    const found = (): string | undefined => /^PigonAir serves at (\S+)$/m.exec(this.#said)?.[1];
    await until(() => found() !== undefined || this.#child.exitCode !== null, "the cluster", START_MS_MAX);
    const url = found();
    if (url === undefined) throw new Error(`the cluster ended:\n${this.#said}`);
    return url;
  }

  /** @throws Error with all that it said when it ends before */
  async says(words: string): Promise<void> {
    await until(() => this.#said.includes(words) || this.#child.exitCode !== null, words, START_MS_MAX);
    if (this.#child.exitCode !== null) throw new Error(`the cluster ended:\n${this.#said}`);
  }

  /** Asks for its processes to be started anew. */
  roll(): void {
    this.#child.kill("SIGUSR2");
  }

  /** As Ctrl-C does under a script runner, which passes on what the program was told already. @returns its exit code */
  async stop(): Promise<number> {
    await this.beginStop();
    this.#child.kill("SIGINT");
    return await this.#child.exited;
  }

  /** Resolves when it says that it stops. */
  async beginStop(): Promise<void> {
    this.#child.kill("SIGINT");
    await until(() => this.#said.endsWith("stopping\n") || this.#child.exitCode !== null, "stopping", START_MS_MAX);
  }

  /** @returns its exit code */
  async killed(signal: NodeJS.Signals): Promise<number> {
    this.#child.kill(signal);
    return await this.#child.exited;
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#said += decoder.decode(bytes, { stream: true });
  }
}

describeWithService("mariadbd", "a database of one's own", (program) => {
  const own = mkdtempSync(join(tmpdir(), "pigonair-command-"));
  afterAll(() => rmSync(own, { recursive: true }));

  /** @param more settings of the surroundings */
  function database(name: string, more: Readonly<Record<string, string>> = {}): Server {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, ...more };
    return mariadb({ program, folder: join(own, name), port: freePort(), password: "p", print: () => {}, env });
  }

  test("is made with its temporary tables in its own folder: another server that starts clears a shared one", async () => {
    const server = database("tmpdir", { TMPDIR: join(own, "nowhere") });
    await server.start();
    await server.stop();
  });

  test.each(["stop", "kill"] as const)(
    "is made anew after a %s in the midst of its making, which leaves nothing running",
    async (end) => {
      const server = database(end);
      const start = server.start();
      start.catch(() => {});
      // With tables in it.
      await until(() => existsSync(join(own, end, "data.half/mysql")), "a part of it");
      await server[end]();
      expect(start).rejects.toThrow("mariadb did not start");
      expect(processesIn(join(own, end))).toEqual([]);
      expect(existsSync(join(own, end, "data"))).toBe(false);

      await server.start();
      expect(existsSync(join(own, end, "data.half"))).toBe(false);
      await server.stop();
    },
  );
});

describeWithServices(["mariadbd", "nats-server", "redis-server"], "bun run cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-command-"));

  let cluster: RunningCluster | null = null;

  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true });
  });

  test("starts with its defaults, keeps everything below the folder that it is run in, and goes on from there", async () => {
    const ids: string[][] = [];
    for (let start = 0; start < 2; start++) {
      cluster = new RunningCluster(folder, ["--port", "0"]);
      const url = await cluster.url();
      const answer = await fetch(`${url}/api/v1/flights?origin=ICN&size=3`);
      const { items } = (await answer.json()) as { items: { id: string }[] };
      ids.push(items.map(({ id }) => id));
      expect(await cluster.stop()).toBe(0);
    }
    expect(ids[0]).toHaveLength(3);
    expect(ids[1]).toEqual(ids[0] ?? []);
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  test("tells of a port that is taken before it starts anything", async () => {
    const own = mkdtempSync(join(tmpdir(), "pigonair-command-"));
    const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("taken") });
    for (const option of ["--port", "--prometheus"]) {
      const args = option === "--port" ? [option, String(other.port)] : ["--port", "0", option, String(other.port)];
      const child = Bun.spawn([...COMMAND, ...args], { cwd: own, stdout: "pipe", stderr: "pipe" });
      const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      expect({ out, exitCode }).toEqual({ out: "", exitCode: 2 });
      expect(err).toContain(`${option} ${other.port} is taken`);
    }
    expect(readdirSync(own)).toEqual([]);
    await other.stop(true);
    rmSync(own, { recursive: true });
  });

  test("asks its processes where they listen, whatever the surroundings say of ports and hosts", async () => {
    const own = mkdtempSync(join(tmpdir(), "pigonair-command-"));
    const { PATH = "" } = process.env;
    const settings = { PATH, SANDBOX_PORT: "3999", HOST: "a-machine" };
    const made = Cluster.make({
      folder: own,
      host: "127.0.0.1",
      port: 0,
      edges: 1,
      actors: 1,
      settings,
      print() {},
    });
    expect(made.sandboxUrl).toBe("http://127.0.0.1:3999");
    expect(made.settings.HOST).toBe("127.0.0.1");
    rmSync(own, { recursive: true });
  });

  test("ends everything at once for whoever asks again", async () => {
    const own = mkdtempSync(join(tmpdir(), "pigonair-command-"));
    // It would drain for as long as that.
    cluster = new RunningCluster(own, ["--port", "0"], { DRAIN_MS: "60000" });
    const url = await cluster.url();
    await cluster.beginStop();
    await Bun.sleep(ECHO_MS + 500);
    const begunMs = performance.now();
    expect(await cluster.killed("SIGINT")).toBe(1);
    expect(performance.now() - begunMs).toBeLessThan(10_000);
    expect(processesIn(own)).toEqual([]);
    expect(fetch(url)).rejects.toThrow();
    rmSync(own, { recursive: true });
  });

  test("says which process did not start anew, goes on with the others, and leaves nothing behind when it is stopped", async () => {
    const own = mkdtempSync(join(tmpdir(), "pigonair-command-"));
    cluster = new RunningCluster(own, ["--port", "0"]);
    const url = await cluster.url();
    const data = join(own, "data/cluster/data");
    renameSync(data, `${data}-away`);
    writeFileSync(data, "no folder");
    cluster.roll();
    await cluster.says("actors-1 did not start");
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await cluster.stop()).toBe(0);
    expect(processesIn(own)).toEqual([]);
    rmSync(own, { recursive: true });
  });
});
