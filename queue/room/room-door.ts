/** Owns what people do at a waiting room: they join, and ask at the door with the ticket that joining gave them. */

import { present } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId, MemberId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { Counter, Telemetry } from "../../actors/telemetry.ts";
import { Gatherer } from "./gatherer.ts";
import { KnownRoom } from "./known-room.ts";
import { AT_DOOR_POLL_MS, pollAfterMs } from "./poll-after.ts";
import { joinedOf, positionOf } from "./positions.ts";
import { isOpening } from "./room.ts";
import type { RoomBook } from "./room-book.ts";
import type { DoorAnswer, JoinAnswer, JoinAsk, MemberPass, Pass } from "./room-store.ts";
import type { RoomClaims, RoomTokens } from "./room-tokens.ts";
import type { Rooms } from "./rooms.ts";
import type { Estimate } from "./threshold-rate.ts";

export interface RoomDoorServices {
  readonly rooms: Rooms;
  readonly book: RoomBook;
  readonly tokens: RoomTokens;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

/** A room that nobody can join now. */
export type Shut = { readonly kind: "off" } | { readonly kind: "closed" };

export type Joining =
  | Shut
  | { readonly kind: "bad-ticket" }
  /** The ticket's place was used, or nobody came for it in time: who joins without it begins anew. */
  | { readonly kind: "over" }
  | {
      readonly kind: "place";
      readonly ticket: string;
      readonly seq: number;
      readonly isNew: boolean;
      readonly state: "PREQUEUE" | "WAITING" | "ADMITTED";
      /** Its number in the order in which people are let in; null until that is decided. */
      readonly place: number | null;
    };

export type Entering =
  | Shut
  | { readonly kind: "bad-ticket" }
  | { readonly kind: "pass"; readonly pass: string; readonly expiresAtMs: number; readonly isNew: boolean }
  | { readonly kind: "over" }
  | NotYet;

export interface NotYet {
  readonly kind: "not-yet";
  readonly reason: "WAITING" | "AT_DOOR";
  /** 1 is next; null until the order is decided. */
  readonly position: number | null;
  /** Null while nobody can say: the room is paused, or sold out. */
  readonly estimate: Estimate | null;
  readonly pollAfterMs: number;
  readonly seatsLeft: number | null;
}

/** Joins that go to the store together. */
const JOINS_PER_CALL = 256;
/** Passes that are written down together. */
const PASSES_PER_CALL = 128;
/** Joins that may wait at one edge; the next is told to come again. */
const JOINS_WAITING_MAX = 10_000;

/** For how long after the opening a ticket shows what its place is, in milliseconds. Who comes later joins again, and has the same place. */
const TICKET_TTL_MS = 7 * 86_400_000;

/** How far the ceiling is raised when it is reached: a part of what the line is long, within these. */
const CEILING_STEP_MIN = 2_000;
const CEILING_STEP_MAX = 50_000;
const CEILING_TRIES = 5;

/** What belongs to one epoch. */
interface Gathering {
  readonly joins: Gatherer<JoinAsk, JoinAnswer>;
  readonly passes: Gatherer<Pass & { readonly member: MemberId }, MemberPass>;
}

export class RoomDoor {
  readonly #services: RoomDoorServices;
  readonly #gatherings = new WeakMap<KnownRoom, Gathering>();
  readonly #joins: Counter;
  readonly #passes: Counter;
  readonly #refused: Counter;

  constructor(services: RoomDoorServices) {
    this.#services = services;
    const { telemetry } = services;
    this.#joins = telemetry.counter("pigonair_room_joins_total", "Places given out, or shown again.", ["again"]);
    this.#passes = telemetry.counter("pigonair_room_passes_total", "Passes given out, or shown again.", ["again"]);
    this.#refused = telemetry.counter("pigonair_room_waits_total", "Questions at the door without a pass.", ["reason"]);
  }

