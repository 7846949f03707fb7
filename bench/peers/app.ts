/** Owns the HTTP layer before every peer: the product's own edge, authentication, body schema, idempotency keys and answers. */

import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { type FlightPlan, fareOf } from "../../actors/domain/plan.ts";
import type { Rejection } from "../../actors/domain/reply.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { Numbers } from "../../actors/numbers.ts";
import { silent } from "../../actors/telemetry.ts";
import type { AccessTokens } from "../../http/accounts/access-tokens.ts";
import { edge } from "../../http/edge.ts";
import { flightIdOf, flightNotFound } from "../../http/flight-id.ts";
import { Readiness } from "../../http/ops/readiness.ts";
import { Authentication } from "../../http/plugins/authentication.ts";
import { jsonBody, noQuery } from "../../http/plugins/fields.ts";
import { fingerprint, IDEMPOTENCY_REPLAYED, idempotencyKeyOf } from "../../http/plugins/idempotency.ts";
import { invalidField } from "../../http/plugins/invalid-field.ts";
import { refuse } from "../../http/problem.ts";
import { heldView } from "../../http/reservations/answers.ts";
import { holdArgs } from "../../http/reservations/hold-args.ts";
import type { PersonOf } from "../../http/reservations/person.ts";
import { holdBody } from "../../http/reservations/schemas.ts";
import { Surface } from "../../http/surface.ts";
import type { Answer, Decision, Peer } from "./peer.ts";

/** The product's defaults. */
const BODY_BYTES_MAX = 65_536;
const REQUEST_TIMEOUT_MS = 15_000;

export interface PeerServices {
  readonly peer: Peer;
  readonly tokens: AccessTokens;
  readonly flights: ReadonlyMap<FlightId, FlightPlan>;
  readonly numbers: Numbers;
  readonly holdTtlMs: number;
  readonly personOf: PersonOf;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

export function peerApp({ peer, tokens, flights, numbers, holdTtlMs, personOf, clock, entropy }: PeerServices) {
  const authentication = new Authentication(tokens);
  const surface = new Surface();
  const app = edge(
    {
      clock,
      entropy,
      telemetry: silent,
      isHttps: false,
      bodyBytesMax: BODY_BYTES_MAX,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      readiness: new Readiness(clock, []),
    },
    surface,
  ).post(
    "/api/v1/flights/:id/reservations",
    async ({ params, body, request, set }) => {
      const asked = authentication.memberOf(request);
      const { id: member } = asked instanceof Promise ? await asked : asked;
      const flightId = flightIdOf(params.id);
      const key = idempotencyKeyOf(request.headers);
      const nowMs = clock.nowMs();
      const { passengers } = holdArgs(body, nowMs, personOf);
      const plan = flights.get(flightId);
      if (plan === undefined) throw flightNotFound();
      const owner = {
        flightId,
        member,
        key,
        fingerprint: fingerprint("POST", `/flights/${flightId}/reservations`, body),
      };

      const seats: string[] = [];
      const unknown: string[] = [];
      let amount = 0;
      for (const [ordinal, { seat, type }] of passengers.entries()) {
        if (type === "INF") continue;
        if (seat === undefined) throw invalidField(`passengers[${ordinal}].seat`, "Here every passenger names a seat.");
        const index = plan.seatPlan.indexOf(seat);
        if (index === undefined) unknown.push(seat);
        else amount += fareOf(plan, plan.seatPlan.at(index).cabin);
        seats.push(seat);
      }

      let answer: Answer;
      if (unknown.length > 0) {
        answer = await peer.decide(owner, { verdict: "SEAT_NOT_FOUND", content: unknown.join(",") });
      } else {
        if (!numbers.isReady) await numbers.refill();
        const view = heldView(
          {
            id: numbers.reservationId(),
            pnr: numbers.pnr(),
            flightId,
            member,
            status: "HELD",
            passengers: passengers.map(({ type, seat = null }) => ({ type, seat })),
            total: { amount, currency: plan.currency },
            expiresAtMs: nowMs + holdTtlMs,
          },
          passengers,
        );
        answer = await peer.hold({
          ...owner,
          seats: seats.sort((a, b) => (a < b ? -1 : 1)),
          reservationId: view.id,
          pnr: view.pnr,
          passengers: JSON.stringify(view.passengers),
          amount,
          currency: plan.currency,
          nowMs,
          expiresAtMs: nowMs + holdTtlMs,
          body: JSON.stringify(view),
        });
      }

      if (answer.replayOf !== null) {
        if (answer.replayOf !== owner.fingerprint) return refuse(set, KEY_REUSED);
        set.headers[IDEMPOTENCY_REPLAYED] = "true";
      }
      if (answer.verdict !== "HELD") return refuse(set, rejectionOf(answer));
      set.status = 201;
      set.headers["content-type"] = "application/json";
      return answer.content;
    },
    { ...jsonBody(holdBody), query: noQuery },
  );
  surface.describe(app);
  return app;
}

const KEY_REUSED: Rejection = {
  code: "IDEMPOTENCY_KEY_REUSED",
  detail: "This idempotency key stands for another request.",
};

/** The same text for the same decision, so that a replay is the same byte for byte. */
function rejectionOf({ verdict, content }: Decision): Rejection {
  const seats = content.split(",");
  if (verdict === "SEAT_NOT_FOUND") {
    return { code: "SEAT_NOT_FOUND", detail: `The flight has no seat ${seats.join(", ")}.`, seats };
  }
  return { code: "SEAT_TAKEN", detail: `Taken: ${seats.join(", ")}.`, seats, alternatives: [] };
}
