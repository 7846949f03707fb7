/** Owns what the main thread and the writing thread say to each other. */

import type { Cell } from "../batch-rows.ts";
import type { WriteOutcome } from "./batch-writer.ts";

/** The cells of a batch, then 1 for a repeat or 0, then the request's id. An array by itself crosses at half the cost of one in an object. */
export type CommitRequest = Cell[];

export type WriterRequest =
  | CommitRequest
  | { readonly kind: "open"; readonly file: string }
  /** One statement of a Kysely transaction. */
  | { readonly kind: "statement"; readonly id: number; readonly sql: string; readonly parameters: readonly Cell[] }
  | { readonly kind: "close"; readonly id: number };

export type WriterAnswer =
  | { readonly id: number; readonly kind: "committed"; readonly outcome: WriteOutcome }
  | { readonly id: number; readonly kind: "rows"; readonly rows: readonly unknown[]; readonly changes: number }
  | { readonly id: number; readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly id: number; readonly kind: "closed" };
