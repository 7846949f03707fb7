/** Owns what every script is told by its surroundings: `k6 run -e NAME=value …`. */

/** Where the server is, without a slash at the end. */
export const BASE_URL = text("BASE_URL", "http://127.0.0.1:3000").replace(/\/+$/, "");

/** What the run is called: `/operator` and `/metrics` show its requests apart by this. */
export const RUN = text("RUN", "k6");
// The server counts the requests of any other name among the members', without a word.
if (!/^[A-Za-z0-9._-]{1,32}$/.test(RUN)) throw new Error("RUN must be 1 to 32 of A-Z a-z 0-9 . _ -");

/** Requests, people or sales that begin in a second, whatever becomes of those before. */
export const RATE = number("RATE", 50);
export const DURATION = text("DURATION", "30s");

/** Virtual users that there may be at once: enough for RATE times the longest answer. */
export const VUS_MAX = number("VUS_MAX", 500);

/** The flight; empty: the first that leaves in two days or later. */
export const FLIGHT = text("FLIGHT", "");

/** Accounts that are made before the run. */
export const MEMBERS = number("MEMBERS", 50);

/** Share of those who ask again with the same key, as after a lost answer. */
export const ASKED_AGAIN = number("ASKED_AGAIN", 0.1);

/** Of the operator, for the waiting room. */
export const ADMIN_EMAIL = text("ADMIN_EMAIL", "admin@pigonair.example");
export const ADMIN_PASSWORD = text("ADMIN_PASSWORD", "a long password");

/** In how many seconds the waiting room opens; 0: it is open from the start. */
export const OPENS_IN_S = number("OPENS_IN_S", 10);

/** How fast the waiting room lets people in. */
export const ADMIT_PER_MINUTE = number("ADMIT_PER_MINUTE", 6_000);

/** How long somebody waits for a turn before they give up, in seconds. */
export const PATIENCE_S = number("PATIENCE_S", 300);

/**
 * @param {string} name
 * @param {string} otherwise
 */
function text(name, otherwise) {
  return __ENV[name] ?? otherwise;
}

/**
 * @param {string} name
 * @param {number} otherwise
 */
function number(name, otherwise) {
  const value = Number(__ENV[name] ?? otherwise);
  if (Number.isNaN(value)) throw new Error(`${name} must be a number`);
  return value;
}
