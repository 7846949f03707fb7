/**
 * Owns the sandbox's file: every payment, refund and undelivered webhook is in it before anybody is told of it, and on the disk what moved
 * money. It shares a thread with whoever runs it, which serves nobody while it waits for a disk.
 */

import { Database } from "bun:sqlite";
import type { SandboxPayment } from "./model.ts";

export interface NewWebhook {
  readonly attempt: string;
  readonly webhookId: string;
  readonly body: string;
  /** Not sent before, in milliseconds since the epoch. */
  readonly notBeforeMs: number;
}

export interface DueWebhook {
  readonly seq: number;
  readonly attempt: string;
  readonly webhookId: string;
  readonly body: string;
  /** Deliveries begun before this one. */
  readonly tries: number;
}

/** How far a commit has come when it returns, with a write-ahead log (https://www.sqlite.org/pragma.html#pragma_synchronous). */
const IN_THE_FILE = "PRAGMA synchronous = NORMAL";
const ON_THE_DISK = "PRAGMA synchronous = FULL";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS payment (
    attempt TEXT PRIMARY KEY, checkout TEXT NOT NULL UNIQUE, capture_due_ms INTEGER, body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS payment_capture ON payment (capture_due_ms) WHERE capture_due_ms IS NOT NULL;
  CREATE TABLE IF NOT EXISTS refund (key TEXT PRIMARY KEY, attempt TEXT NOT NULL) STRICT, WITHOUT ROWID;
  -- due_ms is NULL while an earlier webhook of the same attempt is still to be delivered: they leave in order.
  CREATE TABLE IF NOT EXISTS webhook (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, attempt TEXT NOT NULL, webhook_id TEXT NOT NULL, body TEXT NOT NULL,
    not_before_ms INTEGER NOT NULL, due_ms INTEGER, tries INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS webhook_due ON webhook (due_ms) WHERE due_ms IS NOT NULL;
  CREATE INDEX IF NOT EXISTS webhook_attempt ON webhook (attempt, seq);
`;

export class SandboxStore {
  readonly #db: Database;

  /** @param file Path of the SQLite file; made when missing. */
  constructor(file: string) {
    this.#db = new Database(file, { create: true, strict: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run(IN_THE_FILE);
    // Somebody may be looking into the file with a tool.
    this.#db.run("PRAGMA busy_timeout = 2000");
    this.#db.run(SCHEMA);
  }

  /** Runs `change` in one transaction, which outlives the process when this returns, but no power cut. A throw leaves nothing behind. */
  atomically<T>(change: () => T): T {
    return this.#db.transaction(change).immediate();
  }

  /** As {@link atomically}; when it returns, this and everything before it outlives a power cut, too. */
  durably<T>(change: () => T): T {
    this.#db.run(ON_THE_DISK);
    try {
      return this.atomically(change);
    } finally {
      this.#db.run(IN_THE_FILE);
    }
  }

  byAttempt(attempt: string): SandboxPayment | null {
    return this.#payment("SELECT body FROM payment WHERE attempt = ?", attempt);
  }

  byCheckout(checkout: string): SandboxPayment | null {
    return this.#payment("SELECT body FROM payment WHERE checkout = ?", checkout);
  }

  /** The one whose late capture has been due longest, or null if none is due at `nowMs`. */
  nextLateCapture(nowMs: number): SandboxPayment | null {
    return this.#payment("SELECT body FROM payment WHERE capture_due_ms <= ? ORDER BY capture_due_ms LIMIT 1", nowMs);
  }

  save(payment: SandboxPayment): void {
    this.#db
      .query(
        `INSERT INTO payment (attempt, checkout, capture_due_ms, body) VALUES (?, ?, ?, ?)
         ON CONFLICT (attempt) DO UPDATE SET capture_due_ms = excluded.capture_due_ms, body = excluded.body`,
      )
      .run(payment.attempt, payment.checkout, payment.captureDueMs, JSON.stringify(payment));
  }

  /** The attempt that was refunded under `key`, or null. */
  refundedUnder(key: string): string | null {
    return (
      this.#db.query<{ attempt: string }, [string]>("SELECT attempt FROM refund WHERE key = ?").get(key)?.attempt ??
      null
    );
  }

  saveRefund(key: string, attempt: string): void {
    this.#db.query("INSERT INTO refund (key, attempt) VALUES (?, ?)").run(key, attempt);
  }

  addWebhook(webhook: NewWebhook): void {
    const { attempt, webhookId, body, notBeforeMs } = webhook;
    this.#db
      .query(
        `INSERT INTO webhook (attempt, webhook_id, body, not_before_ms, due_ms)
         SELECT $attempt, $webhookId, $body, $notBeforeMs,
                iif(EXISTS (SELECT 1 FROM webhook WHERE attempt = $attempt), NULL, $notBeforeMs)`,
      )
      .run({ attempt, webhookId, body, notBeforeMs });
  }

  dueWebhook(nowMs: number): DueWebhook | null {
    return this.#db
      .query<DueWebhook, [number]>(
        `SELECT seq, attempt, webhook_id AS webhookId, body, tries FROM webhook
         WHERE due_ms <= ? ORDER BY due_ms, seq LIMIT 1`,
      )
      .get(nowMs);
  }

  /** Sets when it is tried next, and how many tries have begun. */
  postponeWebhook(seq: number, dueMs: number, tries: number): void {
    this.#db.query("UPDATE webhook SET due_ms = ?, tries = ? WHERE seq = ?").run(dueMs, tries, seq);
  }

  /** Forgets one that was delivered or given up, and lets the next of its attempt leave. */
  removeWebhook(webhook: DueWebhook): void {
    this.atomically(() => {
      this.#db.query("DELETE FROM webhook WHERE seq = ?").run(webhook.seq);
      this.#db
        .query("UPDATE webhook SET due_ms = not_before_ms WHERE seq = (SELECT min(seq) FROM webhook WHERE attempt = ?)")
        .run(webhook.attempt);
    });
  }

  nextCaptureDueMs(): number | null {
    return this.#moment("SELECT min(capture_due_ms) AS ms FROM payment WHERE capture_due_ms IS NOT NULL");
  }

  nextWebhookDueMs(): number | null {
    return this.#moment("SELECT min(due_ms) AS ms FROM webhook WHERE due_ms IS NOT NULL");
  }

  close(): void {
    this.#db.close();
  }

  #payment(sql: string, by: string | number): SandboxPayment | null {
    const row = this.#db.query<{ body: string }, [string | number]>(sql).get(by);
    return row === null ? null : (JSON.parse(row.body) as SandboxPayment);
  }

  #moment(sql: string): number | null {
    return this.#db.query<{ ms: number | null }, []>(sql).get()?.ms ?? null;
  }
}
