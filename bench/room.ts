/**
 * Owns the measures of the waiting room, as ratios within one run: joins through HTTP beside the bare script, reads of the status beside a
 * route that returns a constant, what a million who wait cost, and what ten thousand streams do.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportPKCS8, generateKeyPair } from "jose";
import { createClient } from "redis";
import { present } from "../actors/assert.ts";
import { silent } from "../actors/telemetry.ts";
import { openSqlite } from "../db/open.ts";
import { RoomStateStore } from "../db/stores/room-state.ts";
import { systemClock } from "../db/system-clock.ts";
import { systemEntropy } from "../db/system-entropy.ts";
import { AccessTokens } from "../http/accounts/access-tokens.ts";
import { MemoryRevocations } from "../http/accounts/revocations.ts";
import { readSigningKeys } from "../http/accounts/signing-keys.ts";
import { openRedis } from "../queue/redis/redis.ts";
import { newSeed } from "../queue/room/draw/draw.ts";
import joinScript from "../queue/room/lua/join.lua" with { type: "text" };
import { RedisRoomStore } from "../queue/room/redis-room-store.ts";
import { changeRoom } from "../queue/room/room.ts";
import type { RoomId } from "../queue/room/room-store.ts";
import { givenPlan } from "../tests/support/given.ts";
import { publishPlan } from "../tests/support/given-host.ts";
import { RedisServer } from "../tests/support/given-redis.ts";
import { median } from "./compare/rounds.ts";
import type { LoadResult } from "./load/result.ts";
import { runLoad } from "./load/run.ts";
import { UNLIMITED } from "./rig/product.ts";
import { type Measured, type Pids, type Running, report, start, type Window } from "./support.ts";

const CONNECTIONS = (process.env.CONNECTIONS ?? "64,256").split(",").map(Number);
const ONLY = process.env.ONLY ?? "joins,status,million,streams";
const FLIGHTS = 40;
/** Fewer than the tokens that an edge remembers. */
const MEMBERS = 8_000;
const WARM_MS = Number(process.env.WARM_MS ?? 2_000);
const RUN_MS = Number(process.env.RUN_MS ?? 4_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const MILLION = 1_000_000;
const STREAMS = Number(process.env.STREAMS ?? 10_000);

const folder = mkdtempSync(join(tmpdir(), "pigonair-bench-"));
const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
const signingKey = await exportPKCS8(privateKey);
const clock = systemClock();
const entropy = systemEntropy();
const plans = Array.from({ length: FLIGHTS }, (_, number) => givenPlan({ flightId: `PG-${number}-ROOM` }));
const flights = plans.map(({ flightId }) => flightId);

/** Flights whose rooms are on. */
async function makeRooms(): Promise<void> {
  const db = await openSqlite(join(folder, "pigonair.sqlite"));
  const book = new RoomStateStore(db);
  const given = { nowMs: clock.nowMs(), seed: () => newSeed(entropy), beaconNameAt: () => null };
  for (const plan of plans) {
    const { flightId } = plan;
    await publishPlan(db, plan);
    await book.change(flightId, (current) => changeRoom(flightId, current, { mode: "on" }, given));
  }
  await db.close();
}

async function startProgram(redis: RedisServer): Promise<Running> {
  return await start(
    [process.execPath, join(import.meta.dir, "../main.ts")],
    {
      ...UNLIMITED,
      PORT: "0",
      SANDBOX_PORT: "0",
      DATA_DIR: folder,
      REDIS_URL: redis.url,
      TOKEN_SIGNING_KEY: signingKey,
    },
    /serves at (\S+)/,
  );
}

async function makeTokens(): Promise<string[]> {
  const revocations = new MemoryRevocations(clock, 1);
  const tokens = new AccessTokens({ keys: await readSigningKeys(signingKey), revocations, clock, entropy });
  return await Promise.all(
    Array.from({ length: MEMBERS }, () => tokens.issue({ id: entropy.uuid(), role: "MEMBER" }, entropy.uuid())),
  );
}

const WINDOW: Window = { warmUpMs: WARM_MS, durationMs: RUN_MS };

async function load(
  url: string,
  connections: number,
  plan: string,
  options: object,
  pids: Pids,
  window: Window = WINDOW,
): Promise<Measured> {
  const result = await runLoad({
    url,
    connections,
    ...window,
    plan: join(import.meta.dir, `load/${plan}.ts`),
    options,
    watchPids: Object.values(pids),
  });
  return { ...result, pids };
}

/** The script alone: one member a call, so many calls in flight over one client. */
async function bareJoins(redis: RedisServer, inFlight: number): Promise<number> {
  const client = createClient({ url: redis.url });
  await client.connect();
  const server = present(/run_id:(\w+)/.exec(await client.info("server"))?.[1], "a server has an id");
  const key = `room:{BARE-${inFlight}}`;
  await client.hSet(key, { server, epoch: "1", seq: "0", ceiling: "100000000" });
  const sha1 = await client.scriptLoad(joinScript);
  const keys = [key, `${key}:1:places`, `${key}:1:over`];
  let calls = 0;
  let isCounting = false;
  let isRunning = true;
  const worker = async (prefix: string): Promise<void> => {
    for (let at = 0; isRunning; at++) {
      await client.evalSha(sha1, {
        keys,
        arguments: [server, "1", "0", "0", `${prefix}${String(at).padStart(24, "0")}`, "0"],
      });
      if (isCounting) calls += 1;
    }
  };
  const workers = Array.from({ length: inFlight }, (_, at) => worker(`m-${String(at).padStart(9, "0")}-`));
  await Bun.sleep(WARM_MS);
  isCounting = true;
  const began = performance.now();
  await Bun.sleep(RUN_MS);
  isCounting = false;
  const rate = (calls * 1_000) / (performance.now() - began);
  isRunning = false;
  await Promise.all(workers);
  client.destroy();
  return rate;
}

function line(name: string, connections: number, rate: number): void {
  console.log(
    `${name.padEnd(30)} ${String(connections).padStart(4)} ${Math.round(rate).toLocaleString("en").padStart(8)}/s`,
  );
}

/** The median of the rounds: whatever else runs on the machine falls on one side of a ratio or the other. */
function share(name: string, ratios: readonly number[], target: number): void {
  const ratio = median(ratios);
  const all = ratios.map((each) => each.toFixed(2)).join(" ");
  console.log(
    `${name}: ${ratio.toFixed(3)} of ${all} (at least ${target}) ${ratio >= target ? "reached" : "NOT REACHED"}`,
  );
}

async function joins(redis: RedisServer): Promise<void> {
  const tokens = await makeTokens();
  for (const connections of CONNECTIONS) {
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await bareJoins(redis, connections);
      line("the bare script", connections, bare);
      await redis.empty();
      const program = await startProgram(redis);
      const pids = { edge: program.pid, redis: redis.pid };
      // The edge has seen every token: what is measured is joins, and no signatures.
      const [first = "", ...others] = flights;
      const seen = { warmUpMs: 0, durationMs: 60_000, requestsMax: MEMBERS };
      await load(program.url, connections, "room-joins", { flights: [first], tokens }, {}, seen);
      const result = await load(program.url, connections, "room-joins", { flights: others, tokens }, pids);
      report("joins through HTTP", connections, result);
      ratios.push(result.ratePerSecond / bare);
      await program.stop();
      await redis.empty();
    }
    share(`joins at ${connections}, of the bare script`, ratios, 0.6);
  }
}

