/** Owns the members of a run: accounts with access tokens, which are renewed before they expire. */

import { fail } from "k6";
import { ask, bodyOf, unique } from "./api.js";

const PASSWORD = "a long password";

/** Access tokens live for ten minutes. */
const RENEW_MS = 8 * 60_000;

/** @typedef {{ email: string, token: string, atMs: number }} Member */

/** @returns {Member} */
export function signUp() {
  const email = `load-${unique()}@pigonair.example`;
  const body = { email, password: PASSWORD, name: "Load Member" };
  const { status } = ask("POST", "/api/v1/members", "sign-up", { body });
  if (status !== 201) fail(`sign-up: ${status} (from one address only with ADDRESS_LIMITS=off)`);
  return logIn(email, PASSWORD);
}

/**
 * @param {string} email
 * @param {string} password
 * @returns {Member}
 */
export function logIn(email, password) {
  const response = ask("POST", "/api/v1/sessions", "log-in", { body: { email, password } });
  const { accessToken } = bodyOf(response);
  if (response.status !== 200) fail(`log-in: ${response.status}`);
  return { email, token: accessToken, atMs: Date.now() };
}

/** Of this virtual user alone: what k6 hands to scripts is a copy. @type {Map<string, Member>} */
const renewed = new Map();

/**
 * @param {Member} member as it was signed up
 * @returns {string} a token that is good for a while
 */
export function tokenOf(member) {
  const known = renewed.get(member.email) ?? member;
  if (Date.now() - known.atMs < RENEW_MS) return known.token;
  const again = logIn(member.email, PASSWORD);
  renewed.set(member.email, again);
  return again.token;
}

/**
 * @param {number} count
 * @returns {Member[]}
 */
export function signUpMany(count) {
  return Array.from({ length: count }, signUp);
}

/** Of the 64 keys that a member may have in a flight: who asks next is drawn, and some are drawn more often than others. */
const KEYS_A_MEMBER = 40;

/** How long the key of a refusal lives. */
const REFUSAL_KEPT_S = 90;

/** @type {Record<string, number>} */
const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3_600 };

/**
 * How many must share the holds of one flight, or the server refuses for their many keys what it would have sold.
 * @param {number} rate of holds, in a second
 * @param {string} duration as k6 has it: 1h30m
 */
export function membersNeeded(rate, duration) {
  const parts = [...duration.matchAll(/([\d.]+)(ms|[smh])/g)];
  const seconds = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (SECONDS[unit] ?? 0), 0);
  return Math.ceil((rate * Math.min(seconds, REFUSAL_KEPT_S)) / KEYS_A_MEMBER);
}
