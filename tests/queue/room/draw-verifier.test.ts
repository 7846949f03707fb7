// Goal: the scheme as it is written down is the scheme: a verifier that shares no code with the program comes to the same result.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesOf, GivenDraw, type GivenDrawOptions, LINE, memberAt } from "../../support/given-draw.ts";
import { describeWithService } from "../../support/services.ts";

const SCRIPT = join(import.meta.dir, "draw-verifier.py");

describeWithService("python3", "a stranger's verifier", (python) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pigonair-draw-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const verify = async (text: string, ...ticket: readonly string[]): Promise<string> => {
    const file = join(folder, `${Bun.hash(text)}.txt`);
    await Bun.write(file, text);
    const { stdout, stderr } = Bun.spawnSync([python, SCRIPT, file, ...ticket]);
    return `${stdout.toString()}${stderr.toString()}`.trim();
  };

  const DRAWS: readonly GivenDrawOptions[] = [
    { n: 0 },
    { n: 1 },
    { n: 2 },
    { n: 3 },
    { n: 255, beacon: { name: "https://beacon.example/public/17", value: bytesOf("round 17") } },
    { n: 256, beacon: { name: "https://beacon.example/public/17", value: null } },
    { n: 257, seed: bytesOf("another seed") },
    {
      n: 3_000,
      places: [
        { seq: 5, member: memberAt(5) },
        { seq: 2_999, member: memberAt(2_999) },
      ],
    },
    { n: 20_000 },
  ];

  test.each(DRAWS)("agrees with each rank of %o", async (options) => {
    const given = await GivenDraw.of(options);
    const ranks = Array.from({ length: options.n }, (_, at) => given.draw.rank(at + 1));
    expect(await verify(await given.file())).toBe(`right\n${ranks.join(" ")}`.trim());
  });

  test("finds a member's ticket, and not another's", async () => {
    const given = await GivenDraw.of({ n: 50 });
    const text = await given.file();
    expect(await verify(text, LINE.flightId, "3", "17", memberAt(17))).toStartWith("right");
    expect(await verify(text, LINE.flightId, "3", "17", memberAt(18))).toBe("wrong: ticket");
  });

  test("is one that can fail", async () => {
    const text = await (await GivenDraw.of({ n: 50 })).file();
    expect(await verify(text.replace(/\n7 (\d+) /, "\n7 1$1 "))).toBe("wrong: ranks");
    expect(await verify(text.replace(/\n7 \d+ .*\n/, "\n"))).toBe("wrong: places");
    expect(await verify(text.replace(/(\n7 \d+ )./, "$1z"))).toContain("Error");
  });
});
