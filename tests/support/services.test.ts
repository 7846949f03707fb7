/** Goal: a missing server program is never passed over in silence where it must be there, and its package is named. */

import { expect, test } from "bun:test";
import { requireService } from "./services.ts";

const NOTHING_INSTALLED = "/nowhere";

test("requireService() gives null when the program is missing and may be", () => {
  expect(requireService("mariadbd", { path: NOTHING_INSTALLED, mustHaveAll: false })).toBeNull();
});

test("requireService() fails and names the package when the program must be there", () => {
  const machine = { path: NOTHING_INSTALLED, mustHaveAll: true };
  expect(() => requireService("mariadbd", machine)).toThrow("apt-get install mariadb-server");
  expect(() => requireService("nats-server", machine)).toThrow("apt-get install nats-server");
  expect(() => requireService("redis-server", machine)).toThrow("apt-get install redis-server");
  expect(() => requireService("nginx", machine)).toThrow("apt-get install nginx");
  expect(() => requireService("promtool", machine)).toThrow("apt-get install prometheus");
});
