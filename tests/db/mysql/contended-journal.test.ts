/**
 * Goal: hosts that take flights from each other while their connections are cut, held and silenced at random write each version once and
 * with no gap (I3), lose nothing that they acknowledged, and keep nothing that they called lost.
 *
 * `FAULTS_MS=60000 SEED=7 bun test tests/db/mysql/contended-journal.test.ts` goes on for longer, with the faults of that seed.
 */

import { expect, test } from "bun:test";
import { assert, present } from "../../../actors/assert.ts";
import { JOURNAL_SCHEMA, type TurnRecord } from "../../../actors/domain/event.ts";
import { shardOf } from "../../../actors/domain/ids.ts";
import { rejected } from "../../../actors/domain/reply.ts";
import { OperationalError } from "../../../actors/errors.ts";
import type { CommitOutcome, FlightWrite, Journal } from "../../../actors/journal.ts";
import { type OpenMysql, openMysql } from "../../../db/open.ts";
import { journalOn } from "../../../db/stores/journal.ts";
import { MysqlShards } from "../../../db/stores/mysql-shards.ts";
import { givenPlan, NOW_MS } from "../../support/given.ts";
import { givenBatch } from "../../support/given-batches.ts";
import { givenMysql, without } from "../../support/given-database.ts";
import { COMMIT_ON_THE_WIRE, type Way } from "../../support/given-far-journal.ts";
import { publishPlan } from "../../support/given-host.ts";
import { describeWithService } from "../../support/services.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";

const FAULTS_MS = Number(process.env.FAULTS_MS ?? 6_000);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
const HOSTS = 3;
const FLIGHTS = Array.from({ length: 6 }, (_, at) => `PG-${at + 1}-20300131-ICN`);
const SHARDS = [...new Set(FLIGHTS.map(shardOf))];
const NOTHING = { insert: [], update: [] };

/** mulberry32: small, and the same for a seed on every machine. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What became of every entry, by its mark. */
class Book {
  readonly acknowledged = new Map<string, string>();
  readonly lost = new Set<string>();
  readonly outcomes: Record<string, number> = {};

  count(what: string): void {
    this.outcomes[what] = (this.outcomes[what] ?? 0) + 1;
  }
}

/** A host that claims what it can, and commits an entry with a mark of its own to what it owns, as a lane does. */
class ContendingHost {
  readonly proxy: TcpProxy;
  /** Words that a COMMIT of its is known by on the wire. */
  readonly commitOf: string;
  readonly #db: OpenMysql;
  readonly #journal: Journal;
  readonly #shards: MysqlShards;
  readonly #book: Book;
  #incarnation = "";
  readonly #epochs = new Map<number, number>();
  readonly #versions = new Map<string, number>();

  constructor(proxy: TcpProxy, db: OpenMysql, way: Way, book: Book) {
    this.proxy = proxy;
    this.commitOf = way === "one trip" ? '"a mark"' : COMMIT_ON_THE_WIRE;
    this.#db = way === "one trip" ? db : without(db, "takesCompounds");
    this.#book = book;
    this.#journal = journalOn(this.#db);
    this.#shards = new MysqlShards(this.#db);
  }

  async run(until: () => boolean): Promise<void> {
    while (!until()) {
      try {
        await this.#claim();
        for (let batches = 0; batches < 5 && !until(); batches++) await this.#commit();
      } catch (cause) {
        if (!(cause instanceof OperationalError)) throw cause;
        // The database is out of reach: what is owned by now is for the next claim to say.
        this.#book.count(cause.code);
        await Bun.sleep(5);
      }
    }
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #claim(): Promise<void> {
    if (this.#incarnation === "" || (await this.#shards.beat(this.#incarnation, true)) === null) {
      this.#incarnation = Bun.randomUUIDv7();
      this.#epochs.clear();
      this.#versions.clear();
      await this.#shards.register({ incarnation: this.#incarnation, hostId: "host", weight: 1, minReader: 1 }, true);
      this.#book.count("starts");
    }
    // Not all at once, or one host would have everything.
    const some = SHARDS.filter(() => Math.random() < 0.4);
    for (const [shard, epoch] of await this.#shards.claim(some, this.#incarnation)) {
      this.#epochs.set(shard, epoch);
      this.#book.count("claims");
    }
  }

  async #commit(): Promise<void> {
    const owned = FLIGHTS.filter((flightId) => this.#epochs.has(shardOf(flightId)));
    if (owned.length === 0) {
      await Bun.sleep(5);
      return;
    }
    const marks = new Map<string, string>();
    const writes: FlightWrite[] = [];
    for (const flightId of owned) {
      const mark = Bun.randomUUIDv7();
      marks.set(flightId, mark);
      writes.push(await this.#write(flightId, mark));
    }
    const outcome = await this.#definite(givenBatch(this.#incarnation, this.#epochs, writes));
    this.#book.count(outcome.kind);
    assert(outcome.kind === "committed" || outcome.kind === "lost", () => JSON.stringify(outcome));
    for (const { flightId, base } of writes) {
      const mark = present(marks.get(flightId), "the flight's mark");
      if (outcome.kind === "lost") {
        this.#book.lost.add(mark);
        this.#versions.delete(flightId);
      } else {
        this.#book.acknowledged.set(mark, `${flightId} ${base + 1}`);
        this.#versions.set(flightId, base + 1);
      }
    }
    if (outcome.kind === "lost") for (const flightId of outcome.flights) this.#epochs.delete(shardOf(flightId));
  }

  /** As the lane does it: the same batch again until the outcome is definite. */
  async #definite(batch: ReturnType<typeof givenBatch>): Promise<CommitOutcome> {
    let isRepeat = false;
    for (;;) {
      const outcome = await this.#journal.commit(batch, isRepeat);
      if (outcome.kind !== "passing" && outcome.kind !== "unknown") return outcome;
      this.#book.count(outcome.kind);
      isRepeat ||= outcome.kind === "unknown";
      await Bun.sleep(5);
    }
  }

