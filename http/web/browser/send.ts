/**
 * Owns how a page's requests get through: what may be sent twice is sent again until it is answered, and a session whose access token has run
 * out is refreshed once for all who wait.
 */

import { MEMBER_HINT, MEMBER_HINT_AGE_S } from "../member-hint.ts";
import { triedAgain, tryingAgain } from "./connection.ts";
import { jitter, monotonicMs, pause } from "./device.ts";
import { noteServerDate } from "./server-time.ts";

/** Reads go on for as long as their page wants them; what changes something is given up, and may be sent again by hand with its key. */
const PATIENCE_MS = 45_000;
/** One attempt; the server itself answers within 15 s. */
const ATTEMPT_MS_MAX = 20_000;
/** An attempt to refresh: the server takes the token of a lost one again for 10 s, and the next has to come within. */
const REFRESH_MS_MAX = 8_000;
const FIRST_PAUSE_MS = 400;
const PAUSE_MS_MAX = 5_000;

const SESSIONS = "/api/v1/sessions";
const REFRESH = `${SESSIONS}/refresh`;

/** A `fetch` for the API. */
export async function send(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const path = new URL(String(input instanceof Request ? input.url : input), location.origin).pathname;
  const answer = await persist(input, init);
  if (answer.status !== 401 || path.startsWith(SESSIONS) || !(await refreshed())) return answer;
  return await persist(input, init);
}

async function persist(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  const isRead = (init.method ?? "GET") === "GET";
  const isRefresh = input === REFRESH;
  const mayRepeat = isRead || isRefresh || init.method === "DELETE" || new Headers(init.headers).has("idempotency-key");
  const endMs = isRead ? Number.POSITIVE_INFINITY : monotonicMs() + PATIENCE_MS;
  let isAnswered = false;
  try {
    for (let attempt = 0; ; attempt++) {
      const answer = await attemptOnce(input, init);
      isAnswered = answer !== null && !(isRefresh ? saysNothing(answer.status) : isPassing(answer.status));
      if (answer !== null && (isAnswered || !mayRepeat || monotonicMs() > endMs)) return answer;
      if (!mayRepeat || monotonicMs() > endMs) throw new TypeError("there is no connection");
      tryingAgain(init, answer === null ? "lost" : "busy");
      await pause(pauseBefore(attempt, answer), init.signal);
    }
  } finally {
    triedAgain(init, isAnswered);
  }
}

/** Null when nothing answered. @throws when the page has given the request up */
async function attemptOnce(input: RequestInfo | URL, init: RequestInit): Promise<Response | null> {
  const limit = AbortSignal.timeout(input === REFRESH ? REFRESH_MS_MAX : ATTEMPT_MS_MAX);
  const signal = init.signal === undefined || init.signal === null ? limit : AbortSignal.any([limit, init.signal]);
  try {
    const answer = await fetch(input, { ...init, signal });
    noteServerDate(answer.headers.get("date"));
    return answer;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    return null;
  }
}

/** A gateway without a server behind it, and a server that asks to come again. */
function isPassing(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** Of the session: whether it is over is another answer. */
function saysNothing(status: number): boolean {
  return status >= 500 || status === 429;
}

function pauseBefore(attempt: number, answer: Response | null): number {
  const asked = Number(answer?.headers.get("retry-after")) * 1000;
  const grown = Math.min(FIRST_PAUSE_MS * 2 ** attempt, PAUSE_MS_MAX);
  return Math.min(Math.max(asked || 0, grown), PAUSE_MS_MAX) * jitter();
}

let refreshing: Promise<boolean> | null = null;

/** Whether there is a fresh access token now. @throws when nothing said so nor that the session is over */
function refreshed(): Promise<boolean> {
  refreshing ??= refresh().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function refresh(): Promise<boolean> {
  const answer = await persist(REFRESH, { method: "POST" });
  if (answer.ok) return true;
  if (answer.status !== 401) throw new TypeError("the session could not be refreshed");
  rememberMember(false);
  return false;
}

/** Whether this browser has a session, for the next page and for the server that writes its frame. */
export function rememberMember(isMember: boolean): void {
  const age = isMember ? MEMBER_HINT_AGE_S : 0;
  document.cookie = `${MEMBER_HINT}=1; Path=/; Max-Age=${age}; SameSite=Lax`;
}
