/** Owns the check of a webhook's signature: Standard Webhooks, HMAC-SHA256 over `id.timestamp.body`, time-stamp to ± 5 minutes. */

import { timingSafeEqual } from "node:crypto";
import { Webhook } from "standardwebhooks";

const TOLERANCE_S = 300;

/** A header that came twice is joined by ", ", which none of these takes. A signature may come under several keys and versions. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMESTAMP = /^\d{1,12}$/;
const SIGNATURES = /^v1a?,[A-Za-z0-9+/=_-]{1,128}( v1a?,[A-Za-z0-9+/=_-]{1,128}){0,7}$/;

export class SignatureCheck {
  readonly #signer: Webhook;

  /** @param secret `whsec_` and the base64 of the key. */
  constructor(secret: string) {
    this.#signer = new Webhook(secret);
  }

  /** Whether `rawBody` was signed with our key within the tolerance around `nowMs`. */
  holds(headers: Headers, rawBody: string, nowMs: number): boolean {
    const id = headers.get("webhook-id") ?? "";
    const timestamp = headers.get("webhook-timestamp") ?? "";
    const signatures = headers.get("webhook-signature") ?? "";
    if (!ID.test(id) || !TIMESTAMP.test(timestamp) || !SIGNATURES.test(signatures)) return false;
    if (Math.abs(nowMs / 1_000 - Number(timestamp)) > TOLERANCE_S) return false;
    // Not the package's verify(): it reads the machine's clock and takes "12abc" for a time-stamp.
    const expected = Buffer.from(this.#signer.sign(id, new Date(Number(timestamp) * 1_000), rawBody));
    return signatures.split(" ").some((each) => {
      const given = Buffer.from(each);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}
