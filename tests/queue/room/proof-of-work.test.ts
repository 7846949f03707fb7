// Goal: who wants a place while work is demanded has done it, for this line, as this member, lately; and a page can do it.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sha256 } from "../../../queue/room/draw/hash.ts";
import { bitsByLoad, ProofOfWork, WORK_BITS_MAX, type WorkScope } from "../../../queue/room/proof-of-work.ts";
import { WorkSolver } from "../../../queue/room/proof-of-work-solver.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { bytesOf } from "../../support/given-draw.ts";
import { describeWithService } from "../../support/services.ts";

const SCOPE: WorkScope = { flightId: "PG-101-20300101", epoch: 3, member: "0190c1a0-0000-7000-8000-000000000017" };
const KEY = bytesOf("room key");
const BITS = 8;
const ATTEMPTS_MAX = 1_000_000;

const clock = new FakeClock();
const work = new ProofOfWork(KEY, clock, 120_000);

function solve(challenge: string): string {
  const proof = new WorkSolver(challenge).run(ATTEMPTS_MAX);
  if (proof === null) throw new Error("no proof was found");
  return proof;
}

function zeroBits(text: string): number {
  const bits = Array.from(sha256(text), (byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.indexOf("1");
}

describe("WorkSolver", () => {
  test("finds the first number that makes the hash begin with so many zero bits", () => {
    for (let bits = 1; bits <= 12; bits++) {
      const challenge = work.challenge(SCOPE, bits);
      const proof = solve(challenge);
      const nonce = Number(proof.slice(challenge.length + 1));
      expect(zeroBits(proof)).toBeGreaterThanOrEqual(bits);
      for (let earlier = 0; earlier < nonce; earlier++) expect(zeroBits(`${challenge}.${earlier}`)).toBeLessThan(bits);
    }
  });

  test("hashes challenges of every length, across the borders of blocks, as SHA-256 does", () => {
    for (let length = 1; length <= 140; length++) {
      const challenge = `1.f.1.${"m".repeat(length)}.7.1.mac`;
      const found = Number(solve(challenge).slice(challenge.length + 1));
      let nonce = 0;
      while (zeroBits(`${challenge}.${nonce}`) < 7) nonce++;
      expect(found).toBe(nonce);
    }
  });

  test("run() goes on where it stopped, in slices of any size", () => {
    const challenge = work.challenge(SCOPE, 10);
    const whole = solve(challenge);
    const solver = new WorkSolver(challenge);
    let proof: string | null = null;
    let slices = 0;
    while (proof === null && slices < 100_000) {
      proof = solver.run(17);
      slices++;
    }
    expect(proof).toBe(whole);
    expect(solver.attempts).toBe(Number(whole.slice(challenge.length + 1)) + 1);
    expect(slices).toBe(Math.ceil(solver.attempts / 17));
  });

  test("takes twice as many attempts for each bit", () => {
    for (const bits of [4, 6, 8]) {
      const runs = 400;
      let attempts = 0;
      for (let epoch = 0; epoch < runs; epoch++) {
        const solver = new WorkSolver(work.challenge({ ...SCOPE, epoch }, bits));
        solver.run(ATTEMPTS_MAX);
        attempts += solver.attempts;
      }
      // The mean of 400 geometric draws is within a fifth of 2^bits except once in 10,000 times.
      expect(attempts / runs / 2 ** bits).toBeGreaterThan(0.8);
      expect(attempts / runs / 2 ** bits).toBeLessThan(1.2);
    }
  });

  test("never finds a proof for what is no challenge", () => {
    for (const text of ["", "hello", "1.f.1.m", "1.f.1.m.x.1.mac"]) expect(new WorkSolver(text).run(1_000)).toBeNull();
  });
});

describe("ProofOfWork", () => {
  const proof = solve(work.challenge(SCOPE, BITS));

  test("check() takes a proof, on any edge that has the key, and again when it comes again", () => {
    expect(work.check(SCOPE, proof)).toBe("ok");
    expect(work.check(SCOPE, proof)).toBe("ok");
    expect(new ProofOfWork(KEY, clock, 1).check(SCOPE, proof)).toBe("ok");
  });

  test("check() takes it for this member, flight and epoch only", () => {
    expect(work.check({ ...SCOPE, member: SCOPE.member.replace("17", "18") }, proof)).toBe("other");
    expect(work.check({ ...SCOPE, flightId: "PG-102-20300101" }, proof)).toBe("other");
    expect(work.check({ ...SCOPE, epoch: 4 }, proof)).toBe("other");
  });

  test("check() takes it until its time is over", () => {
    const later = new FakeClock(clock.nowMs());
    const edge = new ProofOfWork(KEY, later);
    later.advance(119_999);
    expect(edge.check(SCOPE, proof)).toBe("ok");
    later.advance(1);
    expect(edge.check(SCOPE, proof)).toBe("expired");
  });

  test("check() refuses a number that doesn't solve it", () => {
    const challenge = work.challenge(SCOPE, BITS);
    const unsolved = Array.from({ length: 50 }, (_, nonce) => `${challenge}.${nonce}`).filter(
      (text) => zeroBits(text) < BITS,
    );
    expect(unsolved.length).toBeGreaterThan(40);
    for (const text of unsolved) expect(work.check(SCOPE, text)).toBe("unsolved");
  });

  test("check() refuses a challenge that was made easier, longer, another's, or with another key", () => {
    const bad = (from: string, to: string) => work.check(SCOPE, solve(work.challenge(SCOPE, BITS).replace(from, to)));
    expect(bad(`.${BITS}.`, ".1.")).toBe("forged");
    expect(bad(`.${clock.nowMs() + 120_000}.`, `.${clock.nowMs() + 999_000}.`)).toBe("forged");
    const others = work.challenge({ ...SCOPE, member: "somebody" }, BITS);
    expect(work.check(SCOPE, solve(others.replace("somebody", SCOPE.member)))).toBe("forged");
    const strangers = new ProofOfWork(bytesOf("another key"), clock).challenge(SCOPE, BITS);
    expect(work.check(SCOPE, solve(strangers))).toBe("forged");
  });

  test("check() takes no proof with any character changed, left out or added, unless it is another solution", () => {
    const challenge = work.challenge(SCOPE, BITS);
    for (let at = 0; at < proof.length; at++) {
      for (const changed of ["0", "9", "A", "_", ".", "", `${proof[at]}0`]) {
        const text = proof.slice(0, at) + changed + proof.slice(at + 1);
        const isAnotherSolution = text.startsWith(`${challenge}.`) && /\.\d+$/.test(text) && zeroBits(text) >= BITS;
        if (text !== proof && !isAnotherSolution) expect(work.check(SCOPE, text)).not.toBe("ok");
      }
    }
  });

  test.each([
    "",
    "1",
    "x".repeat(10_000),
    "1.f.1.m.8.1.mac.0",
    "김.1.1.1.1.1.1.1",
    `${proof} `,
    ` ${proof}`,
    `${proof}x`,
    `${proof}\n`,
  ])("check() calls what is no proof malformed, and works out nothing: %#", (text) => {
    expect(work.check(SCOPE, text)).toBe("malformed");
  });

  test("challenge() demands no more than anybody could do", () => {
    for (const bits of [0, -1, 1.5, WORK_BITS_MAX + 1]) expect(() => work.challenge(SCOPE, bits)).toThrow("bits");
    expect(work.check(SCOPE, `${work.challenge(SCOPE, WORK_BITS_MAX)}.0`)).toBe("unsolved");
  });
});

describe("bitsByLoad()", () => {
  const bits = (load: number, current = 0) => bitsByLoad(load * 100, 100, 16, current);

  test("is nothing up to what is expected, and rises by one with each doubling above it", () => {
    expect([0, 0.5, 1, 1.01, 1.99, 2, 3.9, 4, 8, 16, 1_000].map((load) => bits(load))).toEqual([
      0, 0, 0, 16, 16, 17, 17, 18, 19, 20, 20,
    ]);
  });

  test("once on stays on until the load is half of what is expected", () => {
    expect([1.5, 1, 0.8, 0.51, 0.5, 0].map((load) => bits(load, 16))).toEqual([16, 16, 16, 16, 0, 0]);
  });

  test("never demands more than anybody could do", () => {
    expect(bitsByLoad(1_000_000, 1, WORK_BITS_MAX, 0)).toBe(WORK_BITS_MAX);
  });
});

describeWithService("node", "WorkSolver as a page gets it", (node) => {
  test("runs without anything of Bun's, and finds the same proof", async () => {
    const entry = join(import.meta.dir, "../../../queue/room/proof-of-work-solver.ts");
    const built = await Bun.build({ entrypoints: [entry], target: "browser", format: "esm", minify: true });
    const code = (await built.outputs[0]?.text()) ?? "";
    const challenge = work.challenge(SCOPE, 12);
    const solver = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
    const script = `import { WorkSolver } from "${solver}"; console.log(new WorkSolver("${challenge}").run(${ATTEMPTS_MAX}));`;
    const { stdout, stderr } = Bun.spawnSync([node, "--input-type=module", "-e", script]);
    expect(stderr.toString()).toBe("");
    expect(stdout.toString().trim()).toBe(solve(challenge));
    expect(code.length).toBeLessThan(3_000);
  });
});
