/** Owns how scripts hold seats: with one key for all tries, as a client does that wants one reservation. */

import { sleep } from "k6";
import { ask, unique } from "./api.js";

const TRIES_MAX = 4;

/**
 * @typedef {object} Wish
 * @property {string} flight
 * @property {string} token
 * @property {string} [seat] the server chooses without one
 * @property {string} [pass] of the waiting room
 * @property {string} [key]
 */

/**
 * Asks again, with the same key, while the server says that it may.
 * @param {Wish} wish
 */
export function hold({ flight, token, seat, pass, key = unique() }) {
  const passenger = { name: `Load ${key}` };
  const asking = {
    body: { passengers: [seat === undefined ? passenger : { ...passenger, seat }] },
    token,
    key,
    ...(pass === undefined ? {} : { headers: { "Admission-Pass": pass } }),
  };
  for (let tries = 1; ; tries++) {
    const response = ask("POST", `/api/v1/flights/${flight}/reservations`, "hold", asking);
    if (response.status !== 503 || tries === TRIES_MAX) return response;
    sleep(Number(response.headers["Retry-After"] ?? 1));
  }
}
