/** Goal: each oha script asks a live server for what it says, marked with its run, and ends without a load where the server isn't right. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { Member, send } from "../process/member.ts";
import { GivenProgram } from "../support/given-program.ts";
import { describeWithService } from "../support/services.ts";
import type { Sent } from "./oha/stand-in.ts";

const FOLDER = join(import.meta.dir, "../../bench/oha");
const SCRIPTS = ["search", "seat-map", "hot-flight", "waiting-room"] as const;
const ADMIN = { ADMIN_EMAIL: "root@pigonair.example", ADMIN_PASSWORD: "a password of an operator" };

setDefaultTimeout(60_000);

const given = new GivenProgram(ADMIN);
/** Where the stand-in is found as `oha`. */
const bin = mkdtempSync(join(tmpdir(), "pigonair-oha-"));

async function runScript(name: string, settings: Readonly<Record<string, string>> = {}) {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn(["bash", join(FOLDER, `${name}.sh`)], {
    env: { PATH: `${bin}:${PATH}`, HOME, BASE_URL: given.url, RUN: "try-7", ...settings },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err, exitCode };
}

async function sentBy(name: string, settings?: Readonly<Record<string, string>>): Promise<Sent> {
  const { out, err, exitCode } = await runScript(name, settings);
  expect([exitCode, err]).toEqual([0, ""]);
  return JSON.parse(out) as Sent;
}

describeWithService("curl", "oha scripts", () => {
  beforeAll(async () => {
    const program = join(bin, "oha");
    writeFileSync(
      program,
      `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dir, "oha/stand-in.ts")}' "$@"\n`,
    );
    chmodSync(program, 0o755);
    await given.start();
  });
  afterAll(async () => {
    rmSync(bin, { recursive: true });
    await given.remove();
  });

  test("search.sh looks for flights of a route that there is", async () => {
    const sent = await sentBy("search", { DURATION: "7s", CONNECTIONS: "5", RATE: "40" });
    expect(sent).toMatchObject({ method: "GET", duration: "7s", connections: "5", rate: "40" });
    const { searchParams } = new URL(sent.url);
    for (const { status, text } of sent.answers) {
      const { items } = JSON.parse(text);
      expect([status, items.length > 0]).toEqual([200, true]);
      expect(items[0]).toMatchObject({
        origin: searchParams.get("origin"),
        destination: searchParams.get("destination"),
      });
    }
  });

  test("a name of a run that the server would not show is refused, and a slash after the host does no harm", async () => {
    for (const RUN of ["my run", "x".repeat(33), "한밤"])
      expect(await runScript("hot-flight", { RUN })).toMatchObject({
        out: "",
        err: expect.stringContaining("RUN must"),
        exitCode: 2,
      });
    const { url, answers } = await sentBy("seat-map", { BASE_URL: `${given.url}/` });
    expect(url).toStartWith(`${given.url}/api/v1/flights/`);
    expect(answers[0]?.status).toBe(200);
  });

  test("seat-map.sh looks at the seats of the flight that it is given, or of one that leaves soon", async () => {
    const { answers, rate } = await sentBy("seat-map");
    expect(rate).toBeUndefined();
    const { flightId, seats } = JSON.parse(present(answers[0], "an answer").text);
    expect([answers.map(({ status }) => status), seats.length > 0]).toEqual([[200, 200], true]);
    expect((await sentBy("seat-map", { FLIGHT: flightId })).url).toEndWith(`/flights/${flightId}/seats`);
  });

  test("hot-flight.sh holds one seat, and is told so again", async () => {
    const { method, answers } = await sentBy("hot-flight");
    expect([method, answers.map(({ status, isReplay }) => [status, isReplay])]).toEqual([
      "POST",
      [
        [201, false],
        [201, true],
      ],
    ]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test("waiting-room.sh asks how the line is, or for a place in it", async () => {
    const { body } = await send(given.url, "GET", "/api/v1/flights?size=1");
    const flight = present(body.items[0], "a flight").id;
    const root = await Member.logIn(given, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
    await root.send("PUT", `/api/v1/admin/flights/${flight}/waiting-room`, { body: { mode: "on" } });
    const looked = await sentBy("waiting-room", { FLIGHT: flight });
    for (const { status, text } of looked.answers) expect([status, JSON.parse(text).state]).toEqual([200, "open"]);
    const joined = await sentBy("waiting-room", { FLIGHT: flight, WHAT: "join" });
    expect(joined.answers.map(({ status, text }) => [status, JSON.parse(text).seq])).toEqual([
      [201, 1],
      [200, 1],
    ]);
    expect((await runScript("waiting-room", { WHAT: "leave" })).exitCode).toBe(2);
  });

  test("no script loads a server that is not right", async () => {
    const broken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json({}, { status: 500 }) });
    const empty = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => Response.json({ items: [] }) });
    try {
      for (const { url } of [broken, empty]) {
        const ran = await Promise.all(SCRIPTS.map((name) => runScript(name, { BASE_URL: url.origin })));
        expect(ran.map(({ exitCode, out }) => exitCode !== 0 && out === "")).toEqual(SCRIPTS.map(() => true));
      }
    } finally {
      await Promise.all([broken.stop(true), empty.stop(true)]);
    }
  });
});
