/** Owns the routes of the operators' pages. What they show comes from the API, which asks who may see it; the frame holds nothing. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

import { Elysia } from "elysia";
import { urlOf } from "../../plugins/request-url.ts";
import type { PageAssets } from "../assets/page-assets.ts";
import { documentHtml, languageOfRequest, servePage } from "../page-document.ts";
import { renderHtml } from "../render-html.ts";
import { OperatorFrame } from "./frame.tsx";
import { OPERATOR_PATHS, operatorPageAt } from "./paths.ts";
import { OPERATOR_WORDS } from "./words-of.ts";

export interface OperatorPageServices {
  readonly pageAssets: PageAssets;
}

export function operatorPageRoutes({ pageAssets }: OperatorPageServices) {
  const routes = new Elysia();
  for (const path of Object.values(OPERATOR_PATHS)) {
    routes.get(
      path,
      async ({ request, set }) => {
        const { script, style } = await pageAssets.app("operator");
        const language = languageOfRequest(request);
        const { pathname, search } = urlOf(request);
        const words = OPERATOR_WORDS[language];
        const body = renderHtml(
          <OperatorFrame
            language={language}
            words={words}
            address={pathname + search}
            page={operatorPageAt(pathname)?.page ?? null}
          >
            <main id="main" class="page" tabIndex={-1}>
              <p class="soft shell-loading">{words.loading}</p>
            </main>
          </OperatorFrame>,
        );
        return servePage(
          request,
          set,
          documentHtml({ language, title: `PigonAir ${words.title}`, body, script, style }),
        );
      },
      { detail: { hide: true } },
    );
  }
  return routes;
}
