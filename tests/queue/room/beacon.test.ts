// Goal: a beacon is named before anybody can know its value, its value is taken from nowhere else, and an opening never waits for it for ever.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Timer } from "../../../actors/clock.ts";
import { systemClock } from "../../../db/system-clock.ts";
import type { Beacon } from "../../../queue/room/beacon/beacon.ts";
import { fetchRound } from "../../../queue/room/beacon/http-beacon.ts";
import { BEACON_FORM, openBeacon, QUICKNET } from "../../../queue/room/beacon/open-beacon.ts";
import { readRound } from "../../../queue/room/beacon/round.ts";
import { hexOf, sha256 } from "../../../queue/room/draw/hash.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { RecordingTelemetry } from "../../support/recording-telemetry.ts";
import { until } from "../../support/until.ts";

/** Round 1 of drand's first chain, as it is. */
const DRAND = {
  round: 1,
  randomness: "101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec",
  signature:
    "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20ff7bc3e09d7c046566c9f7f3c6f3b10104990e7cb424998203d8f7de586fb7fa5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2352b4655",
  previous_signature: "176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a",
};

const NOW_MS = Date.UTC(2030, 0, 1);
const telemetry = new RecordingTelemetry();
const { log } = telemetry;

beforeEach(() => telemetry.clear());

describe("readRound()", () => {
  test("takes a real round of drand, also from an address that leaves the randomness out", () => {
    const reading = (fields: object) => readRound(JSON.stringify(fields), 1);
    expect(reading(DRAND)).toEqual({ ok: true, randomness: Uint8Array.fromHex(DRAND.randomness) });
    const { randomness: _, ...newer } = DRAND;
    expect(reading(newer)).toEqual({ ok: true, randomness: Uint8Array.fromHex(DRAND.randomness) });
  });

  test.each([
    ["no JSON", "hello", "is no JSON object"],
    ["a list", "[]", "is about round undefined, not 1"],
    ["nothing", "null", "is no JSON object"],
    ["another round", { ...DRAND, round: 2 }, "is about round 2, not 1"],
    ["a round in words", { ...DRAND, round: "1" }, "is about round 1, not 1"],
    [
      "a randomness that is not the signature's",
      { ...DRAND, randomness: "00".repeat(32) },
      "not that of its signature",
    ],
    ["no signature", { round: 1, randomness: DRAND.randomness }, "has no signature"],
    ["a signature that is none", { ...DRAND, signature: "hello" }, "has no signature"],
  ])("refuses %s", (_what, given, problem) => {
    const reading = readRound(typeof given === "string" ? given : JSON.stringify(given), 1);
    expect(reading).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });
});

/** Each look sets one timer for itself, and one for the pause after it. */
class LookClock extends FakeClock {
  #timers = 0;

  override after(delayMs: number, call: () => void): Timer {
    this.#timers += 1;
    return super.after(delayMs, call);
  }

