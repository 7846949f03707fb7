/** Owns what the main thread and the writing thread say to each other. */

import type { Cell } from "./batch-cells.ts";
import type { WriteOutcome } from "./batch-writer.ts";

export type WriterRequest =
  | { readonly kind: "open"; readonly file: string }
  | { readonly kind: "commit"; readonly id: number; readonly cells: readonly Cell[]; readonly isRepeat: boolean }
  /** One statement of a Kysely transaction. */
  | { readonly kind: "statement"; readonly id: number; readonly sql: string; readonly parameters: readonly Cell[] }
  | { readonly kind: "close"; readonly id: number };

export type WriterAnswer =
  | { readonly id: number; readonly kind: "committed"; readonly outcome: WriteOutcome }
  | { readonly id: number; readonly kind: "rows"; readonly rows: readonly unknown[]; readonly changes: number }
  | { readonly id: number; readonly kind: "failed"; readonly code: string; readonly message: string }
  | { readonly id: number; readonly kind: "closed" };
