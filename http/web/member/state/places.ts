/** Owns the airports that are served: read once for all pages. */

import { signal } from "@preact/signals";
import { answerOf, api, Refusal } from "../../browser/api.ts";
import { type Place, placeName } from "../../i18n/places.ts";
import { language } from "./words.ts";

const PAGE_SIZE = 100;

const places = signal<readonly Place[]>([]);
let isAsked = false;

/** Empty until they have come. */
export function usePlaces(): readonly Place[] {
  if (!isAsked) {
    isAsked = true;
    load().catch((error: unknown) => {
      // Codes can be typed without suggestions; the next page tries again.
      isAsked = false;
      if (!(error instanceof Refusal)) throw error;
    });
  }
  return places.value;
}

async function load(): Promise<void> {
  const all: Place[] = [];
  for (let page = 1; ; page++) {
    const { items, total } = await answerOf(
      api.airports.get({ query: { page: String(page), size: String(PAGE_SIZE) } }),
    );
    all.push(...items);
    if (all.length >= total || items.length === 0) break;
  }
  places.value = all;
}

/** What people call the place, in the page's language. */
export function useCity(): (code: string) => string {
  const known = usePlaces();
  return (code) =>
    placeName(
      language,
      code,
      known.find((place) => place.code === code),
    );
}
