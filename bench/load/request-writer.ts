/** Owns the bytes of the one request that is being written: reused for each, so that a request costs no garbage. */

/** The largest request. */
export const REQUEST_BYTES_MAX = 64 * 1024;

const BODY_LENGTH_DIGITS = 5;
const BODY_LENGTH_FIELD = Buffer.from(`Content-Length: ${" ".repeat(BODY_LENGTH_DIGITS)}\r\n\r\n`);
const BYTES_AFTER_BODY_LENGTH = 4;
const ZERO = 48;
const LETTER_A = 65;

/** Bytes for {@link RequestWriter.piece}, made once. */
export function piece(ascii: string): Uint8Array {
  return Buffer.from(ascii, "latin1");
}

export class RequestWriter {
  readonly bytes = Buffer.alloc(REQUEST_BYTES_MAX);
  #length = 0;
  #bodyAt = 0;

  /** How many of {@link RequestWriter.bytes} belong to the request. */
  get length(): number {
    return this.#length;
  }

  /** Begins the next request over the former one. */
  clear(): void {
    this.#length = 0;
  }

  /** Adds a prepared part: the cheapest way. Throws a `RangeError` beyond {@link REQUEST_BYTES_MAX}. */
  piece(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Adds a number of exactly `width` decimal digits, with leading zeros; its highest digits are lost beyond that. */
  digits(value: number, width: number): this {
    return this.#places(value, width, 10, ZERO);
  }

  /** Adds a number as exactly `width` capital letters, A for zero. */
  letters(value: number, width: number): this {
    return this.#places(value, width, 26, LETTER_A);
  }

  /** Ends the head with a Content-Length that {@link endBody} fills in (the blanks before it are RFC 9110's optional white space). */
  beginBody(): this {
    this.piece(BODY_LENGTH_FIELD);
    this.#bodyAt = this.#length;
    return this;
  }

  endBody(): void {
    let rest = this.#length - this.#bodyAt;
    let at = this.#bodyAt - BYTES_AFTER_BODY_LENGTH;
    do {
      at--;
      this.bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    } while (rest > 0);
  }

  #places(value: number, width: number, base: number, zero: number): this {
    if (this.#length + width > REQUEST_BYTES_MAX)
      throw new RangeError(`a request of more than ${REQUEST_BYTES_MAX} bytes`);
    let rest = value;
    for (let at = this.#length + width - 1; at >= this.#length; at--) {
      this.bytes[at] = zero + (rest % base);
      rest = Math.floor(rest / base);
    }
    this.#length += width;
    return this;
  }
}
