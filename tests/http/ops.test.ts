// Goal: operators learn from the server itself whether it lives, whether it wants requests and what it is short of, and what it measured.

import { afterEach, describe, expect, test } from "bun:test";
import { Readiness, type ReadinessCheck } from "../../http/ops/readiness.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { GivenApp } from "../support/given-app.ts";

const fine: ReadinessCheck = { name: "database", check: () => Promise.resolve(null) };
const full: ReadinessCheck = { name: "disk", check: () => Promise.resolve("is full") };
const failing: ReadinessCheck = { name: "shards", check: () => Promise.reject(new Error("secret of the inside")) };
const throwing: ReadinessCheck = {
  name: "bus",
  check: () => {
    throw new Error("secret of the inside");
  },
};

let given: GivenApp | null = null;

afterEach(async () => {
  await given?.close();
  given = null;
});

async function open(...checks: ReadinessCheck[]): Promise<GivenApp> {
  given = await GivenApp.open({ checks });
  return given;
}

describe("/readyz", () => {
  test("is ready when every check is fine, and alive anyhow", async () => {
    const app = await open(fine);
    expect((await app.get("/readyz")).status).toBe(200);
    expect((await app.get("/livez")).status).toBe(200);
  });

  test("names all that is down, and none of its secrets", async () => {
    const app = await open(fine, full, failing, throwing);
    const response = await app.get("/readyz");
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({
      code: "NOT_READY",
      retryable: true,
      down: [
        { name: "disk", reason: "is full" },
        { name: "shards", reason: "failed" },
        { name: "bus", reason: "failed" },
      ],
    });
    expect((await app.get("/livez")).status).toBe(200);
  });

  test("is not ready from the moment it stops, although nothing is down", async () => {
    const app = await open(fine);
    app.readiness.stop();
    const response = await app.get("/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ down: [{ name: "server", reason: "stopping" }] });
    expect((await app.get("/livez")).status).toBe(200);
  });
});

test("Readiness.down() doesn't wait for a check that hangs", async () => {
  const clock = new FakeClock();
  const readiness = new Readiness(clock, [fine, { name: "provider", check: () => new Promise(() => {}) }]);
  const asked = readiness.down();
  clock.advance(1_999);
  await Promise.resolve();
  expect(Bun.peek.status(asked)).toBe("pending");
  clock.advance(1);
  expect(await asked).toEqual([{ name: "provider", reason: "no answer within 2000 ms" }]);
});

test("a check that costs something is not made again while what it found well counts; what it found wrong never counts", async () => {
  const found = [null, "is away", "is away", null];
  let asked = 0;
  const check = (): Promise<string | null> => Promise.resolve(found[asked++] ?? null);
  const clock = new FakeClock();
  const readiness = new Readiness(clock, [{ name: "database", check, wellMs: 500 }]);
  const down = async (): Promise<number> => (await readiness.down()).length;
  expect([await down(), await down()]).toEqual([0, 0]);
  clock.advance(499);
  expect([await down(), asked]).toEqual([0, 1]);
  clock.advance(1);
  expect([await down(), await down(), await down(), asked]).toEqual([1, 1, 0, 4]);
});

test("/metrics shows requests by route and the process itself, in Prometheus' format, without ids", async () => {
  const app = await open();
  await app.get("/api/v1/flights/XX-1");
  await app.get("/api/v1/flights/XX-2");
  const response = await app.get("/metrics");
  expect(response.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  const text = await response.text();
  expect(text).toContain(
    'pigonair_http_request_duration_seconds_count{method="GET",route="/api/v1/flights/:id",status="404"} 2',
  );
  expect(text).toContain("process_resident_memory_bytes ");
  expect(text).not.toContain("XX-1");
  for (const line of text.split("\n")) expect(line).toMatch(/^(#.*|[a-z][a-z0-9_]*(\{.*\})? \S+)?$/);
});
