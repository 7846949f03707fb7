/** Owns how often somebody may ask for a place: by account and by address. It makes many places in one hand dear, not impossible. */

import type { FlightId, MemberId } from "../../actors/domain/ids.ts";
import type { MemoryRateLimits, RateLimit } from "../accounts/rate-limits.ts";
import { networkOf } from "../plugins/client-address.ts";
import { Problem } from "../problem.ts";

/** A page that is loaded again and again, in several tabs. */
const PER_ACCOUNT: RateLimit = { name: "join-account", burst: 30, everyMs: 2_000 };

/** Many people share an address behind a carrier's NAT. */
const PER_ADDRESS: RateLimit = { name: "join-address", burst: 300, everyMs: 200 };

export class JoinLimits {
  readonly #limits: MemoryRateLimits;
  readonly #byAddress: boolean;

  constructor(limits: MemoryRateLimits, byAddress: boolean) {
    this.#limits = limits;
    this.#byAddress = byAddress;
  }

  /** @throws Problem 429 TOO_MANY_REQUESTS */
  check(flightId: FlightId, member: MemberId, address: () => string): void {
    const waitMs = this.#limits.takeNow(PER_ACCOUNT, `${flightId} ${member}`);
    if (waitMs > 0) throw tooMany(waitMs);
    if (!this.#byAddress) return;
    const addressWaitMs = this.#limits.takeNow(PER_ADDRESS, networkOf(address()));
    if (addressWaitMs > 0) throw tooMany(addressWaitMs);
  }
}

function tooMany(waitMs: number): Problem {
  const headers = { "retry-after": String(Math.ceil(waitMs / 1000)) };
  return new Problem(429, "TOO_MANY_REQUESTS", "You ask for a place too often.", {}, headers);
}
