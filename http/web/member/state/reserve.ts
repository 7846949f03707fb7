/** Owns the request that holds seats: once, whatever happens on the way, and with the waiting room's pass where one is needed. */

import { answerOf, api, inPath, Refusal } from "../../browser/api.ts";
import { askForPass, forgetPass, knownPass } from "./admission.ts";
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

/** @throws Refusal; ADMISSION_REQUIRED when the reader has to stand in line first */
export async function reserve(flightId: string, travellers: readonly Traveller[], preference: Preference) {
  const body = bodyOf(travellers, preference);
  const scope = `reserve:${flightId}`;
  try {
    return await post(flightId, body, scope);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "ADMISSION_REQUIRED") throw error;
    // A refusal for want of a pass is not the key's answer: the same key goes on with one.
    forgetPass(flightId);
    if ((await askForPass(flightId)) === null) throw error;
    return await post(flightId, body, scope);
  }
}

async function post(flightId: string, body: ReturnType<typeof bodyOf>, scope: string) {
  const pass = knownPass(flightId);
  const headers = {
    "idempotency-key": attemptKey(scope, body),
    ...(pass === null ? {} : { "admission-pass": pass }),
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
