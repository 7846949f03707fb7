/** Owns the mutants that break what a flight decides. */

import type { Mutant } from "./mutant.ts";

export const OF_FLIGHTS: readonly Mutant[] = [
  {
    name: "refusals-not-kept",
    what: "a refusal is not kept under its key",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "const key = name === null || !isFinal(reply) ? null",
        instead: "const key = name === null || !reply.ok ? null",
      },
    ],
    foundBy: ["I4", "I5"],
    seedsMax: 100,
  },
  {
    name: "key-of-all",
    what: "a key stands for the same in every member's hand",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "keyName(command.member, command.op, command.key)",
        instead: "keyName(null, command.op, command.key)",
      },
    ],
    foundBy: ["I4", "I5"],
    seedsMax: 100,
  },
  {
    name: "late-all-the-same",
    what: "a command is decided after its deadline",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "if (nowMs > command.deadlineMs)",
        instead: "if (nowMs > command.deadlineMs + 3_600_000)",
      },
    ],
    foundBy: ["I5"],
    seedsMax: 400,
  },
  {
    name: "expiry-without-generation",
    what: "an old timer ends a newer hold",
    edits: [
      {
        file: "actors/domain/holds.ts",
        snippet: 'reservation.status === "HELD" && reservation.generation === generation',
        instead: 'reservation.status === "HELD"',
      },
    ],
    foundBy: ["assertion", "liveness"],
    seedsMax: 100,
  },
  {
    name: "over-by-memory-alone",
    what: "holds that are over are so in memory, and the journal does not say it",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "    events.push(event);",
        instead: '    events.push(event.type === "expired" ? { type: "expired", id: event.id } : event);',
      },
    ],
    foundBy: ["I7"],
    seedsMax: 100,
  },
  {
    name: "taken-all-of-them",
    what: "whoever names a seat is told that it is taken",
    edits: [
      {
        file: "actors/domain/decide/hold.ts",
        snippet: "if (isFine) return { ok: true, seats };",
        instead: "if (isFine && passengers.every(({ seat }) => seat === undefined)) return { ok: true, seats };",
      },
    ],
    foundBy: ["replies"],
    seedsMax: 100,
  },
  {
    name: "one-person-everywhere",
    what: "a flight seats the same person as often as it is asked to",
    edits: [
      {
        file: "actors/domain/decide/hold.ts",
        snippet: "if (args.passengers.some(({ person }) => person !== undefined && state.sits(person))) {",
        instead: "if (args.passengers.length < 0) {",
      },
    ],
    foundBy: ["I7", "assertion"],
    seedsMax: 100,
  },
];
