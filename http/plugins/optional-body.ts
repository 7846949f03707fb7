/** Owns bodies that may be left out: then they count as an object without fields. */

import type { TSchema } from "elysia";
import { checkBodyShape } from "./body-shape.ts";

/** Stands in a body's schema, for the API's document: the generator calls every body required. */
export const OPTIONAL_BODY = "x-optional-body";

/**
 * As `jsonBody` of fields.ts, for a body that need not be sent. Elysia's own optional bodies may be anything that is no object, even what
 * is no JSON [1.4.30].
 */
export function optionalJsonBody<Schema extends TSchema>(schema: Schema) {
  // The second never has to: its name tells the API's document what bodies are.
  return {
    body: { ...schema, [OPTIONAL_BODY]: true },
    parse: [readBody, "json"] satisfies Parsers,
    transform: checkBodyShape,
  };
}

type Parsers = [typeof readBody, "json"];

function readBody({ request }: { readonly request: Request }): unknown {
  return request.headers.get("content-length") === "0" ? {} : readText(request);
}

async function readText(request: Request): Promise<unknown> {
  const text = await request.text();
  return text === "" ? {} : JSON.parse(text);
}
