/** The program that serves one peer: it makes its tables, prints its address and tokens that it takes, and ends on SIGTERM. */

import { parseArgs } from "node:util";
import { numberForms } from "../../actors/domain/number-forms.ts";
import { SeatPlan } from "../../actors/domain/plan.ts";
import { type NumberBlocks, Numbers } from "../../actors/numbers.ts";
import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { AccessTokens } from "../../http/accounts/access-tokens.ts";
import { MemoryRevocations } from "../../http/accounts/revocations.ts";
import { newSigningKeys, readSigningKeys } from "../../http/accounts/signing-keys.ts";
import { personHash } from "../../http/reservations/person.ts";
import { startServing } from "../../http/serving.ts";
import { benchPlan, LARGE_PLAN } from "../large-flight.ts";
import { peerApp } from "./app.ts";
import { isPeerName, PEER_NAMES, PEERS } from "./peers.ts";
import { connectTo } from "./pool.ts";
import { makeTables } from "./schema.ts";

const HELP = `bun bench/peers/main.ts --peer NAME --database URL

  --peer         ${PEER_NAMES.join(", ")}
  --database     mysql://user:password@host:port/database: an empty one, or one that peers had before
  --redis        redis://host:port, for redis-lock and redis-later
  --pool         connections to the database (the peer's own idea)
  --flights      how many flights of bench/large-flight.ts there are, or their ids by commas (1)
  --seats        how many seats of those each has (all: ${LARGE_PLAN.capacity})
  --hold-ttl-ms  how long a hold lasts (900000)
  --members      how many members' tokens are printed (0)
  --port         0 takes a free one (0)

Tokens are signed with TOKEN_SIGNING_KEY, or with a key of its own. A line of JSON tells url, tokens, title, isDurable and pool.`;

const REQUEST_TIMEOUT_MS = 15_000;

/** The same at every start, or numbers would come twice; nobody has to keep these secret. */
const NUMBER_KEY = new Uint8Array(32);

/** @throws Error that says which argument is wrong */
function count(name: string, text: string, min: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < min) throw new Error(`--${name} must be a number from ${min} on`);
  return Number(text);
}

function idsOf(flights: string): string[] {
  if (!/^\d+$/.test(flights)) return flights.split(",");
  return Array.from({ length: Number(flights) }, (_, number) => benchPlan(number).flightId);
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peer: { type: "string" },
      database: { type: "string" },
      redis: { type: "string" },
      pool: { type: "string" },
      flights: { type: "string", default: "1" },
      seats: { type: "string", default: String(LARGE_PLAN.capacity) },
      "hold-ttl-ms": { type: "string", default: "900000" },
      members: { type: "string", default: "0" },
      port: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  const { peer: name, database } = values;
  if (values.help) return console.log(HELP);
  if (!isPeerName(name) || database === undefined) throw new Error(`a peer and a database are needed\n\n${HELP}`);
  const kind = PEERS[name];
  const poolSize = count("pool", values.pool ?? String(kind.pool), 1);
  const seatPlan = new SeatPlan(LARGE_PLAN.seats.slice(0, count("seats", values.seats, 1)));
  const flights = idsOf(values.flights);

  const clock = systemClock();
  const entropy = systemEntropy();
  await makeTables(database, { flights, seatPlan }, kind.needsSeatRows);
  const blocks = await pnrBlocks(database);
  const numbers = new Numbers(blocks, numberForms(NUMBER_KEY, "990"), entropy, silent.log);
  await numbers.refill();
  const keys = await readSigningKeys(process.env.TOKEN_SIGNING_KEY ?? (await newSigningKeys()));
  const tokens = new AccessTokens({ keys, revocations: new MemoryRevocations(clock, 1), clock, entropy });
  const peer = await kind.open({ database, redis: values.redis ?? null, pool: poolSize });
  const app = peerApp({
    peer,
    tokens,
    flights: new Map(flights.map((flightId) => [flightId, { ...benchPlan(0), flightId, seatPlan }])),
    numbers,
    holdTtlMs: count("hold-ttl-ms", values["hold-ttl-ms"], 1),
    personOf: personHash(NUMBER_KEY),
    clock,
    entropy,
  });
  const serving = startServing(app, {
    host: "127.0.0.1",
    port: count("port", values.port, 0),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const members = Array.from({ length: count("members", values.members, 0) }, () => {
    return tokens.issue({ id: entropy.uuid(), role: "MEMBER" }, entropy.uuid());
  });
  const { title, isDurable } = kind;
  const line = { url: serving.url, title, isDurable, pool: poolSize, tokens: await Promise.all(members) };
  console.log(JSON.stringify(line));

  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await serving.drain();
  await peer.close();
  await serving.close();
  process.exit(0);
}

/** Numbers that no other process on the database gets, as the product's are. */
async function pnrBlocks(url: string): Promise<NumberBlocks> {
  const connection = await connectTo(url);
  await connection.query("create sequence if not exists numbers increment by 1 cache 0");
  return {
    async lease(_kind, size) {
      const [row] = await connection.query<{ first: bigint }[]>("select nextval(numbers) as first");
      return Number(row?.first ?? 0n) * size;
    },
  };
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
