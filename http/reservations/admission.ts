/** Owns who may reserve while a flight has a waiting room, and that nobody without a pass makes the flight look things up without end. */

import type { Clock } from "../../actors/clock.ts";
import type { FlightId, MemberId } from "../../actors/domain/ids.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { MemoryRateLimits, type RateLimit } from "../accounts/rate-limits.ts";
import { Problem } from "../problem.ts";

/** How often a member without a pass may ask what a key was answered: a retry after a lost answer, and some more. */
const LOOK_UPS: RateLimit = { name: "replay", burst: 10, everyMs: 1_000 };

export class Admission {
  readonly #room: WaitingRoom;
  readonly #lookUps: MemoryRateLimits;

  constructor(room: WaitingRoom, clock: Clock) {
    this.#room = room;
    this.#lookUps = new MemoryRateLimits(clock);
  }

  /** What is to be said to whoever is not admitted, unless their key has an answer already; null for who is. */
  refusalOf(flightId: FlightId, member: MemberId, pass: string | null): Problem | null {
    const admission = this.#room.admits(flightId, member, pass);
    if (admission.admitted) return null;
    const detail = "The flight has a waiting room, and this needs a pass of it.";
    return new Problem(403, "ADMISSION_REQUIRED", detail, { reason: admission.reason });
  }

  /** Counts a look-up for somebody who is refused. @throws Problem the refusal, for who has asked too often */
  async lookUp(flightId: FlightId, member: MemberId, refusal: Problem): Promise<void> {
    if ((await this.#lookUps.take(LOOK_UPS, `${flightId} ${member}`)) > 0) throw refusal;
  }
}
