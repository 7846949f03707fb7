/** Goal: a "no" is remembered across hosts also in a flight in which nothing else has happened for longer than that is remembered. */

import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examine } from "../../db/doctor/examine.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { givenPlan, requestHold } from "../support/given.ts";
import { givenHost } from "../support/given-host.ts";

const HOUR_MS = 3_600_000;

test("a refusal is answered again by the next host, though the flight's latest event is an hour old", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-quiet-"));
  const file = join(folder, "pigonair.sqlite");
  const clock = new FakeClock();
  const rules = { holdTtlMs: 24 * HOUR_MS };
  const first = await givenHost({ file, clock, rules, plans: [givenPlan()] });
  await first.client.call(requestHold("1A"));
  clock.advance(HOUR_MS);
  const refused = await first.client.call(requestHold("1A", { member: "m2", key: "k2" }));
  expect(refused.reply).toMatchObject({ ok: false, rejection: { code: "SEAT_TAKEN" } });
  // It keeps a snapshot, so that what the journal has before it is read for refusals alone.
  await first.stop();

  const second = await givenHost({ file, clock, rules, plans: [] });
  clock.advance(1_000);
  const again = await second.client.call(requestHold("1A", { member: "m2", key: "k2" }));
  expect(again).toEqual({ ...refused, isReplay: true });
  expect((await examine(second.db.read)).findings).toEqual([]);
  await second.stop();
  rmSync(folder, { recursive: true });
});
