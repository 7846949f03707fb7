/** Owns the making of one executable that holds the whole program: the pages' files built ahead, the SQLite thread, and all that it reads. */

import { rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bundledAssets } from "../../http/web/assets/bundle.ts";
import { type EmbeddedApp, embedApp } from "../../http/web/assets/embedded-assets.ts";
import { PAGE_APPS } from "../../http/web/assets/page-assets.ts";

const ROOT = join(import.meta.dir, "../..");
/** It says that there is nothing embedded; the executable has another text in its place. */
const EMBEDDED_MODULE = join(ROOT, "http/web/assets/embedded.ts");
/** A thread is a program of its own, which nothing imports. Entries lie side by side in the executable, where the main one finds it. */
const ENTRIES = [join(ROOT, "main.ts"), join(ROOT, "db/sqlite/writer-thread.ts")];

/** What it may be made for; `baseline` is for processors from before 2013. */
export const TARGETS = [
  "linux-x64",
  "linux-x64-baseline",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
] as const;

export type Target = (typeof TARGETS)[number];

export interface BuildOptions {
  /** Path of the executable. */
  readonly outfile: string;
  /** Null: this machine. Another one's runtime is fetched from the npm registry, once. */
  readonly target: Target | null;
}

/** @throws Error with what the bundler said */
export async function buildExecutable({ outfile, target }: BuildOptions): Promise<void> {
  // Made beforehand: a build that a plugin of another build waits for never ends [1.4.5].
  const contents = await embeddedModule();
  const { success, logs, outputs } = await Bun.build({
    entrypoints: ENTRIES,
    target: "bun",
    // Names of functions and classes stay: errors and logs show them.
    minify: { whitespace: true, syntax: true, identifiers: false },
    sourcemap: "inline",
    naming: { entry: "[name].[ext]" },
    plugins: [
      {
        name: "embedded pages",
        setup(build) {
          build.onLoad({ filter: /\/http\/web\/assets\/embedded\.ts$/ }, ({ path }) =>
            path === EMBEDDED_MODULE ? { contents, loader: "ts" } : undefined,
          );
        },
      },
    ],
    compile: {
      outfile,
      ...(target === null ? {} : { target: `bun-${target}` as const }),
      // What lies in the folder where it is started is not part of the program.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  if (!success) throw new Error(logs.map(String).join("\n"));
  // The maps are in the executable, too [1.4.5].
  for (const { path } of outputs) if (path.endsWith(".map")) rmSync(join(dirname(outfile), basename(path)));
}

async function embeddedModule(): Promise<string> {
  const assets = bundledAssets();
  const apps: Record<string, EmbeddedApp> = {};
  for (const name of PAGE_APPS) apps[name] = embedApp(await assets.app(name));
  return `export const EMBEDDED = ${JSON.stringify(apps)};`;
}
