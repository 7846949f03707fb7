/** Goal: the Dockerfile is well formed, makes an image of the executable alone, and nothing that is no source comes into its making. */

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { PINNED, ROOT, textOf } from "./files.ts";

const text = textOf("Dockerfile");
const instructions = DockerfileParser.parse(text).getInstructions();
const last = (keyword: string): string | undefined =>
  instructions.findLast((each) => each.getKeyword() === keyword)?.getArgumentsContent() ?? undefined;

test("it is a Dockerfile, and the checker finds nothing to say", () => {
  expect(validate(text).map(({ message }) => message)).toEqual([]);
  expect(validate("FROM scratch\nRUNN true\n").length).toBeGreaterThan(0);
});

test("the program runs as nobody, says how it is, and is stopped by a signal that it knows", () => {
  expect(last("USER")).toBe("65532:65532");
  expect(last("ENTRYPOINT")).toBe('["/pigonair"]');
  expect(last("HEALTHCHECK")).toEndWith('CMD ["/pigonair", "health"]');
  expect(last("STOPSIGNAL")).toBe("SIGTERM");
});

test("what it is built on has a version, that of package.json, and what it runs on is nothing", async () => {
  const froms = instructions
    .filter((each) => each.getKeyword() === "FROM")
    .map((each) => each.getArgumentsContent() ?? "");
  const [build = "", run] = froms;
  expect(froms.length).toBe(2);
  expect(build.split(" ")[0]).toMatch(PINNED);
  const { engines } = await Bun.file(join(ROOT, "package.json")).json();
  expect(build).toStartWith(`oven/bun:${engines.bun}-`);
  expect(run).toBe("scratch");
  expect(text.split("\n")[0]).toMatch(/^# syntax=docker\/dockerfile:\d+\.\d+\.\d+$/);
});

test("what goes into its making is named, lies there, and has no secret among it", () => {
  const lines = textOf("Dockerfile.dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines[0]).toBe("*");
  const taken = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  for (const path of taken) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
  // All that the build imports is among it.
  const top = ["actors", "db", "http", "queue", "config.ts", "main.ts", "deploy/build", "package.json", "bun.lock"];
  expect(taken).toEqual(expect.arrayContaining(top));
  expect(lines).toContain("**/*.env");
});
