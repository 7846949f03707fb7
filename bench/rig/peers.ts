/** Owns how the bench runs a peer of `bench/peers/`: its own process on a database of its own, by the contract of peer.ts. */
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import type { PeerKind } from "../peers/peer.ts";
import { isPeerName, PEER_NAMES, PEERS, type PeerName } from "../peers/peers.ts";
import type { Contestant, FlightStock } from "./contestant.ts";
import { surroundings } from "./product.ts";
import type { Running } from "./running.ts";

const PROGRAM = join(import.meta.dir, "../peers/main.ts");

/** Making the tables and a million seats takes its time on a busy machine. */
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;

export interface PeerInfo extends Pick<PeerKind, "title" | "isDurable" | "needsSeatRows"> {
  readonly name: PeerName;
  /** Sizes of its pool to try, rising: around what it says was best for it. */
  readonly pools: readonly number[];
}

/** All peers, or those of these names. @throws Error that names whom nobody knows */
export function peersOf(names: readonly string[] | null): PeerInfo[] {
  return (names ?? PEER_NAMES).map((name) => {
    if (!isPeerName(name)) throw new Error(`there is no peer ${name}; there are ${PEER_NAMES.join(", ")}`);
    const { title, isDurable, needsSeatRows, pool } = PEERS[name];
    return { name, title, isDurable, needsSeatRows, pools: [...new Set([Math.ceil(pool / 2), pool, pool * 2])] };
  });
}

export interface PeerOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly signingKey: string;
  readonly flights: readonly string[];
}

/** Starts a peer with a pool of that size. @throws Error when it does not serve */
export async function startPeer(
  info: PeerInfo,
  pool: number,
  stock: FlightStock,
  options: PeerOptions,
  running: Running,
): Promise<Contestant> {
  const { databaseUrl, redisUrl, signingKey, flights } = options;
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const isGone = await Promise.race([child.exited.then(() => true), Bun.sleep(STOP_MS_MAX).then(() => false)]);
    if (!isGone) child.kill("SIGKILL");
    await child.exited;
  };
  running.add(stop);
  const child = Bun.spawn(
    [
      ...[process.execPath, PROGRAM, "--peer", info.name, "--pool", String(pool), "--flights", flights.join(",")],
      ...["--database", databaseUrl, "--redis", redisUrl],
    ],
    {
      env: { ...surroundings(), TOKEN_SIGNING_KEY: signingKey },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
      // Ctrl-C is for the bench, which then stops all in order.
      detached: true,
    },
  );
  const line = await Promise.race([firstLine(child.stdout), Bun.sleep(START_MS_MAX).then(() => null)]);
  if (line === null || !line.startsWith("{")) {
    await stop();
    throw new Error(`the peer ${info.name} does not serve${line ? `: ${line}` : ""}`);
  }
  const { url } = JSON.parse(line) as { url: string };
  return {
    name: info.name,
    title: info.title,
    kind: "peer",
    isDurable: info.isDurable,
    url,
    databaseUrl,
    claimsTable: info.needsSeatRows ? "seat" : "claim",
    pids: { [info.name]: present(child.pid, "it runs") },
    stock,
    metricsUrls: [],
    stop,
  };
}

/** The first line that a program prints; what it prints after it is thrown away. Null when it ends before. */
async function firstLine(output: ReadableStream<Uint8Array>): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  const reader = output.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text === "" ? null : text;
    text += decoder.decode(value, { stream: true });
    if (!text.includes("\n")) continue;
    const drain = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    drain().catch(() => {});
    return text.slice(0, text.indexOf("\n"));
  }
}
