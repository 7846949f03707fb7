/** Owns the port to what pages load: scripts and styles under names that change with their content. */

/** Each is loaded apart from the others; the member's pages are one in each language. */
export const PAGE_APPS = ["member-ko", "member-en", "room", "operator"] as const;

export type PageApp = (typeof PAGE_APPS)[number];

export interface Asset {
  /** File name, which begins with the name of its app. */
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

export interface BuiltApp {
  /** Addresses of what the page's head names. */
  readonly script: string;
  readonly style: string | null;
  /** By name. */
  readonly files: ReadonlyMap<string, Asset>;
}

/** Implemented from the sources by bundle.ts; by embedded-assets.ts in a compiled program, which brings what was built with it. */
export interface PageAssets {
  app(app: PageApp): Promise<BuiltApp>;
}

export const ASSETS_PATH = "/assets/";

/** In the names of files that another file of the same build asks for. */
export const CHUNK = ".chunk.";

export interface FoundAsset {
  readonly asset: Asset;
  /** Whether it is the one that was asked for, and not what stands in its place in this version. */
  readonly isExact: boolean;
}

/**
 * A file by its name. While one version takes the place of another, a page of the one may ask a server of the other: it is given what that
 * server has, which speaks to the same API.
 */
export function findAsset({ script, style, files }: BuiltApp, name: string): FoundAsset | null {
  const exact = files.get(name);
  if (exact !== undefined) return { asset: exact, isExact: true };
  if (name.includes(CHUNK)) return null;
  const address = name.endsWith(".js") ? script : name.endsWith(".css") ? style : null;
  const asset = files.get(address?.slice(ASSETS_PATH.length) ?? "");
  return asset === undefined ? null : { asset, isExact: false };
}

/** The app that a file belongs to, by its name; null for none of ours. */
export function appOfAsset(name: string): PageApp | null {
  const app = name.slice(0, name.lastIndexOf("-"));
  return PAGE_APPS.find((each) => each === app) ?? null;
}
