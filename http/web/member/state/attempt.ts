/**
 * Owns the idempotency keys of what is being tried: the same request keeps its key over retries and reloads, so that it happens once, and
 * another request, or another try after an answer, has a new one.
 */

import { uniqueKey } from "../../browser/device.ts";

interface Attempt {
  readonly request: string;
  readonly key: string;
}

/**
 * @param scope what may be tried once at a time: a flight's reservation, a reservation's payment
 * @param request all that makes it this request and no other
 */
export function attemptKey(scope: string, request: unknown): string {
  const written = JSON.stringify(request);
  const stored: Partial<Attempt> = JSON.parse(sessionStorage.getItem(placeOf(scope)) ?? "{}");
  if (stored.request === written && stored.key !== undefined) return stored.key;
  const key = uniqueKey();
  sessionStorage.setItem(placeOf(scope), JSON.stringify({ request: written, key } satisfies Attempt));
  return key;
}

/** It was answered: whatever comes next is another attempt. */
export function endAttempt(scope: string): void {
  sessionStorage.removeItem(placeOf(scope));
}

function placeOf(scope: string): string {
  return `attempt:${scope}`;
}
