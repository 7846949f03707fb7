/** Owns the question of whether anything that matters has changed in a database file since it was asked last. */

import { Database } from "bun:sqlite";

/**
 * What a refusal must leave as it was. Not here: the journal's record of refusals (DESIGN §4, I5), with the heads and snapshots that count
 * them, leased numbers, and what only says who is at work.
 */
const QUERIES: Readonly<Record<string, string>> = {
  reservation: "select * from reservation order by id",
  seat_claim: "select * from seat_claim order by flight_id, seat",
  passenger: "select * from passenger order by reservation_id, ordinal",
  payment: "select * from payment order by id",
  ticket: "select * from ticket order by reservation_id, ordinal",
  flight: "select * from flight order by id",
  fare: "select * from fare order by flight_id, cabin",
  seat_plan: "select id from seat_plan order by id",
  flight_head: "select flight_id, cabins from flight_head order by flight_id",
  journal: `select flight_id, version, turns from journal where turns like '%"events":[{%' order by flight_id, version`,
  member: "select * from member order by id",
  session: "select * from session order by id",
};

export class StateWatch {
  readonly #database: Database;
  readonly #digests = new Map<string, string>();
  #version = -1;

  constructor(file: string) {
    this.#database = new Database(file, { readonly: true });
    this.changed();
  }

  /** The tables whose content differs from that at the last call. */
  changed(): readonly string[] {
    // Rises with each commit of any other connection; without one there is nothing to compare.
    const { data_version: version } = this.#database.query("pragma data_version").get() as { data_version: number };
    if (version === this.#version) return [];
    this.#version = version;
    return Object.entries(QUERIES).flatMap(([table, query]) => {
      const digest = Bun.SHA256.hash(JSON.stringify(this.#database.query(query).values()), "hex");
      if (this.#digests.get(table) === digest) return [];
      this.#digests.set(table, digest);
      return [table];
    });
  }

  close(): void {
    this.#database.close();
  }
}
