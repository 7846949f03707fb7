/** Owns files of secrets that are made at the first start and kept for nobody else to read: whole or not there, and never made twice. */

import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** The file's text; made by `make`, with its directory, if there is none yet. What is made is different each time. */
export async function secretFile(file: string, make: () => string | Promise<string>): Promise<string> {
  const kept = await readIfThere(file);
  if (kept !== null) return kept;
  const text = await make();
  // Named by its content, which is random: no two starts write the same draft.
  const draft = `${file}.${Bun.SHA256.hash(text, "hex").slice(0, 16)}.draft`;
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // A link appears with all its content or not at all, and never over secrets that another start made meanwhile.
  await link(draft, file).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
  await rm(draft);
  await syncDirectory(dirname(file));
  return readFile(file, "utf8");
}

/** The name of a new file survives a power failure only when its directory has been written too. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
