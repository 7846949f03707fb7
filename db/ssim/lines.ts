/** Owns the cutting of a file into lines, one at a time, so that its text is never there a second time. */

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Ctrl-Z, with which some old systems end their files. */
const END_OF_FILE = 0x1a;

/** Each line without its end, one character a byte: lengths and columns are those of the file, in whatever encoding it is. */
export function* linesOf(bytes: Uint8Array): Generator<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size = buffer.length;
  while (size > 0 && [NEWLINE, RETURN, END_OF_FILE].includes(buffer[size - 1] ?? 0)) size -= 1;
  for (let at = 0; at < size; ) {
    const found = buffer.indexOf(NEWLINE, at);
    const end = found < 0 || found > size ? size : found;
    yield buffer.toString("latin1", at, end > at && buffer[end - 1] === RETURN ? end - 1 : end);
    at = end + 1;
  }
}
