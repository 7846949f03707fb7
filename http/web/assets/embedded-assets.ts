/** Owns the form in which a compiled program carries the pages' files: as text, each compressed as it is sent. */

import type { BuiltApp, PageApp, PageAssets } from "./page-assets.ts";

export interface EmbeddedApp {
  readonly script: string;
  readonly style: string | null;
  /** `gzip`: base64 of the compressed bytes. */
  readonly files: readonly { readonly name: string; readonly contentType: string; readonly gzip: string }[];
}

export type EmbeddedApps = Readonly<Record<PageApp, EmbeddedApp>>;

export function embedApp({ script, style, files }: BuiltApp): EmbeddedApp {
  const embedded = Array.from(files.values(), ({ name, contentType, gzip }) => ({
    name,
    contentType,
    gzip: Buffer.from(gzip).toString("base64"),
  }));
  return { script, style, files: embedded };
}

/** What was built with the program; null where it runs from its sources. */
export function embeddedAssets(apps: EmbeddedApps | null): PageAssets | null {
  if (apps === null) return null;
  const unpacked = new Map<PageApp, BuiltApp>();
  return {
    app(name) {
      const app = unpacked.get(name) ?? unpack(apps[name]);
      unpacked.set(name, app);
      return Promise.resolve(app);
    },
  };
}

function unpack({ script, style, files }: EmbeddedApp): BuiltApp {
  const unpacked = files.map(({ name, contentType, gzip: packed }) => {
    const gzip = Uint8Array.fromBase64(packed);
    return [name, { name, contentType, gzip, bytes: Bun.gunzipSync(gzip) }] as const;
  });
  return { script, style, files: new Map(unpacked) };
}