  /**
   * Gives the member a place, or the one that they have.
   * @param ticket what they have from before, in case the place was lost; null without
   * @throws OperationalError UNAVAILABLE, OVERLOADED
   */
  async join(flightId: FlightId, member: MemberId, ticket: string | null): Promise<Joining> {
    const { tokens, clock } = this.#services;
    const known = await this.roomOf(flightId, ticket);
    if (!(known instanceof KnownRoom)) return known;
    const claims = ticket === null ? null : this.#claimsOf(known, member, ticket);
    if (ticket !== null && claims === null) return { kind: "bad-ticket" };
    const answer = await this.#joinAs(known, { member, seq: claims?.seq ?? null });
    if (answer.kind === "over") return { kind: "over" };
    if (answer.kind === "full") throw new OperationalError("UNAVAILABLE", "No further places can be given out now.");
    const { seq, isNew } = answer;
    const nowMs = clock.nowMs();
    const signed = {
      room: flightId,
      epoch: known.room.epoch,
      seq,
      member,
      issuedAtMs: nowMs,
      expiresAtMs: ticketEndMs(known, nowMs),
    };
    return { kind: "place", ticket: tokens.ticket(signed), seq, isNew, ...standing(known, seq, nowMs) };
  }

  /**
   * Asks at the door.
   * @throws OperationalError UNAVAILABLE, OVERLOADED
   */
  async enter(flightId: FlightId, member: MemberId, ticket: string): Promise<Entering> {
    const { clock } = this.#services;
    const known = await this.roomOf(flightId, ticket);
    if (!(known instanceof KnownRoom)) return known;
    const claims = this.#claimsOf(known, member, ticket);
    if (claims === null) return { kind: "bad-ticket" };
    const nowMs = clock.nowMs();
    const place = known.placeOf(claims.seq);
    if (place === null || !isOpening(known.room, nowMs)) {
      // In the list that is drawn from, a place that the store has lost would be nobody's: the ticket says whose it is.
      if (known.room.draw.frozen === null && known.mayHaveLost(claims.seq))
        await this.#joinAs(known, { member, seq: claims.seq });
      return this.#notYet(known, "WAITING", null);
    }
    return this.#ask(known, { member, seq: claims.seq, place });
  }

  /**
   * The room that the holder of a ticket, or somebody without one, may join. It is read anew where they would be sent away by what this process
   * knows: another edge may have told them of a later one.
   */
  async roomOf(flightId: FlightId, ticket: string | null): Promise<KnownRoom | Shut> {
    const { rooms, tokens } = this.#services;
    const known = openOf(rooms.get(flightId));
    const claims = ticket === null ? null : tokens.readTicket(ticket);
    const isOfLater = known instanceof KnownRoom && claims?.room === flightId && claims.epoch > known.room.epoch;
    return known instanceof KnownRoom && !isOfLater ? known : openOf(await rooms.fresh(flightId));
  }

  /** @throws OperationalError UNAVAILABLE, OVERLOADED */
  async #joinAs(known: KnownRoom, ask: JoinAsk): Promise<JoinAnswer> {
    const { joins } = this.#gathering(known);
    if (joins.size >= JOINS_WAITING_MAX) {
      throw new OperationalError("OVERLOADED", "More people are joining than can be answered.", {
        retryAfterMs: 1_000,
      });
    }
    return joins.ask(ask);
  }

