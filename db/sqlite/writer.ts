/** Owns the way to the writing thread: commits of the lane and ordinary transactions, one after another in the order of asking. */

import { present } from "../../actors/assert.ts";
import { Slab } from "../../actors/slab.ts";
import type { Cell } from "../batch-rows.ts";
import type { WriteOutcome } from "./batch-writer.ts";
import type { WriterAnswer, WriterRequest } from "./writer-protocol.ts";

/** What SQLite said of a statement that failed. */
class StatementError extends Error {
  override readonly name = "StatementError";
  /** Such as `SQLITE_CONSTRAINT_UNIQUE`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface StatementResult {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

interface Pending {
  readonly resolve: (answer: WriterAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class SqliteWriter {
  readonly #thread: Worker;
  readonly #pending = new Slab<Pending>();
  #failure: Error | null = null;

  constructor(file: string) {
    this.#thread = new Worker(new URL("./writer-thread.ts", import.meta.url).href);
    this.#thread.onmessage = ({ data }: MessageEvent<WriterAnswer>) => this.#settle(data);
    this.#thread.onerror = ({ message }) => this.#fail(new Error(`the writing thread failed: ${message}`));
    this.#post({ kind: "open", file });
  }

  /** Statements and commits that are on their way to the thread, or wait for it. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * @param cells as `batchCells` makes them; they are the writer's from then on
   * Never throws for what an outcome can say; a failed thread leaves the outcome unknown.
   */
  async commit(cells: Cell[], isRepeat: boolean): Promise<WriteOutcome> {
    try {
      const answer = await this.#ask((id) => {
        cells.push(isRepeat ? 1 : 0, id);
        return cells;
      });
      if (answer.kind === "committed") return answer.outcome;
      return { kind: "unknown", cause: `the writing thread answered ${answer.kind}` };
    } catch (cause) {
      return { kind: "unknown", cause: String(cause) };
    }
  }

  /** Runs one statement. @throws StatementError */
  async run(sql: string, parameters: readonly Cell[]): Promise<StatementResult> {
    const answer = await this.#ask((id) => ({ kind: "statement", id, sql, parameters }));
    if (answer.kind === "failed") throw new StatementError(answer.code, answer.message);
    return answer.kind === "rows" ? answer : { rows: [], changes: 0 };
  }

  async close(): Promise<void> {
    await this.#ask((id) => ({ kind: "close", id }));
    this.#thread.terminate();
  }

  #ask(request: (id: number) => WriterRequest): Promise<WriterAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#post(request(this.#pending.add({ resolve, reject })));
    });
  }

  #settle(answer: WriterAnswer): void {
    const pending = present(this.#pending.get(answer.id), "an answer belongs to a request");
    this.#pending.delete(answer.id);
    pending.resolve(answer);
  }

  #fail(error: Error): void {
    this.#failure = error;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }

  #post(request: WriterRequest): void {
    this.#thread.postMessage(request);
  }
}
