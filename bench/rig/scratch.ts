/** Owns where a run keeps its databases: where a flush takes what it takes, and not in memory, as `/tmp` is on many systems. */
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/** What statfs(2) calls file systems that are in memory: tmpfs, ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x0102_1994, 0x8584_58f6]);

/** The first of the folders that is on a disk. @throws Error when none is */
export function scratchFolder(folders: readonly string[] = [tmpdir(), "/var/tmp"]): string {
  const found = folders.find(isOnDisk);
  if (found !== undefined) return found;
  throw new Error(`none of ${folders.join(", ")} is on a disk, where a flush takes its time: name a folder by TMPDIR`);
}

function isOnDisk(folder: string): boolean {
  try {
    return !IN_MEMORY.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}
