// Goal: whatever an operator does to a draw after it was promised, anybody with nothing but public data finds it, and is told in words.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { hexOf } from "../../../queue/room/draw/hash.ts";
import { bytesOf, GivenDraw, LINE, placesUpTo } from "../../support/given-draw.ts";
import {
  GivenPublishedDraw,
  N,
  RANDOMNESS,
  type Said,
  ticketAt,
  verifyDraw,
} from "../../support/given-published-draw.ts";

let published: GivenPublishedDraw;

beforeAll(async () => {
  published = await GivenPublishedDraw.start();
});
afterAll(() => published.stop());

describe("verify-draw FILE", () => {
  test("says that a draw is right, what it can't know, and how to find that out", async () => {
    const { code, out, err } = await published.verify(published.text);
    expect(err).toBe("");
    expect(out).toContain(`Flight ${LINE.flightId}, epoch 3: ${N} tickets took part.`);
    expect(out).toContain(`seed hash ${published.seedHash} (--seed-hash)`);
    expect(out).toContain(`root ${published.root} (--root)`);
    expect(out).toContain(`${published.beaconName} says ${RANDOMNESS} (or --fetch-beacon)`);
    expect(out).toEndWith("RIGHT: the draw is what it was promised to be.");
    expect(code).toBe(0);
  });

  test("compares with what was noted before, and looks the beacon up", async () => {
    const { code, out } = await published.verify(
      published.text,
      "--seed-hash",
      published.seedHash,
      "--root",
      published.root.toUpperCase(),
      "--fetch-beacon",
    );
    expect(out.split("\n")).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("takes a file with the line ends of another system", async () => {
    expect(await published.verify(published.text.replaceAll("\n", "\r\n"))).toMatchObject({ code: 0 });
  });

  test.each([0, 1, 2, 3])("takes a line of %d tickets", async (n) => {
    expect(await published.verify(await (await GivenDraw.of({ n })).file())).toMatchObject({ code: 0 });
  });

  test("says whom a draw without a beacon trusts", async () => {
    const drawn = async (name: string | null, value: Uint8Array | null) =>
      (await published.verify(await (await GivenDraw.of({ n: 3, beacon: { name, value } })).file())).out;
    expect(await drawn(null, null)).toContain("No beacon was named: the order trusts the operator.");
    expect(await drawn("https://b.example/1", null)).toContain(
      "https://b.example/1 did not come in time: the order trusts the operator.",
    );
    expect(await drawn("file:b since 2030", bytesOf("b"))).toContain("which the operator wrote");
  });

  test("says how many places were nobody's", async () => {
    const places = placesUpTo(N).filter(({ seq }) => seq % 10 !== 0);
    const { code, out } = await published.verify(await (await GivenDraw.of({ n: N, places })).file());
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
    const added = published.text.replace("\nend\n", `\n${N + 1} 1 ${hexOf(bytesOf("friend"))}\nend\n`);
    expectWrong(
      await published.verify(added),
      `Line ${N + 12}: place ${N + 1} was added: ${N} tickets were frozen.`,
      "1 tickets were added",
    );
  });

  test("a ticket that was added with the number of tickets", async () => {
    const added = published.text
      .replace("\nend\n", `\n${N + 1} 1 ${hexOf(bytesOf("friend"))}\nend\n`)
      .replace(`tickets: ${N}`, `tickets: ${N + 1}`);
    expectWrong(
      await published.verify(added),
      "The list is not the one that was frozen: a ticket was altered, or tickets were moved.",
    );
  });

  test("a ticket that was dropped", async () => {
    expectWrong(
      await published.verify(published.atPlace(17, () => "")),
      "Place 17 is missing before line 28: its ticket was dropped.",
      "1 tickets were dropped",
    );
    expectWrong(await published.verify(published.atPlace(N, () => "")), `Place ${N} is missing at the end`);
    const three = published.text.replace(/^2 .*\n3 .*\n4 .*\n/m, "");
    expectWrong(await published.verify(three), "Places 2 to 4 are missing before line 13: their tickets were dropped.");
  });

  test("a ticket that was dropped, and those after it moved up", async () => {
    const lines = published.text.split("\n");
    const [head, places] = [lines.slice(0, 11), lines.slice(11, 11 + N)];
    const leaves = places.map((line) => line.split(" ")[2]).filter((_, at) => at !== 16);
    const moved = leaves.map((leaf, at) => `${places[at]?.split(" ").slice(0, 2).join(" ")} ${leaf}`);
    const dropped = [...head, ...moved, "end", ""].join("\n").replace(`tickets: ${N}`, `tickets: ${N - 1}`);
    expectWrong(await published.verify(dropped), "The list is not the one that was frozen");
    expectWrong(
      await published.verify(dropped, "--ticket", ticketAt(17)),
      "Your ticket is not in the list: somebody else's stands at place 17.",
    );
  });

  test("a ticket of which one digit was altered, whichever it was", async () => {
    for (let seq = 1; seq <= N; seq += 3) {
      const altered = published.atPlace(seq, (line) =>
        line.replace(/.\n$/, (last) => (last.startsWith("0") ? "1\n" : "0\n")),
      );
      expectWrong(await published.verify(altered), "a ticket was altered, or tickets were moved");
    }
  });

  test("tickets that were moved", async () => {
    const [, a = "", b = ""] = /^(7 .*\n)(8 .*\n)/m.exec(published.text) ?? [];
    expectWrong(
      await published.verify(published.text.replace(a + b, b + a)),
      "Line 19: place 7 comes after place 8: tickets were moved, or one was added.",
    );
    const swap = (line: string, other: string) => `${line.split(" ").slice(0, 2).join(" ")} ${other.split(" ")[2]}`;
    expectWrong(
      await published.verify(published.text.replace(a + b, swap(a, b) + swap(b, a))),
      "a ticket was altered, or tickets were moved",
    );
  });

  test("a ticket that comes twice", async () => {
    expectWrong(
      await published.verify(published.atPlace(7, (line) => line + line)),
      "place 7 comes after place 7",
      "1 tickets were added",
    );
  });

  test("a rank that isn't the draw's", async () => {
    const rank = published.rank(17);
    const better = published.atPlace(17, (line) => line.replace(` ${rank} `, " 1 "));
    expectWrong(
      await published.verify(better),
      `Line 28: place 17 is said to be served as number 1, and the draw makes it number ${rank}.`,
    );
  });

  test("an order that was made up, and says so in a few lines", async () => {
    const made = published.text.replaceAll(/^(\d+) (\d+) /gm, (_, seq) => `${seq} ${seq} `);
    const said = await published.verify(made);
    expectWrong(said, `place 1 is said to be served as number 1`, "more wrong ranks.");
    expect(said.out.split("\n").length).toBeLessThan(15);
  });

  test("a seed that does not match its commitment", async () => {
    const other = await GivenDraw.of({
      n: N,
      seed: bytesOf("a better seed"),
      beacon: published.draw.draw.drawn.beacon,
    });
    const swapped = (await other.file()).replace(/^seed-hash: .*$/m, `seed-hash: ${published.seedHash}`);
    expectWrong(
      await published.verify(swapped),
      "The seed does not match its commitment",
      `and ${published.seedHash} was promised`,
    );
    // The operator changes the commitment as well: only who noted it knows.
    const consistent = await other.file();
    expect(await published.verify(consistent)).toMatchObject({ code: 0 });
    expectWrong(
      await published.verify(consistent, "--seed-hash", published.seedHash),
      `The commitment was changed: you know ${published.seedHash}`,
    );
  });

  test("a list that was frozen anew", async () => {
    const other = await GivenDraw.of({ n: N + 1, beacon: published.draw.draw.drawn.beacon });
    expectWrong(
      await published.verify(await other.file(), "--root", published.root),
      `changed after the freeze: you know the root ${published.root}`,
    );
  });

  test("a wrong beacon: against final, against one looked up, and against its address", async () => {
    const other = hexOf(bytesOf("a better round"));
    const swapped = published.text.replace(`beacon-value: ${RANDOMNESS}`, `beacon-value: ${other}`);
    expectWrong(await published.verify(swapped), '"final" does not come from seed, root and beacon');

    const consistent = await (
      await GivenDraw.of({ n: N, beacon: { name: `${published.beaconName}`, value: Uint8Array.fromHex(other) } })
    ).file();
    expect(await published.verify(consistent)).toMatchObject({ code: 0 });
    expectWrong(
      await published.verify(consistent, "--beacon", RANDOMNESS),
      `The beacon is wrong: its value is ${RANDOMNESS}, and it says ${other}.`,
    );
    const said = await published.verify(consistent, "--fetch-beacon");
    expect(said.out).toContain(`The beacon is wrong: its value is ${RANDOMNESS}, and it says ${other}.`);
    expect(said.code).toBe(1);
    expectWrong(
      await published.verify(consistent.replace(/^beacon: .*$/m, "beacon: none")),
      "there is a value, but none was named beforehand",
    );
  });

  test("a final that is another one", async () => {
    const other = published.text.replace(/^final: .*$/m, `final: ${hexOf(bytesOf("final"))}`);
    expectWrong(
      await published.verify(other),
      '"final" does not come from seed, root and beacon',
      "One of the four was changed.",
    );
  });
});

describe("verify-draw doesn't judge what it can't read:", () => {
  const expectUnchecked = async (content: string, sentence: string) => {
    const { code, out, err } = await published.verify(content);
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
    await expectUnchecked(`${published.text}more\n`, `line ${N + 13} stands after the end.`);
  });

  test("a download that broke off, wherever", async () => {
    for (let length = 1; length < published.text.length - 1; length += 97) {
      const { code, err } = await published.verify(published.text.slice(0, length));
      expect(err).toMatch(/line \d+ (breaks off|is the last one|is not)/);
      expect(code).toBe(2);
    }
  });

  test("a line that is no place, by its number", async () => {
    await expectUnchecked(
      published.atPlace(17, () => "17 x\n"),
      "line 28 must be a place, its rank and 64 hexadecimal digits",
    );
    await expectUnchecked(
      published.atPlace(17, () => "\n"),
      "line 28 must be a place",
    );
    await expectUnchecked(
      published.atPlace(17, (line) => line.replace(/^17/, "017")),
      "line 28 must be a place",
    );
    await expectUnchecked(
      published.atPlace(17, (line) => line.toUpperCase()),
      "line 28 must be a place",
    );
  });

  test("a header with something else in it", async () => {
    await expectUnchecked(published.text.replace("epoch: 3", "era: 3"), 'line 3 must begin with "epoch: "');
    await expectUnchecked(published.text.replace("epoch: 3", "epoch: third"), '"epoch" is no number');
    await expectUnchecked(published.text.replace(/^root: .*$/m, "root: 00"), '"root" is not 64 hexadecimal digits');
    await expectUnchecked(
      published.text.replace(`tickets: ${N}`, "tickets: 9999999999"),
      '"tickets" is no number of tickets',
    );
    await expectUnchecked(
      published.text.replace(/^beacon-value: .*$/m, "beacon-value: maybe"),
      '"beacon-value" is neither',
    );
    await expectUnchecked(published.text.replace(/^flight: .*$/m, "flight: a b"), '"flight" is no flight');
  });

  test("a beacon that can't be looked up", async () => {
    const { beacon } = published.draw.draw.drawn;
    const named = async (name: string) => (await GivenDraw.of({ n: 3, beacon: { ...beacon, name } })).file();
    const lost = await published.verify(await named(published.beaconName.replace(/1$/, "2")), "--fetch-beacon");
    expect(lost.err).toContain("public/2 answered 404");
    expect(lost.code).toBe(2);
    const file = await published.verify(await named("file:x since 2030"), "--fetch-beacon");
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
    const { code, err } = await verifyDraw(...args);
    expect(err).toContain(`verify-draw: ${sentence}`);
    expect(err).toContain("usage: bun main.ts verify-draw FILE");
    expect(code).toBe(2);
  });

  test("help is an answer, not an error", async () => {
    const { code, out, err } = await verifyDraw("--help");
    expect(out).toStartWith("usage: bun main.ts verify-draw FILE");
    expect(err).toBe("");
    expect(code).toBe(0);
  });

  test("a file that isn't there, or is none", async () => {
    expect(await verifyDraw(join(published.folder, "nothing"))).toMatchObject({
      code: 2,
      err: expect.stringContaining("can't be read"),
    });
    expect(await verifyDraw(published.folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining("is not a file"),
    });
  });
});