  async #ask(
    known: KnownRoom,
    ask: { readonly member: MemberId; readonly seq: number; readonly place: number },
  ): Promise<Entering> {
    const { rooms, clock } = this.#services;
    const answer = await rooms.ask(known, (store) => store.door(known.id, ask, known.rules, clock.nowMs()));
    switch (answer.kind) {
      case "pass":
        return this.#handOut(known, ask.member, answer);
      case "over":
        return { kind: "over" };
      case "waiting":
        return this.#notYet(known, "WAITING", this.#positionOf(known, ask.place, answer.admitted));
      case "at-door":
        return this.#notYet(known, "AT_DOOR", answer.ahead + 1);
      case "other": {
        // Who lost a ticket and joined again holds an earlier place; a place is never later than the one that they know.
        const place = present(known.placeOf(answer.seq), "the order is decided");
        const again = await rooms.ask(known, (store) =>
          store.door(known.id, { ...ask, seq: answer.seq, place }, known.rules, clock.nowMs()),
        );
        if (again.kind === "pass") return this.#handOut(known, ask.member, again);
        if (again.kind === "at-door") return this.#notYet(known, "AT_DOOR", again.ahead + 1);
        if (again.kind === "waiting")
          return this.#notYet(known, "WAITING", this.#positionOf(known, place, again.admitted));
        return { kind: "over" };
      }
    }
  }

  /** A pass leaves only when the database has it: whatever the store loses, nobody gets a second one. */
  async #handOut(
    known: KnownRoom,
    member: MemberId,
    answer: DoorAnswer & { readonly kind: "pass" },
  ): Promise<Entering> {
    const { rooms, tokens, clock } = this.#services;
    const written = this.#gathering(known).passes.ask({ member, ...answer.pass });
    const { seq, issuedAtMs, expiresAtMs, endedAtMs } = await written.catch(async (error: unknown) => {
      await this.#takeBack(known, member, answer.pass);
      throw error;
    });
    if (endedAtMs !== null || expiresAtMs <= clock.nowMs()) {
      await rooms.ask(known, (store) => store.end(known.id, member, answer.pass, clock.nowMs()));
      return { kind: "over" };
    }
    this.#passes.add(1, { again: String(!answer.isNew) });
    const claims: RoomClaims = {
      room: known.room.flightId,
      epoch: known.room.epoch,
      seq,
      member,
      issuedAtMs,
      expiresAtMs,
    };
    return { kind: "pass", pass: tokens.pass(claims), expiresAtMs, isNew: answer.isNew };
  }

  /** A pass that nobody has must not run out, or its place would be over. */
  async #takeBack(known: KnownRoom, member: MemberId, { seq }: Pass): Promise<void> {
    const { rooms, clock } = this.#services;
    const place = present(known.placeOf(seq), "the order is decided");
    // Where that fails as well, the next question finds the pass as it is.
    await rooms.ask(known, (store) => store.takeBack(known.id, { member, seq, place }, clock.nowMs())).catch(() => {});
  }

  /** What a ticket says, if it is this member's in this epoch. */
  #claimsOf(known: KnownRoom, member: MemberId, ticket: string): RoomClaims | null {
    const { tokens, clock } = this.#services;
    const claims = tokens.readTicket(ticket);
    if (claims === null || claims.room !== known.room.flightId || claims.epoch !== known.room.epoch) return null;
    // The opening may have been moved since the ticket was signed.
    const endMs = Math.max(claims.expiresAtMs, ticketEndMs(known, claims.issuedAtMs));
    return claims.member === member && endMs > clock.nowMs() ? claims : null;
  }

  #positionOf(known: KnownRoom, place: number, admitted: number): number {
    return positionOf(place, { admitted, gaps: known.gaps, frozen: known.draw?.n ?? null });
  }

  #notYet(known: KnownRoom, reason: NotYet["reason"], position: number | null): NotYet {
    const { clock, entropy } = this.#services;
    this.#refused.add(1, { reason });
    const nowMs = clock.nowMs();
    const isMoving = known.room.mode === "on" && known.seatsLeft !== 0;
    const estimate = isMoving ? estimateOf(known, reason, position, nowMs) : null;
    const baseMs = reason === "AT_DOOR" ? AT_DOOR_POLL_MS : pollAfterMs(known, estimate, nowMs);
    return {
      kind: "not-yet",
      reason,
      position,
      estimate,
      // Not all at the same moment; and nobody at the door so late that they would seem to have left.
      pollAfterMs: Math.round(baseMs * (0.75 + entropy.fraction() / 4)),
      seatsLeft: known.seatsLeft,
    };
  }

  #gathering(known: KnownRoom): Gathering {
    const made = this.#gatherings.get(known);
    if (made !== undefined) return made;
    const { book, clock } = this.#services;
    const soon = clock.soon.bind(clock);
    const gathering: Gathering = {
      joins: new Gatherer((asks) => this.#joinAll(known, asks), soon, JOINS_PER_CALL),
      passes: new Gatherer((passes) => book.issue(known.id, passes, clock.nowMs()), soon, PASSES_PER_CALL),
    };
    this.#gatherings.set(known, gathering);
    return gathering;
  }

  async #joinAll(known: KnownRoom, asks: readonly JoinAsk[]): Promise<readonly JoinAnswer[]> {
    const answers: JoinAnswer[] = [];
    for (let tries = 1; ; tries++) {
      const waiting = asks.slice(answers.length);
      const given = await this.#joinSome(known, waiting);
      const full = given.findIndex(({ kind }) => kind === "full");
      if (full < 0 || tries === CEILING_TRIES) return [...answers, ...given];
      // Those before it have their places; other edges may take what is made room for now.
      answers.push(...given.slice(0, full));
      // By now, and not as of the last look: in a rush that is thousands fewer, and each step a write.
      const joined = joinedOf({ seqHigh: known.seqKnown, gaps: known.gaps });
      const step = Math.min(CEILING_STEP_MAX, Math.max(CEILING_STEP_MIN, Math.ceil(joined / 4)));
      known.ceiling = await this.#services.book.raiseCeiling(known.id, known.seqKnown + step);
    }
  }

  async #joinSome(known: KnownRoom, asks: readonly JoinAsk[]): Promise<readonly JoinAnswer[]> {
    const { rooms } = this.#services;
    const answers = await rooms.ask(known, (store) => store.join(known.id, asks, known.seqKnown, known.ceiling));
    let [given, shown] = [0, 0];
    for (const answer of answers) {
      if (answer.kind === "over") continue;
      known.seen(answer.kind === "place" ? answer.seq : answer.seqHigh);
      if (answer.kind !== "place") continue;
      if (answer.isNew) given += 1;
      else shown += 1;
    }
    this.#joins.add(given, { again: "false" });
    this.#joins.add(shown, { again: "true" });
    return answers;
  }
}

