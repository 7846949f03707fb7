/** Goal: what moved money at the sandbox is on the disk before anybody is told of it, and nothing else makes its thread wait for a disk. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemEntropy } from "../../db/system-entropy.ts";
import { Ledger } from "../../queue/payments/sandbox/ledger.ts";
import { DEFAULT_DELAYS } from "../../queue/payments/sandbox/model.ts";
import { SandboxStore } from "../../queue/payments/sandbox/store.ts";
import { FakeClock } from "../support/fake-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "pigonair-sandbox-"));
const clock = new FakeClock();
let store: SandboxStore;
let ledger: Ledger;
/** How SQLite was last told to commit. */
let synchronous = "";
const run = Database.prototype.run;
const watched = spyOn(Database.prototype, "run").mockImplementation(function (this: Database, ...args) {
  synchronous = /^PRAGMA synchronous = (\w+)/.exec(args[0])?.[1] ?? synchronous;
  return run.apply(this, args);
});

beforeAll(() => {
  store = new SandboxStore(join(folder, "sandbox.sqlite"));
  ledger = new Ledger({ store, clock, entropy: systemEntropy(), merchant: "pigonair", delays: DEFAULT_DELAYS });
});
afterAll(() => {
  store.close();
  watched.mockRestore();
  rmSync(folder, { recursive: true });
});

/** What is written of payments by `change`, and how each time. */
function saved(change: () => unknown): string[] {
  const how: string[] = [];
  const save = spyOn(store, "save").mockImplementation((payment) => {
    how.push(`${payment.status}: ${synchronous}`);
    SandboxStore.prototype.save.call(store, payment);
  });
  change();
  save.mockRestore();
  expect(synchronous).toBe("NORMAL");
  return how;
}

const create = (attempt: string) =>
  ledger.create({
    attempt,
    amount: { amount: 90_000, currency: "KRW" },
    description: "a seat",
    expiresAtMs: clock.nowMs() + 1_000,
    returnUrl: "http://127.0.0.1/back",
  });

test("a payment that is created can be created again, and waits for no disk", () => {
  expect(saved(() => create("a"))).toEqual(["PENDING: NORMAL"]);
});

test("whatever ends a payment or moves money is on the disk", () => {
  const decided = create("b").payment;
  expect(saved(() => ledger.decide(decided.checkout, { outcome: "approve", webhook: "once" }))).toEqual([
    "CAPTURED: FULL",
  ]);
  expect(saved(() => ledger.refund("b", "refund:b"))).toEqual(["CAPTURED: FULL"]);
  expect(saved(() => ledger.cancel("a"))).toEqual(["CANCELLED: FULL"]);
  const late = create("c").payment;
  ledger.decide(late.checkout, { outcome: "approve-late", webhook: "once" });
  clock.advance(DEFAULT_DELAYS.lateCaptureMs + 1_000);
  expect(saved(() => ledger.captureNextDue())).toEqual(["CAPTURED: FULL"]);
});

test("a change that throws leaves nothing behind, and the next one waits for no disk", () => {
  const fail = () =>
    store.durably(() => {
      create("d");
      throw new Error("a change that failed");
    });
  expect(fail).toThrow("a change that failed");
  expect(synchronous).toBe("NORMAL");
  expect(ledger.find("d")).toBeNull();
});
