/** Owns what everybody who keeps the list of ended sessions must keep to: run over each adapter of the port. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { SessionId } from "../../http/accounts/member.ts";
import type { Revocations } from "../../http/accounts/revocations.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

/** How long an access token lives in these tests. */
export const KEPT_MS = 600_000;

export interface RevocationsUnderTest {
  /** As many as there can be of one system: each of a process of its own. */
  readonly processes: readonly Revocations[];
  /** Ends a session as the database sees it. */
  revoke(session: SessionId, atMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Of the form that sessions have. */
export function sessionId(n: number): SessionId {
  return `0190c1a0-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

export function revocationsContract(name: string, open: (clock: FakeClock) => Promise<RevocationsUnderTest>): void {
  describe(`revocations ${name}`, () => {
    let clock: FakeClock;
    let under: RevocationsUnderTest;

    beforeEach(async () => {
      clock = new FakeClock();
      under = await open(clock);
    });
    afterEach(() => under.close());

    const end = async (n: number, by = under.processes[0]): Promise<void> => {
      await under.revoke(sessionId(n), clock.nowMs());
      await by?.add(sessionId(n), clock.nowMs());
    };
    const knows = (n: number) => under.processes.map((process) => process.isRevoked(sessionId(n)));
    const everybody = () => under.processes.map(() => true);
    const nobody = () => under.processes.map(() => false);

    test("isRevoked() knows nothing of a session that nobody has ended", async () => {
      await end(1);
      expect(knows(2)).toEqual(nobody());
    });

    test("isRevoked() is true at once where the session was ended, and soon everywhere", async () => {
      for (const [at, process] of under.processes.entries()) {
        await end(at, process);
        expect(process.isRevoked(sessionId(at))).toBe(true);
        await until(() => knows(at).every((isKnown) => isKnown), `all processes know of session ${at}`);
      }
    });

    test("add() may come twice, and for a session that everybody knows", async () => {
      for (const process of under.processes) await end(1, process);
      await end(1);
      await until(() => knows(1).every((isKnown) => isKnown), "all processes know");
    });

    test("isRevoked() remembers for as long as a token of the session could live", async () => {
      await end(1);
      await until(() => knows(1).every((isKnown) => isKnown), "all processes know");
      clock.advance(KEPT_MS - 1);
      await end(2);
      await until(() => knows(2).every((isKnown) => isKnown), "all processes know");
      expect(knows(1)).toEqual(everybody());
    });
  });
}
