/** Owns the reading of many rows by key without a statement that grows with them. */

const CHUNK = 500;

export async function inChunks<Key, Row>(
  keys: readonly Key[],
  read: (keys: readonly Key[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < keys.length; from += CHUNK) rows.push(...(await read(keys.slice(from, from + CHUNK))));
  return rows;
}
