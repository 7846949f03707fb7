/** Owns the routes of the pages: what every page loads, the member's pages, and the page that says that there is none. */

import { Elysia, NotFoundError } from "elysia";
import { etagOf, isFresh } from "../plugins/etag.ts";
import { type AnswerSet, Problem } from "../problem.ts";
import { bundledAssets } from "./assets/bundle.ts";
import { appOfAsset, findAsset, type PageAssets } from "./assets/page-assets.ts";
import { MARK_FILE } from "./design/mark-file.ts";
import { memberShell } from "./member-shell.tsx";
import { languageOfRequest, servePage } from "./page-document.ts";
import { MEMBER_PATHS, pageAt } from "./paths.ts";

export interface WebServices {
  /** @default from the sources */
  readonly pageAssets?: PageAssets;
}

/** A name changes with its content, so what it names never does. */
const FOR_EVER = "public, max-age=31536000, immutable";

const DAY = "public, max-age=86400";

/** Pages are no part of the API, and its document has none of them. */
const hidden = { detail: { hide: true } };

export function webRoutes({ pageAssets = bundledAssets() }: WebServices) {
  const htmlFor = async (request: Request): Promise<string> => {
    const language = languageOfRequest(request);
    return memberShell(request, language, await pageAssets.app(`member-${language}`));
  };

  const memberPage = async (request: Request, set: AnswerSet): Promise<string | Uint8Array> => {
    const html = await htmlFor(request);
    const etag = etagOf(html);
    set.headers.etag = etag;
    const page = servePage(request, set, html);
    if (isFresh(request.headers.get("if-none-match"), etag)) {
      set.status = 304;
      return "";
    }
    return packed(request, set, page);
  };

  // Without a tag: conditions are for what is there (RFC 9110 §13.2.1), and whoever has this page must hear 404 again.
  const missingPage = async (request: Request, set: AnswerSet): Promise<string | Uint8Array> => {
    set.status = 404;
    return packed(request, set, servePage(request, set, await htmlFor(request)));
  };

  const routes = new Elysia()
    .get(
      "/assets/:name",
      async ({ params, request, set }) => {
        const app = appOfAsset(params.name);
        const found = app === null ? null : findAsset(await pageAssets.app(app), params.name);
        if (found === null) throw new Problem(404, "NOT_FOUND", "There is no such file.");
        const { asset, isExact } = found;
        const { headers } = set;
        headers["content-type"] = asset.contentType;
        headers["cache-control"] = isExact ? FOR_EVER : "no-store";
        headers.vary = "accept-encoding";
        if (!takesGzip(request.headers)) return asset.bytes;
        headers["content-encoding"] = "gzip";
        return asset.gzip;
      },
      hidden,
    )
    .get(
      "/favicon.svg",
      ({ set }) => {
        set.headers["content-type"] = "image/svg+xml";
        set.headers["cache-control"] = DAY;
        return MARK_FILE;
      },
      hidden,
    );
  for (const path of Object.values(MEMBER_PATHS)) {
    routes.get(path, ({ request, set }) => memberPage(request, set), hidden);
  }
  // Everything else that nobody serves: a page for people, and the usual problem for programs.
  return routes.get(
    "/*",
    ({ request, set, path }) => {
      if (path.startsWith("/api/") || !wantsHtml(request.headers) || pageAt(path) !== null) throw new NotFoundError();
      return missingPage(request, set);
    },
    hidden,
  );
}

function packed(request: Request, set: AnswerSet, page: string): string | Uint8Array {
  if (!takesGzip(request.headers)) return page;
  set.headers["content-encoding"] = "gzip";
  return Bun.gzipSync(page);
}

export function takesGzip(headers: Headers): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(headers.get("accept-encoding") ?? "");
}

function wantsHtml(headers: Headers): boolean {
  return headers.get("accept")?.includes("text/html") ?? false;
}
