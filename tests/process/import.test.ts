/** Goal: a timetable is taken while the server sells: its flights are found and sold right away; of a bad file nothing is taken. */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { GivenProgram } from "../support/given-program.ts";
import { Member, seatStates, send } from "./member.ts";
import { importFlights, timetable } from "./timetable.ts";

/** Processes start on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;

setDefaultTimeout(TEST_MS_MAX);

const given = new GivenProgram({ KEYS_PER_MEMBER: "100000" });

afterAll(() => given.remove());

async function searched(): Promise<ReadonlySet<string>> {
  const { status, body } = await send(given.url, "GET", "/api/v1/flights?origin=RUN&destination=MRU&size=100");
  expect(status).toBe(200);
  return new Set(body.items.map(({ id }) => id));
}

test("an import beside a server that sells is searched and sold at once, and disturbs nobody", async () => {
  const [old] = await importFlights(given, [1]);
  const sold = present(old, "a flight");
  await given.start();
  const member = await Member.signUp(given);
  expect(await searched()).toEqual(new Set([sold]));

  const { bytes, flightIds } = timetable(Array.from({ length: 40 }, (_, at) => at + 2));
  const file = join(given.folder, "more.ssim");
  writeFileSync(file, bytes);
  const importing = given.run(["import", file]);
  let isImporting = true;
  importing.then(
    () => (isImporting = false),
    () => (isImporting = false),
  );
  let held = 0;
  while (isImporting) {
    const { status, body } = await member.hold(sold, ["1A"]);
    expect(status).toBe(201);
    expect((await member.cancel(body.id)).status).toBe(200);
    held += 1;
  }
  expect(await importing).toMatchObject({ exitCode: 0, err: "", out: expect.stringContaining("40 added") });
  expect(held).toBeGreaterThan(0);

  expect(await searched()).toEqual(new Set([sold, ...flightIds]));
  const bought = present(flightIds[7], "a flight");
  expect((await seatStates(given.url, bought)).size).toBe(60);
  expect((await member.hold(bought, ["2C"])).status).toBe(201);
  expect((await seatStates(given.url, bought)).get("2C")).toBe("held");

  // The same file again changes nothing.
  expect((await given.run(["import", file])).out).toContain("0 added, 40 unchanged, 0 differing");
  expect(given.server.errors).toEqual([]);
});

test("of a bad file the lines are told, and nothing is taken", async () => {
  const before = await searched();
  const { bytes } = timetable([101, 102, 103]);
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const legs = lines.flatMap((line, at) => (line.startsWith("3") ? [at] : []));
  const [first, second] = [present(legs[1], "a leg"), present(legs[2], "another leg")];
  // Times of departure that no clock shows.
  for (const at of [first, second]) {
    const line = present(lines[at], "the leg's line");
    lines[at] = `${line.slice(0, 43)}2561${line.slice(47)}`;
  }
  const file = join(given.folder, "bad.ssim");
  writeFileSync(file, lines.join("\n"), "latin1");
  const { exitCode, out, err } = await given.run(["import", file]);
  expect(exitCode).toBe(1);
  expect(out).toBe("");
  expect(err).toContain(`${file}:${first + 1}: `);
  expect(err).toContain(`${file}:${second + 1}: `);
  expect(await searched()).toEqual(before);
});
