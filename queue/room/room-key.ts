/** Owns the key that signs a room's tickets and passes where the operator has given none of its own. */

import { hkdfSync } from "node:crypto";

/** A key of its own purpose, which every process makes alike of a secret that all have (RFC 5869). */
export function roomKeyOf(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), "pigonair waiting rooms", 32));
}
