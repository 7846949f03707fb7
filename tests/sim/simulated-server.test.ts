/** Goal: the simulated database server locks, waits, ends and forgets as InnoDB does where a process is paused, cut off or gone in the midst of a transaction. */

import { beforeEach, describe, expect, test } from "bun:test";
import type { Run, Statement } from "../../db/mysql/dedicated.ts";
import { DEDICATED } from "../../db/mysql/session-settings.ts";
import { ClientSession } from "./database/client-session.ts";
import { Server } from "./database/server.ts";
import { settingsOf } from "./database/server-session.ts";
import { EventLoop } from "./world/event-loop.ts";
import { Link } from "./world/link.ts";
import { Process } from "./world/process.ts";
import { Random } from "./world/random.ts";

const LONG_MS = 60_000;
const COMMIT: Statement = { sql: "commit" };
const lock = (shard: number, how: "lock in share mode" | "for update"): Statement => ({
  sql: `select shard, epoch from shards where shard in (?) order by shard ${how}`,
  values: [shard],
});
const raise = (shard: number): Statement => ({
  sql: "update shards set epoch = epoch + 1 where shard in (?) and owner = ?",
  values: [shard, "me"],
});
const own = (shard: number): Statement => ({
  sql: "update shards set owner = ? where shard in (?)",
  values: ["me", shard],
});

let loop: EventLoop;
let server: Server;

beforeEach(() => {
  loop = new EventLoop();
  server = new Server({ loop, random: new Random(1), epochMs: 1_000_000, shards: [1, 2, 3] });
});

/** A process with one session. */
class Client {
  readonly process: Process;
  readonly link: Link;
  readonly runs: Run[] = [];
  session: ClientSession | null = null;

  constructor(name: string) {
    this.process = new Process(loop, name, { wallMs: 0, rate: 1 });
    this.link = new Link(loop, () => 1);
    const reach = { server, process: this.process, link: this.link, sessions: new Set<ClientSession>() };
    void ClientSession.open(reach, settingsOf(DEDICATED), 2_000).then((session) => {
      this.session = session;
    });
    loop.runUntil(loop.nowMs + 5);
  }

  /** Sends, and notes what comes of it. */
  send(...statements: readonly Statement[]): void {
    void this.session?.run(statements, LONG_MS).then((run) => this.runs.push(run));
  }
}

function wait(ms: number): void {
  loop.runUntil(loop.nowMs + ms);
}

function epochOf(shard: number): unknown {
  return server.tables.rows("shards").get(shard)?.[1];
}

describe("locks", () => {
  test("shared ones stand beside each other, and an exclusive one waits for both", () => {
    const [one, two, three] = [new Client("one"), new Client("two"), new Client("three")];
    one.send(lock(1, "lock in share mode"));
    two.send(lock(1, "lock in share mode"));
    wait(5);
    three.send(lock(1, "for update"));
    wait(5);
    expect([one.runs.length, two.runs.length, three.runs.length]).toEqual([1, 1, 0]);
    one.send(COMMIT);
    wait(5);
    expect(three.runs).toHaveLength(0);
    two.send(COMMIT);
    wait(5);
    expect(three.runs[0]?.failure).toBeNull();
  });

  test("who waited sees what was committed meanwhile", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send(own(1), raise(1));
    wait(5);
    two.send(lock(1, "for update"));
    wait(5);
    expect(two.runs).toHaveLength(0);
    one.send(COMMIT);
    wait(5);
    expect(two.runs[0]?.answers[0]?.rows).toEqual([[1, 1]]);
  });

  test("a wait ends after two seconds, and its transaction goes on", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    const keepAlive = (): void => {
      one.send({ sql: "select shard from shards where shard = ?", values: [1] });
      loop.after(500, keepAlive);
    };
    one.send(lock(1, "for update"));
    keepAlive();
    two.send(own(2), lock(1, "for update"), raise(2));
    wait(1_990);
    expect(two.runs).toHaveLength(0);
    wait(30);
    expect(two.runs[0]).toMatchObject({
      answers: [{ affected: 1 }],
      failure: { code: "ER_LOCK_WAIT_TIMEOUT", kind: "passing" },
    });
  });

  test("of two that wait for each other one is undone", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send(lock(1, "for update"));
    two.send(lock(2, "for update"));
    wait(5);
    one.send(lock(2, "for update"));
    wait(5);
    two.send(lock(1, "for update"));
    wait(5);
    expect(two.runs[1]?.failure).toMatchObject({ code: "ER_LOCK_DEADLOCK", kind: "passing" });
    expect(one.runs[1]?.failure).toBeNull();
  });

  test("two that share a row and both want it alone wait for each other", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send(lock(1, "lock in share mode"));
    two.send(lock(1, "lock in share mode"));
    wait(5);
    one.send(lock(1, "for update"));
    wait(5);
    two.send(lock(1, "for update"));
    wait(5);
    expect(two.runs[1]?.failure?.code).toBe("ER_LOCK_DEADLOCK");
    expect(one.runs[1]?.failure).toBeNull();
  });
});

