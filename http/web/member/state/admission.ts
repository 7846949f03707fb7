/**
 * Owns a member's admission to a flight that has a waiting room. The pass is a secret: it lives as long as the page does and is asked for
 * again after that, which gives the same one. The ticket is none, since it opens nothing without its member's session.
 */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answerOf, api, inPath, Refusal } from "../../browser/api.ts";
import { KeptTicket } from "../../room/kept-ticket.ts";
import { type Flight, hasRoom } from "./flights.ts";
import { member } from "./session.ts";

const passes = new Map<string, string>();

export function knownPass(flightId: string): string | null {
  return passes.get(flightId) ?? null;
}

/** The server doesn't take it any more. */
export function forgetPass(flightId: string): void {
  passes.delete(flightId);
}

/**
 * The pass of whoever has been let in; null for whoever is still in line, and has to see the room's page.
 * @throws Refusal when the room can't say now, and SALE_CLOSED when there is nothing to stand in line for
 */
export async function askForPass(flightId: string): Promise<string | null> {
  const room = api.flights({ id: inPath(flightId) })["waiting-room"];
  const kept = new KeptTicket(flightId);
  try {
    let ticket = kept.read();
    if (ticket === null) {
      ticket = (await answerOf(room.tickets.post({}))).ticket;
      kept.keep(ticket);
    }
    const { pass } = await answerOf(room.passes.post({ ticket }));
    passes.set(flightId, pass);
    return pass;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A trouble of the moment is none of the line's: the same may be tried again.
    if (error.status >= 500 || error.code === "NO_CONNECTION" || error.code === "SALE_CLOSED") throw error;
    return null;
  }
}

/** `open`: no line. `unknown`: being asked. `in`: has a pass. `line`: has to go to the room. */
export type Admission = "open" | "unknown" | "in" | "line";

/** Asks for those who have a ticket; nobody joins a line by looking at seats. */
export function useAdmission(flight: Flight | null): Admission {
  const admission = useSignal<Admission>("unknown");
  const reader = member.value;
  const id = flight?.id ?? null;
  const isRoomOn = flight !== null && hasRoom(flight);
  useEffect(() => {
    if (id === null || reader === undefined) return;
    if (!isRoomOn) admission.value = "open";
    else if (knownPass(id) !== null) admission.value = "in";
    else if (reader === null || new KeptTicket(id).read() === null) admission.value = "line";
    else {
      askForPass(id).then(
        (pass) => {
          admission.value = pass === null ? "line" : "in";
        },
        // The reservation itself will ask again.
        () => {
          admission.value = "in";
        },
      );
    }
  }, [id, isRoomOn, reader]);
  return admission.value;
}
