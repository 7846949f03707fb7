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

/** Implemented from the sources by bundle.ts; a compiled program brings what was built with it. */
export interface PageAssets {
  app(app: PageApp): Promise<BuiltApp>;
}

export const ASSETS_PATH = "/assets/";

/** The app that a file belongs to, by its name; null for none of ours. */
export function appOfAsset(name: string): PageApp | null {
  const app = name.slice(0, name.lastIndexOf("-"));
  return PAGE_APPS.find((each) => each === app) ?? null;
}