  /** The look of that number is over, and the next one is waited for. */
  paused(look: number): Promise<void> {
    return until(() => this.#timers === 2 * look && this.pending === 1, `the pause after look ${look}`);
  }
}

describe("a beacon over HTTP", () => {
  let server: Bun.Server<undefined>;
  let answer: (request: Request) => Response | Promise<Response>;
  let asked: string[];

  beforeEach(() => {
    asked = [];
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        asked.push(new URL(request.url).pathname);
        return answer(request);
      },
    });
  });
  afterEach(() => server.stop(true));

  const open = (clock = new FakeClock(NOW_MS)): Beacon =>
    openBeacon({ source: `${server.url}chain/public/{round}`, genesisS: NOW_MS / 1_000, periodS: 30, clock, log });
  const round = (n: number) => Response.json({ ...DRAND, round: n });

  test("nameAt() names the first round that comes out at that time or later", () => {
    const beacon = open();
    const roundAt = (atMs: number) => Number(/\d+$/.exec(beacon.nameAt(atMs) ?? "")?.[0]);
    expect(beacon.nameAt(NOW_MS)).toBe(`${server.url}chain/public/1`);
    expect(roundAt(NOW_MS - 1_000_000)).toBe(1);
    expect(roundAt(NOW_MS + 1)).toBe(2);
    expect(roundAt(NOW_MS + 30_000)).toBe(2);
    expect(roundAt(NOW_MS + 30_001)).toBe(3);
  });

  test("nameAt() knows when drand's quicknet speaks", () => {
    const source =
      "https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/public/{round}";
    const beacon = openBeacon({ source, clock: new FakeClock(), log });
    // Round R comes out at genesis + 3·(R − 1) seconds.
    const atMs = (QUICKNET.genesisS + 3 * (12_345_678 - 1)) * 1_000;
    expect(beacon.nameAt(atMs)).toBe(source.replace("{round}", "12345678"));
    expect(beacon.nameAt(atMs + 1)).toBe(source.replace("{round}", "12345679"));
  });

  test("value() is what came out under the name", async () => {
    answer = () => round(7);
    expect(hexOf((await open().value(`${server.url}chain/public/7`, NOW_MS)) ?? new Uint8Array())).toBe(
      DRAND.randomness,
    );
    expect(asked).toEqual(["/chain/public/7"]);
  });

  test("value() looks again each second until the round is there, and says each problem once", async () => {
    const clock = new LookClock(NOW_MS);
    let looks = 0;
    answer = () => (++looks < 4 ? new Response("too early", { status: 425 }) : round(7));
    const value = open(clock).value(`${server.url}chain/public/7`, NOW_MS + 60_000);
    for (let n = 1; n < 4; n++) {
      await clock.paused(n);
      clock.advance(1_000);
    }
    expect(hexOf((await value) ?? new Uint8Array())).toBe(DRAND.randomness);
    expect(telemetry.messages).toEqual(["the beacon is waited for"]);
    expect(telemetry.lines.join()).toContain("answered 425");
  });

  test.each([
    ["another round", () => Response.json({ ...DRAND, round: 8 })],
    [
      "a randomness that its signature doesn't have",
      () => Response.json({ ...DRAND, round: 7, randomness: "00".repeat(32) }),
    ],
    ["an error", () => new Response("broken", { status: 500 })],
    ["too much", () => Response.json({ ...DRAND, round: 7, more: "x".repeat(20_000) })],
    ["nonsense", () => new Response("<html>")],
  ])("value() is null after the deadline when all it gets is %s", async (_what, answers) => {
    const clock = new LookClock(NOW_MS);
    answer = answers;
    const value = open(clock).value(`${server.url}chain/public/7`, NOW_MS + 1_500);
    for (let n = 1; n <= 2; n++) {
      await clock.paused(n);
      clock.advance(1_000);
    }
    expect(await value).toBeNull();
    expect(asked).toHaveLength(3);
    expect(telemetry.messages.at(-1)).toBe("the beacon did not come: the draw trusts the operator");
  });

  test("value() is null when nobody is there", async () => {
    const beacon = open();
    const name = `${server.url}chain/public/7`;
    await server.stop(true);
    expect(await beacon.value(name, NOW_MS)).toBeNull();
    expect(telemetry.lines.join()).toContain("can't be reached");
  });

  test("value() doesn't wait beyond its deadline for a server that says nothing", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    answer = () => promise;
    const clock = systemClock();
    const startedMs = performance.now();
    const beacon = openBeacon({ source: `${server.url}{round}`, clock, log });
    expect(await beacon.value(`${server.url}7`, clock.nowMs() + 300)).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    resolve(round(7));
  });

  test("fetchRound() gives up a body that never ends", async () => {
    answer = () =>
      new Response(
        new ReadableStream({
          pull: async (controller) => {
            controller.enqueue(new Uint8Array(1_000));
            await Bun.sleep(1);
          },
        }),
      );
    expect(await fetchRound(`${server.url}7`, systemClock(), 2_000)).toEqual({
      ok: false,
      problem: "answered too much",
    });
  });
});

