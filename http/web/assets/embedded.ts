/** Owns the pages' files that a compiled program carries: none as the source stands; `deploy/build` puts another module in this one's place. */

import type { EmbeddedApps } from "./embedded-assets.ts";

export const EMBEDDED: EmbeddedApps | null = null;
