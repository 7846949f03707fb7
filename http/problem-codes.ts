/** Owns the codes of problems that the API answers with: the status of each, and what it means. Undocumented codes don't compile. */

export interface CodeMeaning {
  readonly status: number;
  /** For the API's document: when it is answered, and what the client does well to do. */
  readonly meaning: string;
}

export const PROBLEM_CODES = {
  VALIDATION: {
    status: 400,
    meaning: "A field is missing, unknown or malformed; `field` and `errors` name it. Nothing changed.",
  },
  MALFORMED_JSON: { status: 400, meaning: "The body is not JSON." },
  IDEMPOTENCY_KEY_MISSING: {
    status: 400,
    meaning: "The operation needs an `Idempotency-Key` of 1–255 visible ASCII characters.",
  },
  UNAUTHENTICATED: { status: 401, meaning: "There is no valid access token." },
  INVALID_CREDENTIALS: { status: 401, meaning: "The e-mail address or the password is wrong." },
  REFRESH_INVALID: { status: 401, meaning: "The refresh token is missing, unknown or expired: log in." },
  REFRESH_REUSED: {
    status: 401,
    meaning: "The refresh token was used before; every session that came of it has ended.",
  },
  BAD_SIGNATURE: { status: 401, meaning: "The webhook's signature or time is wrong." },
  BAD_TICKET: { status: 401, meaning: "The waiting room's ticket is not one of this room, epoch and member." },
  FORBIDDEN: { status: 403, meaning: "The account may not do this." },
  CROSS_ORIGIN: { status: 403, meaning: "A request with cookies that changes something came from another origin." },
  ADMISSION_REQUIRED: {
    status: 403,
    meaning: "The waiting room is on: a valid `Admission-Pass` is needed; `reason` says what is wrong.",
  },
  WORK_REQUIRED: {
    status: 403,
    meaning:
      "Joining costs a proof of work now: solve `challenge`, and join again with `proofOfWork`; `reason` says why.",
  },
  NOT_FOUND: { status: 404, meaning: "There is nothing at this path." },
  FLIGHT_NOT_FOUND: { status: 404, meaning: "There is no such flight." },
  SEAT_NOT_FOUND: { status: 404, meaning: "The aircraft has no such seat." },
  RESERVATION_NOT_FOUND: { status: 404, meaning: "There is no such reservation of yours." },
  TICKET_NOT_FOUND: { status: 404, meaning: "There is no such ticket of yours." },
  PROVIDER_NOT_FOUND: { status: 404, meaning: "There is no such payment provider." },
  METHOD_NOT_ALLOWED: { status: 405, meaning: "The path takes other methods: `Allow` lists them." },
  REQUEST_TIMEOUT: { status: 408, meaning: "The request's body did not arrive in time." },
  EMAIL_TAKEN: { status: 409, meaning: "There is an account with this e-mail address." },
  SEAT_TAKEN: { status: 409, meaning: "`seats` are taken; `alternatives` are free seats near them." },
  SOLD_OUT: { status: 409, meaning: "There are not as many free seats." },
  SEAT_NOT_ALLOWED: { status: 409, meaning: "A passenger may not have that seat: `seats`." },
  LIMIT_EXCEEDED: {
    status: 409,
    meaning: "The member has as many seats of this flight as one may have, or a passenger has a seat already.",
  },
  FLIGHT_DEPARTED: { status: 409, meaning: "The flight has left." },
  HOLD_EXPIRED: { status: 409, meaning: "The hold is over, and its seats are free again." },
  ALREADY_PAID: { status: 409, meaning: "The reservation is paid." },
  NOT_PAYABLE: { status: 409, meaning: "The reservation is in a state in which it can't be paid." },
  TICKET_CANCELLED: { status: 409, meaning: "The ticket was cancelled, and there is no boarding pass of it." },
  NOT_RELEASABLE: { status: 409, meaning: "The reservation is in a state in which it can't be released." },
  ROOM_OFF: { status: 409, meaning: "The flight has no waiting room now: reserve." },
  SALE_CLOSED: { status: 409, meaning: "The sale is closed." },
  NOT_YET: { status: 409, meaning: "Not admitted yet; `position` and `etaSeconds` say how far." },
  PLACE_EXPIRED: { status: 409, meaning: "The place in line was not used in time." },
  NOT_OPEN_YET: { status: 409, meaning: "The draw is published after the opening." },
  FLIGHT_EXISTS: { status: 409, meaning: "There is a flight with this id." },
  BODY_TOO_LARGE: { status: 413, meaning: "The body is larger than the server takes." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, meaning: "Bodies are `application/json`." },
  IDEMPOTENCY_KEY_REUSED: { status: 422, meaning: "The idempotency key was used for another request." },
  TOO_MANY_ATTEMPTS: { status: 429, meaning: "Too many attempts: wait for `Retry-After`." },
  TOO_MANY_REQUESTS: { status: 429, meaning: "Too many requests: wait for `Retry-After`." },
  TOO_MANY_KEYS: { status: 429, meaning: "The member has too many living idempotency keys at this flight." },
  INTERNAL: { status: 500, meaning: "Our own defect; the log has it under the request's id." },
  OVERLOADED: {
    status: 503,
    meaning: "Too much work is waiting. Send the same request with the same key again after `Retry-After`.",
  },
  UNAVAILABLE: {
    status: 503,
    meaning: "A part of the system is out of reach. The same request with the same key may be sent again.",
  },
  DEADLINE_EXCEEDED: {
    status: 503,
    meaning: "No answer came in time, and it may have happened: the same request with the same key tells.",
  },
  PROVIDER_UNAVAILABLE: { status: 503, meaning: "The payment provider is out of reach. Send the same request again." },
  LOGIN_BUSY: { status: 503, meaning: "Too many log-ins are waiting: wait for `Retry-After`." },
  ROOM_UNAVAILABLE: { status: 503, meaning: "The waiting room is out of reach; places are kept." },
  NOT_READY: { status: 503, meaning: "The server is starting, stopping, or misses what `down` names." },
} as const satisfies Record<string, CodeMeaning>;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** The status that a code is always answered with. */
export type StatusOf<Code extends ProblemCode> = (typeof PROBLEM_CODES)[Code]["status"];

/** RFC 9457 wants a title that doesn't change from occurrence to occurrence: `SEAT_TAKEN` is "Seat taken". */
export function titleOf(code: ProblemCode): string {
  return code.charAt(0) + code.slice(1).toLowerCase().replaceAll("_", " ");
}
