/** Owns the first load of a contestant, which nobody measures: its runtime compiles what is hot, and its caches fill. */
import { present } from "../../actors/assert.ts";
import type { Bench } from "../bench.ts";
import { FIRST_TAKEN } from "../large-flight.ts";
import { HttpPool } from "../load/http-pool.ts";
import { measureHolds } from "../measure.ts";
import { ms } from "../progress.ts";
import type { Contestant } from "../rig/contestant.ts";
import { FULL, type Scale } from "../scale.ts";

const LOADED_AT_ONCE = 8;

/** After about so many holds the runtime has compiled what a contestant does; whoever is too slow for that is given this time. */
const WARM_HOLDS = 25_000;
const WARM_MS_MAX = 12_000;

/** @param flights all that will be sold: one seat of each is held, so that none is loaded while it is measured */
export async function warmUp(bench: Bench, contestant: Contestant, flights: readonly string[]): Promise<void> {
  const { scale, progress } = bench;
  const startedMs = performance.now();
  await bench.phase(`loading of ${contestant.name}`, () => loadFlights(bench, contestant, flights));
  progress.line(`${contestant.name} has loaded ${flights.length} flights in ${ms(performance.now() - startedMs)}`);
  const connections = Math.max(...scale.connections);
  const windowMs = scale.firstWarmUpMs / 2;
  await bench.phase(`warm-up of ${contestant.name}`, async () => {
    const load = { order: "in-turn", connections, warmUpMs: 0, windowMs } as const;
    await untilWarm(scale, async () => (await measureHolds(bench, contestant, load)).proof.acknowledged);
    await measureHolds(bench, contestant, { order: "refused", connections, warmUpMs: 0, windowMs: windowMs / 2 });
  });
  progress.line(`${contestant.name} is warm`);
}

/**
 * Loads again and again until what is loaded is warm.
 * @param load gives how many were answered
 * @param times as much as one process needs
 */
export async function untilWarm(scale: Scale, load: () => Promise<number>, times = 1): Promise<void> {
  const share = times * (scale.firstWarmUpMs / FULL.firstWarmUpMs);
  const giveUpMs = performance.now() + WARM_MS_MAX * share;
  let answered = 0;
  do answered += await load();
  while (answered < WARM_HOLDS * share && performance.now() < giveUpMs);
}

/** One seat of each flight is held; where that was done before it is told again, and the flight is loaded all the same. */
export async function loadFlights(
  { members }: Bench,
  { name, url }: Contestant,
  flights: readonly string[],
): Promise<void> {
  const { token } = present(members[0], "a member");
  const pool = new HttpPool(url, LOADED_AT_ONCE);
  await pool.open();
  const answers = await Promise.all(
    flights.map((flightId) =>
      pool.ask({
        method: "POST",
        path: `/api/v1/flights/${flightId}/reservations`,
        token,
        headers: { "Idempotency-Key": "first" },
        body: { passengers: [{ name: "FIRST", type: "ADT", seat: FIRST_TAKEN }] },
      }),
    ),
  );
  pool.close();
  const other = answers.find(({ status }) => status !== 201);
  if (other !== undefined) throw new Error(`${name} does not sell: ${other.status} ${other.body}`);
}
