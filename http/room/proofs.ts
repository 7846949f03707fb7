/** Owns what is shown of a draw once the sale is open: its proof, and the whole of it as a file. */

import { present } from "../../actors/assert.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { drawFile } from "../../queue/room/draw/draw-file.ts";
import { blockOf, type Draw, type Proof } from "../../queue/room/draw/proof.ts";
import type { WaitingRooms } from "../../queue/room/open-rooms.ts";
import { isOpening } from "../../queue/room/room.ts";
import { invalidField } from "../plugins/invalid-field.ts";
import { Problem } from "../problem.ts";

interface Shown {
  readonly draw: Draw;
  readonly id: { readonly flightId: FlightId; readonly epoch: number };
}

/** @throws Problem 409 ROOM_OFF, NOT_OPEN_YET */
function shownDraw({ rooms }: WaitingRooms, flightId: FlightId, nowMs: number): Shown {
  const known = rooms.get(flightId);
  if (known === null || known.room.epoch === 0) {
    throw new Problem(409, "ROOM_OFF", "The flight has no waiting room, and nothing was drawn.");
  }
  if (known.draw === null || !isOpening(known.room, nowMs)) {
    throw new Problem(409, "NOT_OPEN_YET", "The draw is shown when the sale has opened.");
  }
  return { draw: known.draw, id: known.id };
}

/** @throws Problem as {@link shownDraw}; 400 VALIDATION for a place that was not drawn for */
export async function proofOf(
  waitingRooms: WaitingRooms,
  flightId: FlightId,
  seq: number | null,
  nowMs: number,
): Promise<Proof> {
  const { draw, id } = shownDraw(waitingRooms, flightId, nowMs);
  if (seq === null) return draw.proof();
  if (seq > draw.n) throw invalidField("seq", `is above ${draw.n}, the highest place that was drawn for`);
  const { book } = waitingRooms;
  const [roots, leaves] = await Promise.all([book.blockRoots(id), book.leaves(id, blockOf(seq))]);
  return draw.proofOf(seq, present(roots, "a frozen line has its roots"), present(leaves, "and its leaves"));
}

/** @throws as {@link shownDraw} */
export function drawFileOf(waitingRooms: WaitingRooms, flightId: FlightId, nowMs: number): ReadableStream<Uint8Array> {
  const { draw, id } = shownDraw(waitingRooms, flightId, nowMs);
  const lines = drawFile(id, draw, async (block) =>
    present(await waitingRooms.book.leaves(id, block), "a frozen line has its leaves"),
  );
  const encoder = new TextEncoder();
  // Made as fast as it is read, so that no download takes more memory than a block.
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}
