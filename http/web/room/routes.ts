/** Owns the waiting room's page: written whole by the server, so that it works while everything else is busy, and without scripts. */

import { Elysia } from "elysia";
import { FLIGHT_ID, type FlightId, type MemberId } from "../../../actors/domain/ids.ts";
import type { Joining } from "../../../queue/room/room-door.ts";
import type { AccountServices } from "../../accounts/account-services.ts";
import { cookieOf } from "../../accounts/cookies.ts";
import { urlOf } from "../../plugins/request-url.ts";
import type { JoinLimits } from "../../room/join-limits.ts";
import type { PageAssets } from "../assets/page-assets.ts";
import { isMemberBrowser } from "../member-hint.ts";
import { languageOfRequest, servePage } from "../page-document.ts";
import { afterRoomPath, logInPath } from "../room-handover.ts";
import { takesGzip } from "../routes.ts";
import { roomDocument } from "./document.ts";
import { NOTHING_KNOWN, type RoomFacts } from "./facts.ts";
import { type RoomFlightServices, RoomFlights } from "./room-flights.ts";
import { type ServedRoomServices, servedFacts } from "./served-facts.ts";
import { ROOM_WORDS } from "./words.ts";

export interface RoomPageServices
  extends RoomFlightServices,
    ServedRoomServices,
    Pick<AccountServices, "accounts" | "authentication" | "clientAddress"> {
  readonly joinLimits: JoinLimits;
  /** Whether clients come over https, be it through a proxy. */
  readonly isHttps: boolean;
  readonly pageAssets: PageAssets;
}

const PATH = "/flights/:id/waiting-room";

/** The ticket of who joined by the form. Scripts neither need it nor can read it. */
const TICKET_COOKIE = "room_ticket";
const TICKET_AGE_S = 7 * 86_400;

/** Pages are no part of the API, and its document has none of them. */
const hidden = { detail: { hide: true } };

interface AnswerSet {
  status?: number | string;
  readonly headers: Record<string, string | number> & { "set-cookie"?: string | string[] };
}

export function roomPageRoutes(services: RoomPageServices) {
  const { authentication, accounts, clientAddress, joinLimits, waitingRooms, pageAssets } = services;
  const flights = new RoomFlights(services);

  async function memberOf(request: Request): Promise<MemberId | null> {
    return (await authentication.memberIfAny(request))?.id ?? null;
  }

  /** Writes the page for whoever asks. @param given what is known already, in place of what the room says */
  async function page(request: Request, set: AnswerSet, segment: string, given: Partial<RoomFacts> = {}) {
    const { pathname, search } = urlOf(request);
    const flightId = FLIGHT_ID.test(segment) ? segment : "";
    const flight = flightId === "" ? "unknown" : await flights.find(flightId);
    const language = languageOfRequest(request);
    const facts =
      flight === "unknown"
        ? { ...NOTHING_KNOWN, stage: "unknown" as const }
        : { ...(await factsFor(request, flightId)), ...given };
    if (flight === "unknown") set.status = 404;
    const html = roomDocument({
      address: pathname + search,
      flight: flight === "unknown" ? null : flight,
      page: {
        flightId,
        language,
        words: ROOM_WORDS[language],
        seatsPath: afterRoomPath(flightId, search),
        logInPath: logInPath(pathname + search),
        stage: facts.stage,
      },
      facts,
      app: await pageAssets.app("room"),
    });
    servePage(request, set, html);
    if (!takesGzip(request.headers)) return html;
    set.headers["content-encoding"] = "gzip";
    return Bun.gzipSync(html);
  }

  async function factsFor(request: Request, flightId: FlightId): Promise<RoomFacts> {
    return servedFacts(services, {
      flightId,
      member: await memberOf(request),
      mayBeMember: isMemberBrowser(request.headers.get("cookie") ?? ""),
      ticket: cookieOf(request, TICKET_COOKIE),
    });
  }

  /** Why the member can't join without a script, or at all; null when nothing stands in the way. */
  async function hindrance(flightId: FlightId, member: MemberId): Promise<Partial<RoomFacts> | null> {
    const known = waitingRooms.rooms.get(flightId);
    if (known === null) return null;
    const { registeredBeforeMs } = known.room.settings;
    if (registeredBeforeMs !== null) {
      const registered = await accounts.member(member);
      if (registered === null || registered.createdAtMs >= registeredBeforeMs) return { stage: "refused" };
    }
    return known.workBits > 0 ? { stage: "refused", needsScripts: true } : null;
  }

  /** Null when the room can't be reached, or is asked too often. */
  async function joined(flightId: FlightId, member: MemberId, address: () => string): Promise<Joining | null> {
    try {
      joinLimits.check(flightId, member, address);
      return await waitingRooms.door.join(flightId, member, null);
    } catch {
      return null;
    }
  }

  return new Elysia({ normalize: false })
    .get(PATH, ({ params, request, set }) => page(request, set, params.id), hidden)
    .post(
      PATH,
      async ({ params, request, server, set }) => {
        const { pathname, search } = urlOf(request);
        // Cookies alone say who this is: a page of another site gets nowhere (authentication looks at the origin).
        const member = await memberOf(request);
        if (member === null) return page(request, set, params.id, { stage: "log-in" });
        const flightId = params.id;
        if (!FLIGHT_ID.test(flightId)) return page(request, set, flightId);
        const why = await hindrance(flightId, member);
        if (why !== null) return page(request, set, flightId, why);
        const joining = await joined(flightId, member, () => clientAddress(request, server));
        if (joining === null) return page(request, set, flightId, { trouble: "unavailable" });
        if (joining.kind === "place")
          set.headers["set-cookie"] = ticketCookie(pathname, joining.ticket, services.isHttps);
        // Loading the page again must not join again.
        set.status = 303;
        set.headers.location = pathname + search;
        return "";
      },
      hidden,
    );
}

function ticketCookie(path: string, ticket: string, isHttps: boolean): string {
  return new Bun.Cookie({
    name: TICKET_COOKIE,
    value: ticket,
    path,
    httpOnly: true,
    sameSite: "lax",
    secure: isHttps,
    maxAge: TICKET_AGE_S,
  }).toString();
}
