/** Owns how a beacon is waited for: a look each second, the last one no later than the deadline, and each new problem said once. */

import type { Clock } from "../../../actors/clock.ts";
import type { Log } from "../../../actors/telemetry.ts";
import type { RoundReading } from "./round.ts";

const PAUSE_MS = 1_000;

/** A look at the deadline itself is a short one. */
const LOOK_MS_MIN = 250;

/** @param look may take as many milliseconds as it is told */
export async function lookUntil(
  untilMs: number,
  { clock, log, name }: { readonly clock: Clock; readonly log: Log; readonly name: string },
  look: (msMax: number) => Promise<RoundReading>,
): Promise<Uint8Array | null> {
  let said = "";
  for (;;) {
    const reading = await look(Math.max(LOOK_MS_MIN, untilMs - clock.nowMs()));
    if (reading.ok) return reading.randomness;
    if (reading.problem !== said) log.warn({ beacon: name, problem: reading.problem }, "the beacon is waited for");
    said = reading.problem;
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) {
      log.error({ beacon: name, problem: said }, "the beacon did not come: the draw trusts the operator");
      return null;
    }
    await new Promise<void>((resolve) => clock.after(Math.min(PAUSE_MS, leftMs), resolve));
  }
}
