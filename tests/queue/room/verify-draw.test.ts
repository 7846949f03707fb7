// Goal: whatever an operator does to a draw after it was promised, a member with nothing but public data finds it, and is told in words.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../db/system-clock.ts";
import { hexOf, sha256 } from "../../../queue/room/draw/hash.ts";
import { runVerifyDraw } from "../../../queue/room/draw/verify-draw.ts";
import { RoomTokens } from "../../../queue/room/room-tokens.ts";
import { bytesOf, GivenDraw, LINE, memberAt, placesUpTo } from "../../support/given-draw.ts";

/** A real round of drand's first chain. */
const SIGNATURE =
  "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20ff7bc3e09d7c046566c9f7f3c6f3b10104990e7cb424998203d8f7de586fb7fa5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2352b4655";
const RANDOMNESS = "101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec";

const N = 40;

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let folder: string;
let server: Bun.Server<undefined>;
let given: GivenDraw;
let text: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pigonair-draw-"));
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) =>
      new URL(url).pathname === "/public/1"
        ? Response.json({ round: 1, randomness: RANDOMNESS, signature: SIGNATURE })
        : new Response("no such round", { status: 404 }),
  });
  given = await GivenDraw.of({
    n: N,
    beacon: { name: `${server.url}public/1`, value: Uint8Array.fromHex(RANDOMNESS) },
  });
  text = await given.file();
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});

async function verify(content: string, ...flags: readonly string[]): Promise<Said> {
  const file = join(folder, `${hexOf(sha256(content)).slice(0, 16)}.txt`);
  await Bun.write(file, content);
  return run(file, ...flags);
}

