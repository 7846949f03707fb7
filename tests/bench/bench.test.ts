/**
 * Goal: the whole bench runs against real servers, its numbers add up, its report opens without a network, it knows when it is told nonsense, and
 * stopped half-way it leaves nothing.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PeerName, targetsOf } from "../../bench/compare/ratios.ts";
import type { Cell, CellResult } from "../../bench/compare/rounds.ts";
import { readOptions } from "../../bench/options.ts";
import { missingNumbers } from "../../bench/report/complete.ts";
import { csvOf } from "../../bench/report/csv.ts";
import { markup } from "../../bench/report/markup.ts";
import type { Report } from "../../bench/report/model.ts";
import { barPlot } from "../../bench/report/plot/bars.ts";
import { resultsOf } from "../../bench/report/results.ts";
import { writeReport } from "../../bench/report/write.ts";
import { scratchFolder } from "../../bench/rig/scratch.ts";
import { processesIn } from "../support/processes.ts";
import { describeWithServices } from "../support/services.ts";

setDefaultTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "pigonair-bench-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWithServices(["mariadbd", "nats-server", "redis-server"], "bun run bench --quick", () => {
  test("every acknowledged hold is confirmed, every arrival accounted for, and the report is whole", async () => {
    const main = join(import.meta.dir, "../../bench/main.ts");
    const args = ["--quick", "--only", "shares,hot,refused,sale", "--report", folder];
    const child = Bun.spawn([process.execPath, main, ...args], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
    const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as Report;
    expect({ failures: report.failures, exitCode, err: err.split("\n", 3) }).toEqual({
      failures: [],
      exitCode: 0,
      err: [""],
    });
    expect(out).toContain("Flash sale");

    expect(report.ladders.map(({ name }) => name)).toEqual(["hot", "refused"]);
    for (const { name, steps, peak } of report.ladders) {
      for (const { measure } of steps) {
        const { arrivals, requests, errors, notSent, byStatus, acks } = measure.load;
        expect(requests + errors + notSent).toBe(arrivals);
        expect(measure.proof).toEqual({ acknowledged: acks.count, confirmed: acks.count, wrong: [] });
        // Those of the warm-up are acknowledged as well, and not counted.
        expect(acks.count).toBeGreaterThanOrEqual(byStatus["201"] ?? 0);
        if (name === "hot") expect(byStatus["201"]).toBe(requests);
      }
      if (name === "refused") {
        const { "201": held = 0, "409": refused = 0 } = peak.load.byStatus;
        expect(refused / (held + refused)).toBeCloseTo(0.95, 1);
      }
    }
    const rows = report.shares?.rows ?? [];
    expect(new Set(rows.map(({ contender, connections }) => `${contender}-${connections}`))).toEqual(
      new Set([
        ...["edge-alone-8", "many-8", "hot-8", "two-hosts-8", "edge-alone-32", "many-32", "hot-32", "two-hosts-32"],
        ...["taken-32", "lone-1"],
      ]),
    );
    for (const { contender, perSecond, ofEdgeAlone, rounds } of rows) {
      expect(perSecond).toBeGreaterThan(0);
      expect(ofEdgeAlone === null).toBe(contender === "lone");
      for (const { acknowledged, confirmed } of rounds) {
        expect(confirmed).toBe(acknowledged);
        if (contender === "taken") expect(acknowledged).toBe(1);
        else expect(acknowledged > 0).toBe(contender !== "edge-alone");
      }
    }
    const { sale, doctor, targets } = report;
    expect(sale?.result.joined).toBe(sale?.people);
    // How fast a machine is that has other things to do is no matter here.
    const missed = targets.filter(({ isReached }) => !isReached).map(({ what }) => what);
    expect(missed.filter((what) => !what.startsWith("a lone request"))).toEqual([]);
    expect(doctor.map(({ isClean }) => isClean)).toEqual([true]);

    const page = readFileSync(join(folder, "report.html"), "utf8");
    expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
    expect(page).toContain("<svg");
    expect(readFileSync(join(folder, "open-loop.csv"), "utf8").trim().split("\r\n").length).toBe(1 + 2 * 2);
    const results = resultsOf(report);
    for (const title of ["The flash sale", "Share of the edge alone", "A lone request, hop by hop"]) {
      expect(results).toContain(`## ${title}`);
      expect(page).toContain(`>${title}</h`);
    }
    expect(readFileSync(join(folder, "lone-request.csv"), "utf8").trim().split("\r\n").length).toBe(1 + 6);

    // A number that got lost is a failure, wherever it was.
    const lost = structuredClone(report) as { ladders: { peakPerSecond: number }[] } & Report;
    Object.assign(lost.ladders[0] ?? {}, { peakPerSecond: Number.NaN });
    expect(missingNumbers(lost)).toEqual(["ladders[0].peakPerSecond"]);
  });

  test("on Ctrl-C it stops all that it has started, and leaves nothing", async () => {
    const surroundings = mkdtempSync(join(folder, "stopped-"));
    const main = join(import.meta.dir, "../../bench/main.ts");
    const child = Bun.spawn([process.execPath, main, "--quick", "--only", "shares", "--report", folder], {
      env: { ...process.env, TMPDIR: surroundings },
      stdout: "pipe",
      stderr: "inherit",
    });
    let out = "";
    // When its servers run and its first measure is not over; and once more, as a script runner says again what the terminal has said.
    const cues = ["a host of flights", "stopping"];
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      out += part;
      if (cues[0] === undefined || !out.includes(cues[0])) continue;
      cues.shift();
      child.kill("SIGINT");
    }
    expect({ exitCode: await child.exited, last: out.trimEnd().split("\n").at(-1) }).toEqual({
      exitCode: 130,
      last: "stopping",
    });
    expect(readdirSync(surroundings)).toEqual([]);
    expect(processesIn(surroundings)).toEqual([]);
  });
});

describeWithServices(["mariadbd", "nats-server", "redis-server"], "bun run bench, before it has begun", () => {
  const main = join(import.meta.dir, "../../bench/main.ts");

  test("a folder where no report can be written is refused at once, by its name", async () => {
    const surroundings = mkdtempSync(join(tmpdir(), "pigonair-report-"));
    const file = join(surroundings, "file");
    writeFileSync(file, "");
    // One is a file, and in the other nobody can make a file, whoever it is.
    for (const folder of [file, "/proc"]) {
      const child = Bun.spawn([process.execPath, main, "--quick", "--only", "hot", "--report", folder], {
        env: { ...process.env, TMPDIR: surroundings },
        stdout: "pipe",
        stderr: "pipe",
      });
      const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      expect({ out, exitCode }).toEqual({ out: "", exitCode: 1 });
      expect(err).toStartWith(`--report can't be written to ${folder}: `);
    }
    rmSync(surroundings, { recursive: true });
  });

  test.each([
    ["SIGINT", "has just begun", ""],
    ["SIGHUP", "makes its database", "cluster/mariadb/data.half"],
    ["SIGTERM", "starts its servers", "cluster/mariadb/data"],
    ["SIGHUP", "makes its tables", "cluster/data"],
  ] as const)("on %s when it %s, it leaves nothing", async (signal, _, made) => {
    const surroundings = mkdtempSync(join(tmpdir(), "pigonair-early-"));
    const child = Bun.spawn([process.execPath, main, "--only", "hot", "--report", join(surroundings, "report")], {
      env: { ...process.env, TMPDIR: surroundings },
      stdout: "pipe",
      stderr: "inherit",
    });
    const hasCome = () =>
      readdirSync(surroundings).some(
        (own) => own.startsWith("pigonair-bench-") && existsSync(join(surroundings, own, made)),
      );
    while (!hasCome() && child.exitCode === null) await Bun.sleep(1);
    child.kill(signal);
    expect(await child.exited).toBe(130);
    expect(readdirSync(surroundings)).toEqual(["report"]);
    expect(processesIn(surroundings)).toEqual([]);
    rmSync(surroundings, { recursive: true });
  });
});

test("readOptions() names what it does not know", () => {
  expect(readOptions(["--only", "hot,cold"])).toEqual({ kind: "wrong", why: expect.stringContaining("not cold") });
  expect(readOptions(["--rounds", "0"])).toEqual({ kind: "wrong", why: "--rounds must be a number from 1" });
  expect(readOptions(["--fast"]).kind).toBe("wrong");
  expect(readOptions(["--report", ""])).toEqual({ kind: "wrong", why: "--report must be a folder" });
  expect(readOptions(["--peers", "one-trip,one_trip"])).toEqual({
    kind: "wrong",
    why: expect.stringMatching(/^--peers knows none, flight-lock, .*; not one_trip$/),
  });
  expect(readOptions(["--help"])).toEqual({ kind: "help" });
  const reading = readOptions(["--quick", "--peers", "none", "--seed", "7"]);
  expect(reading).toMatchObject({ kind: "run", options: { peers: [], seed: 7, scale: { name: "quick" } } });
});

test("a target is asked of those who were compared, and is missed only where one of them was not measured", () => {
  const cell = {
    name: "hot",
    title: "one hot flight",
    order: "in-turn",
    connections: 256,
    holdShare: 1,
  } as unknown as Cell;
  const resultOf = (contestant: string, perSecond: number) =>
    ({ cell: "hot", contestant, perSecond }) as unknown as CellResult;
  const asked = (...peers: PeerName[]) =>
    targetsOf("cluster", [cell], [resultOf("cluster", 300), resultOf("one-trip", 100)], peers).map(
      ({ what, measured }) => [what.split(", ").at(-1), measured],
    );
  expect(asked()).toEqual([]);
  expect(asked({ name: "redis-later", isDurable: false })).toEqual([]);
  expect(asked({ name: "one-trip", isDurable: true })).toEqual([["times the best durable peer", 3]]);
  expect(asked({ name: "flight-lock", isDurable: true })).toEqual([
    ["times the best durable peer", null],
    ["times flight-lock", null],
  ]);
});

test("what stands beside a bar has room within its plot, however long it is", () => {
  const WIDTH = 560;
  for (const text of ["1/s", "1,361/s, p99 66.5 ms", "114,361/s, p99 1,366 ms"]) {
    const bars = [{ label: "with it", value: 7, text, colour: "red", isStrong: true }];
    const [, x = ""] = /class="value strong" x="([\d.]+)"/.exec(barPlot("a plot", bars, 80, WIDTH).text) ?? [];
    // As wide as a bold figure of its size is at most.
    expect(Number(x) + 7.5 * text.length).toBeLessThanOrEqual(WIDTH);
  }
});

test("what comes into a report as text stays text", () => {
  expect(markup`<b>${'<i>"&'}</b>${markup`<br>`}`.text).toBe("<b>&lt;i&gt;&quot;&amp;</b><br>");
  expect(csvOf([["a,b", 'say "x"', 1.23456, null, true]])).toBe('"a,b","say ""x""",1.235,,true\r\n');
});

test("a run's databases are on a disk: what is flushed to memory is flushed for nothing", () => {
  expect(scratchFolder(["/nowhere", "/dev/shm", import.meta.dir])).toBe(import.meta.dir);
  expect(() => scratchFolder(["/dev/shm"])).toThrow("TMPDIR");
});

test("writeReport() leaves no table of a former run beside those of this one", () => {
  const report: Report = {
    ...{ startedAt: "2030-01-31T00:00:00Z", tookS: 1, command: "bun run bench", seed: 1 },
    ...{ comparison: null, shares: null, ladders: [], overload: null, sale: null, funnel: [], techniques: null },
    ...{ targets: [], doctor: [], parts: [], phases: [], resources: { atS: [], processes: [] }, failures: [] },
    machine: { cpu: "a", cores: 1, memoryGiB: 1, system: "Linux", versions: {} },
    version: 1,
    scale: "quick",
  };
  const former = join(folder, "former");
  writeReport(report, former);
  expect(readdirSync(former)).toContain("funnel.csv");
  writeFileSync(join(former, "notes.csv"), "mine");
  const written = writeReport({ ...report, funnel: null }, former);
  const left = readdirSync(former).filter((name) => !written.includes(join(former, name)));
  expect(left).toEqual(["notes.csv"]);
});

test("a report is refused by name when it is none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-results-"));
  const broken = join(folder, "broken.json");
  const other = join(folder, "other.json");
  writeFileSync(broken, '{"version": 1');
  writeFileSync(other, "null");
  const program = join(import.meta.dir, "../../bench/report/results.ts");
  for (const file of [broken, other, join(folder, "missing.json"), folder]) {
    const child = Bun.spawn([process.execPath, program, file], { stdout: "pipe", stderr: "pipe" });
    const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    expect({ out, exitCode }).toEqual({ out: "", exitCode: 1 });
    expect(err).toStartWith(`${file}: `);
    expect(err.trimEnd()).not.toContain("\n");
  }
  rmSync(folder, { recursive: true });
});
