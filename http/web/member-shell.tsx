/** Owns what a member's page shows before its script runs: the frame, and where the content will be. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

import type { BuiltApp } from "./assets/page-assets.ts";
import { Frame } from "./design/frame.tsx";
import { FRAME_WORDS } from "./i18n/frame.ts";
import type { Language } from "./language.ts";
import { isMemberBrowser } from "./member-hint.ts";
import { documentHtml } from "./page-document.ts";
import { renderHtml } from "./render-html.ts";

export function memberShell(request: Request, language: Language, { script, style }: BuiltApp): string {
  const { pathname, search } = new URL(request.url);
  const isMember = isMemberBrowser(request.headers.get("cookie") ?? "");
  const body = renderHtml(
    <Frame language={language} address={pathname + search} isMember={isMember}>
      <main id="main" class="page" tabIndex={-1}>
        <div class="stack wide">
          <p class="sr-only">{FRAME_WORDS[language].loading}</p>
          <div class="waiting shell-title" />
          <div class="waiting shell-card" />
        </div>
      </main>
    </Frame>,
  );
  return documentHtml({ language, title: "PigonAir", body, script, style });
}
