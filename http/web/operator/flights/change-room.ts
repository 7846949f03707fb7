/** Owns an operator's change of a waiting room. */

import { Refusal, type ShownCode } from "../../browser/api.ts";
import { send } from "../../browser/send.ts";
import type { RoomStatus } from "../../room/facts.ts";

export interface RoomChange {
  readonly mode: "off" | "on" | "paused" | "closed";
  /** ISO 8601. */
  readonly opensAt?: string;
  readonly maxActive?: number;
  readonly admitPerMinute?: number;
}

/** @returns the state that the room has now, where the answer says it. @throws Refusal */
export async function changeRoom(flightId: string, change: RoomChange): Promise<RoomStatus["state"] | null> {
  const path = `/api/v1/admin/flights/${encodeURIComponent(flightId)}/waiting-room`;
  const answer = await send(path, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  }).catch(() => null);
  if (answer === null) throw new Refusal("NO_CONNECTION", 0, "", {});
  const body: { readonly state?: RoomStatus["state"]; readonly code?: ShownCode; readonly detail?: string } =
    await answer.json();
  if (!answer.ok) throw new Refusal(body.code ?? "INTERNAL", answer.status, body.detail ?? "", { ...body });
  return body.state ?? null;
}
