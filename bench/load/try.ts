/** Owns the table that shows what the load generator costs beside the server that it drives: `bun bench/load/try.ts`. */
import type { HoldsOptions } from "./holds.ts";
import type { CpuTime } from "./result.ts";
import { runLoad } from "./run.ts";

const CONNECTIONS = [1, 8, 64, 256];
const WARM_UP_MS = 1000;
const DURATION_MS = 3000;

const server = Bun.spawn([process.execPath, `${import.meta.dir}/../baseline.ts`, "--port", "0"], { stdout: "pipe" });
try {
  const { url, tokens } = JSON.parse(await firstLine(server.stdout));
  const options: HoldsOptions = { flights: ["PA-101-20260601"], tokens, keyPrefix: "try-" };
  const rows = [];
  for (const connections of CONNECTIONS) {
    const result = await runLoad({
      url,
      connections,
      warmUpMs: WARM_UP_MS,
      durationMs: DURATION_MS,
      plan: `${import.meta.dir}/holds.ts`,
      options,
      watchPids: [server.pid],
    });
    const { cpu, requests } = result;
    const served = cpu.watched[server.pid] ?? null;
    rows.push({
      connections,
      "requests/s": Math.round(result.ratePerSecond),
      "p50 ms": result.p50Ms,
      "p99 ms": result.p99Ms,
      "p99.9 ms": result.p999Ms,
      "max ms": result.maxMs,
      statuses: JSON.stringify(result.byStatus),
      errors: result.errors,
      "load µs/request": usEach(cpu.self, requests),
      "server µs/request": usEach(served, requests),
      "load/server": served && ratio(cpu.self, served),
    });
  }
  console.table(rows);
} finally {
  server.kill();
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of stream) {
    text += decoder.decode(part, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split("\n", 1)[0] ?? "";
}

function usEach(time: CpuTime | null, requests: number): string {
  if (time === null) return "?";
  const us = (ms: number) => ((ms * 1000) / requests).toFixed(1);
  return `${us(time.userMs + time.systemMs)} (user ${us(time.userMs)})`;
}

function ratio(a: CpuTime, b: CpuTime): string {
  return ((a.userMs + a.systemMs) / (b.userMs + b.systemMs)).toFixed(2);
}