  async #write(flightId: string, mark: string): Promise<FlightWrite> {
    const base = this.#versions.get(flightId) ?? (await this.#loadVersion(flightId));
    const key = { name: mark, fingerprint: "", keptUntilMs: NOW_MS, reply: rejected("SOLD_OUT", "a mark") };
    const turns: TurnRecord[] = [{ atMs: NOW_MS, events: [], key }];
    const projection = {
      reservations: NOTHING,
      payments: NOTHING,
      tickets: NOTHING,
      passengers: [{ reservationId: mark, ordinal: 0, name: mark, birthDate: null }],
      claims: { remove: [], add: [] },
    };
    const entry = { schema: JOURNAL_SCHEMA, turns };
    const change = { entry, projection, logicalMs: NOW_MS, nextDeadlineMs: null, cabins: [] };
    return { flightId, shard: shardOf(flightId), base, change };
  }

  /** After the claim, as a host loads. */
  async #loadVersion(flightId: string): Promise<number> {
    const loaded = present(await this.#journal.load(flightId, NOW_MS), "a flight of the catalogue");
    return loaded.tail.at(-1)?.version ?? 0;
  }
}

/** Breaks one connection after another, and lets leases run out, until the time is over. */
async function makeFaults(hosts: readonly ContendingHost[], db: OpenMysql, random: () => number): Promise<void> {
  const endMs = performance.now() + FAULTS_MS;
  const late: (() => Promise<void>)[] = [];
  while (performance.now() < endMs) {
    const { proxy, commitOf } = present(hosts[Math.floor(random() * hosts.length)], "a host");
    const fault = Math.floor(random() * 12);
    if (fault === 0) proxy.cut();
    else if (fault >= 6) {
      const how = (["before", "after", "held"] as const)[fault % 3] ?? "before";
      proxy.breakAt(commitOf, how).then(
        ({ deliver }) => late.push(deliver),
        () => {},
      );
    } else if (fault === 1) {
      proxy.pause();
      await Bun.sleep(random() * 1_200);
      proxy.mend();
    } else if (fault <= 4) {
      await db.write.updateTable("hosts").set({ expires_at: 0 }).where("fenced", "=", 0).execute();
    } else for (const deliver of late.splice(0)) deliver().catch(() => {});
    await Bun.sleep(random() * 50);
  }
  for (const { proxy } of hosts) proxy.mend();
}

describeWithService("mariadbd", "a journal that hosts contend for", () => {
  test(
    `loses nothing that was acknowledged, keeps nothing that was lost (SEED=${SEED})`,
    async () => {
      const given = await givenMysql();
      for (const flightId of FLIGHTS) await publishPlan(given.db, givenPlan({ flightId }));
      const database = new URL(given.url).pathname.slice(1);
      const book = new Book();
      const hosts: ContendingHost[] = [];
      for (let at = 0; at < HOSTS; at++) {
        const proxy = new TcpProxy({ to: given.server.port });
        const db = await openMysql(given.server.url(database, proxy.port), { limits: { statementMsMax: 3_000 } });
        hosts.push(new ContendingHost(proxy, db, at % 2 === 0 ? "one trip" : "two trips", book));
      }
      let isOver = false;
      const running = hosts.map((host) => host.run(() => isOver));
      await makeFaults(hosts, given.db, randomOf(SEED));
      isOver = true;
      await Promise.all(running);

      const found = new Map<string, string>();
      for (const flightId of FLIGHTS) {
        const loaded = present(await journalOn(given.db).load(flightId, NOW_MS), "the flight");
        // load() has asserted that there is no gap; here also that the head says the same.
        const head = given.db.read.selectFrom("flight_head").select("version").where("flight_id", "=", flightId);
        expect(Number((await head.executeTakeFirstOrThrow()).version)).toBe(loaded.tail.length);
        for (const { version, entry } of loaded.tail) {
          const mark = present(entry.turns[0]?.key, "the key of the entry's turn").name;
          expect(found.has(mark)).toBe(false);
          found.set(mark, `${flightId} ${version}`);
        }
      }
      console.log(`${found.size} entries`, JSON.stringify(book.outcomes));
      const forgotten = [...book.acknowledged].filter(([mark, place]) => found.get(mark) !== place);
      expect(forgotten).toEqual([]);
      expect([...book.lost].filter((mark) => found.has(mark))).toEqual([]);
      // Every entry was told to somebody, as one or the other; and every projection came with its entry.
      expect([...found.keys()].filter((mark) => !book.acknowledged.has(mark))).toEqual([]);
      const names = await given.db.read.selectFrom("passenger").select("name").execute();
      expect(new Set(names.map(({ name }) => name))).toEqual(new Set(found.keys()));
      expect((book.outcomes.unknown ?? 0) + (book.outcomes.lost ?? 0)).toBeGreaterThan(0);

      for (const host of hosts) {
        await host.close();
        await host.proxy.stop();
      }
      await given.remove();
    },
    FAULTS_MS + 60_000,
  );
});
