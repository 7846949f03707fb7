/** Goal: what `bun run build` makes is the whole program: in an empty folder, with nothing else on the machine, it sells a seat. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildExecutable } from "../../deploy/build/build.ts";
import { checkOut, Member } from "../process/member.ts";
import { importFlights } from "../process/timetable.ts";
import { GivenProgram, type Ran } from "../support/given-program.ts";
import { until } from "../support/until.ts";

/** It is built first, on a machine that may have other things to do. */
const TEST_MS_MAX = 120_000;

setDefaultTimeout(TEST_MS_MAX);

const folder = mkdtempSync(join(tmpdir(), "pigonair-executable-"));
const executable = join(folder, "pigonair");
/** No program of the machine can be found, and its home has no settings. */
const given = new GivenProgram({ PATH: "", HOME: "/nonexistent" }, [executable]);

beforeAll(() => buildExecutable({ outfile: executable, target: null }));

afterAll(async () => {
  await given.remove();
  rmSync(folder, { recursive: true });
});

test("it is one file, names itself, and knows every command", async () => {
  expect(readdirSync(folder)).toEqual(["pigonair"]);
  const [help, draw, unknown] = await Promise.all([
    given.run(["--help"]),
    given.run(["verify-draw", "--help"]),
    given.run(["fly"]),
  ]);
  expect(help.out).toContain("\n  pigonair import FILE.ssim");
  expect(help.out).toContain("DATABASE_URL");
  expect(draw).toMatchObject({ exitCode: 0 });
  expect(draw.out).toStartWith("usage: pigonair verify-draw FILE");
  expect(unknown).toMatchObject({ exitCode: 2, err: 'There is no command "fly". pigonair --help names all.\n' });
});

test("it imports a timetable, sells a seat of it from sign-up to boarding pass, and its doctor finds nothing wrong", async () => {
  const [flightId = ""] = await importFlights(given, [1]);
  const server = await given.start();
  const at = { PORT: String(server.port) };
  expect((await Promise.all([given.run(["health"], at), given.run(["health", "--ready"], at)])).map(exitOf)).toEqual([
    0, 0,
  ]);
  const member = await Member.signUp(given);
  const held = await member.hold(flightId, ["1A"]);
  expect(held.status).toBe(201);
  const payment = await member.pay(held.body.id);
  expect(await checkOut(payment.body.checkoutUrl, { outcome: "approve" })).toBe(true);
  const status = async () => (await member.reservation(held.body.id)).body.status;
  await until(async () => (await status()) === "TICKETED", "the ticket", 20_000);
  const [ticket] = (await member.get("/api/v1/tickets")).body.items;
  const pass = await fetch(`${given.url}/api/v1/tickets/${ticket?.number}/boarding-pass.svg`, {
    headers: { authorization: `Bearer ${member.token}` },
  });
  expect(pass.status).toBe(200);
  expect(await pass.text()).toStartWith("<svg");

  expect(await server.stop()).toMatchObject({ exitCode: 0 });
  expect(server.errors).toEqual([]);
  expect(exitOf(await given.run(["health"], at))).toBe(1);
  expect(await given.doctor()).toMatchObject({ exitCode: 0 });
});

test("its pages come with scripts and styles, and so do the API's page and documents", async () => {
  const { url } = await given.start();
  for (const page of ["/", "/?lang=ko", "/operator", "/openapi"]) {
    const response = await fetch(url + page);
    expect(response.status).toBe(200);
    const html = await response.text();
    const addresses = Array.from(html.matchAll(/(?:src|href)="(\/(?:assets|openapi)\/[^"]+)"/g), ([, at = ""]) => at);
    expect(addresses.filter((at) => at.endsWith(".js")).length).toBeGreaterThan(0);
    expect(addresses.filter((at) => at.endsWith(".css")).length).toBeGreaterThan(0);
    for (const at of addresses) expect(await sizeOf(url + at)).toBeGreaterThan(at.endsWith("start.js") ? 50 : 1_000);
  }
  for (const document of ["/openapi/json", "/asyncapi/json"]) {
    const response = await fetch(url + document);
    expect(await response.json()).toContainKeys(["info"]);
  }
});

function exitOf({ exitCode }: Ran): number {
  return exitCode;
}

/** Of what came, unpacked; 0 for what was not found. */
async function sizeOf(address: string): Promise<number> {
  const response = await fetch(address);
  return response.ok ? (await response.bytes()).length : 0;
}
