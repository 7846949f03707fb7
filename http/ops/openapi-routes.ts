/** Owns the API's page: the document, and a viewer that comes from this server alone, so that it works without the internet. */

import { Elysia } from "elysia";
// Named as files, so that a compiled program carries them.
import viewerStyle from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import viewerScript from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { etagOf, isFresh } from "../plugins/etag.ts";
import { noQuery } from "../plugins/fields.ts";
import type { Surface } from "../surface.ts";
import { openApiDocument } from "./openapi-document.ts";

/** Swagger UI styles its elements inline, and has pictures within its style sheet. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PigonAir API</title>
<link rel="stylesheet" href="/openapi/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/openapi/swagger-ui-bundle.js"></script>
<script src="/openapi/start.js"></script>
</body>
</html>
`;

/** A file of its own, because the page's policy runs no script that stands in the page. */
const START = `SwaggerUIBundle({ url: "/openapi/json", dom_id: "#api", deepLinking: true, validatorUrl: null });
`;

/** The version of the package is in the lock file: a browser asks again now and then. */
const VIEWER_CACHE = "public, max-age=86400";

const hidden = { query: noQuery, detail: { hide: true } };

export function openApiRoutes(surface: Surface) {
  let document: string | null = null;
  return new Elysia({ prefix: "/openapi" })
    .get(
      "",
      ({ set }) => {
        set.headers["content-type"] = "text/html; charset=utf-8";
        set.headers["content-security-policy"] = PAGE_POLICY;
        return PAGE;
      },
      hidden,
    )
    .get(
      "/json",
      ({ request, set }) => {
        document ??= JSON.stringify(openApiDocument(surface.app));
        const etag = etagOf(document);
        set.headers["content-type"] = "application/json";
        set.headers["cache-control"] = "no-cache";
        set.headers.etag = etag;
        if (!isFresh(request.headers.get("if-none-match"), etag)) return document;
        set.status = 304;
        return "";
      },
      hidden,
    )
    .get(
      "/start.js",
      ({ set }) => {
        set.headers["content-type"] = "text/javascript; charset=utf-8";
        return START;
      },
      hidden,
    )
    .get("/swagger-ui.css", ({ set }) => viewerFile(viewerStyle, "text/css", set.headers), hidden)
    .get("/swagger-ui-bundle.js", ({ set }) => viewerFile(viewerScript, "text/javascript", set.headers), hidden);
}

function viewerFile(path: string, type: string, headers: Record<string, string | number>): Promise<string> {
  headers["content-type"] = `${type}; charset=utf-8`;
  headers["cache-control"] = VIEWER_CACHE;
  return Bun.file(path).text();
}
