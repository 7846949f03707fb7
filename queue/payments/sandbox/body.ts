/** Owns the reading of requests' bodies: JSON, or a form where forms are welcome. */

import { readText } from "../../read-text.ts";
import { BODY_BYTES_MAX } from "./model.ts";
import { problem } from "./problem.ts";

export type Body = { readonly value: unknown; readonly isForm: boolean };

/** The body as a value, from JSON or, where `forms` are welcome, from a form; or the problem that it is. */
export async function readBody(request: Request, forms: "json-only" | "or-form"): Promise<Body | Response> {
  const type = request.headers.get("content-type") ?? "";
  const isForm =
    forms === "or-form" && /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type);
  if (!isForm && !/^application\/json\s*(;|$)/i.test(type)) {
    const wanted = forms === "or-form" ? "application/json or that of a form" : "application/json";
    return problem(415, "UNSUPPORTED_MEDIA_TYPE", `content-type must be ${wanted}`);
  }
  try {
    const raw = await readText(request.body, BODY_BYTES_MAX);
    if (raw === null) return problem(413, "BODY_TOO_LARGE", `a body has at most ${BODY_BYTES_MAX} bytes`);
    return { value: isForm ? await readForm(raw, type) : JSON.parse(raw), isForm };
  } catch {
    return problem(400, "BAD_BODY", `the body is not ${type.split(";")[0]}`);
  }
}

/** A field that was left empty counts as absent, as a browser sends it; one that comes twice becomes a list, which no check takes. */
async function readForm(raw: string, type: string): Promise<Record<string, unknown>> {
  const form = await new Response(raw, { headers: { "content-type": type } }).formData();
  const fields = new Map<string, unknown>();
  for (const [name, value] of form) {
    if (value === "") continue;
    fields.set(name, fields.has(name) ? [] : value);
  }
  return Object.fromEntries(fields);
}
