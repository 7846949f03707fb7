/** Owns how the parts of accounts are put together, for the program and for tests alike. */

import type { BlockList } from "node:net";
import type { Clock } from "../../actors/clock.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { Authentication } from "../plugins/authentication.ts";
import { type ClientAddress, clientAddressBehind } from "../plugins/client-address.ts";
import { ACCESS_TOKEN_TTL_MS, AccessTokens, VERIFIED_TOKENS_MAX } from "./access-tokens.ts";
import type { AccountStore } from "./account-store.ts";
import { Accounts } from "./accounts.ts";
import { type AdminCredentials, ensureAdmin } from "./admin.ts";
import { Attempts } from "./attempts.ts";
import { argon2id, type PasswordHasher, Passwords } from "./passwords.ts";
import { MemoryRateLimits, type RateLimits } from "./rate-limits.ts";
import { MemoryRevocations, type Revocations } from "./revocations.ts";
import { SessionCleaning } from "./session-cleaning.ts";
import { Sessions } from "./sessions.ts";
import type { SigningKeys } from "./signing-keys.ts";

export interface AccountOptions {
  readonly store: AccountStore;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** How many passwords are hashed at once. Each takes 19 MiB, and a core for about 33 ms. */
  readonly hashesAtOnceMax: number;
  /** How many requests may wait for a hash; the next is answered 503 LOGIN_BUSY. */
  readonly hashesWaitingMax: number;
  /** Whether attempts are limited by address as well as by account. */
  readonly addressLimits: boolean;
  readonly trustedProxies: BlockList;
  /** Tokens whose signature need not be checked again. @default as {@link AccessTokens} has it */
  readonly verifiedTokensMax?: number;
  /** Null: there is no account to ensure. */
  readonly admin: AdminCredentials | null;
  /** @default Argon2id */
  readonly hasher?: PasswordHasher;
  /** @default in this process's memory */
  readonly rateLimits?: RateLimits;
  /** @default in this process's memory */
  readonly revocations?: Revocations;
}

export interface AccountServices {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly authentication: Authentication;
  readonly clientAddress: ClientAddress;
  readonly keys: SigningKeys;
  /** Stops what goes on by itself. */
  stop(): void;
}

/** Ready to serve: the admin is there, and what was revoked before the start is refused. */
export async function openAccounts(options: AccountOptions): Promise<AccountServices> {
  const { store, keys, clock, entropy, telemetry, hashesAtOnceMax, hashesWaitingMax } = options;
  const revocations = options.revocations ?? new MemoryRevocations(clock, ACCESS_TOKEN_TTL_MS);
  const rateLimits = options.rateLimits ?? new MemoryRateLimits(clock);
  const attempts = new Attempts(rateLimits, options.addressLimits);
  const line = { runningMax: hashesAtOnceMax, waitingMax: hashesWaitingMax };
  const passwords = await Passwords.open(options.hasher ?? argon2id, entropy, line);
  const { verifiedTokensMax = VERIFIED_TOKENS_MAX } = options;
  const tokens = new AccessTokens({ keys, revocations, clock, entropy, verifiedTokensMax });
  const sessions = new Sessions({ store, tokens, revocations, clock, entropy, telemetry });
  const cleaning = new SessionCleaning(store, clock, telemetry);

  telemetry.gauge("pigonair_password_hashes_waiting", "Requests that wait for a hash", () => passwords.waiting);
  await sessions.recallRevocations();
  if (options.admin !== null) await ensureAdmin(options.admin, { store, passwords, revocations, clock, entropy });
  cleaning.start();
  return {
    accounts: new Accounts({ store, passwords, sessions, attempts, clock, entropy }),
    sessions,
    authentication: new Authentication(tokens),
    clientAddress: clientAddressBehind(options.trustedProxies),
    keys,
    stop: () => cleaning.stop(),
  };
}
