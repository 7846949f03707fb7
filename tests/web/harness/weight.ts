/** Owns the weighing of pages: what comes over the line until a page is there, compressed as it comes. */

import type { Page, Request } from "playwright-core";

export interface Weight {
  /** Bytes of all bodies together, as they were sent. */
  readonly bytes: number;
  /** By path. */
  readonly parts: Readonly<Record<string, number>>;
}

/** @param ready resolves when the page is as its reader needs it. API answers count as well; streams, which never end, don't */
export async function weigh(page: Page, url: string, ready: () => Promise<unknown>): Promise<Weight> {
  const finished: Request[] = [];
  const note = (request: Request): void => void finished.push(request);
  page.on("requestfinished", note);
  await page.goto(url);
  await ready();
  page.off("requestfinished", note);
  const parts: Record<string, number> = {};
  for (const request of finished) {
    const { responseBodySize } = await request.sizes();
    parts[new URL(request.url()).pathname] = responseBodySize;
  }
  return { bytes: Object.values(parts).reduce((sum, size) => sum + size, 0), parts };
}
