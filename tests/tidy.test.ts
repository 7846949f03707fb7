/** Goal: the tree keeps its shape: arrows point one way, only adapters touch the machine, and every file says what it owns. */

import { expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

const ROOT = join(import.meta.dir, "..");
const LINES_MAX = 420;

interface Source {
  readonly path: string;
  readonly text: string;
  /** Text without comments and strings' contents is too much to ask of a test: lines that are comments are left out. */
  readonly code: string;
  /** Paths of the project that it imports. */
  readonly imports: readonly string[];
}

const sources: Source[] = [];
for (const path of new Bun.Glob("**/*.{ts,tsx}").scanSync({ cwd: ROOT })) {
  if (path.startsWith("node_modules/")) continue;
  const text = await Bun.file(join(ROOT, path)).text();
  const code = text
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .join("\n");
  const imports = Array.from(text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g), ([, target = ""]) =>
    normalize(join(dirname(path), target)),
  );
  sources.push({ path, text, code, imports });
}

function within(path: string, ...folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** For each folder, what its files may import: DESIGN's `actors/domain ← actors ← queue ← http ← main.ts`, and `db`, which implements ports. */
const ARROWS: readonly (readonly [folder: string, mayImport: readonly string[]])[] = [
  ["actors/domain", ["actors/domain", "actors/assert.ts", "actors/errors.ts"]],
  ["actors", ["actors"]],
  ["queue", ["queue", "actors"]],
  ["http", ["http", "queue", "actors"]],
  ["db", ["db", "http", "queue", "actors"]],
  ["config.ts", ["actors", "queue", "http"]],
  // What is built ahead is the pages'.
  ["deploy/build", ["deploy/build", "http/web/assets"]],
  ["deploy", ["deploy"]],
];

test("imports follow the arrows", () => {
  const against = sources.flatMap(({ path, imports }) => {
    const arrow = ARROWS.find(([folder]) => within(path, folder));
    if (arrow === undefined) return [];
    return imports.filter((target) => !within(target, ...arrow[1])).map((target) => `${path} imports ${target}`);
  });
  expect(against).toEqual([]);
});

test("nobody but main.ts, tests and benches imports db or a bench", () => {
  const against = sources.flatMap(({ path, imports }) =>
    within(path, "main.ts", "tests", "bench", "db")
      ? []
      : imports.filter((target) => within(target, "db", "bench", "tests")).map((target) => `${path} imports ${target}`),
  );
  expect(against).toEqual([]);
});

test("elysia is used under http alone", () => {
  const against = sources
    .filter(({ path, text }) => /from "(@elysia\/|elysia")/.test(text) && !within(path, "http", "tests", "bench"))
    .map(({ path }) => path);
  expect(against).toEqual([]);
});

test("only adapters touch the machine's clock, timers, randomness and environment", () => {
  const machine =
    /\b(Date\.now|new Date\(\)|Math\.random|crypto\.random\w+|randomBytes|setTimeout|setInterval|process\.env|performance\.now)\b/;
  const adapters = [
    "actors/connect.ts",
    "db/system-clock.ts",
    "db/system-entropy.ts",
    "db/sqlite/writer-thread.ts",
    "deploy",
    // The machine of a page's reader.
    "http/web/browser/device.ts",
    "main.ts",
  ];
  const against = sources
    .filter(({ path, code }) => !within(path, "tests", "bench", ...adapters) && machine.test(code))
    .map(({ path, code }) => `${path}: ${machine.exec(code)?.[0]}`);
  expect(against).toEqual([]);
});

test("nobody writes to the console outside tests and benches", () => {
  const against = sources
    .filter(({ path, code }) => !within(path, "tests", "bench") && /\bconsole\./.test(code))
    .map(({ path }) => path);
  expect(against).toEqual([]);
});

test("every file opens with what it owns, and none is oversized", () => {
  const against = sources.flatMap(({ path, text }) => {
    const opening = within(path, "tests") ? /^(\/\*\*|\/\/) ?[\s\S]/ : /^(\/\*\*|\/\/)[\s*]*(Owns|The|How)\b/;
    const lines = text.split("\n").length;
    return [
      ...(opening.test(text) ? [] : [`${path} does not say what it owns`]),
      ...(lines > LINES_MAX ? [`${path} has ${lines} lines`] : []),
    ];
  });
  expect(against).toEqual([]);
});

test("nothing is left unfinished, silenced or loosely typed", () => {
  const loose =
    /\b(TODO|FIXME)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|\bas any\b|\w\??: any\b|\btest\.(only|todo)\b/;
  const against = sources
    .filter(({ path, code }) => path !== "tests/tidy.test.ts" && loose.test(code))
    .map(({ path, code }) => `${path}: ${loose.exec(code)?.[0]}`);
  expect(against).toEqual([]);
});

test("versions are exact", async () => {
  const { dependencies, devDependencies } = await Bun.file(join(ROOT, "package.json")).json();
  const versions = Object.entries({ ...dependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});
