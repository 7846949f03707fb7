/** Goal: of the processes on one database one at a time does the work, and another takes it up when that one ends, dies, falls silent or is paused. */

import { afterAll, describe, expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { OperationalError } from "../../../actors/errors.ts";
import { openMysql } from "../../../db/open.ts";
import { workerLockOn } from "../../../db/stores/worker-lock.ts";
import { systemClock } from "../../../db/system-clock.ts";
import type { HeldLock } from "../../../queue/relay/worker-lock.ts";
import { failureOf } from "../../support/failure-of.ts";
import { givenMysql, givenSqlite } from "../../support/given-database.ts";
import { describeWithService } from "../../support/services.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";

const clock = systemClock();

/** Whether the lock is lost, without waiting. */
function watch({ lost }: HeldLock): { readonly isLost: boolean; readonly atMs: number } {
  const watched = { isLost: false, atMs: 0 };
  lost.then(() => Object.assign(watched, { isLost: true, atMs: performance.now() })).catch(() => {});
  return watched;
}

describe("worker locks on SQLite", () => {
  test("are always held: the server is alone with its file", async () => {
    const given = await givenSqlite();
    const held = present(await workerLockOn(given.db, clock).take("mail"), "the lock");
    expect(watch(held).isLost).toBe(false);
    await held.release();
    await given.remove();
  });
});

describeWithService("mariadbd", "worker locks on MySQL", () => {
  const opened: (() => Promise<void>)[] = [];

  /** A database of a test's own, and a way to it that can be cut: tests go on side by side. */
  async function given() {
    const near = await givenMysql();
    const proxy = new TcpProxy({ to: near.server.port });
    const far = await openMysql(near.server.url(new URL(near.url).pathname.slice(1), proxy.port));
    opened.push(async () => {
      await far.close();
      await proxy.stop();
      await near.remove();
    });
    return { near, proxy, far };
  }

  afterAll(async () => {
    for (const close of opened) await close();
  });

  test.concurrent("one process has it, the others don't wait, and get it after its release", async () => {
    const { near } = await given();
    const [one, two] = [workerLockOn(near.db, clock), workerLockOn(await near.again(), clock)];
    const held = present(await one.take("mail"), "the lock");
    expect(await two.take("mail")).toBeNull();
    const other = present(await two.take("payments"), "a lock of another name");
    await held.release();
    const next = present(await two.take("mail"), "the lock after its release");
    expect(await one.take("mail")).toBeNull();
    await Promise.all([next.release(), other.release()]);
    const again = present(await one.take("mail"), "the lock once more");
    expect(watch(again).isLost).toBe(false);
    await again.release();
  });

  test.concurrent("another database has locks of its own", async () => {
    const { near } = await given();
    const other = await givenMysql();
    const held = present(await workerLockOn(near.db, clock).take("mail"), "the lock");
    const theirs = present(await workerLockOn(other.db, clock).take("mail"), "the lock of the other database");
    await Promise.all([held.release(), theirs.release()]);
    await other.remove();
  });

  test.concurrent("a holder whose connection breaks learns it, and another has the lock at once", async () => {
    const { near, proxy, far } = await given();
    const held = present(await workerLockOn(far, clock).take("mail"), "the lock");
    const watched = watch(held);
    proxy.cut();
    const next = workerLockOn(near.db, clock);
    let taken: HeldLock | null = null;
    await until(async () => {
      taken ??= await next.take("mail");
      return taken !== null;
    }, "another holder");
    await until(() => watched.isLost, "the former one's word");
    await held.release();
    await present<HeldLock>(taken, "the lock").release();
  });

  test.concurrent("a holder that is out of reach gives up before another can have the lock", async () => {
    const { near, proxy, far } = await given();
    const held = present(await workerLockOn(far, clock).take("mail"), "the lock");
    const watched = watch(held);
    proxy.pause();
    const beganMs = performance.now();
    const next = workerLockOn(near.db, clock);
    let takenMs = 0;
    await until(
      async () => {
        const taken = await next.take("mail");
        if (taken === null) return false;
        takenMs = performance.now();
        await taken.release();
        return true;
      },
      "another holder",
      10_000,
    );
    expect(watched.isLost).toBe(true);
    expect(watched.atMs).toBeLessThan(takenMs);
    expect(takenMs - beganMs).toBeLessThan(5_000);
  });

  test.concurrent("a holder that goes on keeps the lock for longer than the server bears silence", async () => {
    const { near, far } = await given();
    const held = present(await workerLockOn(near.db, clock).take("mail"), "the lock");
    const watched = watch(held);
    const next = workerLockOn(far, clock);
    const beganMs = performance.now();
    await until(
      async () => {
        expect(await next.take("mail")).toBeNull();
        return performance.now() - beganMs > 4_000;
      },
      "four seconds",
      10_000,
    );
    expect(watched.isLost).toBe(false);
    await held.release();
  });

  test.concurrent("without the database nobody has it, and everybody who asks is told in time", async () => {
    const { proxy, far } = await given();
    proxy.down();
    const failure = await failureOf(workerLockOn(far, clock).take("mail"));
    expect(failure).toBeInstanceOf(OperationalError);
    expect((failure as OperationalError).code).toBe("UNAVAILABLE");
  });

  test.concurrent("one that was lost can be taken again by the same process, when the database is back", async () => {
    const { proxy, far } = await given();
    const lock = workerLockOn(far, clock);
    const held = present(await lock.take("mail"), "the lock");
    proxy.down();
    await held.lost;
    await held.release();
    proxy.mend();
    let again: HeldLock | null = null;
    await until(async () => {
      again ??= await lock.take("mail");
      return again !== null;
    }, "the lock again");
    await present<HeldLock>(again, "the lock").release();
  });

  test.concurrent("names that the server would cut short are refused", async () => {
    const { near } = await given();
    const failure = await failureOf(workerLockOn(near.db, clock).take("a-name-that-is-far-too-long"));
    expect(String(failure)).toContain("at most 20 characters");
  });
});
