/** Owns reading the HTTP/1.1 responses (RFC 9112) of one connection from reads that may break anywhere: where each ends, and how it went. */
import { ChunkedBody } from "./chunked-body.ts";
import { MalformedResponse, NEED_MORE } from "./protocol.ts";

/** The largest head: status line and fields. */
export const HEAD_BYTES_MAX = 32 * 1024;

/** How much of an error's body is looked at for its problem code. */
const PROBLEM_BYTES_MAX = 4 * 1024;

const LF = 10;
const CR = 13;
const TAB = 9;
const SPACE = 32;
const COLON = 58;
const ZERO = 48;
const LOWER_CASE = 0x20;

const VERSION = Buffer.from("HTTP/1.");
const CONTENT_LENGTH = Buffer.from("content-length");
const CONNECTION = Buffer.from("connection");
const TRANSFER_ENCODING = Buffer.from("transfer-encoding");
const NOTHING: Buffer = Buffer.alloc(0);

type Stage = "head" | "sized" | "chunked" | "until-close";

export class ResponseParser {
  /** The status of the response that {@link read} or {@link end} has just completed. */
  status = 0;

  /** Whether the peer lets the connection be used again after this response. */
  keepAlive: boolean = true;

  /** `code` of the problem document (RFC 9457) that came with a status of 400 or more; null where there is none. */
  problemCode: string | null = null;

  /** The beginning of the body, as much of it as the constructor was told to keep. */
  body = NOTHING;

  #stage: Stage = "head";
  #contentLength = -1;
  #chunkedCoding: boolean = false;
  #bodyLeft = 0;
  readonly #chunked = new ChunkedBody();

  /** A head that came in pieces, so far; empty while heads come whole, which is the rule. */
  #head = NOTHING;
  /** What is kept of a body, which may come in pieces, up to its bound. */
  #kept = NOTHING;
  readonly #bodyBytesMax: number;

  /** @param bodyBytesMax how much of each body is kept for whoever reads {@link ResponseParser.body} */
  constructor(bodyBytesMax = 0) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /**
   * Takes bytes from `from` on. Returns the offset after the end of one response, or {@link NEED_MORE} when all are taken.
   * @throws MalformedResponse
   */
  read(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#stage === "head") {
      at = this.#readHead(bytes, at);
      // Without a body, the response ends with its head.
      if (this.#stage === "head") return at;
    }
    switch (this.#stage) {
      case "sized":
        return this.#readSized(bytes, at);
      case "chunked":
        return this.#readChunked(bytes, at);
      case "until-close":
        this.#keep(bytes, at, bytes.length);
        return NEED_MORE;
    }
  }

  /** The peer has closed. Returns whether that completes a response, as it does for a body without a length. */
  end(): boolean {
    if (this.#stage !== "until-close") return false;
    this.#complete();
    return true;
  }

  #readHead(bytes: Buffer, from: number): number {
    if (this.#head.length === 0) return this.#readHeadWithin(bytes, from);
    const before = this.#head.length;
    const end = this.#readHeadWithin(Buffer.concat([this.#head, bytes.subarray(from)]), 0);
    return end === NEED_MORE ? NEED_MORE : end - before + from;
  }

  /** Reads heads until a final one has come, and decides what delimits its body. */
  #readHeadWithin(bytes: Buffer, from: number): number {
    let at = from;
    for (;;) {
      const end = this.#scanHead(bytes, at);
      if (end === NEED_MORE) {
        if (bytes.length - at > HEAD_BYTES_MAX)
          throw new MalformedResponse(`a head of more than ${HEAD_BYTES_MAX} bytes`);
        this.#head = Buffer.from(bytes.subarray(at));
        return NEED_MORE;
      }
      at = end;
      if (this.status >= 200) break;
      // 100 Continue and 103 Early Hints announce the real response; 101 would leave HTTP, which nobody asked for.
      if (this.status === 101) throw new MalformedResponse("101 without an upgrade");
    }
    this.#head = NOTHING;
    this.#openBody();
    return at;
  }

