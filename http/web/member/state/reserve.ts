/** Owns the request that holds seats: once, whatever happens on the way, and with the waiting room's pass where one is needed. */

import { answerOf, api, inPath, Refusal } from "../../browser/api.ts";
import { send } from "../../browser/send.ts";
import { forgetAdmission } from "../../room-handover.ts";
import { attemptKey, endAttempt } from "./attempt.ts";
import type { DraftPassenger } from "./draft.ts";
import type { PassengerType } from "./party.ts";

export interface Traveller extends DraftPassenger {
  readonly type: PassengerType;
  /** Null lets the flight choose, and for an infant. */
  readonly seat: string | null;
}

export interface Preference {
  readonly cabin: string | null;
  readonly together: boolean;
}

/** Passes are secrets: they live as long as the page does, and are asked for again after that. */
const passes = new Map<string, string>();

/** @throws Refusal; ADMISSION_REQUIRED when the reader has to stand in line first */
export async function reserve(flightId: string, travellers: readonly Traveller[], preference: Preference) {
  const body = bodyOf(travellers, preference);
  const scope = `reserve:${flightId}`;
  try {
    return await post(flightId, body, scope);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "ADMISSION_REQUIRED") throw error;
    // A refusal for want of a pass is not the key's answer: the same key goes on with one.
    passes.delete(flightId);
    const pass = await passFor(flightId);
    if (pass === null) {
      forgetAdmission(sessionStorage, flightId);
      throw error;
    }
    passes.set(flightId, pass);
    return await post(flightId, body, scope);
  }
}

async function post(flightId: string, body: ReturnType<typeof bodyOf>, scope: string) {
  const pass = passes.get(flightId);
  const headers = {
    "idempotency-key": attemptKey(scope, body),
    ...(pass === undefined ? {} : { "admission-pass": pass }),
  };
  try {
    const held = await answerOf(api.flights({ id: inPath(flightId) }).reservations.post(body, { headers }));
    endAttempt(scope);
    return held;
  } catch (error) {
    if (error instanceof Refusal && isFinal(error)) endAttempt(scope);
    throw error;
  }
}

/** A key has this answer for good; any other leaves open what has happened. */
function isFinal({ status }: Refusal): boolean {
  return status === 404 || status === 409 || status === 422;
}

function bodyOf(travellers: readonly Traveller[], { cabin, together }: Preference) {
  const passengers = travellers.map(({ name, type, birthDate, seat }) => ({
    name: name.trim(),
    ...(type === "ADT" ? {} : { type }),
    ...(birthDate === "" ? {} : { birthDate }),
    ...(seat === null ? {} : { seat }),
  }));
  const prefer = { ...(cabin === null ? {} : { cabin }), ...(together ? { together } : {}) };
  return Object.keys(prefer).length === 0 ? { passengers } : { passengers, prefer };
}

/** The pass of whoever has been let in; null for whoever is still in line. The same place and the same pass at every asking. */
async function passFor(flightId: string): Promise<string | null> {
  const room = `/api/v1/flights/${inPath(flightId)}/waiting-room`;
  const place = await postJson(`${room}/tickets`);
  if (typeof place.ticket !== "string") return null;
  const { pass } = await postJson(`${room}/passes`, { ticket: place.ticket });
  return typeof pass === "string" ? pass : null;
}

async function postJson(url: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const answer = await send(url, { method: "POST", ...init });
  return answer.ok ? await answer.json() : {};
}
