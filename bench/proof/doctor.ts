/** Owns asking the product's own doctor whether a database is what its journals say. */
import { join } from "node:path";
import { surroundings } from "../rig/product.ts";

export interface Verdict {
  readonly of: string;
  readonly isClean: boolean;
  /** The last line that it said. */
  readonly said: string;
}

/** @param of whose database it is */
export async function askDoctor(of: string, databaseUrl: string): Promise<Verdict> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../main.ts"), "doctor"], {
    env: { ...surroundings(), DATABASE_URL: databaseUrl },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const said = (exitCode === 2 ? err : out).trim().split("\n").at(-1) ?? "";
  return { of, isClean: exitCode === 0, said };
}
