/** Owns the opening of the simulated database by a process: what `openMysql` gives, over a simulated server and network. */

import { Kysely } from "kysely";
import { type DedicatedConnection, OPEN_MS_MAX } from "../../../db/mysql/dedicated.ts";
import { DEDICATED } from "../../../db/mysql/session-settings.ts";
import type { OpenMysql } from "../../../db/open.ts";
import type { Database } from "../../../db/schema.ts";
import { ClientSession, type Reach } from "./client-session.ts";
import { simulatedDialect } from "./pool.ts";
import { settingsOf } from "./server-session.ts";

export function openSimulated(reach: Reach): OpenMysql {
  const pool = new Kysely<Database>({ dialect: simulatedDialect(reach) });
  const connections: SimulatedConnection[] = [];
  return {
    dialect: "mysql",
    read: pool,
    write: pool,
    figures: () => ({ busy: 0, idle: 0, max: 0, waiting: 0 }),
    dedicated(openMsMax) {
      const connection = new SimulatedConnection(reach, openMsMax);
      connections.push(connection);
      // It has what a DedicatedConnection has; its private parts are of a network that isn't here.
      return connection as unknown as DedicatedConnection;
    },
    async close() {
      for (const connection of connections) connection.close();
      await pool.destroy();
    },
  };
}

/** As `DedicatedConnection` of db/mysql/dedicated.ts. */
class SimulatedConnection {
  readonly #reach: Reach;
  readonly #openMsMax: number;
  #opening: Promise<ClientSession> | null = null;
  #session: ClientSession | null = null;

  constructor(reach: Reach, openMsMax = OPEN_MS_MAX) {
    this.#reach = reach;
    this.#openMsMax = openMsMax;
  }

  session(): Promise<ClientSession> {
    if (this.#session?.isUsable === true) return Promise.resolve(this.#session);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  close(): void {
    this.#session?.destroy();
  }

  async #open(): Promise<ClientSession> {
    this.#session = await ClientSession.open(this.#reach, settingsOf(DEDICATED), this.#openMsMax);
    return this.#session;
  }
}
