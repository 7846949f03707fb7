/** Goal: each measure of a part alone runs to its end, and says what it has measured. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { describeWithService } from "../support/services.ts";

const ROOT = join(import.meta.dir, "../..");
const SHORT = { WARM_MS: "50", RUN_MS: "200", ROUNDS: "1" };

setDefaultTimeout(60_000);

/** What it printed, without figures: each number is an N. */
async function linesOf(name: string, settings: Readonly<Record<string, string>>): Promise<string[]> {
  const child = Bun.spawn([process.execPath, `bench/${name}.ts`], {
    cwd: ROOT,
    env: { ...process.env, ...SHORT, ...settings },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect([exitCode, err]).toEqual([0, ""]);
  expect(out).not.toMatch(/NaN|undefined|error/i);
  return out
    .trimEnd()
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/\d+(?:[.,]\d+)*/g, "N")
        .replaceAll(/ +/g, " ")
        .trim(),
    );
}

test("core: bare inserts, holds and refusals", async () => {
  expect(await linesOf("core", { IN_FLIGHT: "4" })).toEqual([
    "N flights of N seats, SQLite with synchronous=FULL",
    "bare inserts N in flight N/s pN N ms pN N ms",
    "holds N in flight N/s pN N ms pN N ms N of the bare inserts",
    "refusals N in flight N/s pN N ms pN N ms N times the holds",
  ]);
});

test("http: the edge alone, holds and refusals, and what the doctor says", async () => {
  const [alone, holds, refusals, doctor] = await linesOf("http", { CONNECTIONS: "4", FLIGHTS: "2" });
  expect(alone).toStartWith('the edge alone N N/s pN N pN N ms CPU µs: edge N, load N {"N":N}');
  expect(holds).toBe('holds, N flights N N/s pN N pN N ms CPU µs: server N, load N {"N":N} N of the edge alone');
  expect(refusals).toEndWith('{"N":N} N of the edge alone');
  expect(doctor).toBe("Clean: N flights, N journal entries, N reservations.");
});

test("memory: flights known, holds and refusals under their keys", async () => {
  expect(await linesOf("memory", { KNOWN: "20", ACTIVE: "10" })).toEqual([
    "the program alone N MB",
    "N flights of N seats known N MB",
    "N active: N holds under their keys N MB",
    "and N refusals under theirs N MB",
  ]);
});

describeWithService("mariadbd", "with MariaDB", () => {
  test("commits: batches on both databases", async () => {
    const figures = '{"commitsPerS":N,"holdsPerS":N,"pNMs":N,"pNMs":N,"cpuUsPerHold":N}';
    expect(await linesOf("commits", { HOLDS: "3" })).toEqual([
      `SQLite N holds a batch ${figures}`,
      `MySQL N holds a batch ${figures}`,
    ]);
  });
});

describeWithService("nats-server", "with NATS", () => {
  test("bus: within the process, each alone and gathered", async () => {
    expect(await linesOf("bus", { IN_FLIGHT: "4", FLIGHTS: "2" })).toEqual([
      "N in flight, N flights",
      "within the process N/s pN N pN N ms CPU N µs",
      "NATS, each alone N/s pN N pN N ms CPU N µs",
      "NATS, gathered N/s pN N pN N ms CPU N µs N of each alone",
    ]);
  });
});

describeWithService("redis-server", "with Redis", () => {
  test("room: joins beside the bare script, and the status beside a constant", async () => {
    const lines = await linesOf("room", { CONNECTIONS: "4", ONLY: "joins,status" });
    expect(lines[0]).toMatch(/^the bare script N N\/s$/);
    expect(lines[1]).toStartWith("joins through HTTP N N/s");
    expect(lines[2]).toMatch(/^joins at N, of the bare script: N of N \(at least N\) (NOT )?REACHED$/i);
    expect(lines.slice(3).map((line) => line.split(" N")[0])).toEqual(["a constant", "the room's status", "status at"]);
  });
});