async function status(redis: RedisServer): Promise<void> {
  const path = `/api/v1/flights/${flights[0]}/waiting-room`;
  for (const connections of CONNECTIONS) {
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const constant = await start([process.execPath, join(import.meta.dir, "constant.ts")], {}, /"url":"([^"]+)"/);
      const beside = await load(constant.url, connections, "reads", { path }, { edge: constant.pid });
      report("a constant", connections, beside);
      await constant.stop();
      const program = await startProgram(redis);
      const result = await load(program.url, connections, "reads", { path }, { edge: program.pid });
      report("the room's status", connections, result);
      ratios.push(result.ratePerSecond / beside.ratePerSecond);
      await program.stop();
    }
    share(`status at ${connections}, of a constant`, ratios, 0.8);
  }
}

function cpuUs(result: LoadResult, pid: number): number {
  const time = present(result.cpu.watched[pid], "the process is watched");
  return ((time.userMs + time.systemMs) * 1_000) / result.requests;
}

async function million(redis: RedisServer): Promise<void> {
  await redis.empty();
  const usedMb = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(String(await redis.run("INFO", "memory")))?.[1]) / 1_048_576;
  const path = `/api/v1/flights/${flights[0]}/waiting-room`;
  const connection = await openRedis(redis.url, { telemetry: silent, clock });
  const store = new RedisRoomStore(connection);
  const room: RoomId = { flightId: present(flights[0], "a flight"), epoch: 1 };
  const crowd = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at += 500) {
      const asks = Array.from({ length: Math.min(500, to - at) }, () => ({ member: entropy.uuid(), seq: null }));
      await store.join(room, asks, 0, 2 * MILLION);
    }
  };
  const costs: number[] = [];
  const before = await usedMb();
  const program = await startProgram(redis);
  await Bun.sleep(2_000);
  for (const [from, to] of [
    [0, 1_000],
    [1_000, MILLION],
  ] as const) {
    await crowd(from, to);
    await Bun.sleep(2_000);
    const result = await load(program.url, 64, "reads", { path }, { edge: program.pid, redis: redis.pid });
    report(`status, ${to.toLocaleString("en")} wait`, 64, result);
    costs.push(cpuUs(result, program.pid));
    console.log(`${to.toLocaleString("en")} who wait: ${((await usedMb()) - before).toFixed(1)} MB of Redis`);
  }
  const used = (await usedMb()) - before;
  console.log(`a million who wait: ${used.toFixed(1)} MB (below 200) ${used < 200 ? "reached" : "NOT REACHED"}`);
  const [few = 1, many = 1] = costs;
  console.log(`CPU of the status, a million beside a thousand: ${(many / few).toFixed(3)}`);
  await program.stop();
  connection.close();
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}

