/** Owns the making of scripts and styles from the sources, by Bun's own bundler: once for each app, when it is first asked for. */

import { basename, join } from "node:path";
import { present } from "../../../actors/assert.ts";
import type { Log } from "../../../actors/telemetry.ts";
import type { Language } from "../language.ts";
import {
  ASSETS_PATH,
  type Asset,
  type BuiltApp,
  CHUNK,
  PAGE_APPS,
  type PageApp,
  type PageAssets,
} from "./page-assets.ts";

interface Entry {
  /** Imports its own styles. */
  readonly file: string;
  /** The one language that it has words for; null for all, among which the document chooses. */
  readonly language: Language | null;
}

const ENTRIES: Readonly<Record<PageApp, Entry>> = {
  "member-ko": { file: "member/main.tsx", language: "ko" },
  "member-en": { file: "member/main.tsx", language: "en" },
  room: { file: "room/main.ts", language: null },
  operator: { file: "operator/main.tsx", language: null },
};

const ROOT = join(import.meta.dir, "..");

/** What the sources hold doesn't change while a server runs. */
export function bundledAssets(): PageAssets {
  const apps = new Map<PageApp, Promise<BuiltApp>>();
  return {
    app(name) {
      const known = apps.get(name);
      if (known !== undefined) return known;
      const making = bundle(name);
      apps.set(name, making);
      // What failed for a passing reason is made when it is next asked for.
      making.catch(() => apps.delete(name));
      return making;
    },
  };
}

/** The same, made from the start on, so that no visitor waits for it. */
export function assetsBuiltAhead(log: Log): PageAssets {
  const assets = bundledAssets();
  for (const app of PAGE_APPS) {
    assets.app(app).catch((err: unknown) => log.error({ err, app }, "pages could not be made"));
  }
  return assets;
}

async function bundle(app: PageApp): Promise<BuiltApp> {
  const { file, language } = ENTRIES[app];
  const { outputs } = await Bun.build({
    entrypoints: [join(ROOT, file)],
    target: "browser",
    format: "esm",
    minify: true,
    splitting: true,
    publicPath: ASSETS_PATH,
    naming: { entry: `${app}-[hash].[ext]`, chunk: `${app}-[hash]${CHUNK}[ext]`, asset: `${app}-[hash].[ext]` },
    // Not from tsconfig.json, which Bun reads from the working directory alone [1.4.5].
    jsx: { runtime: "automatic", importSource: "preact", development: false },
    define: {
      PAGE_LANGUAGE: language === null ? "document.documentElement.lang" : JSON.stringify(language),
    },
  });
  const files = new Map<string, Asset>();
  for (const output of outputs) {
    const bytes = new Uint8Array(await output.arrayBuffer());
    const name = basename(output.path);
    files.set(name, { name, contentType: contentTypeOf(output), bytes, gzip: Bun.gzipSync(bytes, { level: 9 }) });
  }
  const script = present(
    outputs.find(({ kind, path }) => kind === "entry-point" && path.endsWith(".js")),
    `app ${app} has a script`,
  );
  const style = outputs.find(({ path }) => path.endsWith(".css"));
  return { script: addressOf(script), style: style === undefined ? null : addressOf(style), files };
}

function addressOf({ path }: { readonly path: string }): string {
  return `${ASSETS_PATH}${basename(path)}`;
}

function contentTypeOf({ type }: { readonly type: string }): string {
  return /^(text|image)\//.test(type) && !type.includes("charset") ? `${type};charset=utf-8` : type;
}
