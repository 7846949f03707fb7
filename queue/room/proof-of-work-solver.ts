/**
 * Owns the finding of a proof of work, for pages and for tests: plain TypeScript, so that it runs in any browser. A page runs it in a
 * Worker, or in slices: `for (let proof = null; proof === null; proof = solver.run(20_000)) await nextFrame();`
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2), and of the square roots of 8. */
const K = new Int32Array(64);
const INITIAL = new Int32Array(8);

for (let prime = 2, found = 0; found < 64; prime++) {
  let isPrime = true;
  for (let by = 2; by * by <= prime; by++) if (prime % by === 0) isPrime = false;
  if (!isPrime) continue;
  if (found < 8) INITIAL[found] = fraction(Math.sqrt(prime));
  K[found++] = fraction(Math.cbrt(prime));
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}

const BLOCK_BYTES = 64;

/** What a challenge says of itself: how many bits of the hash must be 0. NaN for what is no challenge. */
function bitsOf(challenge: string): number {
  return Number(challenge.split(".")[4]);
}

export class WorkSolver {
  readonly #challenge: string;
  readonly #bits: number;
  /** The state after all whole blocks of what never changes. */
  readonly #state = INITIAL.slice();
  /** What is hashed again for each attempt: the rest of the challenge, the attempt, and the padding. */
  readonly #tail = new Uint8Array(3 * BLOCK_BYTES);
  readonly #tailFrom: number;
  readonly #prefixBytes: number;
  readonly #words = new Int32Array(64);
  readonly #work = new Int32Array(8);
  /** Attempts so far. */
  attempts = 0;

  /** @param challenge as the waiting room gave it */
  constructor(challenge: string) {
    this.#challenge = challenge;
    this.#bits = bitsOf(challenge);
    const prefix = `${challenge}.`;
    this.#prefixBytes = prefix.length;
    const bytes = Uint8Array.from(prefix, (letter) => letter.charCodeAt(0));
    const whole = prefix.length - (prefix.length % BLOCK_BYTES);
    for (let at = 0; at < whole; at += BLOCK_BYTES) compress(this.#state, bytes, at, this.#words);
    this.#tail.set(bytes.subarray(whole));
    this.#tailFrom = prefix.length - whole;
  }

  /** Tries so many more times. @returns the proof to be sent, or null if it was not found yet */
  run(attempts: number): string | null {
    for (const end = this.attempts + attempts; this.attempts < end; ) {
      const nonce = this.attempts++;
      if (this.#zeroBits(nonce) >= this.#bits) return `${this.#challenge}.${nonce}`;
    }
    return null;
  }

  #zeroBits(nonce: number): number {
    const tail = this.#tail;
    let end = this.#tailFrom + digitsOf(nonce);
    const messageBits = (this.#prefixBytes + end - this.#tailFrom) * 8;
    for (let at = end - 1, left = nonce; at >= this.#tailFrom; at--, left = Math.floor(left / 10))
      tail[at] = 48 + (left % 10);
    tail[end++] = 0x80;
    const length = Math.ceil((end + 8) / BLOCK_BYTES) * BLOCK_BYTES;
    tail.fill(0, end, length);
    for (let at = length - 1, left = messageBits; left > 0; at--, left = Math.floor(left / 256)) tail[at] = left % 256;

    const work = this.#work;
    work.set(this.#state);
    for (let at = 0; at < length; at += BLOCK_BYTES) compress(work, tail, at, this.#words);
    let zeros = 0;
    for (const word of work) {
      zeros += Math.clz32(word);
      if (word !== 0) break;
    }
    return zeros;
  }
}

function digitsOf(nonce: number): number {
  let digits = 1;
  for (let limit = 10; nonce >= limit; limit *= 10) digits++;
  return digits;
}

/** SHA-256's compression function (FIPS 180-4 §6.2.2). */
function compress(state: Int32Array, bytes: Uint8Array, from: number, w: Int32Array): void {
  for (let t = 0, at = from; t < 16; t++, at += 4) {
    w[t] = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }
  for (let t = 16; t < 64; t++) {
    const a = w[t - 15] ?? 0;
    const b = w[t - 2] ?? 0;
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    w[t] = ((w[t - 16] ?? 0) + s0 + (w[t - 7] ?? 0) + s1) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[t] ?? 0) + (w[t] ?? 0)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = ((state[0] ?? 0) + a) | 0;
  state[1] = ((state[1] ?? 0) + b) | 0;
  state[2] = ((state[2] ?? 0) + c) | 0;
  state[3] = ((state[3] ?? 0) + d) | 0;
  state[4] = ((state[4] ?? 0) + e) | 0;
  state[5] = ((state[5] ?? 0) + f) | 0;
  state[6] = ((state[6] ?? 0) + g) | 0;
  state[7] = ((state[7] ?? 0) + h) | 0;
}
