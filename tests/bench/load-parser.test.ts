/** Goal: the load generator sees where each response ends and how it went, however the bytes are cut, and refuses what isn't HTTP. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MalformedResponse, NEED_MORE } from "../../bench/load/protocol.ts";
import { HEAD_BYTES_MAX, ResponseParser } from "../../bench/load/response-parser.ts";

interface Seen {
  readonly status: number;
  readonly keepAlive: boolean;
  readonly problemCode: string | null;
}

/** What a parser sees in `pieces`; a response left open at the end is completed by the peer's closing, if that may be. */
function see(pieces: readonly Buffer[]): Seen[] {
  const parser = new ResponseParser();
  const seen: Seen[] = [];
  const note = () => {
    const { status, keepAlive, problemCode } = parser;
    seen.push({ status, keepAlive, problemCode });
  };
  for (const bytes of pieces) {
    let at = 0;
    while (at < bytes.length) {
      const end = parser.read(bytes, at);
      if (end === NEED_MORE) break;
      expect(end).toBeGreaterThan(at);
      note();
      at = end;
    }
    // Whoever reads from a socket may reuse the memory.
    bytes.fill(0);
  }
  if (parser.end()) note();
  return seen;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end)));
}

/** A response as text, and what is to be seen in it. */
interface Sample extends Seen {
  readonly text: string;
}

const letters = (max: number) => fc.string({ unit: fc.constantFrom(..."abcXYZ019 -:;\r\n{}"), maxLength: max });
const token = fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz-"), minLength: 1, maxLength: 20 });
const mixedCase = (name: string) =>
  fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }).map((upper) => {
    return [...name].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join("");
  });

/** Fields that must not matter, some of them as long as those that do. */
const otherField = fc.oneof(
  fc.tuple(token, token).map(([name, value]) => `X-${name}: ${value}\r\n`),
  fc.constantFrom("Content-Type: application/json\r\n", "Content-Longth: 7\r\n", "Connectiom: close\r\n", "Date:\r\n"),
);

const chunks = fc.tuple(fc.array(letters(40), { maxLength: 4 }), fc.boolean()).map(([parts, extended]) => {
  const sized = parts.filter((part) => part.length > 0);
  const text = sized.map((part) => `${part.length.toString(16)}${extended ? ";a=b" : ""}\r\n${part}\r\n`).join("");
  return { body: sized.join(""), text: `${text}0\r\n${extended ? "Trailer-Field: 1\r\n" : ""}\r\n` };
});

