/** Owns the measure through HTTP: durable holds a second, as a share of a route that only checks the token and validates the body. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { openSqlite } from "../db/open.ts";
import { systemClock } from "../db/system-clock.ts";
import { systemEntropy } from "../db/system-entropy.ts";
import { AccessTokens } from "../http/accounts/access-tokens.ts";
import { MemoryRevocations } from "../http/accounts/revocations.ts";
import { signingKeysIn } from "../http/accounts/signing-keys.ts";
import { publishPlan } from "../tests/support/given-host.ts";
import { benchPlan, LARGE_PLAN } from "./large-flight.ts";
import type { HoldsOptions } from "./load/holds.ts";
import type { CpuTime, LoadResult } from "./load/result.ts";
import { runLoad } from "./load/run.ts";

const CONNECTIONS = (process.env.CONNECTIONS ?? "1,8,64,256").split(",").map(Number);
const FLIGHTS = Number(process.env.FLIGHTS ?? 8);
const MEMBERS = 4_000;
const WARM_MS = 4_000;
const RUN_MS = 4_000;

interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a program that prints its address as part of its first lines. */
async function start(
  command: readonly string[],
  env: Record<string, string>,
  address: RegExp,
): Promise<Running & { readonly line: string }> {
  const program = Bun.spawn([...command], { env: { ...process.env, ...env }, stdout: "pipe", stderr: "inherit" });
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of program.stdout) {
    text += decoder.decode(part, { stream: true });
    const found = address.exec(text);
    if (found === null || !text.endsWith("\n")) continue;
    return {
      url: present(found[1], "an address"),
      pid: program.pid,
      line: text,
      async stop() {
        program.kill("SIGTERM");
        await program.exited;
      },
    };
  }
  throw new Error(`${command.join(" ")} ended before it served: ${text}`);
}

async function makeTokens(dataDir: string): Promise<string[]> {
  const clock = systemClock();
  const entropy = systemEntropy();
  const revocations = new MemoryRevocations(clock, 1);
  const tokens = new AccessTokens({ keys: await signingKeysIn(dataDir), revocations, clock, entropy });
  return Promise.all(
    Array.from({ length: MEMBERS }, () => tokens.issue({ id: entropy.uuid(), role: "MEMBER" }, entropy.uuid())),
  );
}

function usEach(time: CpuTime | null | undefined, requests: number): string {
  return time === null || time === undefined ? "?" : (((time.userMs + time.systemMs) * 1_000) / requests).toFixed(1);
}

function line(name: string, connections: number, result: LoadResult, pid: number, beside?: LoadResult): void {
  const { ratePerSecond, p50Ms, p99Ms, byStatus, errors, cpu, requests } = result;
  const share = beside === undefined ? "" : `${(ratePerSecond / beside.ratePerSecond).toFixed(3)} of the edge alone`;
  console.log(
    `${name.padEnd(20)} ${String(connections).padStart(4)} ${Math.round(ratePerSecond).toLocaleString("en").padStart(8)}/s  p50 ${p50Ms.toFixed(2)}  p99 ${p99Ms.toFixed(2)} ms  ` +
      `CPU server ${usEach(cpu.watched[pid], requests)} load ${usEach(cpu.self, requests)} µs  ${JSON.stringify(byStatus)}${errors > 0 ? ` ${errors} errors` : ""}  ${share}`,
  );
}

async function load(running: Running, connections: number, options: HoldsOptions): Promise<LoadResult> {
  return runLoad({
    url: running.url,
    connections,
    warmUpMs: WARM_MS,
    durationMs: RUN_MS,
    plan: join(import.meta.dir, "load/holds.ts"),
    options,
    watchPids: [running.pid],
  });
}

const main = join(import.meta.dir, "../main.ts");
for (const connections of CONNECTIONS) {
  const baseline = await start(
    [process.execPath, join(import.meta.dir, "baseline.ts"), "--port", "0"],
    {},
    /"url":"([^"]+)"/,
  );
  const { tokens } = JSON.parse(baseline.line) as { tokens: string[] };
  const alone = await load(baseline, connections, { flights: [benchPlan(0).flightId], tokens, keyPrefix: "b-" });
  line("the edge alone", connections, alone, baseline.pid);
  await baseline.stop();

  const dataDir = mkdtempSync(join(tmpdir(), "pigonair-http-"));
  const env = {
    DATA_DIR: dataDir,
    PORT: "0",
    SANDBOX_PORT: "0",
    LOG_LEVEL: "warn",
    ADDRESS_LIMITS: "off",
    SEATS_PER_MEMBER: "100000",
    KEYS_PER_MEMBER: "100000",
    KEYS_PER_FLIGHT: "10000000",
  };
  try {
    const db = await openSqlite(join(dataDir, "pigonair.sqlite"));
    for (let number = 0; number < FLIGHTS; number++) await publishPlan(db, benchPlan(number));
    await db.close();
    const members = await makeTokens(dataDir);
    const server = await start([process.execPath, main], env, /serves at (http:\S+)/);
    const flights = Array.from({ length: FLIGHTS }, (_, number) => benchPlan(number).flightId);
    const named = LARGE_PLAN.seats.map(({ seat }) => seat);
    const holds = await load(server, connections, { flights, tokens: members, seats: named, keyPrefix: "h-" });
    line(`holds, ${FLIGHTS} flights`, connections, holds, server.pid, alone);
    const refusals = await load(server, connections, {
      flights: flights.slice(0, 1),
      tokens: members,
      seats: ["1A"],
      keyPrefix: "r-",
    });
    line("refusals, one flight", connections, refusals, server.pid, alone);
    await server.stop();
    const doctor = Bun.spawnSync([process.execPath, main, "doctor"], { env: { ...process.env, ...env } });
    console.log(doctor.stdout.toString().trim().split("\n").at(-1));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
