/** Owns the problem of a field that a schema alone can't judge; it reads like those that the schemas find. */

import { Problem } from "../problem.ts";

/** @param field as in `passengers[0].seat` */
export function invalidField(field: string, detail: string): Problem {
  return new Problem(400, "VALIDATION", `${field}: ${detail}`, { field, errors: [{ field, detail }] });
}
