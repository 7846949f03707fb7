/**
 * Owns connections for one purpose each, outside the pool: the lane's commits, claims, beats, locks. They speak through the `mariadb`
 * connector, which sends statements without waiting for the answers of those before them: a commit takes two round trips instead of
 * eight. Measured over 64 flights against mysql2, on one machine: 1.9 times as many commits of 1 hold, 1.3 of 64, 1.1 of 256.
 */

import { connect, isIP, type Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type Connection, createConnection, type Prepare, type UpsertResult } from "mariadb";
import { assert, present } from "../../actors/assert.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { MysqlAddress } from "./address.ts";
import type { Write } from "./batch-statements.ts";
import { compound } from "./compound.ts";
import { MysqlFailure, mysqlFailure } from "./failures.ts";
import { DEDICATED, sessionSettings } from "./session-settings.ts";

export type Value = string | number | null;

export interface Statement {
  readonly sql: string;
  /** Absent: the statement is sent as text. Otherwise it is prepared once, and the values travel apart from it. */
  readonly values?: readonly Value[];
  /** In the place of `values`: it is run for each of these. Only where {@link Session.takesBulk}. */
  readonly rows?: readonly (readonly Value[])[];
}

export interface Answer {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that were inserted or deleted; of an update those that were found, changed or not. */
  readonly affected: number;
}

/** What became of statements that were sent together. */
export interface Run {
  /** Of all of them, or of those before the first that failed. */
  readonly answers: readonly Answer[];
  /** What that one failed with: the session has ended then. */
  readonly failure: MysqlFailure | null;
}

/** How long the opening of a connection may take, in milliseconds. */
export const OPEN_MS_MAX = 2_000;

/** Statements that a session keeps prepared; the server pays for each with memory, those of 64 rows with a quarter of a megabyte. */
const PREPARED_MAX = 768;

/** More than {@link PREPARED_MAX}, so that the connector drops nothing that is still kept here. */
const CONNECTOR_PREPARED_MAX = 2 * PREPARED_MAX;

/** MySQL ends every session that is idle for a second, and not only within a transaction as MariaDB does: outside of one it is kept alive. */
const PING_MS = 300;

/** Ends a transaction; all sessions are in one from their first statement on. */
export const COMMIT: Statement = { sql: "commit" };

export class DedicatedConnection {
  readonly #address: MysqlAddress;
  readonly #clock: Clock;
  readonly #openMsMax: number;
  #opening: Promise<Session> | null = null;
  #session: Session | null = null;
  #isClosed = false;

  constructor(address: MysqlAddress, clock: Clock, openMsMax = OPEN_MS_MAX) {
    this.#address = address;
    this.#clock = clock;
    this.#openMsMax = openMsMax;
  }

  /** The open session, or a new one when there is none or it broke. @throws MysqlFailure when there can't be one now */
  session(): Promise<Session> {
    if (this.#session?.isUsable === true) return Promise.resolve(this.#session);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** The session ends, and there won't be another. */
  close(): void {
    this.#isClosed = true;
    this.#session?.destroy();
  }

  async #open(): Promise<Session> {
    const session = this.#isClosed ? null : await Session.open(this.#address, this.#clock, this.#openMsMax);
    if (this.#isClosed || session === null) {
      session?.destroy();
      throw new MysqlFailure("CLOSED", "unavailable", "the connection was closed");
    }
    this.#session = session;
    return session;
  }
}

/** An open connection with nothing of the past: it lives until it breaks or is destroyed, and is not repaired. */
export class Session {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #prepared = new Map<string, Prepare>();
  /** Calls that wait for the server, to be told when it won't answer any more. */
  #waiting: ((failure: MysqlFailure | null) => void)[] = [];
  #failure: MysqlFailure | null = null;
  readonly #isMariadb: boolean;
  /** What the server takes at once, in bytes. A larger statement would end the connection, at this try and at every other. */
  readonly #packetBytesMax: number;
  /** Whether the last thing that was sent ended the transaction. */
  #isAtRest = true;
  #ping: Timer | null = null;

