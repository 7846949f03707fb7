/** Owns how often somebody may try: to log in, by account and by address; to sign up, by address (DESIGN §10). */

import { networkOf } from "../plugins/client-address.ts";
import { Problem } from "../problem.ts";
import type { RateLimit, RateLimits } from "./rate-limits.ts";

/** About 2,900 guesses a day at one account, wherever they come from. Somebody unknown counts like a member. */
const LOGIN_PER_ACCOUNT: RateLimit = { name: "login-account", burst: 10, everyMs: 30_000 };

/** Many people share an address behind a carrier's NAT; only what failed counts. */
const LOGIN_PER_ADDRESS: RateLimit = { name: "login-address", burst: 60, everyMs: 1_000 };

const SIGN_UP_PER_ADDRESS: RateLimit = { name: "sign-up-address", burst: 60, everyMs: 10_000 };

interface Counted {
  readonly limit: RateLimit;
  readonly key: string;
}

/** An attempt that was counted. */
export interface Attempt {
  /** It should not have counted: it succeeded, or was never made. */
  forget(): Promise<void>;
}

export class Attempts {
  readonly #limits: RateLimits;
  readonly #byAddress: boolean;

  /** @param byAddress false turns the limits by address off (ADDRESS_LIMITS) */
  constructor(limits: RateLimits, byAddress: boolean) {
    this.#limits = limits;
    this.#byAddress = byAddress;
  }

  /** @throws Problem 429 TOO_MANY_ATTEMPTS */
  logIn(email: string, address: string): Promise<Attempt> {
    return this.#count([...this.#address(LOGIN_PER_ADDRESS, address), { limit: LOGIN_PER_ACCOUNT, key: email }]);
  }

  /** @throws Problem 429 TOO_MANY_ATTEMPTS */
  signUp(address: string): Promise<Attempt> {
    return this.#count(this.#address(SIGN_UP_PER_ADDRESS, address));
  }

  #address(limit: RateLimit, address: string): Counted[] {
    return this.#byAddress ? [{ limit, key: networkOf(address) }] : [];
  }

  async #count(all: readonly Counted[]): Promise<Attempt> {
    for (const { limit, key } of all) {
      const waitMs = await this.#limits.take(limit, key);
      if (waitMs > 0) throw tooMany(waitMs);
    }
    return {
      forget: async () => {
        for (const { limit, key } of all) await this.#limits.giveBack(limit, key);
      },
    };
  }
}

function tooMany(waitMs: number): Problem {
  const headers = { "retry-after": String(Math.ceil(waitMs / 1000)) };
  return new Problem(429, "TOO_MANY_ATTEMPTS", "There were too many attempts.", {}, headers);
}
