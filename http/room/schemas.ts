/** Owns the bodies and answers of the waiting room's routes, as they are checked and documented. */

import { t } from "elysia";
import { PASS_TTL_MS_MAX } from "../../queue/room/room.ts";
import { closed, integer, positive, text } from "../plugins/fields.ts";

const signed = text({ minLength: 1, maxLength: 1_024 });

export const joinBody = closed({
  ticket: t.Optional(signed),
  proofOfWork: t.Optional(text({ minLength: 1, maxLength: 512 })),
});

export const placeAnswer = t.Object({
  ticket: t.String({ description: "Signed. Keep it: with it the place is kept whatever happens." }),
  seq: t.Integer({ description: "When the member joined: 1 was the first." }),
  state: t.UnionEnum(["PREQUEUE", "WAITING", "ADMITTED"]),
  place: t.Nullable(t.Integer({ description: "Number in the order of admission; null until that is drawn." })),
});

export const passBody = closed({ ticket: signed });

const timestamp = t.String({ format: "date-time" });

export const passAnswer = t.Object({
  pass: t.String({ description: "For the header `Admission-Pass`." }),
  expiresAt: timestamp,
});

export const statusAnswer = t.Object({
  state: t.UnionEnum(["off", "prequeue", "open", "sold_out", "paused", "closed"]),
  epoch: t.Integer({ description: "Tickets and passes of another one don't count." }),
  admitted: t.Integer({ description: "Places up to this one have been reached: position is place − admitted." }),
  joined: t.Integer({ description: "People who joined." }),
  waiting: t.Integer({
    description:
      "Those of them whose place is not reached yet. Places go on far above after a loss of the store, so that this may be less than joined − admitted suggests.",
  }),
  ratePerMinute: t.Integer({ description: "How fast people are let in now." }),
  seatsLeft: t.Nullable(t.Integer()),
  opensAt: t.Nullable(timestamp),
  seedHash: t.Nullable(t.String({ description: "SHA-256 of the draw's secret seed, as hexadecimal." })),
  pollAfterMs: t.Integer({ description: "When to ask again, for those who don't listen to the stream." }),
  workBits: t.Integer({ description: "Zero bits of the proof of work that joining costs now; 0: none." }),
  beacon: t.Nullable(t.String({ description: "Where the draw's public randomness will be." })),
  frozen: t.Nullable(
    t.Object(
      { n: t.Integer({ description: "Places that are drawn for." }), root: t.String() },
      {
        description: "The line as it was frozen before the opening.",
      },
    ),
  ),
});

export const proofQuery = closed({
  seq: t.Optional(positive(1_000_000_000, "The place whose rank and path are wanted.")),
});

const hex = t.String({ pattern: "^(?:[0-9a-f]{2})*$" });

export const proofAnswer = t.Object({
  seedHash: hex,
  seed: hex,
  n: t.Integer(),
  root: hex,
  beacon: t.Object({
    name: t.Nullable(t.String()),
    value: t.Nullable(hex),
    trusts: t.UnionEnum(["BEACON", "OPERATOR"]),
  }),
  final: hex,
  rank: t.Optional(t.Integer()),
  path: t.Optional(t.Array(hex)),
});

// Not Elysia's `t.UnionEnum`, which quietly fills in its first value [1.4.30]: a room would be turned off by nothing.
export const roomBody = closed({
  mode: t.Union([t.Literal("off"), t.Literal("on"), t.Literal("paused"), t.Literal("closed")]),
  opensAt: t.Optional(t.String({ format: "date-time", description: "Until then people gather, and are drawn for." })),
  maxActive: t.Optional(
    t.Nullable(integer({ minimum: 1, maximum: 1_000_000 }), {
      description: "Passes that may be valid at once; null: as many as the seats left suggest.",
    }),
  ),
  admitPerMinute: t.Optional(integer({ minimum: 1, maximum: 1_000_000 })),
  passTtlMs: t.Optional(integer({ minimum: 100, maximum: PASS_TTL_MS_MAX })),
  registeredBefore: t.Optional(
    t.Nullable(t.String({ format: "date-time" }), {
      description: "Accounts that are younger can't join; null: all can.",
    }),
  ),
  proofOfWork: t.Optional(
    t.Union([t.Literal("off"), t.Literal("on"), t.Literal("auto")], {
      description: "`auto`: while more people join than the room expects.",
    }),
  ),
});

export const roomAnswer = t.Object({
  flightId: t.String(),
  epoch: t.Integer(),
  mode: t.UnionEnum(["off", "on", "paused", "closed"]),
  state: t.UnionEnum(["off", "prequeue", "open", "sold_out", "paused", "closed"]),
  opensAt: t.Nullable(timestamp),
  maxActive: t.Nullable(t.Integer()),
  admitPerMinute: t.Integer(),
  passTtlMs: t.Integer(),
  registeredBefore: t.Nullable(timestamp),
  proofOfWork: t.UnionEnum(["off", "on", "auto"]),
  seedHash: t.Nullable(t.String()),
});

export const roomJournalAnswer = t.Object({
  room: roomAnswer,
  /** What the pacer went by, and what it decided. */
  journal: t.Array(
    t.Object({ at: timestamp, reason: t.String(), called: t.Integer() }, { additionalProperties: true }),
  ),
  active: t.Integer({ description: "Passes that are valid." }),
  atDoor: t.Integer({ description: "People who stand at the door." }),
  joined: t.Integer(),
  admitted: t.Integer(),
});