async function run(...args: readonly string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const take = (lines: string[]) => (line: string) => void lines.push(line);
  const code = await runVerifyDraw(args, { clock: systemClock(), out: take(out), err: take(err) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** The text with the line of one place changed. */
function atPlace(seq: number, change: (line: string) => string): string {
  return text.replace(new RegExp(`^${seq} .*\n`, "m"), change);
}

const linesOf = () => text.split("\n");
const rootHex = () => hexOf(given.frozen.root);
const seedHash = () => given.draw.proof().seedHash;
const ticketAt = (seq: number, member = memberAt(seq)) =>
  JSON.stringify({ room: LINE.flightId, epoch: LINE.epoch, seq, member, iat: 1, exp: 2 });

describe("verify-draw FILE", () => {
  test("says that a draw is right, what it can't know, and how to find that out", async () => {
    const { code, out, err } = await verify(text);
    expect(err).toBe("");
    expect(out).toContain(`Flight ${LINE.flightId}, epoch 3: ${N} tickets took part.`);
    expect(out).toContain(`seed hash ${seedHash()} (--seed-hash)`);
    expect(out).toContain(`root ${rootHex()} (--root)`);
    expect(out).toContain(`${server.url}public/1 says ${RANDOMNESS} (or --fetch-beacon)`);
    expect(out).toEndWith("RIGHT: the draw is what it was promised to be.");
    expect(code).toBe(0);
  });

  test("compares with what was noted before, and looks the beacon up", async () => {
    const { code, out } = await verify(
      text,
      "--seed-hash",
      seedHash(),
      "--root",
      rootHex().toUpperCase(),
      "--fetch-beacon",
    );
    expect(out.split("\n")).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("takes a file with the line ends of another system", async () => {
    expect(await verify(text.replaceAll("\n", "\r\n"))).toMatchObject({ code: 0 });
  });

  test.each([0, 1, 2, 3])("takes a line of %d tickets", async (n) => {
    expect(await verify(await (await GivenDraw.of({ n })).file())).toMatchObject({ code: 0 });
  });

  test("says whom a draw without a beacon trusts", async () => {
    const drawn = async (name: string | null, value: Uint8Array | null) =>
      (await verify(await (await GivenDraw.of({ n: 3, beacon: { name, value } })).file())).out;
    expect(await drawn(null, null)).toContain("No beacon was named: the order trusts the operator.");
    expect(await drawn("https://b.example/1", null)).toContain(
      "https://b.example/1 did not come in time: the order trusts the operator.",
    );
    expect(await drawn("file:b since 2030", bytesOf("b"))).toContain("which the operator wrote");
  });

  test("says how many places were nobody's", async () => {
    const places = placesUpTo(N).filter(({ seq }) => seq % 10 !== 0);
    const { code, out } = await verify(await (await GivenDraw.of({ n: N, places })).file());
    expect(out).toContain("4 places were nobody's when the line was frozen.");
    expect(code).toBe(0);
  });
});

describe("verify-draw FILE finds", () => {
  const WRONG = /\nWRONG: the draw is not what it was promised to be\.$/;
  const expectWrong = ({ code, out, err }: Said, ...sentences: readonly string[]) => {
    for (const sentence of sentences) expect(out).toContain(sentence);
    expect(out).toMatch(WRONG);
    expect(err).toBe("");
    expect(code).toBe(1);
  };

  test("a ticket that was added", async () => {
    const added = text.replace("\nend\n", `\n${N + 1} 1 ${hexOf(bytesOf("friend"))}\nend\n`);
    expectWrong(
      await verify(added),
      `Line ${N + 12}: place ${N + 1} was added: ${N} tickets were frozen.`,
      "1 tickets were added",
    );
  });

  test("a ticket that was added with the number of tickets", async () => {
    const added = text
      .replace("\nend\n", `\n${N + 1} 1 ${hexOf(bytesOf("friend"))}\nend\n`)
      .replace(`tickets: ${N}`, `tickets: ${N + 1}`);
    expectWrong(
      await verify(added),
      "The list is not the one that was frozen: a ticket was altered, or tickets were moved.",
    );
  });

  test("a ticket that was dropped", async () => {
    expectWrong(
      await verify(atPlace(17, () => "")),
      "Place 17 is missing before line 28: its ticket was dropped.",
      "1 tickets were dropped",
    );
    expectWrong(await verify(atPlace(N, () => "")), `Place ${N} is missing at the end`);
    const three = text.replace(/^2 .*\n3 .*\n4 .*\n/m, "");
    expectWrong(await verify(three), "Places 2 to 4 are missing before line 13: their tickets were dropped.");
  });

  test("a ticket that was dropped, and those after it moved up", async () => {
    const lines = linesOf();
    const [head, places] = [lines.slice(0, 11), lines.slice(11, 11 + N)];
    const leaves = places.map((line) => line.split(" ")[2]).filter((_, at) => at !== 16);
    const moved = leaves.map((leaf, at) => `${places[at]?.split(" ").slice(0, 2).join(" ")} ${leaf}`);
    const dropped = [...head, ...moved, "end", ""].join("\n").replace(`tickets: ${N}`, `tickets: ${N - 1}`);
    expectWrong(await verify(dropped), "The list is not the one that was frozen");
    expectWrong(
      await verify(dropped, "--ticket", ticketAt(17)),
      "Your ticket is not in the list: somebody else's stands at place 17.",
    );
  });

  test("a ticket of which one digit was altered, whichever it was", async () => {
    for (let seq = 1; seq <= N; seq += 3) {
      const altered = atPlace(seq, (line) => line.replace(/.\n$/, (last) => (last.startsWith("0") ? "1\n" : "0\n")));
      expectWrong(await verify(altered), "a ticket was altered, or tickets were moved");
    }
  });

  test("tickets that were moved", async () => {
    const [, a = "", b = ""] = /^(7 .*\n)(8 .*\n)/m.exec(text) ?? [];
    expectWrong(
      await verify(text.replace(a + b, b + a)),
      "Line 19: place 7 comes after place 8: tickets were moved, or one was added.",
    );
    const swap = (line: string, other: string) => `${line.split(" ").slice(0, 2).join(" ")} ${other.split(" ")[2]}`;
    expectWrong(
      await verify(text.replace(a + b, swap(a, b) + swap(b, a))),
      "a ticket was altered, or tickets were moved",
    );
  });

  test("a ticket that comes twice", async () => {
    expectWrong(await verify(atPlace(7, (line) => line + line)), "place 7 comes after place 7", "1 tickets were added");
  });

  test("a rank that isn't the draw's", async () => {
    const rank = given.draw.rank(17);
    const better = atPlace(17, (line) => line.replace(` ${rank} `, " 1 "));
    expectWrong(
      await verify(better),
      `Line 28: place 17 is said to be served as number 1, and the draw makes it number ${rank}.`,
    );
  });

  test("an order that was made up, and says so in a few lines", async () => {
    const made = text.replaceAll(/^(\d+) (\d+) /gm, (_, seq) => `${seq} ${seq} `);
    const said = await verify(made);
    expectWrong(said, `place 1 is said to be served as number 1`, "more wrong ranks.");
    expect(said.out.split("\n").length).toBeLessThan(15);
  });

  test("a seed that does not match its commitment", async () => {
    const other = await GivenDraw.of({ n: N, seed: bytesOf("a better seed"), beacon: given.draw.drawn.beacon });
    const swapped = (await other.file()).replace(/^seed-hash: .*$/m, `seed-hash: ${seedHash()}`);
    expectWrong(await verify(swapped), "The seed does not match its commitment", `and ${seedHash()} was promised`);
    // The operator changes the commitment as well: only who noted it knows.
    const consistent = await other.file();
    expect(await verify(consistent)).toMatchObject({ code: 0 });
    expectWrong(
      await verify(consistent, "--seed-hash", seedHash()),
      `The commitment was changed: you know ${seedHash()}`,
    );
  });

  test("a list that was frozen anew", async () => {
    const other = await GivenDraw.of({ n: N + 1, beacon: given.draw.drawn.beacon });
    expectWrong(
      await verify(await other.file(), "--root", rootHex()),
      `changed after the freeze: you know the root ${rootHex()}`,
    );
  });

  test("a wrong beacon: against final, against one looked up, and against its address", async () => {
    const other = hexOf(bytesOf("a better round"));
    const swapped = text.replace(`beacon-value: ${RANDOMNESS}`, `beacon-value: ${other}`);
    expectWrong(await verify(swapped), '"final" does not come from seed, root and beacon');

    const consistent = await (
      await GivenDraw.of({ n: N, beacon: { name: `${server.url}public/1`, value: Uint8Array.fromHex(other) } })
    ).file();
    expect(await verify(consistent)).toMatchObject({ code: 0 });
    expectWrong(
      await verify(consistent, "--beacon", RANDOMNESS),
      `The beacon is wrong: its value is ${RANDOMNESS}, and it says ${other}.`,
    );
    const said = await verify(consistent, "--fetch-beacon");
    expect(said.out).toContain(`The beacon is wrong: its value is ${RANDOMNESS}, and it says ${other}.`);
    expect(said.code).toBe(1);
    expectWrong(
      await verify(consistent.replace(/^beacon: .*$/m, "beacon: none")),
      "there is a value, but none was named beforehand",
    );
  });

  test("a final that is another one", async () => {
    const other = text.replace(/^final: .*$/m, `final: ${hexOf(bytesOf("final"))}`);
    expectWrong(
      await verify(other),
      '"final" does not come from seed, root and beacon',
      "One of the four was changed.",
    );
  });
});

describe("verify-draw FILE --ticket", () => {
  test.each([
    ["as JSON", (json: string) => json],
    ["signed, in parts", (json: string) => `e30.${Buffer.from(json).toString("base64url")}.c2lnbmF0dXJl`],
    ["signed, in two parts", (json: string) => `${Buffer.from(json).toString("base64url")}.c2lnbmF0dXJl`],
  ])("finds a ticket %s, and says when it is served", async (_how, written) => {
    const { code, out } = await verify(text, "--ticket", written(ticketAt(17)));
    expect(out).toContain(`Your place, 17: the draw makes it number ${given.draw.rank(17)} of ${N}.`);
    expect(code).toBe(0);
  });

  test("reads tickets as the waiting room gives them", async () => {
    const issued = {
      room: LINE.flightId,
      epoch: LINE.epoch,
      seq: 17,
      member: memberAt(17),
      issuedAtMs: 1,
      expiresAtMs: 2,
    };
    const ticket = new RoomTokens(bytesOf("room key")).ticket(issued);
    expect(await verify(text, "--ticket", ticket)).toMatchObject({
      code: 0,
      out: expect.stringContaining("Your place, 17:"),
    });
  });

  test("says that a ticket is not in the list", async () => {
    const stranger = await verify(text, "--ticket", ticketAt(17, memberAt(99)));
    expect(stranger.out).toContain("Your ticket is not in the list: somebody else's stands at place 17.");
    expect(stranger.code).toBe(1);
    const gone = await verify(
      atPlace(17, () => ""),
      "--ticket",
      ticketAt(17),
    );
    expect(gone.out).toContain("Your ticket is not in the list: there is no place 17.");
    const places = placesUpTo(N).filter(({ seq }) => seq !== 17);
    const vacant = await verify(await (await GivenDraw.of({ n: N, places })).file(), "--ticket", ticketAt(17));
    expect(vacant.out).toContain("Your ticket is not in the list: place 17 is there as one that nobody had.");
    expect(vacant.code).toBe(1);
  });

  test("says that a place was given after the freeze", async () => {
    const { code, out } = await verify(text, "--ticket", ticketAt(N + 1));
    expect(out).toContain(
      `Your place, ${N + 1}, was given after the freeze: it is served in its order, after the ${N}`,
    );
    expect(code).toBe(0);
  });

  test("doesn't judge by a ticket of another flight or epoch", async () => {
    const other = await verify(text, "--ticket", ticketAt(17).replace("PG-101", "PG-202"));
    expect(other.err).toContain("Your ticket is for PG-202-20300101, and this is the draw of PG-101-20300101.");
    expect(other.code).toBe(2);
    const old = await verify(text, "--ticket", ticketAt(17).replace('"epoch":3', '"epoch":2'));
    expect(old.err).toContain("Your ticket is of epoch 2");
    expect(old.code).toBe(2);
  });
});

describe("verify-draw with the proof of one place", () => {
  const proofText = (seq: number, change: object = {}) => JSON.stringify({ ...given.proofOf(seq), ...change });

  test("checks a ticket and its rank without the list", async () => {
    for (const seq of [1, 17, N]) {
      const { code, out } = await verify(
        proofText(seq),
        "--ticket",
        ticketAt(seq),
        "--seed-hash",
        seedHash(),
        "--root",
        rootHex(),
      );
      expect(out).toContain(`Your place, ${seq}: the draw makes it number ${given.draw.rank(seq)} of ${N}.`);
      expect(code).toBe(0);
    }
  });

  test("checks what it can without a ticket, and says what it can't", async () => {
    const { code, out } = await verify(proofText(17));
    expect(out).toContain("can't be checked without the ticket (--ticket)");
    expect(code).toBe(0);
    expect(await verify(JSON.stringify(given.draw.proof()))).toMatchObject({ code: 0 });
  });

  test("finds a ticket that is not under the root, a rank that isn't the draw's, and wrong facts", async () => {
    const wrong = async (proof: string, sentence: string, ticket = ticketAt(17)) => {
      const { code, out } = await verify(proof, "--ticket", ticket);
      expect(out).toContain(sentence);
      expect(code).toBe(1);
    };
    const { path = [] } = given.proofOf(17);
    await wrong(proofText(17), "Your ticket is not in the list", ticketAt(17, memberAt(18)));
    await wrong(proofText(17), "Your ticket is not in the list", ticketAt(18));
    await wrong(proofText(17, { path: path.slice(1) }), "the root would be none at all");
    await wrong(proofText(17, { path: [...path].reverse() }), "Your ticket is not in the list");
    await wrong(
      proofText(17, { rank: 1 }),
      `said to be served as number 1, and the draw makes it number ${given.draw.rank(17)}`,
    );
    await wrong(proofText(17, { seed: hexOf(bytesOf("x")) }), "The seed does not match its commitment");
    await wrong(proofText(17, { root: hexOf(bytesOf("x")) }), "Your ticket is not in the list");
    await wrong(proofText(17, { final: hexOf(bytesOf("x")) }), '"final" does not come from');
    await wrong(JSON.stringify(given.draw.proof()), "The proof is of no place");
  });

  test.each([
    ["seed", { seed: "00" }, '"seedHash", "seed", "root" and "final" must have 64'],
    ["n", { n: -1 }, '"n" is no number of tickets'],
    ["n", { n: "40" }, '"n" is no number of tickets'],
    ["beacon", { beacon: null }, '"beacon" is no object'],
    ["beacon's value", { beacon: { name: "x", value: 7 } }, '"beacon.value" is neither'],
    ["path", { path: "x" }, '"path" is no list'],
    ["path", { path: ["x"] }, '"path" is no list of hashes'],
    ["rank", { rank: 1.5 }, '"rank" is no rank'],
  ])("names the malformed %s", async (_what, change, sentence) => {
    const { code, err } = await verify(proofText(17, change), "--ticket", ticketAt(17));
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });
});

describe("verify-draw doesn't judge what it can't read:", () => {
  const expectUnchecked = async (content: string, sentence: string) => {
    const { code, out, err } = await verify(content);
    expect(err).toContain(sentence);
    expect(err).toEndWith("NOT CHECKED: nothing is known of this draw.");
    expect(out).toBe("");
    expect(code).toBe(2);
  };

  test("a file that is none of a draw", async () => {
    await expectUnchecked("", "line 1 is missing: the file is empty.");
    await expectUnchecked("hello\n", 'line 1 is not "pigonair-draw 1": this is no file of a draw.');
    await expectUnchecked("x".repeat(10_000), "line 1 is too long");
    await expectUnchecked("{", "is no JSON object.");
    await expectUnchecked(`${text}more\n`, `line ${N + 13} stands after the end.`);
  });

  test("a download that broke off, wherever", async () => {
    for (let length = 1; length < text.length - 1; length += 97) {
      const { code, err } = await verify(text.slice(0, length));
      expect(err).toMatch(/line \d+ (breaks off|is the last one|is not)/);
      expect(code).toBe(2);
    }
  });

  test("a line that is no place, by its number", async () => {
    await expectUnchecked(
      atPlace(17, () => "17 x\n"),
      "line 28 must be a place, its rank and 64 hexadecimal digits",
    );
    await expectUnchecked(
      atPlace(17, () => "\n"),
      "line 28 must be a place",
    );
    await expectUnchecked(
      atPlace(17, (line) => line.replace(/^17/, "017")),
      "line 28 must be a place",
    );
    await expectUnchecked(
      atPlace(17, (line) => line.toUpperCase()),
      "line 28 must be a place",
    );
  });

  test("a header with something else in it", async () => {
    await expectUnchecked(text.replace("epoch: 3", "era: 3"), 'line 3 must begin with "epoch: "');
    await expectUnchecked(text.replace("epoch: 3", "epoch: third"), '"epoch" is no number');
    await expectUnchecked(text.replace(/^root: .*$/m, "root: 00"), '"root" is not 64 hexadecimal digits');
    await expectUnchecked(text.replace(`tickets: ${N}`, "tickets: 9999999999"), '"tickets" is no number of tickets');
    await expectUnchecked(text.replace(/^beacon-value: .*$/m, "beacon-value: maybe"), '"beacon-value" is neither');
    await expectUnchecked(text.replace(/^flight: .*$/m, "flight: a b"), '"flight" is no flight');
  });

  test("a beacon that can't be looked up", async () => {
    const { beacon } = given.draw.drawn;
    const named = async (name: string) => (await GivenDraw.of({ n: 3, beacon: { ...beacon, name } })).file();
    const lost = await verify(await named(`${server.url}public/2`), "--fetch-beacon");
    expect(lost.err).toContain("public/2 answered 404");
    expect(lost.code).toBe(2);
    const file = await verify(await named("file:x since 2030"), "--fetch-beacon");
    expect(file.err).toContain("can't be looked up by anybody");
    expect(file.code).toBe(2);
  });

  test.each([
    [[], "which file?"],
    [["a", "b"], "one file at a time: b"],
    [["a", "--tickets"], "Unknown option '--tickets'"],
    [["a", "--ticket", "x"], "--ticket is no ticket"],
    [["a", "--root", "00"], "--root must be hexadecimal digits, 64 of them"],
    [["a", "--beacon", "xyz"], "--beacon must be hexadecimal digits"],
    [["a", "--beacon", "00", "--fetch-beacon"], "either --beacon or --fetch-beacon"],
  ])("a command line like %p", async (args, sentence) => {
    const { code, err } = await run(...args);
    expect(err).toContain(`verify-draw: ${sentence}`);
    expect(err).toContain("usage: bun main.ts verify-draw FILE");
    expect(code).toBe(2);
  });

  test("a file that isn't there, or is none", async () => {
    expect(await run(join(folder, "nothing"))).toMatchObject({
      code: 2,
      err: expect.stringContaining("can't be read"),
    });
    expect(await run(folder)).toMatchObject({ code: 2, err: expect.stringContaining("is not a file") });
  });
});
