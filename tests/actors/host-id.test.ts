/** Goal: every process has a name that the hosts' table keeps, and no two machines the same. */

import { expect, test } from "bun:test";
import { hostIdOf } from "../../actors/host-id.ts";

test("is machine and port", () => {
  expect(hostIdOf("edge-7.example", 3000)).toBe("edge-7.example-3000");
});

test("has up to 64 characters, and tells machines apart that begin alike", () => {
  const machine = "m".repeat(250);
  const names = [`${machine}-1`, `${machine}-2`, "m".repeat(63), "m".repeat(59)].map((name) => hostIdOf(name, 65_535));
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^[a-z0-9.-]{1,64}$/);
});
