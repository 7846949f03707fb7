/** Goal: the edge alone, which the product is compared with, really checks what it claims to; and the load generator drives it over a process. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPair, SignJWT } from "jose";
import { type Baseline, startBaseline, TokenCheck } from "../../bench/baseline.ts";
import type { HoldsOptions } from "../../bench/load/holds.ts";
import type { LoadConfig } from "../../bench/load/result.ts";
import { runLoad } from "../../bench/load/run.ts";

const MEMBERS = 4;
let baseline: Baseline;

beforeAll(async () => {
  baseline = await startBaseline(0, MEMBERS);
});
afterAll(() => baseline.stop());

function post(body: unknown, token = baseline.tokens[0]): Promise<Response> {
  return fetch(`${baseline.url}/api/v1/flights/PA-101-20260601/reservations`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const good = { passengers: [{ name: "HONG GILDONG", type: "ADT", birthDate: "1990-01-31", seat: "12A" }] };

describe("POST reservations of the baseline", () => {
  test("answers 201 to a good body, with the token new and known", async () => {
    for (let i = 0; i < 3; i++) {
      const response = await post({ ...good, prefer: { cabin: "Y", together: true } });
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({ flightId: "PA-101-20260601", status: "HELD" });
    }
  });

  test.each([
    ["no passengers", { passengers: [] }],
    ["ten passengers", { passengers: Array.from({ length: 10 }, () => ({ name: "A" })) }],
    ["an unknown field", { ...good, discount: 1 }],
    ["an unknown field of a passenger", { passengers: [{ name: "A", vip: true }] }],
    ["an unknown preference", { ...good, prefer: { window: true } }],
    ["an unknown type", { passengers: [{ name: "A", type: "DOG" }] }],
    ["a bad seat", { passengers: [{ name: "A", seat: "A12" }] }],
    ["a number for a name", { passengers: [{ name: 7 }] }],
    ["no JSON", "{passengers"],
  ])("refuses %s", async (_what, body) => {
    const { status } = await post(body);
    expect([400, 422]).toContain(status);
  });

  test("refuses a foreign token, a spoilt one and none", async () => {
    const foreign = await startBaseline(0, 1);
    const spoilt = baseline.tokens[0]?.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
    const statuses = [await post(good, foreign.tokens[0]), await post(good, spoilt), await post(good, "")].map(
      (response) => response.status,
    );
    await foreign.stop();
    expect(statuses).toEqual([401, 401, 401]);
  });
});

describe("memberOf()", () => {
  const expiresAtS = 2_000_000_000;
  const beforeMs = expiresAtS * 1000 - 1;

  async function given(tokensMax: number) {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA");
    const time = { nowMs: beforeMs };
    const check = new TokenCheck(publicKey, () => time.nowMs, tokensMax);
    const authorizationOf = async (member: string) => {
      const token = new SignJWT().setProtectedHeader({ alg: "EdDSA" }).setIssuer("pigonair-bench").setSubject(member);
      return `Bearer ${await token.setExpirationTime(expiresAtS).sign(privateKey)}`;
    };
    return { check, time, authorizationOf };
  }

  test("refuses a token that it knows from its expiry on", async () => {
    const { check, time, authorizationOf } = await given(10);
    const authorization = await authorizationOf("m1");
    expect(await check.memberOf(authorization)).toBe("m1");
    expect(check.memberOf(authorization)).toBe("m1");
    time.nowMs++;
    expect(check.memberOf(authorization)).toBeNull();
  });

  test("remembers no more tokens than it may, the newest ones", async () => {
    const { check, authorizationOf } = await given(2);
    const [first, second, third] = [
      await authorizationOf("m1"),
      await authorizationOf("m2"),
      await authorizationOf("m3"),
    ];
    for (const authorization of [first, second, third]) await check.memberOf(authorization);
    expect([check.memberOf(second), check.memberOf(third)]).toEqual(["m2", "m3"]);
    expect(check.memberOf(first)).toBeInstanceOf(Promise);
  });
});

describe("runLoad()", () => {
  const load = (requestsMax: number): LoadConfig => {
    const options: HoldsOptions = {
      flights: ["PA-101-20260601", "PA-9-20260601"],
      tokens: baseline.tokens,
      seats: ["1A", "12B", "100C"],
      keyPrefix: "test-",
    };
    const window = { warmUpMs: 0, durationMs: 60_000, requestsMax };
    const plan = `${import.meta.dir}/../../bench/load/holds.ts`;
    return { url: baseline.url, connections: 4, ...window, plan, options, watchPids: [process.pid] };
  };

  test("drives the baseline with holds from a process of its own", async () => {
    const result = await runLoad(load(300));
    expect(result.byStatus).toEqual({ 201: 300 });
    expect(result.errors).toBe(0);
    expect(Object.keys(result.cpu.watched)).toEqual([String(process.pid)]);
  });

  test("has one process for all loads, so that none but the first is generated by one that is not compiled yet", async () => {
    const pids: number[] = [];
    for (let at = 0; at < 3; at++) {
      const { byStatus } = await runLoad(load(300), (pid) => pids.push(pid));
      expect(byStatus).toEqual({ 201: 300 });
    }
    expect(new Set(pids).size).toBe(1);
    expect(pids).not.toContain(process.pid);
  });

  test("fails with its generator, and the next load has another one", async () => {
    const pids: number[] = [];
    const failing = runLoad(load(1_000_000_000), (pid) => {
      pids.push(pid);
      process.kill(pid, "SIGKILL");
    });
    await expect(failing).rejects.toThrow("the load generator ended");
    expect(await runLoad(load(300), (pid) => pids.push(pid))).toMatchObject({ byStatus: { 201: 300 } });
    expect(new Set(pids).size).toBe(2);
  });
});
