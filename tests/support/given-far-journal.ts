/** Owns a journal on MySQL behind a proxy, and the same database seen from beside it: for tests of connections that break. */

import { assert, present } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { Batch, Journal } from "../../actors/journal.ts";
import { type OpenMysql, openMysql } from "../../db/open.ts";
import { MysqlJournal } from "../../db/stores/mysql-journal.ts";
import { givenMysql } from "./given-database.ts";
import { GivenJournal, type GivenOwner } from "./given-journal.ts";
import type { MysqlServer } from "./given-mysql.ts";
import { TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

/** A COMMIT as it goes over the wire: the command's byte, then its text. */
export const COMMIT_ON_THE_WIRE = "\u0003commit";

export type Way = "one trip" | "two trips";

export class GivenFarJournal {
  /** The database, and the same journal without a proxy. */
  readonly near: GivenJournal;
  readonly server: MysqlServer;
  readonly proxy: TcpProxy;
  /** Behind the proxy. */
  readonly journal: Journal;
  readonly #far: OpenMysql;

  private constructor(near: GivenJournal, server: MysqlServer, proxy: TcpProxy, far: OpenMysql, way: Way) {
    this.near = near;
    this.server = server;
    this.proxy = proxy;
    this.#far = far;
    this.journal = new MysqlJournal(far, { commitsAtOnce: way === "one trip" });
  }

  /**
   * @param way how the journal behind the proxy commits: in one round trip, as small batches do, or in two, as large ones do
   * @param clock of that journal, for its limits of time
   */
  static async open(way: Way, clock?: Clock): Promise<GivenFarJournal> {
    let server: MysqlServer | null = null;
    let url = "";
    const near = await GivenJournal.open(async () => {
      const given = await givenMysql();
      ({ server, url } = given);
      return given;
    });
    const shared = present<MysqlServer>(server, "the server that was given");
    const proxy = new TcpProxy({ to: shared.port });
    const behind = shared.url(new URL(url).pathname.slice(1), proxy.port);
    const far = await openMysql(behind, clock === undefined ? {} : { clock });
    return new GivenFarJournal(near, shared, proxy, far, way);
  }

  takeOver(): Promise<GivenOwner> {
    return this.near.takeOver();
  }

  /** Commits what the owner decided, through the proxy. */
  commit(batch: Batch, isRepeat = false) {
    return this.journal.commit(batch, isRepeat);
  }

  async committed(batch: Batch, isRepeat = false): Promise<void> {
    const outcome = await this.commit(batch, isRepeat);
    assert(outcome.kind === "committed", `committed, not ${JSON.stringify(outcome)}`);
  }

  /** Resolves when somebody waits for a lock. */
  async someoneWaits(): Promise<void> {
    const waiting = "show global status like 'Innodb_row_lock_current_waits'";
    await until(async () => Number((await this.server.run(waiting))[0]?.Value) > 0, "somebody waits for a lock");
  }

  async close(): Promise<void> {
    this.proxy.mend();
    await this.#far.close();
    await this.near.close();
    await this.proxy.stop();
  }
}
