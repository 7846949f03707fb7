/** Owns the computing that joining costs while too many join at once, in slices between which the page stays alive. Loaded only then. */

import { WorkSolver } from "../../../queue/room/proof-of-work-solver.ts";
import { after } from "../browser/device.ts";

/** A few milliseconds on a telephone. */
const ATTEMPTS_A_SLICE = 4_000;

/** @param challenge as the room gave it. @returns the proof */
export async function workedOut(challenge: string): Promise<string> {
  const solver = new WorkSolver(challenge);
  for (;;) {
    const proof = solver.run(ATTEMPTS_A_SLICE);
    if (proof !== null) return proof;
    await new Promise<void>((resolve) => void after(0, resolve));
  }
}
