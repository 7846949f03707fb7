/** Owns what every payment book must keep to, whatever database stands behind it: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { AttemptId } from "../../actors/domain/ids.ts";
import type { BookedPayment, PaymentBook } from "../../queue/payments/payment-book.ts";

/** A book, and the commits of flights that write what stands in it. */
export interface BookUnderTest {
  readonly book: PaymentBook;
  /** Begins from a book in which nothing is due. */
  clear(): Promise<void>;
  /** Begins a payment of KRW 90,000; gives its attempt. */
  begin(): Promise<AttemptId>;
  /** The attempt's reservation is cancelled by its member. */
  cancel(attempt: AttemptId): Promise<void>;
  /** The flight is told what became of the attempt. */
  settle(attempt: AttemptId, status: "CAPTURED" | "FAILED", amount?: number): Promise<void>;
  nowMs(): number;
  close(): Promise<void>;
}

const NEVER_MS = Number.MAX_SAFE_INTEGER;

export function paymentBookContract(name: string, open: () => Promise<BookUnderTest>): void {
  describe(`payment book on ${name}`, () => {
    let under: BookUnderTest;
    let book: PaymentBook;

    beforeAll(async () => {
      under = await open();
      book = under.book;
    });
    beforeEach(() => under.clear());
    afterAll(() => under.close());

    async function booked(attempt: AttemptId): Promise<BookedPayment> {
      return present(await book.find(attempt), `attempt ${attempt}`);
    }

    test("find() gives an open attempt as it was committed", async () => {
      const attempt = await under.begin();
      const found = await booked(attempt);
      expect(found).toMatchObject({
        id: attempt,
        status: "PENDING",
        amount: { amount: 90_000, currency: "KRW" },
        captured: null,
        isCancelling: false,
        looks: 0,
      });
      expect(found.nextLookMs).toBeGreaterThan(under.nowMs());
      expect(found.expiresAtMs).toBeGreaterThan(under.nowMs());
    });

    test("find() gives null for an attempt that nobody began", async () => {
      expect(await book.find("never-begun")).toBeNull();
    });

    test("find() gives what was captured, and when to give it back", async () => {
      const attempt = await under.begin();
      await under.settle(attempt, "CAPTURED", 1);
      expect(await booked(attempt)).toMatchObject({
        status: "REFUNDING",
        captured: { amount: 1, currency: "KRW" },
        nextLookMs: under.nowMs(),
        looks: 0,
      });
    });

    test("due() gives those whose moment has come, the longest waiting first, up to the limit", async () => {
      const [one, two, three] = [await under.begin(), await under.begin(), await under.begin()];
      await book.lookAgain(await booked(one), 3_000);
      await book.lookAgain(await booked(two), 1_000);
      await book.lookAgain(await booked(three), 2_000);
      const due = async (nowMs: number, limit: number) => (await book.due(nowMs, limit)).map(({ id }) => id);
      expect(await due(999, 10)).toEqual([]);
      expect(await due(2_000, 10)).toEqual([two, three]);
      expect(await due(NEVER_MS, 2)).toEqual([two, three]);
      expect(await due(NEVER_MS, 10)).toEqual([two, three, one]);
      expect((await book.due(NEVER_MS, 1))[0]).toEqual(await booked(two));
    });

    test("due() gives an attempt at once when its reservation is being cancelled", async () => {
      const attempt = await under.begin();
      await under.cancel(attempt);
      expect(await book.due(under.nowMs(), 10)).toEqual([await booked(attempt)]);
      expect((await booked(attempt)).isCancelling).toBe(true);
    });

    test("due() never gives what is settled", async () => {
      const attempt = await under.begin();
      await under.settle(attempt, "CAPTURED");
      expect(await book.due(NEVER_MS, 10)).toEqual([]);
    });

    test("lookAgain() counts the looks, and a commit that changes the attempt begins anew", async () => {
      const attempt = await under.begin();
      await book.lookAgain(await booked(attempt), 1_000);
      await book.lookAgain(await booked(attempt), 2_000);
      expect(await booked(attempt)).toMatchObject({ nextLookMs: 2_000, looks: 2 });
      await under.settle(attempt, "FAILED");
      const failed = await booked(attempt);
      expect(failed).toMatchObject({ status: "FAILED", looks: 0 });
      expect(failed.nextLookMs).toBeGreaterThan(under.nowMs());
    });

    test("lookAgain() with null ends the looks, and a later one can begin them again", async () => {
      const attempt = await under.begin();
      await book.lookAgain(await booked(attempt), null);
      expect(await book.due(NEVER_MS, 10)).toEqual([]);
      await book.lookAgain(await booked(attempt), 1_000);
      expect((await booked(attempt)).nextLookMs).toBe(1_000);
    });

    describe("lookAgain() leaves an attempt alone", () => {
      test("whose status has changed since it was read, even if all else is the same", async () => {
        const attempt = await under.begin();
        await under.settle(attempt, "FAILED");
        const now = await booked(attempt);
        await book.lookAgain({ ...now, status: "PENDING" }, null);
        expect(await booked(attempt)).toEqual(now);
      });

      test("that somebody else has looked at since it was read", async () => {
        const attempt = await under.begin();
        const seen = await booked(attempt);
        await book.lookAgain(seen, seen.nextLookMs);
        const now = await booked(attempt);
        await book.lookAgain(seen, null);
        expect(await booked(attempt)).toEqual(now);
      });

      test("whose cancellation has made it due since it was read", async () => {
        const attempt = await under.begin();
        const seen = await booked(attempt);
        await under.cancel(attempt);
        const now = await booked(attempt);
        await book.lookAgain(seen, NEVER_MS);
        expect(await booked(attempt)).toEqual(now);
      });

      test("whose looks have ended since it was read", async () => {
        const attempt = await under.begin();
        const seen = await booked(attempt);
        await book.lookAgain(seen, null);
        await book.lookAgain(seen, 1_000);
        expect((await booked(attempt)).nextLookMs).toBeNull();
      });
    });

    test("countPendingSince() counts what is open although it should have been closed", async () => {
      const [one, two] = [await under.begin(), await under.begin()];
      const { expiresAtMs } = await booked(one);
      expect(await book.countPendingSince(expiresAtMs - 1)).toBe(0);
      expect(await book.countPendingSince(expiresAtMs)).toBe(2);
      await under.settle(two, "FAILED");
      expect(await book.countPendingSince(expiresAtMs)).toBe(1);
    });
  });
}
