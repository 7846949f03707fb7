/** Owns the reading of a body as text, of requests and answers alike: never more bytes than asked for, whatever a header says. */

/** The bytes of a body as text, or null if there are more than `bytesMax`. */
export async function readText(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<string | null> {
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
