/** Owns a simulated database for tests that know nothing of simulated time: it goes on by itself, a millisecond each turn of the real event loop. */

import type { GivenDatabase } from "../support/given-database.ts";
import { openSimulated } from "./database/open-simulated.ts";
import { Server, type ServerTemper } from "./database/server.ts";
import { EventLoop } from "./world/event-loop.ts";
import { Link } from "./world/link.ts";
import { Process } from "./world/process.ts";
import { Random } from "./world/random.ts";

/** The same, on a server that runs a whole transaction as one statement: MariaDB is such a one, MySQL is none. */
export function givenSimulatedWithCompounds(): Promise<GivenDatabase> {
  return givenSimulated({ takesCompounds: true });
}

export async function givenSimulated(temper: Partial<ServerTemper> = {}): Promise<GivenDatabase> {
  const loop = new EventLoop();
  const server = new Server({ loop, random: new Random(1), epochMs: Date.UTC(2030, 0, 1) });
  Object.assign(server.temper, temper);
  const stop = runByItself(loop);
  let processes = 0;
  const open = () => {
    const process = new Process(loop, `process-${++processes}`, { wallMs: Date.UTC(2030, 0, 1), rate: 1 });
    return openSimulated({ server, process, link: new Link(loop, () => 0), sessions: new Set() });
  };
  const db = open();
  return {
    db,
    address: { kind: "mysql", url: "mysql://nowhere/simulated", tlsCa: null },
    again: async () => open(),
    remove: async () => {
      await db.close();
      stop();
    },
  };
}

/** @returns ends it */
export function runByItself(loop: EventLoop): () => void {
  let isStopped = false;
  const turn = (): void => {
    if (isStopped) return;
    loop.runUntil(loop.nowMs + 1);
    setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    isStopped = true;
  };
}
