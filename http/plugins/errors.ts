/** Owns turning whatever a request failed with into a problem; it alone knows how Elysia names its failures. */

import { NotFoundError, ParseError, ValidationError } from "elysia";
import { Problem, problemOf } from "../problem.ts";
import { EXPECTED } from "./fields.ts";

/** More errors than this aren't listed. */
const ERRORS_MAX = 20;

interface JsonSchema {
  readonly [EXPECTED]?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly { readonly const?: unknown }[];
}

interface FieldError {
  /** `passengers[0].name`; `body` or `query` when the whole is at fault. */
  readonly field: string;
  readonly detail: string;
}

/** @param allowed methods that the request's path takes: empty when nothing is there */
export function problemOfFailure(error: unknown, allowed: () => readonly string[]): Problem {
  if (error instanceof ValidationError) return invalid(error);
  if (error instanceof ParseError) {
    if (error.cause instanceof Problem) return error.cause;
    return new Problem(400, "MALFORMED_JSON", "The body is not JSON.");
  }
  if (error instanceof NotFoundError) {
    const methods = allowed();
    if (methods.length === 0) return new Problem(404, "NOT_FOUND", "There is nothing at this path.");
    const allow = methods.join(", ");
    return new Problem(405, "METHOD_NOT_ALLOWED", `This path takes ${allow}.`, {}, { allow });
  }
  return problemOf(error);
}

function invalid(failure: ValidationError): Problem {
  // An answer that contradicts its own schema is our defect.
  if (failure.type === "response") return problemOf(failure);
  const errors = fieldErrors(failure);
  const first = errors[0] ?? { field: failure.type, detail: "Invalid" };
  return new Problem(400, "VALIDATION", `${first.field}: ${first.detail}`, { field: first.field, errors });
}

/** The first complaint about each field: what follows for the same one only repeats that it isn't there. */
function fieldErrors(failure: ValidationError): readonly FieldError[] {
  const byField = new Map<string, FieldError>();
  const { validator } = failure;
  if (!("Errors" in validator)) return [];
  for (const { path, message, schema } of validator.Errors(failure.value)) {
    const field = fieldOf(path) || failure.type;
    if (!byField.has(field)) byField.set(field, { field, detail: explained(message, schema) });
    if (byField.size === ERRORS_MAX) break;
  }
  return [...byField.values()];
}

/** The checker's own words, except where they would show a pattern or a kind of schema. */
function explained(message: string, { [EXPECTED]: expected, enum: values, anyOf }: JsonSchema): string {
  if (message === "Expected required property") return message;
  if (expected !== undefined) return `Expected ${expected}`;
  const choices = values ?? anyOf?.map((each) => each.const).filter((value) => value !== undefined) ?? [];
  return choices.length === 0 ? message : `Expected one of ${choices.join(", ")}`;
}

/** A JSON pointer (RFC 6901) as people write it: `/passengers/0/name` is `passengers[0].name`. */
function fieldOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => {
      if (/^\d+$/.test(part)) return `${path}[${part}]`;
      return path === "" ? part : `${path}.${part}`;
    }, "");
}
