/** Owns how tests read a mail as it is carried: RFC 5322 headers, and the text as a person sees it. */

export interface ReadMessage {
  /** By lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  /** With `\n` at the end of each line. */
  readonly text: string;
}

/** Reads a message that has one part. */
export function readMessage(message: string): ReadMessage {
  const end = message.indexOf("\r\n\r\n");
  const unfolded = message.slice(0, end).replace(/\r\n[ \t]+/g, " ");
  const headers = new Map<string, string>();
  for (const line of unfolded.split("\r\n")) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const text = decoded(message.slice(end + 4), headers.get("content-transfer-encoding") ?? "7bit");
  // RFC 3676: a space before the line's end means that the line goes on.
  const isFlowed = headers.get("content-type")?.includes("format=flowed") === true;
  return { headers, text: (isFlowed ? text.replaceAll(" \r\n", " ") : text).replaceAll("\r\n", "\n") };
}

function decoded(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