async function streams(redis: RedisServer): Promise<void> {
  await redis.empty();
  const program = await startProgram(redis);
  const { hostname, port } = new URL(program.url);
  const idle = residentMb(program.pid);
  const options = {
    hostname,
    port: Number(port),
    path: `/api/v1/flights/${flights[0]}/waiting-room/stream`,
    count: STREAMS,
  };
  const listeners = Bun.spawn([process.execPath, join(import.meta.dir, "load/listeners.ts"), JSON.stringify(options)], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = listeners.stdout.pipeThrough(new TextDecoderStream()).getReader();
  console.log(`streams: ${(await lines.read()).value?.trim()}`);
  // Everybody is told of each of these.
  const connection = await openRedis(redis.url, { telemetry: silent, clock });
  const store = new RedisRoomStore(connection);
  const room: RoomId = { flightId: present(flights[0], "a flight"), epoch: 1 };
  let peak = 0;
  for (let second = 0; second < 10; second++) {
    await store.join(room, [{ member: entropy.uuid(), seq: null }], 0, MILLION);
    await Bun.sleep(1_000);
    peak = Math.max(peak, residentMb(program.pid));
  }
  listeners.stdin.write("\n");
  await listeners.stdin.flush();
  console.log(`streams: ${(await lines.read()).value?.trim()}`);
  console.log(
    `${STREAMS} streams: the process has ${peak.toFixed(0)} MB, ${idle.toFixed(0)} without (below 400) ${peak < 400 ? "reached" : "NOT REACHED"}`,
  );
  listeners.kill();
  connection.close();
  await program.stop();
}

await makeRooms();
const redis = await RedisServer.start();
try {
  if (ONLY.includes("joins")) await joins(redis);
  if (ONLY.includes("status")) await status(redis);
  if (ONLY.includes("million")) await million(redis);
  if (ONLY.includes("streams")) await streams(redis);
} finally {
  await redis.remove();
  rmSync(folder, { recursive: true });
}
