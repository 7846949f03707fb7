/** Owns how long lists are cut into pages (DESIGN §7): `{items,page,size,total}`. */

import { type TSchema, t } from "elysia";
import { closed, positive } from "./fields.ts";

const SIZE_MAX = 100;
const SIZE_DEFAULT = 20;

/** Pages behind this one are not served: a database reads past all that it skips. */
const PAGE_MAX = 10_000;

export interface PageRequest {
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are on all pages. */
  readonly total: number;
}

/** The fields of a list's query; a query with further fields spreads them into its own. */
export const pageFields = {
  page: t.Optional(positive(PAGE_MAX, `From 1 to ${PAGE_MAX}; 1 if it isn't given.`)),
  size: t.Optional(positive(SIZE_MAX, `From 1 to ${SIZE_MAX}; ${SIZE_DEFAULT} if it isn't given.`)),
};

export const pageQuery = closed(pageFields);

export function pageRequest(query: { readonly page?: string; readonly size?: string }): PageRequest {
  return { page: Number(query.page ?? 1), size: Number(query.size ?? SIZE_DEFAULT) };
}

/** The answer's shape, for the API's document. */
export function pageAnswer<Item extends TSchema>(item: Item) {
  return t.Object({ items: t.Array(item), page: t.Integer(), size: t.Integer(), total: t.Integer() });
}
