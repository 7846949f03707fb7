/** Owns reading one chunked body (RFC 9112 §7.1) from reads that may break anywhere. */
import { MalformedResponse, NEED_MORE } from "./protocol.ts";

/** The longest size line with its extensions, and the longest trailer section. */
const LINE_BYTES_MAX = 4 * 1024;
/** Eight hexadecimal digits: chunks below 4 GiB. */
const SIZE_DIGITS_MAX = 8;

const CR = 13;
const LF = 10;

type Stage = "size" | "extension" | "data" | "after-data" | "trailer";

export class ChunkedBody {
  #stage: Stage = "size";
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #trailerLineBytes = 0;

  /** Expects the first chunk's size. */
  begin(): void {
    this.#expectSize();
    this.#trailerLineBytes = 0;
  }

  /**
   * Takes bytes from `from` on and hands the data over as ranges of `bytes`. Returns the offset after the body, or {@link NEED_MORE}.
   * @throws MalformedResponse
   */
  read(bytes: Buffer, from: number, onData: (from: number, to: number) => void): number {
    let at = from;
    while (at < bytes.length) {
      if (this.#stage === "data") {
        const taken = Math.min(this.#size, bytes.length - at);
        onData(at, at + taken);
        at += taken;
        this.#size -= taken;
        if (this.#size === 0) this.#stage = "after-data";
      } else if (this.#take(bytes[at++] ?? 0)) {
        return at;
      }
    }
    return NEED_MORE;
  }

  /** Takes a byte that isn't data; true for the body's last one. */
  #take(byte: number): boolean {
    if (++this.#lineBytes > LINE_BYTES_MAX)
      throw new MalformedResponse(`a chunk's line of more than ${LINE_BYTES_MAX} bytes`);
    switch (this.#stage) {
      case "size":
        this.#takeSize(byte);
        return false;
      case "extension":
        if (byte === LF) this.#sizeIsKnown();
        return false;
      case "after-data":
        if (byte === LF) this.#expectSize();
        else if (byte !== CR) throw new MalformedResponse("a chunk longer than its size");
        return false;
      case "trailer":
        if (byte === LF) {
          if (this.#trailerLineBytes === 0) return true;
          this.#trailerLineBytes = 0;
        } else if (byte !== CR) {
          this.#trailerLineBytes++;
        }
        return false;
      case "data":
        throw new MalformedResponse("data where none was expected");
    }
  }

  #takeSize(byte: number): void {
    const value = Number.parseInt(String.fromCharCode(byte), 16);
    if (!Number.isNaN(value)) {
      if (++this.#digits > SIZE_DIGITS_MAX)
        throw new MalformedResponse(`a chunk's size of more than ${SIZE_DIGITS_MAX} digits`);
      this.#size = this.#size * 16 + value;
    } else if (this.#digits === 0) {
      throw new MalformedResponse(`a chunk's size begins with byte ${byte}`);
    } else if (byte === LF) {
      this.#sizeIsKnown();
    } else {
      this.#stage = "extension";
    }
  }

  #expectSize(): void {
    this.#stage = "size";
    this.#size = 0;
    this.#digits = 0;
    this.#lineBytes = 0;
  }

  #sizeIsKnown(): void {
    this.#stage = this.#size === 0 ? "trailer" : "data";
    this.#lineBytes = 0;
  }
}