  /** Reads one whole head that begins at `from`; returns the offset after its empty line. */
  #scanHead(bytes: Buffer, from: number): number {
    let lineEnd = bytes.indexOf(LF, from);
    if (lineEnd === -1) return NEED_MORE;
    this.#readStatusLine(bytes, from);
    this.#contentLength = -1;
    this.#chunkedCoding = false;
    for (;;) {
      const at = lineEnd + 1;
      lineEnd = bytes.indexOf(LF, at);
      if (lineEnd === -1) return NEED_MORE;
      if (lineEnd === at || (lineEnd === at + 1 && bytes[at] === CR)) return lineEnd + 1;
      // Three fields matter. Each is known first by where its colon must stand, so that the others cost three comparisons.
      if (bytes[at + CONTENT_LENGTH.length] === COLON) this.#readContentLength(bytes, at, lineEnd);
      if (bytes[at + CONNECTION.length] === COLON) this.#readConnection(bytes, at, lineEnd);
      if (bytes[at + TRANSFER_ENCODING.length] === COLON) this.#readTransferEncoding(bytes, at, lineEnd);
    }
  }

  #readStatusLine(bytes: Buffer, at: number): void {
    const minor = digit(bytes, at + 7);
    const status = digit(bytes, at + 9) * 100 + digit(bytes, at + 10) * 10 + digit(bytes, at + 11);
    const isKnown = minor <= 1 && status >= 100 && status <= 599;
    if (!isKnown || !startsWith(bytes, at, VERSION) || bytes[at + 8] !== SPACE) {
      throw new MalformedResponse(`not a status line: ${bytes.toString("latin1", at, at + 40)}`);
    }
    this.status = status;
    this.keepAlive = minor === 1;
    this.problemCode = null;
    this.body = NOTHING;
  }

  #readContentLength(bytes: Buffer, at: number, lineEnd: number): void {
    if (!isNamed(bytes, at, CONTENT_LENGTH)) return;
    let length = 0;
    let digits = 0;
    let next = at + CONTENT_LENGTH.length + 1;
    while (isBlank(bytes[next])) next++;
    for (; next < lineEnd && !isBlank(bytes[next]); next++, digits++) length = length * 10 + digit(bytes, next);
    while (isBlank(bytes[next])) next++;
    const isNumber = digits > 0 && next === lineEnd && Number.isSafeInteger(length);
    const contradictsAnother = this.#contentLength !== -1 && this.#contentLength !== length;
    if (!isNumber || contradictsAnother) {
      throw new MalformedResponse(bytes.toString("latin1", at, lineEnd));
    }
    this.#contentLength = length;
  }

  #readConnection(bytes: Buffer, at: number, lineEnd: number): void {
    if (!isNamed(bytes, at, CONNECTION)) return;
    for (const option of fieldValue(bytes, at + CONNECTION.length + 1, lineEnd).split(",")) {
      if (option.trim() === "close") this.keepAlive = false;
      else if (option.trim() === "keep-alive") this.keepAlive = true;
    }
  }

  #readTransferEncoding(bytes: Buffer, at: number, lineEnd: number): void {
    if (!isNamed(bytes, at, TRANSFER_ENCODING)) return;
    // No request of ours has a TE field, so no other coding may be used.
    const value = fieldValue(bytes, at + TRANSFER_ENCODING.length + 1, lineEnd);
    if (value !== "chunked") throw new MalformedResponse(`Transfer-Encoding: ${value}`);
    this.#chunkedCoding = true;
  }

  /** The order of RFC 9112 §6.3. */
  #openBody(): void {
    if (this.status === 204 || this.status === 304) return;
    if (this.#chunkedCoding) {
      this.#stage = "chunked";
      this.#chunked.begin();
    } else if (this.#contentLength > 0) {
      this.#stage = "sized";
      this.#bodyLeft = this.#contentLength;
    } else if (this.#contentLength === -1) {
      this.#stage = "until-close";
      this.keepAlive = false;
    }
  }

  #readSized(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#bodyLeft, bytes.length - at);
    this.#keep(bytes, at, at + taken);
    this.#bodyLeft -= taken;
    if (this.#bodyLeft > 0) return NEED_MORE;
    this.#complete();
    return at + taken;
  }

  #readChunked(bytes: Buffer, at: number): number {
    const end = this.#chunked.read(bytes, at, (from, to) => this.#keep(bytes, from, to));
    if (end !== NEED_MORE) this.#complete();
    return end;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const most = this.status < 400 ? this.#bodyBytesMax : Math.max(this.#bodyBytesMax, PROBLEM_BYTES_MAX);
    const room = most - this.#kept.length;
    if (room <= 0 || to <= from) return;
    const part = bytes.subarray(from, Math.min(to, from + room));
    this.#kept = this.#kept.length === 0 ? Buffer.from(part) : Buffer.concat([this.#kept, part]);
  }

  #complete(): void {
    this.#stage = "head";
    this.body = this.#kept;
    this.#kept = NOTHING;
    // The outermost `code` comes first in what Elysia and every other serialiser in the benches writes; a parse would cost more than the rest.
    if (this.status >= 400) {
      this.problemCode = /"code"\s*:\s*"([^"]*)"/.exec(this.body.toString("latin1"))?.[1] ?? null;
    }
  }
}

/** NaN where no digit stands. */
function digit(bytes: Buffer, at: number): number {
  const value = (bytes[at] ?? 0) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}

function startsWith(bytes: Buffer, at: number, expected: Buffer): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Field names don't mind upper and lower case. `-` and `:` have the bit of lower case anyway. */
function isNamed(bytes: Buffer, at: number, lowerCaseName: Buffer): boolean {
  for (let i = 0; i < lowerCaseName.length; i++)
    if (((bytes[at + i] ?? 0) | LOWER_CASE) !== lowerCaseName[i]) return false;
  return true;
}

function fieldValue(bytes: Buffer, from: number, to: number): string {
  return bytes.toString("latin1", from, to).trim().toLowerCase();
}
