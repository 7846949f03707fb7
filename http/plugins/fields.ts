/** Owns the building blocks of request schemas: closed objects, JSON bodies, and values that are no looser than they look. */

import { type TSchema, t } from "elysia";
import { CALENDAR_DATE, LINE_OF_TEXT } from "../../actors/text-forms.ts";
import { checkBodyShape } from "./body-shape.ts";

/** A schema's keyword with what it expects, for people, as the end of a sentence: a pattern alone tells them little. */
export const EXPECTED = "x-expected";

/** An object in which a field that isn't listed is an error. */
export function closed<const Properties extends Readonly<Record<string, TSchema>>>(properties: Properties) {
  return t.Object(properties, { additionalProperties: false });
}

/** For routes that have no query: then none may be sent. */
export const noQuery = closed({});

/**
 * A route's body, always JSON. Spread it into the route's options: naming the parser keeps Elysia from looking at the body's
 * stream and media type in every request, which plugins/body-gate.ts has done already.
 * @example .post("/api/v1/members", handler, { ...jsonBody(closed({ email: t.String() })), query: noQuery })
 */
export function jsonBody<Schema extends TSchema>(schema: Schema) {
  return { body: schema, parse: "json", transform: checkBodyShape } as const;
}

/** One line of text. Lengths count UTF-16 units. */
export function text(options: { readonly minLength: number; readonly maxLength: number }) {
  return t.String({ ...options, pattern: LINE_OF_TEXT, [EXPECTED]: textOf(options) });
}

function textOf({ minLength, maxLength }: { readonly minLength: number; readonly maxLength: number }): string {
  return `one line of ${minLength} to ${maxLength} characters`;
}

/** A whole number in a body. Elysia's `t.Integer` would take `"5"` as well [1.4.30]. */
export function integer(options: { readonly minimum: number; readonly maximum: number }) {
  return t.Number({ ...options, multipleOf: 1 });
}

/**
 * A whole number from 1 to `maximum` in a query, as text: of a number out of bounds Elysia's own conversion loses the field's name [1.4.30].
 * @param maximum a power of ten
 */
export function positive(maximum: number, description: string) {
  const zeros = String(maximum).length - 1;
  const pattern = `^(?:[1-9]\\d{0,${zeros - 1}}|1${"0".repeat(zeros)})$`;
  return t.String({ pattern, [EXPECTED]: `a whole number from 1 to ${maximum}`, description });
}

/** A day that the calendar has, as `YYYY-MM-DD`: the format `date` alone would take 30 February [Elysia 1.4.30]. */
export function calendarDate(description: string) {
  return t.String({
    pattern: CALENDAR_DATE,
    [EXPECTED]: "a day that the calendar has, as YYYY-MM-DD",
    description,
    examples: ["2027-03-01"],
  });
}