const sample: fc.Arbitrary<Sample> = fc
  .record({
    status: fc.constantFrom(200, 201, 204, 304, 400, 409, 503),
    framing: fc.constantFrom("sized", "chunked"),
    interim: fc.constantFrom("", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    keepAlive: fc.boolean(),
    before: fc.array(otherField, { maxLength: 3 }),
    after: fc.array(otherField, { maxLength: 3 }),
    lengthName: mixedCase("content-length"),
    codingName: mixedCase("transfer-encoding"),
    problemCode: fc.option(fc.constantFrom("SEAT_TAKEN", "SOLD_OUT")),
    body: letters(60),
    chunked: chunks,
  })
  .map((given) => {
    const isError = given.status >= 400;
    const hasBody = given.status !== 204 && given.status !== 304;
    const problem = `{"type":"about:blank","code":"${given.problemCode}","status":${given.status}}`;
    const hasProblem = isError && given.problemCode !== null;
    const body = hasProblem ? problem : given.body;
    const chunkedText = hasProblem ? `${problem.length.toString(16)}\r\n${problem}\r\n0\r\n\r\n` : given.chunked.text;
    const isChunked = given.framing === "chunked" && hasBody;
    const framing = isChunked ? `${given.codingName}: Chunked\r\n` : `${given.lengthName}:\t${body.length} \r\n`;
    const connection = given.keepAlive ? "" : "Connection: upgrade, Close\r\n";
    const fields = [...given.before, framing, connection, ...given.after].join("");
    const sent = !hasBody ? "" : isChunked ? chunkedText : body;
    return {
      text: `${given.interim}HTTP/1.1 ${given.status} Some Reason\r\n${fields}\r\n${sent}`,
      status: given.status,
      keepAlive: given.keepAlive,
      problemCode: hasProblem ? given.problemCode : null,
    };
  });

const samples = fc.array(sample, { minLength: 1, maxLength: 4 });

function expected(all: readonly Sample[]): Seen[] {
  return all.map(({ status, keepAlive, problemCode }) => ({ status, keepAlive, problemCode }));
}

function bytesOf(all: readonly Sample[]): Buffer {
  return Buffer.from(all.map(({ text }) => text).join(""), "latin1");
}

describe("read()", () => {
  test("sees every response when they come whole", () => {
    fc.assert(fc.property(samples, (all) => expect(see([bytesOf(all)])).toEqual(expected(all))));
  });

  test("sees every response in random pieces", () => {
    const places = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(fc.property(samples, places, (all, at) => expect(see(cut(bytesOf(all), at))).toEqual(expected(all))));
  });

  test("sees every response byte by byte", () => {
    const bytewise = (bytes: Buffer) => Array.from(bytes, (byte) => Buffer.of(byte));
    fc.assert(
      fc.property(samples, (all) => expect(see(bytewise(bytesOf(all)))).toEqual(expected(all))),
      { numRuns: 50 },
    );
  });

  test("reads a body without a length up to the peer's closing", () => {
    const response = Buffer.from('HTTP/1.1 500 Oops\r\nContent-Type: a\r\n\r\n{"code": "INTERNAL"}');
    expect(see([response])).toEqual([{ status: 500, keepAlive: false, problemCode: "INTERNAL" }]);
  });

  test("keeps the connection of HTTP/1.0 only when it says so", () => {
    const closing = Buffer.from("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
    const keeping = Buffer.from("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
    expect(see([closing, keeping]).map((seen) => seen.keepAlive)).toEqual([false, true]);
  });

  test("ends a chunked body by its chunks, whatever Content-Length says (RFC 9112, section 6.3)", () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
    expect(see([Buffer.from(`${head}1\r\na\r\n0\r\n\r\n`)])).toHaveLength(1);
  });

  test("returns an offset of the bytes that it was given, also when the head began before them", () => {
    const parser = new ResponseParser();
    expect(parser.read(Buffer.from("HTTP/1.1 204 No Con"), 0)).toBe(NEED_MORE);
    expect(parser.read(Buffer.from("...tent\r\n\r\n..."), 3)).toBe(11);
  });

  test("accepts lines that end without a carriage return", () => {
    expect(see([Buffer.from("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")])).toHaveLength(1);
  });

  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["another version", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ["a status of letters", "HTTP/1.1 2x0 OK\r\n\r\n"],
    ["a status out of range", "HTTP/1.1 999 OK\r\n\r\n"],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["an empty length", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n"],
    ["a length of two numbers", "HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n"],
    ["an endless length", `HTTP/1.1 200 OK\r\nContent-Length: ${"9".repeat(400)}\r\n\r\n`],
    ["contradicting lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
    ["an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
    ["a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n"],
    ["a chunk's endless size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n111111111\r\n"],
    ["a chunk longer than its size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"],
    ["a chunk's endless line", `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${"a".repeat(5000)}`],
    ["an endless head", `HTTP/1.1 200 OK\r\n${"X-Field: 1\r\n".repeat(HEAD_BYTES_MAX / 10)}`],
  ])("refuses %s", (_what, text) => {
    expect(() => see([Buffer.from(text)])).toThrow(MalformedResponse);
  });
});

describe("end()", () => {
  test.each([
    ["nothing", ""],
    ["half a head", "HTTP/1.1 200 OK\r\nContent-"],
    ["half a sized body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
    ["half a chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
  ])("doesn't complete %s", (_what, text) => {
    const parser = new ResponseParser();
    parser.read(Buffer.from(text), 0);
    expect(parser.end()).toBe(false);
  });
});
