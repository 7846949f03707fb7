/** Owns the measure of the bus: commands a second from one process to another over NATS, each alone and gathered, beside a call within the process. */

import type { Answering } from "../actors/bus/bus.ts";
import { InProcessBus } from "../actors/bus/in-process.ts";
import type { NatsBus } from "../actors/bus/nats.ts";
import { connectNats } from "../actors/bus/nats.ts";
import { flightClient } from "../actors/client.ts";
import type { FlightId } from "../actors/domain/ids.ts";
import type { Reply } from "../actors/domain/reply.ts";
import { silent } from "../actors/telemetry.ts";
import { systemClock } from "../db/system-clock.ts";
import { systemEntropy } from "../db/system-entropy.ts";
import { NatsServer } from "../tests/support/given-nats.ts";

const IN_FLIGHT = (process.env.IN_FLIGHT ?? "1,64,256").split(",").map(Number);
const FLIGHTS = (process.env.FLIGHTS ?? "1,64").split(",").map(Number);
const WARM_MS = Number(process.env.WARM_MS ?? 1_000);
const RUN_MS = Number(process.env.RUN_MS ?? 3_000);

const ports = { clock: systemClock(), entropy: systemEntropy(), telemetry: silent };

function flightIds(count: number): FlightId[] {
  return Array.from({ length: count }, (_, number) => `BN-${number}-2030-01-31-ICN`);
}

/** What a hold is answered with, as long as a real answer. */
function replyFor(flightId: FlightId): Reply {
  const id = "0197f0c2-bbbb-7aaa-bbbb-000000000001";
  const total = { amount: 90_000, currency: "KRW" };
  const passengers = [{ type: "ADT" as const, seat: "12A" }];
  const member = "0197f0c2-aaaa-7aaa-bbbb-000000000001";
  const reservation = {
    id,
    pnr: "QK3X7M",
    flightId,
    member,
    status: "HELD" as const,
    passengers,
    total,
    expiresAtMs: 0,
  };
  return { ok: true, result: { kind: "reservation", reservation } };
}

/** Answers all of a turn's commands together, as a lane does after a commit. */
async function own(bus: NatsBus | InProcessBus): Promise<void> {
  let waiting: { answer: Answering; reply: Reply }[] = [];
  const answerAll = (): void => {
    const ready = waiting;
    waiting = [];
    for (const { answer, reply } of ready) answer({ ok: true, reply, isReplay: false });
  };
  for (let shard = 0; shard < 256; shard++) {
    await bus.serve(shard, (command, answer) => {
      if (waiting.length === 0) setImmediate(answerAll);
      waiting.push({ answer, reply: replyFor(command.flightId) });
    });
  }
}

interface Measured {
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of this process: the caller, and within the process the owner as well. */
  readonly cpuUsEach: number;
}

async function measure(
  bus: NatsBus | InProcessBus,
  gathers: boolean,
  inFlight: number,
  flights: number,
): Promise<Measured> {
  const client = flightClient(bus, ports.clock, ports.entropy, { gathers, attemptMs: 10_000 });
  const ids = flightIds(flights);
  let sequence = 0;
  let isOver = false;
  let isMeasured = false;
  const latencies: number[] = [];
  const loop = async (): Promise<void> => {
    while (!isOver) {
      const beganMs = performance.now();
      const number = sequence++;
      await client.call({
        flightId: ids[number % flights] ?? "",
        op: "hold",
        args: { passengers: [{ name: "Load Test", type: "ADT", seat: "12A" }] },
        member: "0197f0c2-aaaa-7aaa-bbbb-000000000001",
        key: `key-${number}`,
        fingerprint: "0123456789abcdefghijkl",
      });
      if (isMeasured) latencies.push(performance.now() - beganMs);
    }
  };
  const loops = Array.from({ length: inFlight }, loop);
  await Bun.sleep(WARM_MS);
  isMeasured = true;
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await Bun.sleep(RUN_MS);
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = performance.now() - startedMs;
  isOver = true;
  const count = latencies.length;
  await Promise.all(loops);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  return {
    ratePerSecond: (count / tookMs) * 1_000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuUsEach: (user + system) / count,
  };
}

function line(name: string, { ratePerSecond, p50Ms, p99Ms, cpuUsEach }: Measured, beside: string): void {
  const rate = Math.round(ratePerSecond).toLocaleString("en").padStart(9);
  const latency = `p50 ${p50Ms.toFixed(3).padStart(7)}  p99 ${p99Ms.toFixed(3).padStart(7)} ms`;
  console.log(`${name.padEnd(22)}${rate}/s  ${latency}  CPU ${cpuUsEach.toFixed(1).padStart(6)} µs  ${beside}`);
}

async function main(): Promise<void> {
  const server = await NatsServer.start();
  const child = Bun.spawn([process.execPath, import.meta.path, "owner", server.url("actors")], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const bus = await server.connect("edge");
  try {
    await child.stdout.getReader().read();
    const within = new InProcessBus();
    await own(within);
    for (const inFlight of IN_FLIGHT) {
      for (const flights of FLIGHTS) {
        console.log(`${inFlight} in flight, ${flights} flights`);
        line("  within the process", await measure(within, false, inFlight, flights), "");
        const alone = await measure(bus, false, inFlight, flights);
        line("  NATS, each alone", alone, "");
        const gathered = await measure(bus, true, inFlight, flights);
        line(
          "  NATS, gathered",
          gathered,
          `${(gathered.ratePerSecond / alone.ratePerSecond).toFixed(2)} of each alone`,
        );
      }
    }
  } finally {
    child.kill();
    await bus.close();
    await server.remove();
  }
}

const [role, url = ""] = process.argv.slice(2);
if (role === "owner") {
  await own(await connectNats({ url, caller: "actors", ...ports }));
  console.log("serving");
} else {
  await main();
  process.exit(0);
}