/** People may gather for longer than a ticket counts after the opening: a store that is lost by then would take their place. */
function ticketEndMs({ room }: KnownRoom, issuedAtMs: number): number {
  return Math.max(issuedAtMs, room.opensAtMs) + TICKET_TTL_MS;
}

function openOf(known: KnownRoom | null): KnownRoom | Shut {
  if (known === null || known.room.mode === "off") return { kind: "off" };
  return known.room.mode === "closed" ? { kind: "closed" } : known;
}

/** Where a place stands, as far as it is known here. */
function standing(known: KnownRoom, seq: number, nowMs: number): Pick<Joining & { kind: "place" }, "state" | "place"> {
  // Who comes after the freeze is not drawn for: their place is certain.
  const frozen = known.room.draw.frozen?.n ?? known.glance?.frozen ?? null;
  if (!isOpening(known.room, nowMs)) {
    const isCertain = frozen !== null && seq > frozen;
    return { state: isCertain ? "WAITING" : "PREQUEUE", place: isCertain ? seq : null };
  }
  const place = known.placeOf(seq);
  return { state: place !== null && place <= known.admitted ? "ADMITTED" : "WAITING", place };
}

function estimateOf(
  known: KnownRoom,
  reason: NotYet["reason"],
  position: number | null,
  nowMs: number,
): Estimate | null {
  const perMinute = known.glance?.pace?.ratePerMinute ?? known.room.settings.admitPerMinute;
  const untilOpenS = Math.max(0, known.room.opensAtMs - nowMs) / 1_000;
  // Until the order is drawn anyone may be anywhere in it.
  const near = position ?? Math.ceil(known.joined / 2);
  const far = position ?? Math.ceil(known.joined * 0.9);
  const { rate, turnover } = known;
  const [p50, p90] = [rate.estimate(near, perMinute, turnover)?.p50, rate.estimate(far, perMinute, turnover)?.p90];
  if (p50 === undefined || p90 === undefined) return null;
  // Whoever stands at the door waits for passes, which leave at the pace as long as there are any.
  if (reason === "AT_DOOR" && (turnover === null || near <= turnover.free))
    return { p50: Math.min(p50, Math.ceil((near * 60) / perMinute)), p90 };
  return { p50: Math.ceil(untilOpenS + p50), p90: Math.ceil(untilOpenS + p90) };
}