describe("a transaction", () => {
  test("is seen by nobody else before it commits, and wholly after", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send(own(1), raise(1));
    wait(5);
    const look: Statement = { sql: "select epoch, owner from shards where shard = ?", values: [1] };
    one.send(look);
    two.send(look);
    wait(5);
    expect(one.runs[1]?.answers[0]?.rows).toEqual([[1, "me"]]);
    expect(two.runs[0]?.answers[0]?.rows).toEqual([[0, null]]);
    one.send(COMMIT);
    wait(5);
    expect(epochOf(1)).toBe(1);
  });

  test("of a process that is paused in it is undone after a second", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send(own(1), raise(1));
    wait(5);
    one.process.pause();
    one.send(COMMIT);
    one.link.cut();
    two.send(lock(1, "for update"));
    wait(900);
    expect(two.runs).toHaveLength(0);
    wait(200);
    expect(two.runs[0]?.answers[0]?.rows).toEqual([[1, 0]]);
    one.link.heal();
    one.process.resume();
    wait(5);
    expect(one.session?.isUsable).toBe(false);
    expect(epochOf(1)).toBe(0);
  });

  test("whose COMMIT is on its way when its process gives up is committed all the same", () => {
    const one = new Client("one");
    one.send(own(1), raise(1));
    wait(5);
    one.send(COMMIT);
    one.session?.reset();
    wait(5);
    expect(one.runs[1]?.failure?.code).toBe("CONNECTION_LOST");
    expect(epochOf(1)).toBe(1);
  });

  test("whose connection is reset before the COMMIT is undone", () => {
    const one = new Client("one");
    one.send(own(1), raise(1));
    wait(5);
    one.session?.reset();
    wait(5);
    expect(server.tables.rows("shards").get(1)?.[2]).toBeNull();
    expect(server.locks.isHeld("shards", 1)).toBe(false);
  });

  test("in whose COMMIT the server crashes is wholly there or not at all", () => {
    const outcomes = new Set<unknown>();
    for (let seed = 1; seed <= 20; seed++) {
      loop = new EventLoop();
      server = new Server({ loop, random: new Random(seed), epochMs: 0, shards: [1] });
      Object.assign(server.temper, { commitMs: 50 });
      const one = new Client("one");
      one.send(own(1), raise(1));
      wait(5);
      one.send(COMMIT);
      wait(20);
      server.crash();
      wait(5);
      expect(one.runs[1]?.failure?.kind).toBe("unavailable");
      const row = server.tables.rows("shards").get(1);
      outcomes.add(JSON.stringify(row?.slice(1, 3)));
    }
    expect(outcomes).toEqual(new Set(["[0,null]", '[1,"me"]']));
  });

  test("a statement that fails leaves nothing behind, and the others are run all the same", () => {
    const one = new Client("one");
    const row = ["f", 1, "b", 1, 1, "[]"];
    const insert: Statement = {
      sql: "insert into journal values (?, ?, ?, ?, ?, ?, 0), (?, ?, ?, ?, ?, ?, 0)",
      values: [...row, ...row],
    };
    one.send(own(1), insert, raise(1), COMMIT);
    wait(5);
    expect(one.runs[0]).toMatchObject({
      answers: [{ affected: 1 }],
      failure: { code: "ER_DUP_ENTRY", kind: "refused" },
    });
    expect(server.tables.rows("journal").size).toBe(0);
    expect(epochOf(1)).toBe(1);
  });
});

describe("named locks", () => {
  const take: Statement = { sql: "select get_lock(?, 0)", values: ["mail"] };

  test("are one session's until it ends or lets go", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send(take);
    two.send(take);
    wait(5);
    expect([one.runs[0]?.answers[0]?.rows, two.runs[0]?.answers[0]?.rows]).toEqual([[[1]], [[0]]]);
    one.session?.destroy();
    wait(5);
    two.send(take);
    wait(5);
    expect(two.runs[1]?.answers[0]?.rows).toEqual([[1]]);
  });

  test("end with a session that says nothing for as long as it was set to", () => {
    const [one, two] = [new Client("one"), new Client("two")];
    one.send({ sql: "set session wait_timeout = 3" }, take, COMMIT);
    wait(5);
    wait(3_100);
    two.send(take);
    wait(5);
    expect(two.runs[0]?.answers[0]?.rows).toEqual([[1]]);
  });
});

test("a statement that the simulated database doesn't know is refused loudly", () => {
  const one = new Client("one");
  one.send({ sql: "select group_concat(shard) from shards" });
  expect(() => wait(5)).toThrow("the simulated database has no function group_concat");
});
