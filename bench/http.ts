/** Owns the measure through HTTP: durable holds a second, as a share of a route that only checks the token and validates the body. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../db/open.ts";
import { signingKeysIn } from "../http/accounts/signing-keys.ts";
import { publishPlan } from "../tests/support/given-host.ts";
import { benchPlan, LARGE_PLAN } from "./large-flight.ts";
import { UNLIMITED } from "./rig/product.ts";
import { load, makeTokens, report, start, startBaseline } from "./support.ts";

const CONNECTIONS = (process.env.CONNECTIONS ?? "1,8,64,256").split(",").map(Number);
const FLIGHTS = Number(process.env.FLIGHTS ?? 8);

const main = join(import.meta.dir, "../main.ts");
for (const connections of CONNECTIONS) {
  const baseline = await startBaseline();
  const { tokens } = baseline;
  const plain = { flights: [benchPlan(0).flightId], tokens, keyPrefix: "b-" };
  const alone = await load(baseline.url, connections, plain, { edge: baseline.pid });
  report("the edge alone", connections, alone);
  await baseline.stop();

  const dataDir = mkdtempSync(join(tmpdir(), "pigonair-http-"));
  const env = { ...UNLIMITED, DATA_DIR: dataDir, PORT: "0", SANDBOX_PORT: "0" };
  try {
    const db = await openSqlite(join(dataDir, "pigonair.sqlite"));
    for (let number = 0; number < FLIGHTS; number++) await publishPlan(db, benchPlan(number));
    await db.close();
    const members = await makeTokens(await signingKeysIn(dataDir));
    const server = await start([process.execPath, main], env, /serves at (http:\S+)/);
    const flights = Array.from({ length: FLIGHTS }, (_, number) => benchPlan(number).flightId);
    const named = LARGE_PLAN.seats.map(({ seat }) => seat);
    const pids = { server: server.pid };
    const visits = { flights, tokens: members, seats: named, keyPrefix: "h-" };
    report(`holds, ${FLIGHTS} flights`, connections, await load(server.url, connections, visits, pids), alone);
    const refused = { flights: flights.slice(0, 1), tokens: members, seats: ["1A"], keyPrefix: "r-" };
    report("refusals, one flight", connections, await load(server.url, connections, refused, pids), alone);
    await server.stop();
    const doctor = Bun.spawnSync([process.execPath, main, "doctor"], { env: { ...process.env, ...env } });
    console.log(doctor.stdout.toString().trim().split("\n").at(-1));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
