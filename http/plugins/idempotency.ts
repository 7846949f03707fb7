/** Owns idempotency at the edge (DESIGN §7): what a key may look like, and the fingerprint of the request that it stands for; guards I5. */

import { fingerprintOf } from "../../actors/fingerprint.ts";
import { Problem } from "../problem.ts";

/** Visible ASCII, without the space. */
const KEY = /^[!-~]{1,255}$/;

const IDEMPOTENCY_KEY = "Idempotency-Key";
export const IDEMPOTENCY_REPLAYED = "Idempotency-Replayed";

/** @throws Problem 400 IDEMPOTENCY_KEY_MISSING without a key, and with a text that can't be one */
export function idempotencyKeyOf(headers: Headers): string {
  const key = headers.get(IDEMPOTENCY_KEY);
  if (key !== null && KEY.test(key)) return key;
  throw new Problem(
    400,
    "IDEMPOTENCY_KEY_MISSING",
    `This request needs the header ${IDEMPOTENCY_KEY}: 1 to 255 visible ASCII characters.`,
    { field: IDEMPOTENCY_KEY },
  );
}

/**
 * What a key stands for: SHA-256 over method, path and the body as canonical JSON.
 * @param body as it was sent, before defaults are filled in, so that a later default changes no fingerprint
 */
export function fingerprint(method: string, path: string, body: unknown): string {
  return fingerprintOf(`${method}\n${path}`, body);
}
