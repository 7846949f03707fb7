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
  checkLevels(null, body, BODY_DEPTH_MAX);
}

/** @param field of the body, in which the value stands; null for the body itself */
function checkLevels(field: string | null, value: unknown, levels: number): void {
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) throw invalidField(field ?? "body", `Nested deeper than ${BODY_DEPTH_MAX} levels`);
  if (Array.isArray(value)) {
    for (const member of value) checkLevels(field ?? "body", member, levels - 1);
    return;
  }
  // What JSON.parse makes has no members but its own; to list them first would cost more than to check them.
  for (const name in value) {
    if (name === "toString") throw unexpected(field ?? name);
    checkLevels(field ?? name, (value as Readonly<Record<string, unknown>>)[name], levels - 1);
  }
}

/** No body of ours has a field of this name. */
function unexpected(field: string): Problem {
  return invalidField(field, "Unexpected property toString");
}