  private constructor(connection: Connection, socket: Socket, clock: Clock, packetBytesMax: number) {
    this.#packetBytesMax = packetBytesMax;
    this.#connection = connection;
    this.#socket = socket;
    this.#clock = clock;
    connection.on("error", (cause) => this.#break(mysqlFailure(cause)));
    connection.on("end", () => this.#break(new MysqlFailure("CONNECTION_LOST", "unavailable", "the connection ended")));
    this.#isMariadb = connection.info?.isMariaDB() === true;
    this.#keepAlive();
  }

  static async open(address: MysqlAddress, clock: Clock, openMsMax: number): Promise<Session> {
    const { host, port, user, password, database, ca } = address;
    let socket: Socket | null = null;
    // The connector knows no way to end a connection whose server is silent, so the socket is ours.
    const timer = clock.after(openMsMax, () => socket?.destroy(new Error(`no connection within ${openMsMax} ms`)));
    try {
      const connection = await createConnection({
        host,
        user,
        password,
        database,
        ...(ca === null ? { allowPublicKeyRetrieval: true } : { ssl: verified(host, ca) }),
        stream: () => {
          socket = connect({ port, host });
          socket.setNoDelay(true);
          return socket;
        },
        connectTimeout: openMsMax,
        pipelining: true,
        rowsAsArray: true,
        // It finds the statements there that are run for many rows; all else is kept here.
        prepareCacheLength: CONNECTOR_PREPARED_MAX,
        // An error says what the server said, and not which values it was about.
        logParam: false,
      });
      connection.on("error", () => {});
      for (const sql of sessionSettings(DEDICATED)) await connection.query(sql);
      const [[packetBytesMax] = []] = await connection.query<unknown[][]>("select @@max_allowed_packet");
      return new Session(
        connection,
        present<Socket>(socket, "a connection has a socket"),
        clock,
        Number(packetBytesMax),
      );
    } catch (cause) {
      (socket as Socket | null)?.destroy();
      throw mysqlFailure(cause);
    } finally {
      timer.cancel();
    }
  }

  get isUsable(): boolean {
    return this.#failure === null;
  }

  /** Whether a statement may have `rows`. */
  get takesBulk(): boolean {
    return this.#isMariadb;
  }

  /** Whether {@link atOnce} may be called. */
  get takesCompounds(): boolean {
    return this.#isMariadb;
  }

  /**
   * Runs the steps and then COMMIT, in one round trip. When one fails, or affects another number of rows than it must, nothing is
   * committed, and the session ends.
   * @returns what failed; null when all of it is durable
   */
  async atOnce(steps: readonly Write[], withinMs: number): Promise<MysqlFailure | null> {
    return (await this.run([compound(steps)], withinMs)).failure;
  }

  /**
   * Sends the statements in their order, without waiting between them. One that fails does not keep those after it from being run, so
   * the session ends with it: what was not committed is undone.
   * @param withinMs when the answers take longer, that is a failure, too
   */
  run(statements: readonly Statement[], withinMs: number): Promise<Run> {
    const answers: Answer[] = [];
    if (this.#failure !== null) return Promise.resolve({ answers, failure: this.#failure });
    this.#ping?.cancel();
    this.#isAtRest = statements.at(-1) === COMMIT;
    return new Promise((resolve) => {
      const end = (failure: MysqlFailure | null): void => {
        timer.cancel();
        this.#waiting = this.#waiting.filter((each) => each !== end);
        resolve({ answers: answers.slice(), failure });
        if (failure === null) this.#keepAlive();
        else this.#break(failure);
      };
      const timer = this.#clock.after(withinMs, () =>
        end(new MysqlFailure("NO_ANSWER", "unavailable", `no answer within ${withinMs} ms`)),
      );
      this.#waiting.push(end);
      this.#exchange(statements, answers).then(
        () => end(null),
        (cause: unknown) => end(mysqlFailure(cause)),
      );
    });
  }

  /** As {@link run}, for statements that must all succeed. @throws MysqlFailure the first failure */
  async all(statements: readonly Statement[], withinMs: number): Promise<readonly Answer[]> {
    const { answers, failure } = await this.run(statements, withinMs);
    if (failure !== null) throw failure;
    return answers;
  }

  /** Runs one statement. @throws MysqlFailure */
  async one(statement: Statement, withinMs: number): Promise<Answer> {
    return present((await this.all([statement], withinMs))[0], "a statement has an answer");
  }

  /** Whatever is open on it is undone by the server as soon as it notices. */
  destroy(): void {
    this.#break(new MysqlFailure("CONNECTION_DESTROYED", "unavailable", "the connection was destroyed"));
  }

  /** In their order, and before the first is run: one that were prepared between others would be run after them. */
  async #prepare(statements: readonly Statement[]): Promise<void> {
    const wanted = new Set<string>();
    for (const { sql, values, rows } of statements) if (values !== undefined || rows !== undefined) wanted.add(sql);
    const missing: Promise<void>[] = [];
    for (const sql of wanted) {
      const known = this.#prepared.get(sql);
      if (known === undefined) {
        missing.push(this.#connection.prepare(sql).then((made) => void this.#prepared.set(sql, made)));
      } else if (this.#prepared.size > PREPARED_MAX / 2) {
        // The least recently used are at the front.
        this.#prepared.delete(sql);
        this.#prepared.set(sql, known);
      }
    }
    if (missing.length > 0) await Promise.all(missing);
    for (const [sql, old] of this.#prepared) {
      if (this.#prepared.size <= PREPARED_MAX || wanted.has(sql)) break;
      this.#prepared.delete(sql);
      old.close();
    }
  }

  /** Adds each answer as it comes: the server gives them in the order of the statements. @throws the first failure */
  async #exchange(statements: readonly Statement[], answers: Answer[]): Promise<void> {
    await this.#prepare(statements);
    const sent: Promise<unknown>[] = [];
    let isTooLarge = false;
    // One write for all of them: each would cost a system call, and wake the server.
    this.#socket.cork();
    for (const [at, statement] of statements.entries()) {
      isTooLarge = isLonger(statement, this.#packetBytesMax);
      if (isTooLarge) break;
      const answered = this.#send(statement).then((answer) => {
        // What comes after a failure is of a transaction that is not the same any more.
        if (answers.length === at) answers.push(answer);
      });
      sent.push(answered);
    }
    this.#socket.uncork();
    await Promise.all(sent);
    if (isTooLarge) throw new MysqlFailure("ER_NET_PACKET_TOO_LARGE", "refused", "a statement is too large");
  }

