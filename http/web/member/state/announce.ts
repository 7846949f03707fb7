/** Owns what is said to those who hear the page: politely, and not so often that nothing else can be heard. */

import { signal } from "@preact/signals";

/** Read out when the reader pauses. */
export const said = signal("");

/** The same text twice is a change as well: a space that nobody hears makes it one. */
export function say(text: string): void {
  said.value = said.value === text ? `${text}\u00a0` : text;
}