describe("a beacon in a file", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pigonair-beacon-"));
    file = join(folder, "round.txt");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const value = hexOf(sha256("dice"));
  const NAME = "file:round.txt since 2030-01-01T00:00:00.000Z";
  const open = (clock = new FakeClock(NOW_MS)) => openBeacon({ source: `file:${file}`, clock, log });
  const write = (text: string, atMs = NOW_MS + 1_000) => {
    writeFileSync(file, text);
    utimesSync(file, atMs / 1_000, atMs / 1_000);
  };

  test("nameAt() says which file and since when, and not where it is", () => {
    expect(open().nameAt(NOW_MS)).toBe(NAME);
  });

  test.each([value, `${value}\n`, ` ${value.toUpperCase()} \r\n`])(
    "value() is what somebody wrote: %j",
    async (text) => {
      write(text);
      expect(hexOf((await open().value(NAME, NOW_MS)) ?? new Uint8Array())).toBe(value);
    },
  );

  test("value() waits for the file", async () => {
    const clock = new FakeClock(NOW_MS);
    const waited = open(clock).value(NAME, NOW_MS + 10_000);
    await until(() => clock.pending === 1, "the file is waited for");
    write(value);
    clock.advance(1_000);
    expect(hexOf((await waited) ?? new Uint8Array())).toBe(value);
  });

  test.each([
    ["one that was there before", value, NOW_MS - 1, "older than its name"],
    ["too few digits", value.slice(1), NOW_MS, "other than 64"],
    ["something else", "x".repeat(64), NOW_MS, "other than 64"],
    ["a long file", value.repeat(100), NOW_MS, "too long"],
  ])("value() is never %s", async (_what, text, atMs, problem) => {
    write(text, atMs);
    expect(await open().value(NAME, NOW_MS)).toBeNull();
    expect(telemetry.lines.join()).toContain(problem);
  });
});

describe("ROOM_BEACON", () => {
  test.each([
    "none",
    "file:/var/lib/pigonair/round.txt",
    "https://api.drand.sh/public/{round}",
    "http://127.0.0.1:1/{round}",
  ])("can be %s", (source) => {
    expect(BEACON_FORM.test(source)).toBe(true);
    expect(openBeacon({ source, clock: new FakeClock(), log }).nameAt(NOW_MS) === null).toBe(source === "none");
  });

  test.each([
    "",
    "drand",
    "file:",
    "https://api.drand.sh/public/latest",
    "https://api.drand.sh/{round}/x",
    "ftp://x/{round}",
    `file:${"x".repeat(480)}`,
    `https://api.drand.sh/${"x".repeat(480)}/{round}`,
  ])("can't be %s", (source) => {
    expect(BEACON_FORM.test(source)).toBe(false);
    expect(() => openBeacon({ source, clock: new FakeClock(), log })).toThrow("a beacon is none, file:PATH");
  });

  test("has a name that fits where rooms keep it, however long its source is", () => {
    const [file, address] = ["file:", "https://api.drand.sh/{round}"].map((least) => {
      const [first, rest = ""] = least.split(/(?=\{)/);
      return `${first}${"x".repeat(480 - least.length)}${rest}`;
    });
    for (const source of [file ?? "", address ?? ""]) {
      expect(source).toHaveLength(480);
      const name = openBeacon({ source, periodS: 1, genesisS: 0, clock: new FakeClock(), log }).nameAt(NOW_MS) ?? "";
      expect(name.length).toBeWithin(400, 513);
    }
  });

  test("none: there is no name, and no value", async () => {
    const beacon = openBeacon({ source: "none", clock: new FakeClock(), log });
    expect(beacon.nameAt(NOW_MS)).toBeNull();
    expect(await beacon.value("anything", NOW_MS)).toBeNull();
  });
});