  async #send({ sql, values, rows }: Statement): Promise<Answer> {
    if (rows !== undefined) {
      const results: UpsertResult | UpsertResult[] = await this.#connection.batch(sql, rows);
      // Newer servers tell of each row, others of all of them.
      return { rows: [], affected: [results].flat().reduce((sum, { affectedRows }) => sum + affectedRows, 0) };
    }
    const result: UpsertResult | unknown[][] =
      values === undefined
        ? await this.#connection.query(sql)
        : await present(this.#prepared.get(sql), "a statement is prepared before it is run").execute(values);
    return Array.isArray(result) ? { rows: result, affected: 0 } : { rows: [], affected: result.affectedRows };
  }

  #keepAlive(): void {
    if (this.#isMariadb || !this.#isAtRest || this.#waiting.length > 0 || this.#failure !== null) return;
    this.#ping?.cancel();
    this.#ping = this.#clock.after(PING_MS, () => {
      const silent = this.#clock.after(OPEN_MS_MAX, () => this.destroy());
      this.#connection.ping().then(
        () => {
          silent.cancel();
          this.#keepAlive();
        },
        (cause: unknown) => {
          silent.cancel();
          this.#break(mysqlFailure(cause));
        },
      );
    });
  }

  #break(failure: MysqlFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#ping?.cancel();
    this.#socket.destroy();
    for (const fail of this.#waiting) fail(failure);
    assert(this.#waiting.length === 0, "whoever waits is told once");
  }
}

/** What a packet says beside its values: their types and lengths, for each, and of the command. */
const BYTES_PER_VALUE = 16;

/** In the worst case, so that only what may be too long is measured. */
const BYTES_PER_CHARACTER = 3;

function isLonger({ sql, values = [], rows = [values] }: Statement, bytesMax: number): boolean {
  let characters = sql.length;
  let count = 1;
  for (const row of rows) {
    count += row.length;
    for (const value of row) if (typeof value === "string") characters += value.length;
  }
  const around = BYTES_PER_VALUE * count;
  if (around + BYTES_PER_CHARACTER * characters <= bytesMax) return false;
  let bytes = around + Buffer.byteLength(sql);
  for (const row of rows) for (const value of row) if (typeof value === "string") bytes += Buffer.byteLength(value);
  return bytes > bytesMax;
}

/** The certificate must come from the authority and be for this very host; TLS itself can't be asked for an address instead of a name. */
function verified(host: string, ca: string) {
  return {
    ca,
    minVersion: "TLSv1.2" as const,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
  };
}
