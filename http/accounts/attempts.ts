/** Owns how often somebody may try: to log in, by account and by address; to sign up, by address (DESIGN §10). */

import { networkOf } from "../plugins/client-address.ts";
import { Problem } from "../problem.ts";
import type { RateLimit, RateLimits } from "./rate-limits.ts";

/** About 2,900 guesses a day at one account, wherever they come from. Somebody unknown counts like a member. */
const FAILED_PER_ACCOUNT: RateLimit = { name: "login-account", burst: 10, everyMs: 30_000 };

/**
 * What succeeds counts as well: it takes a core for as long as what fails, and a few accounts of one's own would keep everybody else waiting. A
 * program that logs in anew each time is left alone.
 */
const LOGINS_PER_ACCOUNT: RateLimit = { name: "login-account-all", burst: 300, everyMs: 1_000 };

/** Many people share an address behind a carrier's NAT; only what failed counts. */
const FAILED_PER_ADDRESS: RateLimit = { name: "login-address", burst: 60, everyMs: 1_000 };

const SIGN_UP_PER_ADDRESS: RateLimit = { name: "sign-up-address", burst: 60, everyMs: 10_000 };

interface Counted {
  readonly limit: RateLimit;
  readonly key: string;
  /** Whether what succeeds counts as well. */
  readonly countsSuccess?: true;
}

/** An attempt that was counted. */
export interface Attempt {
  /** Who makes it, for the line before the hashes: the address as it counts; the same for all where addresses don't. */
  readonly from: string;

  /** It succeeded, and does not count where only what fails does. */
  succeeded(): Promise<void>;

  /** It was never made, and should not have counted at all. */
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
    return this.#count(address, [
      // First: who logs in too often takes nothing of an address that others share.
      { limit: LOGINS_PER_ACCOUNT, key: email, countsSuccess: true },
      ...this.#address(FAILED_PER_ADDRESS, address),
      { limit: FAILED_PER_ACCOUNT, key: email },
    ]);
  }

  /** @throws Problem 429 TOO_MANY_ATTEMPTS */
  signUp(address: string): Promise<Attempt> {
    return this.#count(address, this.#address(SIGN_UP_PER_ADDRESS, address));
  }

  #address(limit: RateLimit, address: string): Counted[] {
    return this.#byAddress ? [{ limit, key: networkOf(address) }] : [];
  }

  async #count(address: string, all: readonly Counted[]): Promise<Attempt> {
    for (const { limit, key } of all) {
      const waitMs = await this.#limits.take(limit, key);
      if (waitMs > 0) throw tooMany(waitMs);
    }
    return {
      from: this.#byAddress ? networkOf(address) : "",
      succeeded: () => this.#giveBack(all.filter(({ countsSuccess = false }) => !countsSuccess)),
      forget: () => this.#giveBack(all),
    };
  }

  async #giveBack(all: readonly Counted[]): Promise<void> {
    for (const { limit, key } of all) await this.#limits.giveBack(limit, key);
  }
}

function tooMany(waitMs: number): Problem {
  const headers = { "retry-after": String(Math.ceil(waitMs / 1000)) };
  return new Problem(429, "TOO_MANY_ATTEMPTS", "There were too many attempts.", {}, headers);
}
