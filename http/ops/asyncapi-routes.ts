/** Owns the route of the bus's document: for programs that reach flights by NATS instead of HTTP. */

import { Elysia } from "elysia";
import { etagOf, isFresh } from "../plugins/etag.ts";
import { noQuery } from "../plugins/fields.ts";
import { asyncApiDocument } from "./asyncapi-document.ts";

export function asyncApiRoutes() {
  let document: string | null = null;
  return new Elysia().get(
    "/asyncapi/json",
    ({ request, set }) => {
      document ??= JSON.stringify(asyncApiDocument());
      const etag = etagOf(document);
      set.headers["content-type"] = "application/json";
      set.headers["cache-control"] = "no-cache";
      set.headers.etag = etag;
      if (!isFresh(request.headers.get("if-none-match"), etag)) return document;
      set.status = 304;
      return "";
    },
    { query: noQuery, detail: { hide: true } },
  );
}
