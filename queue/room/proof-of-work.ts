/**
 * Owns what joining may cost in computing: a challenge that only one member can use in one epoch and not for long, and the check of its
 * proof. Nothing is kept: what a proof is worth is one place, and a member has one anyway.
 */

import { timingSafeEqual } from "node:crypto";
import { assert } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId, MemberId } from "../../actors/domain/ids.ts";

/** Who is to work, and for which line. */
export interface WorkScope {
  readonly flightId: FlightId;
  readonly epoch: number;
  readonly member: MemberId;
}

/** `ok`, or why a proof doesn't count. `expired` and `other` want a new challenge, and so does `malformed`. */
export type WorkCheck = "ok" | "malformed" | "forged" | "other" | "expired" | "unsolved";

/** How long a challenge may be worked at, in milliseconds: twenty times what 20 bits take on a slow telephone. */
const TTL_MS = 120_000;

/** 2^24 hashes take a telephone a minute: nobody would wait for more. */
export const WORK_BITS_MAX = 24;

/** By load, each doubling of what was expected makes it twice as dear, up to 16 times. */
const EXTRA_BITS_MAX = 4;

/** Longest that a proof can be: 48 characters of a flight, 36 of a member, numbers, a MAC. */
const PROOF_LENGTH_MAX = 256;

const PROOF =
  /^((1\.[A-Za-z0-9-]{1,48}\.\d{1,15}\.[!-\-/-~]{1,64})\.(\d{1,2})\.(\d{1,15}))\.([A-Za-z0-9_-]{43})\.\d{1,16}$/;

export class ProofOfWork {
  readonly #key: Uint8Array;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #ttlMs: number;

  /**
   * @param key ROOM_KEY: all edges have the same
   * @param ttlMs how long a challenge may be worked at. @default 120_000
   */
  constructor(key: Uint8Array, clock: Pick<Clock, "nowMs">, ttlMs: number = TTL_MS) {
    // A key of its own: nothing else that ROOM_KEY signs can be taken for a challenge.
    this.#key = new Bun.CryptoHasher("sha256", key).update("pigonair room work").digest();
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /**
   * What the member has to solve: `1.flight.epoch.member.bits.expires.MAC`. The proof is the challenge, a dot and a number, such that
   * their SHA-256 begins with `bits` zero bits; {@link WorkSolver} finds it.
   */
  challenge(scope: WorkScope, bits: number): string {
    assert(
      Number.isInteger(bits) && bits >= 1 && bits <= WORK_BITS_MAX,
      () => `1 to ${WORK_BITS_MAX} bits, not ${bits}`,
    );
    const claims = `${prefixOf(scope)}.${bits}.${this.#clock.nowMs() + this.#ttlMs}`;
    return `${claims}.${this.#mac(claims)}`;
  }

  /** Whether the work was done, at the difficulty that its own challenge had: one that rises meanwhile spoils nobody's work. */
  check(scope: WorkScope, proof: string): WorkCheck {
    const parts = proof.length > PROOF_LENGTH_MAX ? null : PROOF.exec(proof);
    if (parts === null) return "malformed";
    const [, claims = "", prefix, bits, expiresAtMs, mac = ""] = parts;
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(claims)))) return "forged";
    if (prefix !== prefixOf(scope)) return "other";
    if (Number(expiresAtMs) <= this.#clock.nowMs()) return "expired";
    return zeroBitsOf(proof) >= Number(bits) ? "ok" : "unsolved";
  }

  #mac(claims: string): string {
    return new Bun.CryptoHasher("sha256", this.#key).update(claims).digest("base64url");
  }
}

/**
 * How many bits joining costs while the load decides: nothing up to `expectedPerSecond` joins, `baseBits` above, one more for each doubling.
 * Once it costs something it does so until the load is half of what is expected: it doesn't flap.
 * @param current what it costs now
 */
export function bitsByLoad(
  joinsPerSecond: number,
  expectedPerSecond: number,
  baseBits: number,
  current: number,
): number {
  const load = joinsPerSecond / expectedPerSecond;
  if (load <= (current > 0 ? 0.5 : 1)) return 0;
  const extra = Math.min(EXTRA_BITS_MAX, Math.max(0, Math.floor(Math.log2(load))));
  return Math.min(WORK_BITS_MAX, baseBits + extra);
}

function prefixOf({ flightId, epoch, member }: WorkScope): string {
  return `1.${flightId}.${epoch}.${member}`;
}

function zeroBitsOf(proof: string): number {
  const hash = new Bun.CryptoHasher("sha256").update(proof).digest();
  const at = hash.findIndex((byte) => byte !== 0);
  return at < 0 ? hash.length * 8 : at * 8 + Math.clz32(hash[at] ?? 0) - 24;
}
