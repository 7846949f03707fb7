/**
 * Owns one connection as its process has it: what `Session` of db/mysql is, over a simulated network. The product's commits and claims
 * run on it as they run on a real one.
 */

import { present } from "../../../actors/assert.ts";
import type { Timer } from "../../../actors/clock.ts";
import type { Write } from "../../../db/mysql/batch-statements.ts";
import { type Answer, COMMIT, type Run, type Statement } from "../../../db/mysql/dedicated.ts";
import { type FailureKind, MysqlFailure } from "../../../db/mysql/failures.ts";
import type { Result } from "../sql/running.ts";
import type { Channel, Link } from "../world/link.ts";
import type { Process } from "../world/process.ts";
import type { Server } from "./server.ts";
import type { Outcome, Sent, ServerSession, SessionSettings } from "./server-session.ts";

/** Where a process reaches the database. */
export interface Reach {
  readonly server: Server;
  readonly process: Process;
  readonly link: Link;
  /** Every open connection: for those who break them. */
  readonly sessions: Set<ClientSession>;
}

type Ending = (outcomes: readonly Outcome[] | MysqlFailure) => void;

export class ClientSession {
  readonly #reach: Reach;
  readonly #toServer: Channel;
  readonly #toClient: Channel;
  #server: ServerSession | null = null;
  #failure: MysqlFailure | null = null;
  /** Calls that wait for the server. */
  readonly #waiting = new Set<Ending>();

  private constructor(reach: Reach) {
    this.#reach = reach;
    this.#toServer = reach.link.channel();
    this.#toClient = reach.link.channel();
  }

  /** @throws MysqlFailure when it takes longer than `withinMs`, or is refused */
  static open(reach: Reach, settings: SessionSettings, withinMs: number): Promise<ClientSession> {
    const session = new ClientSession(reach);
    const { process } = reach;
    return new Promise((resolve, reject) => {
      const timer = process.clock.after(withinMs, () => {
        session.destroy();
        reject(unavailable(`no connection within ${withinMs} ms`));
      });
      session.#connect(settings, (isOpen) => {
        timer.cancel();
        if (isOpen) resolve(session);
        else reject(unavailable("connection refused"));
      });
    });
  }

  get isUsable(): boolean {
    return this.#failure === null;
  }

  /** As `Session.takesCompounds`. */
  get takesCompounds(): boolean {
    return this.#reach.server.temper.takesCompounds;
  }

  /** As `Session.atOnce`. */
  atOnce(steps: readonly Write[], withinMs: number): Promise<MysqlFailure | null> {
    const compound = [...steps, { ...COMMIT, affects: null }];
    return new Promise((resolve) => {
      this.exchange(
        compound.map(({ sql, values = [], affects }) => ({ sql, values, step: { affects } })),
        withinMs,
        (outcomes) => {
          const failed = outcomes instanceof MysqlFailure ? outcomes : outcomes.find(({ ok }) => !ok);
          const failure = failed === undefined || failed instanceof MysqlFailure ? (failed ?? null) : failureOf(failed);
          resolve(failure);
          if (failure !== null) this.#break(failure);
        },
      );
    });
  }

  /** As `Session.run`. */
  run(statements: readonly Statement[], withinMs: number): Promise<Run> {
    return new Promise((resolve) => {
      this.exchange(
        statements.map(({ sql, values = [] }) => ({ sql, values })),
        withinMs,
        (outcomes) => {
          if (outcomes instanceof MysqlFailure) {
            resolve({ answers: [], failure: outcomes });
            return;
          }
          const failed = outcomes.findIndex(({ ok }) => !ok);
          const answers = (failed < 0 ? outcomes : outcomes.slice(0, failed)).map(answerOf);
          const failure = failed < 0 ? null : failureOf(present(outcomes[failed], "the one that failed"));
          resolve({ answers, failure });
          if (failure !== null) this.#break(failure);
        },
      );
    });
  }

  /** As `Session.all`. */
  async all(statements: readonly Statement[], withinMs: number): Promise<readonly Answer[]> {
    const { answers, failure } = await this.run(statements, withinMs);
    if (failure !== null) throw failure;
    return answers;
  }

  /** As `Session.one`. */
  async one(statement: Statement, withinMs: number): Promise<Answer> {
    return present((await this.all([statement], withinMs))[0], "a statement has an answer");
  }

  /** Sends statements together, and is told what became of each; or of the connection. */
  exchange(statements: readonly Sent[], withinMs: number, ended: Ending): void {
    if (this.#failure !== null) {
      ended(this.#failure);
      return;
    }
    const { process } = this.#reach;
    let timer: Timer | null = null;
    const end: Ending = (outcomes) => {
      timer?.cancel();
      this.#waiting.delete(end);
      ended(outcomes);
    };
    timer = process.clock.after(withinMs, () => {
      const silent = new MysqlFailure("NO_ANSWER", "unavailable", `no answer within ${withinMs} ms`);
      end(silent);
      this.#break(silent);
    });
    this.#waiting.add(end);
    this.#toServer.send(() =>
      this.#server?.receive(statements, (outcomes) => this.#toClient.send(() => process.receive(() => end(outcomes)))),
    );
  }

  /** Whatever is open on it is undone by the server as soon as it notices: after what was sent before. */
  destroy(): void {
    this.#break(new MysqlFailure("CONNECTION_DESTROYED", "unavailable", "the connection was destroyed"));
  }

  /** The network ends the connection: the process learns it now, and the server after what is on its way to it. */
  reset(): void {
    this.#reach.process.receive(() =>
      this.#break(new MysqlFailure("CONNECTION_LOST", "unavailable", "the connection was reset")),
    );
  }

  /** The machine is gone: the server learns it after what was sent. */
  abandon(): void {
    this.#toClient.close();
    this.#toServer.send(() => this.#server?.leave());
    this.#reach.sessions.delete(this);
  }

  #connect(settings: SessionSettings, opened: (isOpen: boolean) => void): void {
    const { server, process, sessions } = this.#reach;
    this.#toServer.send(() => {
      this.#server = server.connect(process.name, settings, () =>
        this.#toClient.send(() => process.receive(() => this.#break(unavailable("the server closed the connection")))),
      );
      const isOpen = this.#server !== null;
      if (isOpen) sessions.add(this);
      this.#toClient.send(() => process.receive(() => opened(isOpen)));
    });
  }

  #break(failure: MysqlFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.abandon();
    for (const end of [...this.#waiting]) end(failure);
  }
}

function unavailable(message: string): MysqlFailure {
  return new MysqlFailure("CONNECTION_LOST", "unavailable", message);
}

function answerOf(outcome: Outcome): Answer {
  const { rows, affected } = resultOf(outcome);
  return { rows, affected };
}

/** @throws MysqlFailure for one that failed */
export function resultOf(outcome: Outcome): Result {
  if (outcome.ok) return outcome.result;
  throw failureOf(outcome);
}

function failureOf(outcome: Outcome): MysqlFailure {
  if (outcome.ok) throw new Error("what succeeded has no failure");
  const kind: FailureKind = outcome.kind;
  return new MysqlFailure(outcome.code, kind, `${outcome.code}: ${outcome.message}`);
}
