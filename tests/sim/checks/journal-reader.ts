/** Owns a consumer of the journal: it notes what it was handed, and in which order, so that nothing may be missing in the end. */

import type { EventType } from "../../../actors/domain/event.ts";
import type { FlightId } from "../../../actors/domain/ids.ts";
import type { Consumer } from "../../../queue/relay/relay.ts";
import type { Machine } from "../cluster/machine.ts";
import type { Findings } from "../world/findings.ts";

const INTERESTS = ["ticketed", "cancelled", "refunded"] as const satisfies readonly EventType[];

/** How often the effect can't be made durable at once. */
const FAILURE_CHANCE = 0.1;

export class JournalReader {
  readonly #findings: Findings;
  /** By flight, the versions that it was handed, each once. */
  readonly #handed = new Map<FlightId, number[]>();
  isCalm = false;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  consumerFor({ process, random, name }: Machine): Consumer {
    return {
      consumer: "reader",
      interests: INTERESTS,
      handle: async (flightId, { version }) => {
        await new Promise<void>((resolve) => process.clock.after(5, resolve));
        if (!this.isCalm && random.chance(FAILURE_CHANCE)) throw new Error(`${name} can't send its mail now`);
        this.#take(flightId, version);
      },
    };
  }

  /** Entries of interest that nobody was handed. */
  missing(flightId: FlightId, versions: readonly number[]): number[] {
    const handed = new Set(this.#handed.get(flightId));
    return versions.filter((version) => !handed.has(version));
  }

  static isOfInterest(types: readonly string[]): boolean {
    return types.some((type) => (INTERESTS as readonly string[]).includes(type));
  }

  #take(flightId: FlightId, version: number): void {
    const handed = this.#handed.get(flightId) ?? [];
    this.#handed.set(flightId, handed);
    if (handed.includes(version)) return;
    const last = handed.at(-1) ?? 0;
    this.#findings.expect(
      version > last,
      "acknowledged",
      () => `${flightId}: entry ${version} is handed on after ${last}`,
    );
    handed.push(version);
  }
}
