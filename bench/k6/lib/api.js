/** Owns how scripts ask the API: every request is marked with the run, and has a name, so that ids don't make series of their own. */

import http from "k6/http";
import { BASE_URL, RUN } from "./settings.js";

/** What the API answers as a matter of course isn't a failed request: what is taken is taken. */
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 299 }, 304, 404, 409));

/**
 * @typedef {object} Asking
 * @property {unknown} [body] sent as JSON
 * @property {string} [token]
 * @property {string} [key] idempotency key
 * @property {Record<string, string>} [headers]
 */

/**
 * @param {string} method
 * @param {string} path from the slash after the host, or a whole address
 * @param {string} name what metrics call it: thresholds could not name what has braces or colons in it
 * @param {Asking} [asking]
 * @returns {import("k6/http").RefinedResponse<"text">}
 */
export function ask(method, path, name, { body, token, key, headers = {} } = {}) {
  const url = path.startsWith("/") ? BASE_URL + path : path;
  return http.request(method, url, body === undefined ? null : JSON.stringify(body), {
    responseType: "text",
    tags: { name },
    headers: {
      "X-Load-Run": RUN,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { "Idempotency-Key": key }),
      ...headers,
    },
  });
}

/**
 * What a response says, or an empty object when it says nothing that can be read: a check then fails, and the run goes on.
 * @param {import("k6/http").RefinedResponse<"text">} response
 * @returns {any}
 */
export function bodyOf(response) {
  try {
    return JSON.parse(response.body) ?? {};
  } catch {
    return {};
  }
}

/** A name that nothing else has: of an idempotency key, an address. */
export function unique() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
}

/**
 * @template Item
 * @param {readonly Item[]} items
 * @returns {Item | undefined}
 */
export function anyOf(items) {
  return items[Math.floor(Math.random() * items.length)];
}
