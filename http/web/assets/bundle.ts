/** Owns the making of scripts and styles from the sources, by Bun's own bundler: once for each app, when it is first asked for. */

import { basename, join } from "node:path";
import { present } from "../../../actors/assert.ts";
import { ASSETS_PATH, type Asset, type BuiltApp, type PageApp, type PageAssets } from "./page-assets.ts";

/** Each imports its own styles. */
const ENTRIES: Readonly<Record<PageApp, string>> = {
  member: "member/main.tsx",
  room: "room/main.ts",
  operator: "operator/main.tsx",
};

const ROOT = join(import.meta.dir, "..");

/** What the sources hold doesn't change while a server runs. */
export function bundledAssets(): PageAssets {
  const apps = new Map<PageApp, Promise<BuiltApp>>();
  return {
    app(name) {
      const known = apps.get(name) ?? bundle(name);
      apps.set(name, known);
      return known;
    },
  };
}

async function bundle(app: PageApp): Promise<BuiltApp> {
  const { outputs } = await Bun.build({
    entrypoints: [join(ROOT, ENTRIES[app])],
    target: "browser",
    format: "esm",
    minify: true,
    splitting: true,
    publicPath: ASSETS_PATH,
    naming: { entry: `${app}-[hash].[ext]`, chunk: `${app}-[hash].[ext]`, asset: `${app}-[hash].[ext]` },
    // Not from tsconfig.json, which Bun reads from the working directory alone [1.4.5].
    jsx: { runtime: "automatic", importSource: "preact", development: false },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const files = new Map<string, Asset>();
  for (const output of outputs) {
    const bytes = new Uint8Array(await output.arrayBuffer());
    const name = basename(output.path);
    files.set(name, { name, contentType: contentTypeOf(output), bytes, gzip: Bun.gzipSync(bytes) });
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
