/** Owns the peers' connections to the database: each is lent to one request at a time, and sends statements without waiting between them. */

import { connect, type Socket } from "node:net";
import { type Connection, createConnection, type Prepare, SqlError, type UpsertResult } from "mariadb";
import { present } from "../../actors/assert.ts";
import { OperationalError } from "../../actors/errors.ts";
import { mysqlAddress } from "../../db/mysql/address.ts";

export type Value = string | number | null;
export type Row = readonly unknown[];
export type Statement = readonly [sql: string, values?: readonly Value[]];

/** What one statement came to: rows (none of what only writes), or why the server refused it. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly failure: SqlError | null;
}

/** Requests that may wait for a connection. */
const WAITING_MAX = 20_000;

/** How often what others were in the way of is tried again. */
const TRIES_MAX = 20;

/** In the statements' own words: https://mariadb.com/kb/en/mariadb-error-codes/ */
export const DUPLICATE = 1062;
const LOCK_WAIT = 1205;
const DEADLOCK = 1213;

/** Somebody was in the way, and nothing was written: the whole may be tried again. */
export class InTheWay extends Error {
  override readonly name = "InTheWay";
}

/** A connection for statements that are run once. */
export function connectTo(url: string): Promise<Connection> {
  return createConnection(optionsOf(url));
}

/** The connector's own second is too short for a machine that has other things to do [mariadb 3.5.4]. */
const CONNECT_MS_MAX = 30_000;

function optionsOf(url: string) {
  const { host, port, user, password, database } = mysqlAddress(url, null);
  return { host, port, user, password, database, allowPublicKeyRetrieval: true, connectTimeout: CONNECT_MS_MAX };
}

export class Link {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #prepared = new Map<string, Prepare>();

  private constructor(connection: Connection, socket: Socket) {
    this.#connection = connection;
    this.#socket = socket;
  }

  /** Transactions are READ COMMITTED, and begin with their first statement. */
  static async open(url: string): Promise<Link> {
    const options = optionsOf(url);
    let socket: Socket | null = null;
    const connection = await createConnection({
      ...options,
      stream: () => {
        socket = connect({ port: options.port, host: options.host });
        socket.setNoDelay(true);
        return socket;
      },
      pipelining: true,
      rowsAsArray: true,
      logParam: false,
    });
    connection.on("error", () => {});
    await connection.query("set session transaction isolation level read committed");
    await connection.query("set session autocommit = 0, innodb_lock_wait_timeout = 5");
    return new Link(connection, present<Socket>(socket, "a connection has a socket"));
  }

  get isUsable(): boolean {
    return this.#connection.isValid();
  }

  /** One statement. @throws SqlError what the server refused it for */
  async one(sql: string): Promise<void> {
    await this.#connection.query(sql);
  }

  /** A procedure; gives the row that it selects, or null when it selects nothing. @throws SqlError what the server refused it for */
  async call(sql: string, values: readonly Value[]): Promise<Row | null> {
    const prepared = this.#prepared.get(sql) ?? (await this.#prepare(sql));
    const answered: Answered = await prepared.execute(values);
    return "affectedRows" in answered ? null : ((answered[0] as readonly Row[])[0] ?? null);
  }

  /**
   * All of them in one trip. A refused one doesn't keep those after it from being run: look before you commit.
   * @throws when the connection is lost
   */
  async all(statements: readonly Statement[]): Promise<readonly Outcome[]> {
    for (const [sql, values] of statements) {
      if (values !== undefined && !this.#prepared.has(sql)) await this.#prepare(sql);
    }
    this.#socket.cork();
    const sent = statements.map(([sql, values]) => this.#send(sql, values).then(outcomeOf, failureOf));
    this.#socket.uncork();
    return await Promise.all(sent);
  }

  /** Inserts many rows by one statement with the places of one. */
  async bulk(sql: string, rows: readonly (readonly Value[])[]): Promise<void> {
    await this.#connection.batch(sql, rows);
  }

  async close(): Promise<void> {
    await this.#connection.end();
  }

  #send(sql: string, values: readonly Value[] | undefined): Promise<Answered> {
    if (values === undefined) return this.#connection.query(sql);
    return present(this.#prepared.get(sql), "a statement is prepared before it is sent").execute(values);
  }

  async #prepare(sql: string): Promise<Prepare> {
    const prepared = await this.#connection.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** Of a CALL that selects: a list of what it selected, with an UpsertResult at the end. */
type Answered = UpsertResult | readonly unknown[];

function outcomeOf(answered: Answered): Outcome {
  const rows = "affectedRows" in answered ? [] : (answered as readonly Row[]);
  return { rows, failure: null };
}

function failureOf(cause: unknown): Outcome {
  if (cause instanceof SqlError && !cause.fatal) return { rows: [], failure: cause };
  throw cause;
}

/** Where one that was lost stands null: whoever gets it opens another. */
type Place = Link | null;

export class Pool {
  readonly #url: string;
  readonly #free: Place[] = [];
  readonly #waiting: ((place: Place) => void)[] = [];

  private constructor(url: string) {
    this.#url = url;
  }

  static async open(url: string, size: number): Promise<Pool> {
    const pool = new Pool(url);
    for (let opened = 0; opened < size; opened++) pool.#free.push(await Link.open(url));
    return pool;
  }

  /**
   * Runs `work` on a connection of its own, and again when others were in its way: what it has written by then is undone.
   * @throws OperationalError UNAVAILABLE when the connection is lost (what was sent may have happened), or others were in the way too often
   */
  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    const free = this.#free.pop();
    let place: Place = free === undefined ? await this.#wait() : free;
    try {
      place ??= await Link.open(this.#url);
      return await repeated(place, work);
    } catch (cause) {
      if (place?.isUsable === false) place = null;
      if (place === null) throw new OperationalError("UNAVAILABLE", "The database is out of reach.", { cause });
      throw cause;
    } finally {
      this.#give(place);
    }
  }

  /** Closes the connections; none is in use by now. */
  async close(): Promise<void> {
    await Promise.all(this.#free.splice(0).map((place) => place?.close()));
  }

  #wait(): Promise<Place> {
    if (this.#waiting.length >= WAITING_MAX)
      throw new OperationalError("OVERLOADED", "Too many wait for the database.");
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(place: Place): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(place);
    else next(place);
  }
}

async function repeated<T>(link: Link, work: (link: Link) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work(link);
    } catch (cause) {
      if (!link.isUsable) throw cause;
      await link.one("rollback");
      if (!isPassing(cause)) throw cause;
      if (tries === TRIES_MAX) throw new OperationalError("UNAVAILABLE", "Too many want the same at once.", { cause });
    }
  }
}

function isPassing(cause: unknown): boolean {
  if (cause instanceof InTheWay) return true;
  return cause instanceof SqlError && (cause.errno === DEADLOCK || cause.errno === LOCK_WAIT);
}
