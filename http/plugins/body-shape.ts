/** Owns which parsed bodies no schema is asked about: those over which Elysia itself would fail while it words the refusal. */

import type { Problem } from "../problem.ts";
import { invalidField } from "./invalid-field.ts";

/** Levels of arrays and objects in a body; the deepest of our own has four. */
const BODY_DEPTH_MAX = 16;

/**
 * Runs between parser and schema. Of a body that a schema refuses Elysia writes out the whole, indented: gigabytes for 60 kB of brackets.
 * And it turns the member at fault into a text, which throws for an object whose `toString` is no function [1.4.30].
 * @throws Problem 400 VALIDATION that names the body's field in which it stands
 */
export function checkBodyShape({ body }: { readonly body: unknown }): void {
  if (typeof body !== "object" || body === null) return;
  for (const [name, member] of Object.entries(body)) {
    const field = Array.isArray(body) ? "body" : name;
    if (field === "toString") throw unexpected(field);
    checkLevels(field, member, BODY_DEPTH_MAX - 1);
  }
}

function checkLevels(field: string, value: unknown, levels: number): void {
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) throw invalidField(field, `Nested deeper than ${BODY_DEPTH_MAX} levels`);
  if (Object.hasOwn(value, "toString")) throw unexpected(field);
  for (const member of Object.values(value)) checkLevels(field, member, levels - 1);
}

/** No body of ours has a field of this name. */
function unexpected(field: string): Problem {
  return invalidField(field, "Unexpected property toString");
}
