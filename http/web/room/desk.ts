/** Owns what the page asks of the room in its member's name: a place, and the pass when it is one's turn. */

import type { ProblemCode } from "../../problem-codes.ts";
import { after } from "../browser/device.ts";
import { noteServerDate } from "../browser/server-time.ts";
import { isMemberBrowser } from "../member-hint.ts";
import type { RoomStatus, WaitRange } from "./facts.ts";

export interface Refused {
  readonly ok: false;
  readonly code: ProblemCode | "NO_CONNECTION";
  readonly detail: string;
  /** Milliseconds that the server asks to wait; 0 if it doesn't. */
  readonly retryAfterMs: number;
  readonly body: RefusedBody;
}

/** `NOT_YET` says how far, and `WORK_REQUIRED` what to work at. */
interface RefusedBody {
  readonly reason?: "WAITING" | "AT_DOOR";
  readonly position?: number;
  readonly etaSeconds?: WaitRange;
  readonly pollAfterMs?: number;
  readonly challenge?: string;
}

export type Asked<Body> = { readonly ok: true; readonly status: number; readonly body: Body } | Refused;

export interface RoomTicket {
  readonly ticket: string;
  readonly seq: number;
  /** Its number in the order in which people are let in; null until that is drawn. */
  readonly place: number | null;
}

export interface JoinBody {
  /** From before: with it a place is kept that the room has lost. */
  readonly ticket?: string;
  readonly proofOfWork?: string;
}

export interface RoomPass {
  readonly expiresAt: string;
}

/** No answer of the room takes longer unless something is wrong. */
const ANSWER_MS_MAX = 15_000;

const SESSIONS = "/api/v1/sessions";

export class RoomDesk {
  readonly #path: string;

  constructor(flightId: string) {
    this.#path = `/api/v1/flights/${encodeURIComponent(flightId)}/waiting-room`;
  }

  get streamPath(): string {
    return `${this.#path}/stream`;
  }

  status(): Promise<Asked<RoomStatus>> {
    return ask("GET", this.#path);
  }

  /** The same place however often it is asked for. */
  join(body: JoinBody): Promise<Asked<RoomTicket>> {
    return asMember("POST", `${this.#path}/tickets`, body);
  }

  /** The pass. It isn't kept: the seat page asks for the same one again. */
  claim(ticket: string): Promise<Asked<RoomPass>> {
    return asMember("POST", `${this.#path}/passes`, { ticket });
  }
}

/** As {@link ask}, with a session that is refreshed when its access token has run out. */
async function asMember<Body>(method: string, path: string, body: object): Promise<Asked<Body>> {
  const asked = await ask<Body>(method, path, body);
  if (asked.ok || asked.code !== "UNAUTHENTICATED" || !isMemberBrowser(document.cookie)) return asked;
  const refreshed = await ask("POST", `${SESSIONS}/refresh`);
  if (refreshed.ok) return ask(method, path, body);
  // What says that the session is over is the first answer; anything else is a trouble of the moment.
  return refreshed.code === "REFRESH_INVALID" || refreshed.code === "REFRESH_REUSED" ? asked : refreshed;
}

async function ask<Body>(method: string, path: string, body?: object): Promise<Asked<Body>> {
  const limit = new AbortController();
  const stop = after(ANSWER_MS_MAX, () => limit.abort());
  try {
    const answer = await fetch(path, {
      method,
      cache: "no-store",
      signal: limit.signal,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    noteServerDate(answer.headers.get("date"));
    const told = await answer.json();
    if (answer.ok) return { ok: true, status: answer.status, body: told };
    const retryAfterMs = 1000 * (Number(answer.headers.get("retry-after")) || 0);
    return { ok: false, code: told.code, detail: told.detail ?? "", retryAfterMs, body: told };
  } catch {
    return { ok: false, code: "NO_CONNECTION", detail: "", retryAfterMs: 0, body: {} };
  } finally {
    stop();
  }
}
