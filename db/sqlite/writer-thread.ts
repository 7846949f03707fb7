/** Owns the thread that holds the only writing connection of a server: a transaction that waits for the disk blocks no event loop. */

import { type Database, SQLiteError, type SQLQueryBindings } from "bun:sqlite";
import { BatchWriter } from "./batch-writer.ts";
import { openWriter } from "./connection.ts";
import { MemberIndex } from "./member-index.ts";
import type { CommitRequest, WriterAnswer, WriterRequest } from "./writer-protocol.ts";

declare const self: Worker;

let database: Database | null = null;
let openFailure: Error | null = null;
let writer: BatchWriter | null = null;
let memberIndex: MemberIndex | null = null;

/** After so long without a commit the rest of the members' reservations is indexed, in milliseconds. */
const QUIET_MS = 200;
let isQuietAwaited = false;
let committedMs = 0;

/** Requests wait here while a Kysely transaction is open: between its statements nothing else may write on this connection. */
const waiting: WriterRequest[] = [];

self.onmessage = ({ data }: MessageEvent<WriterRequest>) => {
  if (database?.inTransaction === true && (Array.isArray(data) || data.kind !== "statement")) {
    waiting.push(data);
    return;
  }
  handle(data);
  while (database?.inTransaction !== true) {
    const next = waiting.shift();
    if (next === undefined) break;
    handle(next);
  }
};

function handle(request: WriterRequest): void {
  if (Array.isArray(request)) {
    commit(request);
    return;
  }
  switch (request.kind) {
    case "open":
      open(request.file);
      return;
    case "statement":
      answer(run(request.id, request.sql, request.parameters));
      return;
    case "close":
      database?.close();
      database = null;
      answer({ id: request.id, kind: "closed" });
      return;
  }
}

function commit(request: CommitRequest): void {
  // Made at the first commit: before it, the migrations may still have to make the tables.
  memberIndex ??= new MemberIndex(opened());
  writer ??= new BatchWriter(opened(), memberIndex);
  const id = Number(request.pop());
  const isRepeat = request.pop() === 1;
  answer({ id, kind: "committed", outcome: writer.write(request, isRepeat) });
  awaitQuiet(QUIET_MS);
  committedMs = performance.now();
}

/** A slice at a time, so that a commit which comes meanwhile waits for no more than one. */
function awaitQuiet(delayMs: number): void {
  if (isQuietAwaited) return;
  isQuietAwaited = true;
  setTimeout(indexWhenQuiet, delayMs);
}

function indexWhenQuiet(): void {
  isQuietAwaited = false;
  if (database === null || memberIndex === null) return;
  if (database.inTransaction || performance.now() - committedMs < QUIET_MS) {
    awaitQuiet(QUIET_MS);
    return;
  }
  try {
    database.run("begin immediate");
    const isMore = memberIndex.whenQuiet();
    database.run("commit");
    if (isMore) awaitQuiet(0);
  } catch {
    // Another process writes just now: what is not indexed is found all the same.
    if (database.inTransaction) database.run("rollback");
    memberIndex.undone();
    awaitQuiet(QUIET_MS);
  }
}

/** A file that can't be opened fails every request after it, with SQLite's own words. */
function open(file: string): void {
  try {
    database = openWriter(file);
  } catch (cause) {
    openFailure = cause instanceof Error ? cause : new Error(String(cause));
  }
}

function run(id: number, sql: string, parameters: readonly unknown[]): WriterAnswer {
  try {
    const statement = opened().query<unknown, SQLQueryBindings[]>(sql);
    const bindings = parameters as SQLQueryBindings[];
    if (statement.columnNames.length > 0) return { id, kind: "rows", rows: statement.all(...bindings), changes: 0 };
    return { id, kind: "rows", rows: [], changes: statement.run(...bindings).changes };
  } catch (cause) {
    const code = cause instanceof SQLiteError ? (cause.code ?? "SQLITE_ERROR") : "SQLITE_ERROR";
    return { id, kind: "failed", code, message: cause instanceof Error ? cause.message : String(cause) };
  }
}

function opened(): Database {
  if (database === null) throw openFailure ?? new Error("the writing connection is closed");
  return database;
}

function answer(message: WriterAnswer): void {
  postMessage(message);
}
