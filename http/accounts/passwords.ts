/** Owns the hashing of passwords: few at once, off the event loop, and as long for an unknown member as for a wrong password. */

import type { Entropy } from "../../actors/entropy.ts";
import { Problem } from "../problem.ts";
import { BoundedLine, type BoundedLineOptions } from "./bounded-line.ts";

export interface PasswordHasher {
  /** In PHC string format, with a new salt. */
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
}

/** OWASP Password Storage Cheat Sheet: 19 MiB and two passes, and 33 ms here; Bun's own defaults take 64 MiB and 105 ms. */
const ARGON2ID = { algorithm: "argon2id", memoryCost: 19 * 1024, timeCost: 2 } as const;

/** Bun computes it on a thread of its pool. */
export const argon2id: PasswordHasher = {
  hash: (password) => Bun.password.hash(password, ARGON2ID),
  verify: (password, hash) => Bun.password.verify(password, hash),
};

/** How long who finds the line full does well to wait, in seconds: as long as a full line takes. */
const BUSY_RETRY_AFTER_S = 3;

export class Passwords {
  readonly #hasher: PasswordHasher;
  readonly #line: BoundedLine;
  /** Of a password that nobody knows: what is compared with when there is no member to compare with. */
  readonly #nobodysHash: string;

  private constructor(hasher: PasswordHasher, line: BoundedLine, nobodysHash: string) {
    this.#hasher = hasher;
    this.#line = line;
    this.#nobodysHash = nobodysHash;
  }

  /** @param line how many hashes run at once, and how many requests may wait for theirs */
  static async open(hasher: PasswordHasher, entropy: Entropy, line: BoundedLineOptions): Promise<Passwords> {
    const unknown = Buffer.from(entropy.bytes(32)).toString("base64url");
    return new Passwords(hasher, new BoundedLine(line), await hasher.hash(unknown));
  }

  /**
   * @param from who asks: a full line refuses whoever has the most places in it
   * @throws Problem 503 LOGIN_BUSY when the line is full
   */
  hash(password: string, from = ""): Promise<string> {
    return this.#inLine(from, () => this.#hasher.hash(canonical(password)));
  }

  /**
   * @param hash null when there is no member: that takes as long, and is never right
   * @param from as of {@link hash}
   * @throws Problem 503 LOGIN_BUSY when the line is full
   */
  async verify(password: string, hash: string | null, from = ""): Promise<boolean> {
    const isRight = await this.#inLine(from, () => this.#hasher.verify(canonical(password), hash ?? this.#nobodysHash));
    // As UTF-8 every half of a surrogate pair is U+FFFD.
    return isRight && hash !== null && password.isWellFormed();
  }

  /** How many requests wait for a hash. */
  get waiting(): number {
    return this.#line.waiting;
  }

  async #inLine<T extends string | boolean>(from: string, work: () => Promise<T>): Promise<T> {
    const result = await this.#line.run(from, work);
    if (result !== null) return result;
    const headers = { "retry-after": String(BUSY_RETRY_AFTER_S) };
    throw new Problem(503, "LOGIN_BUSY", "Too many people log in at this moment.", {}, headers);
  }
}

/** NIST SP 800-63B §3.1.1.2: the same characters typed on another keyboard are the same password. */
function canonical(password: string): string {
  return password.normalize("NFKC");
}
